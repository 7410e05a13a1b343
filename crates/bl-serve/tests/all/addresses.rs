//! Every address: what it answers, and in which form it refuses.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::adapters::{Small, version};
use crate::support::Service;

fn service() -> Service {
    Service::new(&[("shapes", Small::default().file())])
}

#[tokio::test]
async fn the_server_and_its_health() {
    let service = service();
    let server = service.get("/v2").await.ok();
    assert_eq!((&server["name"], &server["mutation"]), (&json!("bl-run"), &json!(true)));
    let extensions =
        ["binary_tensor_data", "classification", "model_configuration", "model_repository", "statistics"];
    assert_eq!(server["extensions"], json!(extensions));
    assert_eq!(service.get("/v2/").await.ok(), server);
    for (path, expected) in [
        ("/v2/health/live", json!({ "live": true })),
        ("/v2/health/ready", json!({ "ready": true })),
        ("/v2/models/shapes/ready", json!({ "name": "shapes", "ready": true })),
    ] {
        let reply = service.get(path).await;
        assert_eq!(reply.headers["content-type"], "application/json", "{path}");
        assert_eq!(reply.ok(), expected, "{path}");
    }
    service.get("/v2/models/nothing/ready").await.refused(404, "unknown_model");
}

#[tokio::test]
async fn a_server_that_has_not_loaded_its_folder_is_not_ready() {
    let folder = tempfile::TempDir::new().unwrap();
    let settings = bl_serve::Settings::new(folder.path().to_owned());
    let server =
        bl_serve::Server::new(settings, bl_runtime::Runtime::new(bl_runtime::Limits::default())).unwrap();
    let status = async |request: Request<Body>| {
        tower::ServiceExt::oneshot(bl_serve::app(server.clone()), request).await.unwrap().status().as_u16()
    };
    let get = |path| Request::get(path).body(Body::empty()).unwrap();
    assert_eq!(status(get("/v2/health/ready")).await, 503);
    assert_eq!(status(get("/v2/health/live")).await, 200);
    assert_eq!(status(Request::post("/v2/models/x/infer").body(Body::empty()).unwrap()).await, 503);
    server.load_folder().unwrap();
    assert_eq!(status(get("/v2/health/ready")).await, 200);
}

#[tokio::test]
async fn configuration_and_statistics_as_other_clients_read_them() {
    let service = service();
    let version = version(&Small::default().file());
    let config = service.get("/v2/models/shapes/config").await.ok();
    assert_eq!((&config["name"], &config["max_batch_size"]), (&json!("shapes"), &json!(512)));
    assert_eq!(config["input"], json!([{ "name": "image", "data_type": "TYPE_UINT8", "dims": [8, 8] }]));
    assert_eq!(config["output"][2], json!({ "name": "label", "data_type": "TYPE_STRING", "dims": [1] }));
    assert_eq!(service.get(&format!("/v2/models/shapes/versions/{version}/config")).await.ok(), config);
    service.get("/v2/models/mixed/config").await.ok();
    service.get("/v2/models/nothing/config").await.refused(404, "unknown_model");
    service.get("/v2/models/nothing/stats").await.refused(404, "unknown_model");

    let stats = async || service.get("/v2/models/shapes/stats").await.ok()["model_stats"][0].clone();
    let counts = |stats: &Value| {
        let inference = &stats["inference_stats"];
        [&stats["inference_count"], &inference["success"]["count"], &inference["fail"]["count"]]
            .map(|count| count.as_u64().unwrap())
    };
    let before = stats().await;
    assert_eq!((&before["version"], counts(&before)), (&json!(version), [0, 0, 0]));
    let ask = json!({ "inputs": [crate::support::image(&crate::adapters::images(3))] });
    service.infer("shapes", &ask).await.ok();
    service.infer("shapes", &ask).await.ok();
    service.infer("shapes", &json!({})).await.refused(400, "bad_input");
    let after = stats().await;
    assert_eq!(counts(&after), [6, 2, 1]);
    assert!(after["last_inference"].as_u64().unwrap() > 0);
    for part in ["success", "compute_input", "compute_infer", "compute_output"] {
        assert!(after["inference_stats"][part]["ns"].as_u64().unwrap() > 0, "{part}: {after}");
    }
    // Another version begins at nothing.
    service.load_bytes("shapes", &Small::number(2).file()).await.ok();
    assert_eq!(counts(&stats().await), [0, 0, 0]);
}

#[tokio::test]
async fn metadata_of_an_image_classifier() {
    let service = service();
    let file = Small::default().file();
    let mut metadata = service.get("/v2/models/shapes").await.ok();
    let adapter = metadata["adapter"].take();
    assert_eq!(
        metadata,
        json!({
            "name": "shapes",
            "versions": [version(&file)],
            "platform": "bl-adapter",
            "inputs": [{ "name": "image", "datatype": "UINT8", "shape": [-1, 8, 8] }],
            "outputs": [
                { "name": "scores", "datatype": "FP32", "shape": [-1, 3] },
                { "name": "probabilities", "datatype": "FP32", "shape": [-1, 3] },
                { "name": "label", "datatype": "BYTES", "shape": [-1] },
                { "name": "on", "datatype": "UINT8", "shape": [-1, 13] },
                { "name": "image", "datatype": "UINT8", "shape": [-1, 8, 8] },
            ],
            "adapter": null,
        })
    );
    assert_eq!(adapter["what"], "pictures");
    assert_eq!(adapter["labels"], json!(["shape 0", "shape 1", "shape 2"]));
    assert_eq!(adapter["units"], 101);
    assert!(adapter["backbone"].as_str().unwrap().starts_with("sha256:"));
    let mixed = service.get("/v2/models/mixed").await.ok();
    assert_eq!(mixed["inputs"][1], json!({ "name": "adapter", "datatype": "BYTES", "shape": [-1] }));
}

#[tokio::test]
async fn pages_bring_their_policy_with_them() {
    let service = service();
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/docs", "text/html; charset=utf-8"),
        ("/openapi.json", "application/json"),
        ("/assets/index.html", "text/html; charset=utf-8"),
    ] {
        let reply = service.get(path).await;
        assert_eq!((reply.status, reply.headers["content-type"].to_str().unwrap()), (200, kind), "{path}");
        assert!(!reply.body.is_empty());
        assert!(reply.headers["content-security-policy"].to_str().unwrap().contains("default-src 'self'"));
        assert_eq!(reply.headers["x-content-type-options"], "nosniff");
    }
    for path in ["/assets/..%2FCargo.toml", "/assets/nothing", "/assets/", "/assets"] {
        service.get(path).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_as_json() {
    let service = service();
    let cases = [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/v2/models", 404, "not_found"),
        ("POST", "/v2/models/shapes/explain", 404, "not_found"),
        ("GET", "/v2/models/zebra", 404, "unknown_model"),
        ("POST", "/v2/models/zebra/infer", 404, "unknown_model"),
        ("POST", "/v2/models/%2e%2e%2fshapes/infer", 404, "unknown_model"),
        ("GET", "/v2/models/shapes/infer", 405, "wrong_method"),
        ("PUT", "/v2/models/shapes/infer", 405, "wrong_method"),
        ("DELETE", "/v2/models/shapes", 405, "wrong_method"),
        ("POST", "/v2", 405, "wrong_method"),
        ("GET", "/v2/repository/index", 405, "wrong_method"),
        ("GET", "/v2/repository/models/shapes/load", 405, "wrong_method"),
        ("POST", "/", 405, "wrong_method"),
        ("POST", "/metrics", 405, "wrong_method"),
        ("GET", "/v2/models/%FF", 400, "bad_address"),
        ("POST", "/v2/models/%FF/infer", 400, "bad_address"),
        ("POST", "/v2/models/shapes/versions/%ff/infer", 400, "bad_address"),
        ("POST", "/v2/repository/models/%C3/load", 400, "bad_address"),
        ("GET", "/assets/%FF", 400, "bad_address"),
    ];
    for (method, path, status, code) in cases {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let reply = service.send(request).await;
        assert!(!reply.refused(status, code).is_empty(), "{method} {path}");
        if status == 405 {
            assert!(reply.headers.contains_key("allow"), "{method} {path}");
        }
    }
    let close = service.get("/v2/models/shapse").await;
    let body: Value = serde_json::from_slice(&close.body).unwrap();
    assert_eq!(body["hint"], "did you mean `shapes`?");
}

#[tokio::test]
async fn names_of_any_length_are_unknown_in_short_words() {
    let service = service();
    let long = "x".repeat(60_000);
    for path in
        [format!("/v2/models/{long}"), format!("/v2/models/shapes/versions/{long}"), format!("/{long}")]
    {
        let reply = service.get(&path).await;
        assert_eq!(reply.status, 404);
        assert!(reply.body.len() < 4096, "{}", reply.body.len());
    }
}

#[tokio::test]
async fn the_description_has_every_address_and_no_other() {
    let service = service();
    let description = service.get("/openapi.json").await.ok();
    let described: BTreeSet<&str> =
        description["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let sources = [include_str!("../../src/app.rs"), include_str!("../../src/pages.rs")];
    let routes = sources.iter().flat_map(|source| source.split(".route(\"").skip(1));
    let mut routes: BTreeSet<&str> = routes.filter_map(|rest| rest.split('"').next()).collect();
    routes.insert("/v2/models/mixed/infer"); // which `{model}` stands for, too
    routes.remove("/v2/"); // which is `/v2`
    assert_eq!(described, routes);
    for (path, operations) in description["paths"].as_object().unwrap() {
        let address =
            path.replace("{model}", "shapes").replace("{version}", "1").replace("{name}", "page.js");
        for method in operations.as_object().unwrap().keys() {
            let request = Request::builder().method(&*method.to_uppercase()).uri(&address);
            let reply = service.send(request.body(Body::empty()).unwrap()).await;
            let documented = &operations[method]["responses"][reply.status.to_string()];
            assert!(!documented.is_null(), "{method} {address}: {} is not described", reply.status);
        }
    }
}
