//! What a request costs is known before it is paid.

use bl_core::io::Fit;
use serde_json::{Value, json};

use crate::adapters::{Small, images};
use crate::support::{Service, image, outputs, strings};

const WIDE: Small = Small { seed: 1, which: 1, classes: 3, units: 50_000, fit: Fit::Whole };

fn service(memory: usize) -> Service {
    Service::with(&[("small", Small::number(1).file()), ("wide", WIDE.file())], |settings, _| {
        settings.max_memory = memory;
    })
}

#[tokio::test]
async fn rows_that_need_too_much_are_refused_and_fewer_are_answered() {
    let service = service(4 << 20);
    let ask = |rows: usize| json!({ "inputs": [image(&images(rows))], "outputs": outputs(&["label"]) });
    let words = service.infer("wide", &ask(100)).await.refused(413, "needs_too_much_memory");
    assert!(words.contains("bytes of memory, at most 4194304"), "{words}");
    service.infer("wide", &ask(2)).await.ok();
    service.infer("small", &ask(100)).await.ok(); // the same request of a network that is small
    let names = vec!["wide"; 100];
    let mixed = json!({ "inputs": [image(&images(1)), strings("adapter", &names)] });
    service.infer("mixed", &mixed).await.refused(413, "needs_too_much_memory");
    let names = vec!["small"; 100];
    let mixed = json!({ "inputs": [image(&images(1)), strings("adapter", &names)] });
    service.infer("mixed", &mixed).await.ok();
    // What was taken is given back.
    for _ in 0..20 {
        service.infer("wide", &ask(10)).await.ok();
    }
}

#[tokio::test]
async fn json_that_grows_when_it_is_read_is_counted_first() {
    let service = service(4 << 20);
    let check = async |body: String, status: u16| {
        let reply = service.post("/v2/models/small/infer", body).await;
        assert_eq!(reply.status, status, "{}", reply.text());
    };
    // Two bytes a number, eight in memory; three a string, twenty-four.
    let data = |value: &str| vec![value; 500_000].join(",");
    let input = |kind: &str, value: &str| {
        format!(
            r#"{{"inputs":[{{"name":"x","shape":[500000],"datatype":"{kind}","data":[{}]}}]}}"#,
            data(value)
        )
    };
    check(input("UINT8", "0"), 413).await;
    check(input("BYTES", r#""""#), 413).await;
    // Parameters are one thing each, and few.
    let nested = format!(r#"{{"parameters":{{"a":[{}]}}}}"#, data("[]"));
    check(nested, 413).await;
    for parameters in [r#"{"a":[]}"#, r#"{"a":{"b":0}}"#] {
        check(format!(r#"{{"parameters":{parameters}}}"#), 400).await;
    }
    let many: serde_json::Map<String, Value> = (0..100).map(|i| (format!("p{i}"), 0.into())).collect();
    check(json!({ "parameters": many }).to_string(), 400).await;
    check(
        json!({ "inputs": vec![json!({ "name": "x", "shape": [], "datatype": "FP32" }); 1100] }).to_string(),
        400,
    )
    .await;
    service.lives().await;
}
