//! Clients that are slow, leave, or are too many.

use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::adapters::{Small, generator, generator_of, images};
use crate::socket::{Running, get, post};
use crate::support::{Service, image};

/// More than any of these takes, on any machine.
const LONG: Duration = Duration::from_secs(30);

fn service(change: impl FnOnce(&mut bl_serve::Settings)) -> Service {
    let files = [("shapes", Small::default().file()), ("song", generator().to_bytes().unwrap())];
    Service::with(&files, |settings, _| {
        settings.read_timeout = Duration::from_millis(300);
        change(settings);
    })
}

fn question() -> Vec<u8> {
    post("/v2/models/shapes/infer", None, json!({ "inputs": [image(&images(1))] }).to_string().as_bytes())
}

#[test]
fn a_connection_answers_many_requests() {
    let service = service(|_| {});
    let running = Running::start(&service.server);
    let mut client = running.connect();
    let expected = Small::default().scores(&images(1)).concat();
    for _ in 0..20 {
        assert_eq!(client.ask(&question()).output("scores").f32s(), expected);
        assert_eq!(client.ask(&get("/v2/health/live")).status, 200);
    }
    client.send(&[question(), get("/v2"), question()].concat()); // not waiting for answers
    for _ in 0..3 {
        assert_eq!(client.receive().unwrap().status, 200);
    }
}

#[test]
fn headers_that_never_end_are_cut_off() {
    let service = service(|_| {});
    let running = Running::start(&service.server);
    for part in ["", "P", "POST /v2/models/shapes/infer HTTP/1.1\r\nHost: localhost\r\nX-"] {
        let mut client = running.connect();
        client.send(part.as_bytes());
        let start = Instant::now();
        while !client.is_closed() {
            assert!(start.elapsed() < LONG);
        }
        assert!(start.elapsed() < LONG);
    }
    // One who sends a byte now and then is cut off no later.
    let mut client = running.connect();
    let start = Instant::now();
    while client.stream.write_all(b"x").is_ok() {
        std::thread::sleep(Duration::from_millis(50));
        assert!(start.elapsed() < LONG);
    }
    assert_eq!(running.connect().ask(&question()).status, 200);
}

#[test]
fn a_body_that_stalls_is_a_timeout() {
    let service = service(|_| {});
    let running = Running::start(&service.server);
    let whole = question();
    for sent in [whole.len() - 1, whole.len() - 100] {
        let mut client = running.connect();
        client.send(&whole[..sent]);
        client.receive().unwrap().refused(408, "timeout");
        assert!(client.is_closed(), "what comes after half a body cannot be told from it");
    }
    let mut client = running.connect();
    client.send(
        b"POST /v2/repository/index HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}",
    );
    client.receive().unwrap().refused(408, "timeout");
    assert_eq!(running.connect().ask(&question()).status, 200);
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_comes() {
    let service = service(|settings| settings.max_body = 1000);
    let running = Running::start(&service.server);
    let mut client = running.connect();
    client.send(b"POST /v2/models/shapes/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n");
    client.receive().unwrap().refused(413, "body_too_large");
    let mut client = running.connect();
    client.send(b"POST /v2/models/zebra/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n");
    client.receive().unwrap().refused(404, "unknown_model");
    let mut client = running.connect();
    let chunk = [b"3e8\r\n".as_slice(), &[b' '; 1000], b"\r\n2\r\n{}\r\n0\r\n\r\n"].concat();
    client.send(
        b"POST /v2/models/shapes/infer HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    client.send(&chunk);
    client.receive().unwrap().refused(413, "body_too_large");
}

#[test]
fn what_is_not_http_is_refused_and_others_are_answered() {
    let service = service(|_| {});
    let running = Running::start(&service.server);
    let cases: [&[u8]; 5] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v2/models/shapes/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /v2/models/shapes/infer HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
    ];
    for bytes in cases {
        let mut client = running.connect();
        client.send(bytes);
        if let Some(reply) = client.receive() {
            assert!((400..500).contains(&reply.status), "{}", reply.status);
        }
        assert_eq!(running.connect().ask(&question()).status, 200);
    }
}

#[test]
fn clients_that_leave_take_nothing_with_them() {
    let service = service(|settings| settings.max_queue = 64);
    let running = Running::start(&service.server);
    let many = json!({ "inputs": [image(&images(32))] }).to_string();
    let many = post("/v2/models/shapes/infer", None, many.as_bytes());
    let long = post("/v2/models/song/infer", None, br#"{"parameters":{"steps":100000}}"#);
    for round in 0..200 {
        let mut client = running.connect();
        client.send(if round % 4 == 0 { &long } else { &many });
        drop(client);
    }
    // Nothing of what they asked for is in the way for ever.
    let start = Instant::now();
    for request in [&many, &long] {
        while running.connect().ask(request).status != 200 {
            assert!(start.elapsed() < LONG);
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let metrics = running.connect().ask(&get("/metrics")).text();
    assert!(metrics.contains("\nbl_queue_rows 0\n"), "{metrics}");
}

/// A trajectory of minutes ends soon after its client has left, and gives its place to others.
#[test]
fn what_nobody_waits_for_is_not_computed_to_its_end() {
    let files = [("long", generator_of(1024).to_bytes().unwrap()), ("song", generator().to_bytes().unwrap())];
    let service = Service::new(&files);
    let running = Running::start(&service.server);
    let long = post("/v2/models/long/infer", None, br#"{"parameters":{"steps":100000}}"#);
    let short = post("/v2/models/song/infer", None, br#"{"parameters":{"steps":3}}"#);
    let places = 4 * rayon::current_num_threads();
    let mut clients: Vec<_> = (0..2 * places).map(|_| running.connect()).collect();
    for client in &mut clients {
        client.send(&long);
    }
    let start = Instant::now();
    while running.connect().ask(&short).status != 429 {
        assert!(start.elapsed() < LONG, "the places are never all taken");
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(clients);
    let start = Instant::now();
    while running.connect().ask(&short).status != 200 {
        assert!(start.elapsed() < LONG / 3, "all of them together take minutes");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn who_does_not_take_an_answer_is_cut_off() {
    let service = service(|settings| settings.max_connections = 1);
    let running = Running::start(&service.server);
    let mut deaf = running.connect();
    let long = post("/v2/models/song/infer", None, br#"{"parameters":{"steps":100000}}"#);
    // Each answer has some 2 MB: more than systems keep between two programs.
    deaf.stream.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
    for _ in 0..20 {
        if deaf.stream.write_all(&long).is_err() {
            break;
        }
    }
    let start = Instant::now();
    let mut next = running.connect(); // which waits for the only place
    next.stream.set_read_timeout(Some(LONG)).unwrap();
    assert_eq!(next.ask(&question()).status, 200);
    assert!(start.elapsed() < LONG);
    drop(deaf);
}

#[test]
fn bodies_have_so_much_memory_and_small_ones_always_have_some() {
    let service = service(|settings| {
        settings.read_timeout = LONG;
        settings.max_body = 300_000;
        settings.max_bodies = 400_000;
    });
    let running = Running::start(&service.server);
    let head = |len: usize| {
        format!("POST /v2/models/shapes/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len}\r\n\r\n")
            .into_bytes()
    };
    let mut slow = running.connect();
    slow.send(&head(300_000));
    slow.send(&vec![b' '; 299_999]);
    std::thread::sleep(Duration::from_secs(1)); // until the server has read that
    let large = [head(200_000), vec![b' '; 200_000]].concat();
    running.connect().ask(&large).refused(429, "busy");
    assert_eq!(running.connect().ask(&question()).status, 200, "small ones do not wait");
    slow.send(b" ");
    slow.receive().unwrap().refused(400, "malformed_json");
    running.connect().ask(&large).refused(400, "malformed_json");
}

#[test]
fn more_connections_than_allowed_wait_for_others_to_end() {
    let service = service(|settings| {
        settings.max_connections = 2;
        settings.read_timeout = LONG;
    });
    let running = Running::start(&service.server);
    let (mut one, mut two, mut three) = (running.connect(), running.connect(), running.connect());
    assert_eq!(one.ask(&question()).status, 200);
    assert_eq!(two.ask(&question()).status, 200);
    three.send(&question());
    three.stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert!(three.receive().is_none(), "it must wait");
    assert_eq!(one.ask(&question()).status, 200);
    drop(two);
    three.stream.set_read_timeout(Some(LONG)).unwrap();
    assert_eq!(three.receive().unwrap().status, 200);
}

#[test]
fn a_server_stops_though_all_connections_are_taken() {
    let service = service(|settings| {
        settings.max_connections = 1;
        settings.read_timeout = LONG;
        settings.grace = Duration::from_millis(500);
    });
    let mut running = Running::start(&service.server);
    let mut client = running.connect();
    assert_eq!(client.ask(&question()).status, 200);
    running.ask_to_stop();
    let start = Instant::now();
    while !running.has_stopped() {
        assert!(start.elapsed() < LONG / 2, "it waits for a connection");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_has_begun_is_answered_and_what_comes_later_is_refused() {
    let service = service(|settings| settings.read_timeout = LONG);
    let mut running = Running::start(&service.server);
    let (mut begun, mut idle) = (running.connect(), running.connect());
    assert_eq!(idle.ask(&question()).status, 200);
    let whole = question();
    begun.send(&whole[..whole.len() - 10]);
    std::thread::sleep(Duration::from_millis(300)); // until the server has read the head
    running.ask_to_stop();
    let start = Instant::now();
    while std::net::TcpStream::connect(running.address).is_ok() {
        assert!(start.elapsed() < LONG);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(idle.is_closed(), "nothing is asked on it");
    assert!(!running.has_stopped());
    begun.send(&whole[whole.len() - 10..]);
    assert_eq!(
        begun.receive().unwrap().output("scores").f32s(),
        Small::default().scores(&images(1)).concat()
    );
    assert!(begun.is_closed());
    while !running.has_stopped() {
        assert!(start.elapsed() < LONG);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[tokio::test]
async fn a_full_queue_refuses_some_and_answers_others() {
    let service = service(|settings| settings.max_queue = 8);
    let request = json!({ "inputs": [image(&images(4))] });
    let expected = Small::default().scores(&images(4)).concat();
    let (mut answered, mut refused) = (0, 0);
    for _ in 0..50 {
        let mut all = tokio::task::JoinSet::new();
        let service = std::sync::Arc::new(bl_serve::app(std::sync::Arc::clone(&service.server)));
        for _ in 0..20 {
            let (app, body) = (std::sync::Arc::clone(&service), request.to_string());
            all.spawn(async move {
                let body = axum::body::Body::from(body);
                let request = axum::http::Request::post("/v2/models/shapes/infer").body(body).unwrap();
                let response = tower::ServiceExt::oneshot((*app).clone(), request).await.unwrap();
                let (parts, body) = response.into_parts();
                let body = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes().to_vec();
                crate::support::Reply { status: parts.status.as_u16(), headers: parts.headers, body }
            });
        }
        while let Some(reply) = all.join_next().await {
            let reply = reply.unwrap();
            if reply.status == 200 {
                assert_eq!(reply.output("scores").f32s(), expected);
                answered += 1;
            } else {
                reply.refused(429, "busy");
                assert_eq!(reply.headers["retry-after"], "1");
                refused += 1;
            }
        }
    }
    assert!(answered >= 100 && refused >= 50, "{answered} answered, {refused} refused");
    service.infer("shapes", &request).await.ok();
}

#[tokio::test]
async fn more_rows_than_ever_fit_the_queue_are_no_matter_of_waiting() {
    let service = service(|settings| settings.max_queue = 8);
    let reply = service.infer("shapes", &json!({ "inputs": [image(&images(9))] })).await;
    assert!(reply.refused(400, "bad_input").contains("at most 8"));
}
