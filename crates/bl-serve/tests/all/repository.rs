//! Loading, replacing and unloading.

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bl_core::{Adapter, Parameters};
use serde_json::{Value, json};

use crate::adapters::{Small, forecaster, images, version};
use crate::support::{Service, image};

fn service() -> Service {
    Service::new(&[("a", Small::number(1).file()), ("b", Small::number(2).file())])
}

#[tokio::test]
async fn by_its_own_file_by_another_and_by_bytes() {
    let service = service();
    let (one, two, three) = (Small::number(1).file(), Small::number(2).file(), Small::number(3).file());
    let loaded = |name: &str, file: &[u8], replaced: Option<&[u8]>| json!({ "name": name, "version": version(file), "replaced": replaced.map(version) });
    service.write("a.safetensors", &three);
    let path = "/v2/repository/models/a/load";
    for body in ["", "{}", r#"{"parameters":{}}"#] {
        let before = if body.is_empty() { &one } else { &three };
        assert_eq!(service.post(path, body).await.ok(), loaded("a", &three, Some(before)));
    }
    let by_source = service.load("a", json!({ "source": "b.safetensors" })).await.ok();
    assert_eq!(by_source, loaded("a", &two, Some(&three)));
    std::fs::create_dir(service.path("deeper")).unwrap();
    service.write("deeper/c.safetensors", &one);
    let deeper = service.load("new%20name", json!({ "source": "deeper/c.safetensors" })).await.ok();
    assert_eq!(deeper, loaded("new name", &one, None));
    assert_eq!(service.load_bytes("bytes", &three).await.ok(), loaded("bytes", &three, None));
    let forecast = service.load_bytes("wave", &forecaster().to_bytes().unwrap()).await.ok();
    assert_eq!(forecast["replaced"], Value::Null);

    let names: Vec<String> = service.index("{}").await.into_iter().map(|[name, ..]| name).collect();
    assert_eq!(names, ["a", "b", "bytes", "new name", "wave"]);
    let reply = service.infer("bytes", &json!({ "inputs": [image(&images(1))] })).await;
    assert_eq!(reply.output("scores").f32s(), Small::number(3).scores(&images(1)).concat());
}

#[tokio::test]
async fn a_swap_compares_before_it_sets() {
    let service = service();
    let (one, three) = (version(&Small::number(1).file()), Small::number(3).file());
    let with = |parameters: Value| {
        let mut all = json!({ "file": STANDARD.encode(&three) });
        all.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
        all
    };
    for wrong in [json!("0123456789abcdef"), json!(""), json!(one[..15])] {
        let reply = service.load("a", with(json!({ "expected_version": wrong }))).await;
        reply.refused(409, "generation_mismatch");
    }
    let nobody = service.load("new", with(json!({ "expected_version": one }))).await;
    nobody.refused(409, "generation_mismatch");
    service.load("a", with(json!({ "replace": false }))).await.refused(409, "already_loaded");
    assert_eq!(service.version("a").await.unwrap(), one);
    let index = service.index("{}").await;
    assert!(index.iter().all(|[_, _, state, reason]| state == "READY" && reason.is_empty()), "{index:?}");

    let full = service.get("/v2/models/a").await.ok()["adapter"]["generation"].clone();
    let swapped = service.load("a", with(json!({ "expected_version": full }))).await.ok();
    assert_eq!(swapped["replaced"], one);
    let back = json!({ "source": "a.safetensors", "expected_version": version(&three) });
    assert_eq!(service.load("a", back).await.ok()["version"], one);
    assert_eq!(service.load("new", with(json!({ "replace": false }))).await.ok()["replaced"], Value::Null);
}

#[tokio::test]
async fn nobody_may_change_anything_unless_allowed() {
    let service =
        Service::with(&[("a", Small::number(1).file())], |settings, _| settings.allow_mutation = false);
    service.load_bytes("a", &Small::number(2).file()).await.refused(403, "mutation_disabled");
    service.unload("a").await.refused(403, "mutation_disabled");
    assert_eq!(service.version("a").await.unwrap(), version(&Small::number(1).file()));
    assert_eq!(service.get("/v2").await.ok()["mutation"], false);
}

#[tokio::test]
async fn a_page_from_elsewhere_may_not_change_anything() {
    let service = service();
    let check = async |origin: Option<&str>, host: &str, allowed: bool| {
        for action in ["load", "unload"] {
            let mut request = Request::post(format!("/v2/repository/models/a/{action}")).header("host", host);
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let reply = service.send(request.body(Body::empty()).unwrap()).await;
            if allowed {
                reply.ok();
            } else {
                reply.refused(403, "cross_origin");
            }
        }
        assert_eq!(service.version("a").await.is_none(), allowed, "{origin:?} {host}");
    };
    for origin in ["http://evil.example", "null", "http://127.0.0.1:9000", "http://127.0.0.1", "", "http://"]
    {
        check(Some(origin), "127.0.0.1:8000", false).await;
    }
    check(Some("http://127.0.0.1:8000"), "127.0.0.1:8000", true).await;
    for (origin, host) in [
        (Some("http://[::1]:8000"), "[::1]:8000"),
        (Some("http://localhost"), "localhost"),
        (None, "10.0.0.1:80"),
    ] {
        check(origin, host, true).await;
    }
}

#[tokio::test]
async fn one_adapter_is_loaded_at_a_time() {
    let service = service();
    let large = Small { seed: 7, units: 60_000, ..Small::default() }.file();
    let (large, small) = tokio::join!(service.load_bytes("large", &large), async {
        service.load_bytes("small", &Small::number(3).file()).await
    });
    large.ok();
    small.refused(429, "load_busy");
    assert_eq!(small.headers["retry-after"], "1");
    service.load_bytes("small", &Small::number(3).file()).await.ok();
}

#[tokio::test]
async fn a_client_that_leaves_does_not_make_room_for_a_second_load() {
    let service = service();
    let large = Small { seed: 8, units: 200_000, ..Small::default() }.file();
    let left =
        tokio::time::timeout(std::time::Duration::from_millis(1), service.load_bytes("large", &large)).await;
    assert!(left.is_err(), "it was loaded before the client left");
    service.load_bytes("small", &Small::number(3).file()).await.refused(429, "load_busy");
    while service.version("large").await.is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(service.load_bytes("small", &Small::number(3).file()).await.status, 200);
}

#[tokio::test]
async fn unloading() {
    let service = service();
    assert_eq!(service.unload("a").await.ok(), json!({}));
    service.unload("a").await.refused(404, "unknown_model");
    service.unload("mixed").await.refused(404, "unknown_model");
    service.infer("a", &json!({ "inputs": [image(&images(1))] })).await.refused(404, "unknown_model");
    let index = service.index("{}").await;
    assert_eq!(index[0], ["a", "", "UNAVAILABLE", "not loaded"].map(String::from));
    assert_eq!(service.index(r#"{"ready":true}"#).await.len(), 1);
    service.load("a", json!({})).await.ok();
    assert_eq!(
        service.index("").await[0],
        ["a", &version(&Small::number(1).file()), "READY", ""].map(String::from)
    );
}

/// Asks while others swap on the same thread: the answer is that of the version it names.
#[tokio::test]
async fn requests_keep_the_version_they_began_with() {
    let (service, images) = (service(), images(64));
    let request = json!({ "inputs": [image(&images)] });
    let (asked, unloaded) = tokio::join!(biased; service.infer("a", &request), service.unload("a"));
    unloaded.ok();
    let asked = asked.output("scores").f32s();
    assert_eq!(asked, Small::number(1).scores(&images).concat());
}

#[tokio::test]
async fn bodies_that_say_nothing_sensible_are_refused() {
    let service = service();
    let cases = [
        (json!({ "parameters": { "file": "no base64!" } }), "bad_input"),
        (json!({ "parameters": { "file": "", "source": "a.safetensors" } }), "bad_input"),
        (json!({ "parameters": { "sauce": "a.safetensors" } }), "malformed_json"),
        (json!({ "parameters": { "replace": "no" } }), "malformed_json"),
        (json!({ "parameters": { "source": 7 } }), "malformed_json"),
        (json!({ "parameter": {} }), "malformed_json"),
        (json!(7), "malformed_json"),
    ];
    for (body, code) in cases {
        service.post("/v2/repository/models/a/load", body.to_string()).await.refused(400, code);
    }
    service.post("/v2/repository/models/a/load", "{").await.refused(400, "malformed_json");
    service.post("/v2/repository/index", "{").await.refused(400, "malformed_json");
    service.load_bytes("mixed", &Small::number(3).file()).await.refused(400, "bad_input");
    service.load_bytes(&"x".repeat(129), &Small::number(3).file()).await.refused(400, "bad_input");
    assert_eq!(service.index("{}").await.len(), 2);
}

#[tokio::test]
async fn limits_hold() {
    let bytes = |small: Small| {
        let runtime = bl_runtime::Runtime::new(bl_runtime::Limits::default());
        runtime.prepare(&small.file()).unwrap().resident_bytes()
    };
    let (a, b, c) = (Small::number(1), Small::number(2), Small::number(3));
    let files = [("a", a.file()), ("b", b.file())];
    let count = Service::with(&files, |_, limits| limits.adapters = 2);
    count.load_bytes("c", &c.file()).await.refused(507, "limit_reached");
    count.load_bytes("b", &c.file()).await.ok();
    count.unload("a").await.ok();
    count.load_bytes("c", &c.file()).await.ok();

    let size = Service::with(&files, |_, limits| limits.adapter_bytes = bytes(a) + bytes(b) + 10);
    size.load_bytes("c", &c.file()).await.refused(507, "limit_reached");
    let weights = Service::with(&files, |_, limits| limits.backbone_weights = 101 * 64 + 101 * 3 + 10);
    weights.load_bytes("c", &c.file()).await.ok();
    let other = Small { seed: 9, ..c };
    weights.load_bytes("c", &other.file()).await.refused(507, "limit_reached");
    assert_eq!(weights.version("c").await.unwrap(), version(&c.file()));

    // More than the whole process may take: some kilobytes of a file that ask for gigabytes.
    let mut header = Small { seed: 77, ..c }.header(); // of a backbone that is not there yet
    if let (bl_core::Spec::Mlp(spec), bl_core::Io::Images { input, .. }) =
        (&mut header.backbone.spec, &mut header.io)
    {
        (spec.input.height, spec.input.width, spec.layers[0].units) = (256, 256, 30_000);
        (input.height, input.width) = (256, 256);
    }
    let greedy = Adapter::new(header, Parameters::of_biases(vec![vec![0.0; 30_000]])).unwrap();
    let reply = count.load_bytes("greedy", &greedy.to_bytes().unwrap()).await;
    let words = reply.refused(507, "limit_reached");
    assert!(words.contains("of memory, at most"), "{words}");
    let hint = reply.text();
    assert!(hint.contains("--max-memory") && !hint.contains("BL_MAX_MEMORY"), "{hint}");
}
