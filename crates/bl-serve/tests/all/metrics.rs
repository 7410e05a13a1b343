//! What is counted.

use std::collections::BTreeMap;

use serde_json::json;

use crate::adapters::{Small, images};
use crate::support::{Service, image, strings};

/// Values by name and labels, from the text that a scraper reads.
async fn metrics(service: &Service) -> BTreeMap<String, f64> {
    let reply = service.get("/metrics").await;
    assert!(reply.headers["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
    let text = reply.text();
    assert!(text.ends_with("# EOF\n"));
    let sample = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    };
    text.lines().filter(|line| !line.starts_with('#')).map(sample).collect()
}

fn service() -> Service {
    Service::new(&[("a", Small::number(1).file()), ("b", Small::number(2).file())])
}

#[tokio::test]
async fn what_is_asked_is_counted() {
    let (service, images) = (service(), images(5));
    let before = metrics(&service).await;
    assert_eq!(before["bl_adapters"], 2.0);
    assert_eq!(before[r#"bl_adapter_loads_total{outcome="loaded"}"#], 2.0);
    let ask = json!({ "inputs": [image(&images)] });
    for _ in 0..3 {
        service.infer("a", &ask).await.ok();
    }
    service.infer("a", &json!({})).await.refused(400, "bad_input");
    service
        .infer("mixed", &json!({ "inputs": [image(&images[..1]), strings("adapter", &["a", "b"])] }))
        .await
        .ok();
    let after = metrics(&service).await;
    assert_eq!(after[r#"bl_requests_total{model="a",status="200"}"#], 3.0);
    assert_eq!(after[r#"bl_requests_total{model="a",status="400"}"#], 1.0);
    assert_eq!(after[r#"bl_requests_total{model="mixed",status="200"}"#], 1.0);
    assert_eq!(after[r#"bl_request_duration_seconds_count{model="a"}"#], 4.0);
    assert_eq!(after["bl_batch_rows_count"], 4.0);
    assert_eq!(after["bl_batch_rows_sum"], 17.0);
    assert_eq!(after["bl_batch_adapters_sum"], 5.0);
    assert_eq!(after["bl_queue_rows"], 0.0);
}

#[tokio::test]
async fn loads_are_counted_by_outcome() {
    let service = service();
    let before = metrics(&service).await;
    service.load_bytes("c", &Small::number(3).file()).await.ok();
    service.load_bytes("c", &Small::number(4).file()).await.ok();
    service.load_bytes("c", &Small::number(4).file()).await.ok();
    service.load_bytes("c", b"garbage").await.refused(422, "invalid_adapter");
    let after = metrics(&service).await;
    for (outcome, expected) in [("loaded", 3.0), ("replaced", 1.0), ("unchanged", 1.0), ("refused", 1.0)] {
        assert_eq!(
            after[&format!(r#"bl_adapter_loads_total{{outcome="{outcome}"}}"#)],
            expected,
            "{outcome}"
        );
    }
    assert_eq!(after["bl_adapters"], 3.0);
    assert!(after["bl_adapters_bytes"] > before["bl_adapters_bytes"]);
    service.unload("c").await.ok();
    assert_eq!(metrics(&service).await["bl_adapters_bytes"], before["bl_adapters_bytes"]);
}

#[tokio::test]
async fn names_that_are_not_there_are_no_labels() {
    let service = service();
    for number in 0..5 {
        service.infer(&format!("secret{number}"), &json!({})).await.refused(404, "unknown_model");
        service.get(&format!("/v2/models/secret{number}")).await.refused(404, "unknown_model");
        let path = format!("/v2/models/a/versions/secret{number}/infer");
        service.post(&path, "{}").await.refused(404, "generation_not_loaded");
        service.load_bytes(&format!("secret{number}"), b"garbage").await.refused(422, "invalid_adapter");
    }
    let all = metrics(&service).await;
    assert!(all.keys().all(|name| !name.contains("secret")), "{all:?}");
    assert_eq!(all[r#"bl_requests_total{model="",status="404"}"#], 5.0);
}

#[tokio::test]
async fn names_that_would_end_a_label_are_escaped() {
    let service = service();
    service.load_bytes("q%22uote", &Small::number(3).file()).await.ok();
    service.infer("q%22uote", &json!({})).await.refused(400, "bad_input");
    let all = metrics(&service).await;
    assert_eq!(all[r#"bl_requests_total{model="q\"uote",status="400"}"#], 1.0, "{all:?}");
}

/// A client that may load and unload could leave a name behind each time.
#[tokio::test]
async fn names_that_are_unloaded_leave() {
    let service = service();
    let ask = json!({ "inputs": [image(&images(1))] });
    for number in 0..20 {
        let name = format!("once{number}");
        service.load_bytes(&name, &Small::number(3).file()).await.ok();
        service.infer(&name, &ask).await.ok();
        service.infer(&name, &json!({})).await.refused(400, "bad_input");
        service.unload(&name).await.ok();
    }
    service.infer("a", &ask).await.ok();
    let all = metrics(&service).await;
    assert!(all.keys().all(|name| !name.contains("once")), "{all:?}");
    assert_eq!(all[r#"bl_requests_total{model="a",status="200"}"#], 1.0);
}

#[tokio::test]
async fn names_are_no_labels_while_the_server_starts() {
    let folder = tempfile::TempDir::new().unwrap();
    let settings = bl_serve::Settings::new(folder.path().to_owned());
    let server =
        bl_serve::Server::new(settings, bl_runtime::Runtime::new(bl_runtime::Limits::default())).unwrap();
    let app = bl_serve::app(server);
    let send = async |request: axum::http::Request<axum::body::Body>| {
        let response = tower::ServiceExt::oneshot(app.clone(), request).await.unwrap();
        http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes()
    };
    let empty = axum::body::Body::empty;
    send(axum::http::Request::post("/v2/models/secret/infer").body(empty()).unwrap()).await;
    let text = send(axum::http::Request::get("/metrics").body(empty()).unwrap()).await;
    assert!(!String::from_utf8_lossy(&text).contains("secret"));
}
