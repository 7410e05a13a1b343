//! Who may ask: programs, and the server's own pages.

use axum::body::Body;
use axum::http::{HeaderValue, Request};
use serde_json::json;

use crate::adapters::{Small, images};
use crate::socket::Running;
use crate::support::{Reply, Service, image};

fn service() -> Service {
    Service::new(&[("a", Small::number(1).file())])
}

async fn infer(service: &Service, headers: &[(&str, &[u8])]) -> Reply {
    let mut request = Request::post("/v2/models/a/infer");
    for (name, value) in headers {
        request = request.header(*name, HeaderValue::from_bytes(value).unwrap());
    }
    let body = json!({ "inputs": [image(&images(1))] }).to_string();
    service.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn pages_from_elsewhere_may_not_ask() {
    let service = service();
    let own: &[u8] = b"127.0.0.1:8000";
    let foreign: [&[(&str, &[u8])]; 8] = [
        &[("host", own), ("origin", b"http://evil.example")],
        &[("host", own), ("origin", b"null")],
        &[("host", own), ("origin", b"http://127.0.0.1:9000")],
        &[("host", own), ("origin", b"http://\xe9vil.example")],
        &[("host", own), ("origin", b"\xff")],
        // One of two is enough.
        &[("host", own), ("origin", b"http://127.0.0.1:8000"), ("origin", b"http://evil.example")],
        &[("host", own), ("sec-fetch-site", b"cross-site")],
        &[("host", own), ("sec-fetch-site", b"none"), ("sec-fetch-site", b"cross-site")],
    ];
    for headers in foreign {
        infer(&service, headers).await.refused(403, "cross_origin");
    }
    let welcome: [&[(&str, &[u8])]; 5] = [
        &[],
        &[("host", own)],
        &[("host", own), ("origin", b"http://127.0.0.1:8000"), ("sec-fetch-site", b"same-origin")],
        &[("host", b"[::1]:80"), ("origin", b"http://[::1]:80")],
        &[("host", b"localhost"), ("sec-fetch-site", b"none")],
    ];
    for headers in welcome {
        infer(&service, headers).await.ok();
    }
    let cross =
        |path: &str| Request::get(path).header("host", "127.0.0.1").header("sec-fetch-site", "cross-site");
    for path in ["/v2", "/metrics", "/v2/models/a"] {
        service.send(cross(path).body(Body::empty()).unwrap()).await.refused(403, "cross_origin");
    }
    // A link from elsewhere leads to the page.
    assert_eq!(service.send(cross("/").body(Body::empty()).unwrap()).await.status, 200);
}

/// A name that somebody makes to lead here: a browser says nothing else of a page from there.
#[tokio::test]
async fn names_that_are_not_the_servers_are_not_answered() {
    let service = service();
    for host in
        [&b"evil.example"[..], b"evil.example:8000", b"127.0.0.1.evil.example", b"localhost.", b"\xe9", b""]
    {
        let more: [&[(&str, &[u8])]; 3] =
            [&[], &[("origin", b"http://evil.example")], &[("sec-fetch-site", b"same-origin")]];
        for more in more {
            infer(&service, &[&[("host", host)], more].concat()).await.refused(403, "other_host");
        }
        let host = HeaderValue::from_bytes(host).unwrap();
        let get = |path: &str| Request::get(path).header("host", host.clone()).body(Body::empty()).unwrap();
        for path in ["/v2", "/metrics", "/v2/models/a", "/v2/models/a/stats", "/v2/health/ready"] {
            service.send(get(path)).await.refused(403, "other_host");
        }
        // Nothing is in the pages that is not in the program.
        assert_eq!(service.send(get("/docs")).await.status, 200);
    }
}

#[tokio::test]
async fn names_that_the_server_was_told_are_its_own() {
    let service = Service::with(&[("a", Small::number(1).file())], |settings, _| {
        settings.hosts = vec!["models.example".into()];
    });
    infer(&service, &[("host", b"models.example")]).await.ok(); // a program, by way of a proxy
    infer(&service, &[("host", b"models.example"), ("origin", b"https://models.example")]).await.ok();
    infer(&service, &[("host", b"other.example")]).await.refused(403, "other_host");
}

#[test]
fn a_request_names_one_host() {
    let running = Running::start(&service().server);
    let ask = |head: &str| {
        let reply = running.connect().ask(format!("GET {head}\r\n\r\n").as_bytes());
        (reply.status, reply.text())
    };
    for wrong in [
        "/v2 HTTP/1.1",
        "/v2 HTTP/1.1\r\nHost: a\r\nHost: b",
        "http://evil.example/v2 HTTP/1.1\r\nHost: 127.0.0.1",
    ] {
        let (status, text) = ask(wrong);
        assert!(status == 400 && text.contains("bad_host"), "{wrong}: {status} {text}");
    }
    for right in
        ["/v2 HTTP/1.1\r\nHost: localhost", "/v2 HTTP/1.0", "http://[::1]/v2 HTTP/1.1\r\nHost: [::1]"]
    {
        assert_eq!(ask(right).0, 200, "{right}");
    }
}
