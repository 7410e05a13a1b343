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
    let foreign: [&[(&str, &[u8])]; 9] = [
        &[("host", own), ("origin", b"http://evil.example")],
        &[("host", own), ("origin", b"null")],
        &[("host", own), ("origin", b"http://127.0.0.1:9000")],
        &[("host", own), ("origin", b"http://\xe9vil.example")],
        &[("host", own), ("origin", b"\xff")],
        // A name of the page's own that leads here.
        &[("host", b"evil.example:8000"), ("origin", b"http://evil.example:8000")],
        &[("host", b"evil.example:8000"), ("sec-fetch-site", b"same-origin")],
        &[("host", own), ("sec-fetch-site", b"cross-site")],
        &[("host", b"\xe9"), ("origin", b"http://\xe9")],
    ];
    for headers in foreign {
        infer(&service, headers).await.refused(403, "cross_origin");
    }
    let welcome: [&[(&str, &[u8])]; 6] = [
        &[],
        &[("host", b"models.example")], // a program, or a proxy before it
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

#[tokio::test]
async fn names_that_the_server_was_told_are_its_own() {
    let service = Service::with(&[("a", Small::number(1).file())], |settings, _| {
        settings.hosts = vec!["models.example".into()];
    });
    infer(&service, &[("host", b"models.example"), ("origin", b"https://models.example")]).await.ok();
    let other: &[(&str, &[u8])] = &[("host", b"other.example"), ("origin", b"https://other.example")];
    infer(&service, other).await.refused(403, "cross_origin");
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
    for right in ["/v2 HTTP/1.1\r\nHost: x", "/v2 HTTP/1.0", "http://x/v2 HTTP/1.1\r\nHost: x"] {
        assert_eq!(ask(right).0, 200, "{right}");
    }
}
