//! What a request costs is known before it is paid.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bl_core::io::Fit;
use serde_json::{Value, json};

use crate::adapters::{Small, generator, images};
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

/// Some hundred kilobytes of names in a file must not become gigabytes of an answer.
#[tokio::test]
async fn the_names_of_classes_are_counted_as_often_as_they_are_written() {
    let mut named = Small::number(1).adapter();
    named.header.task.labels = (0..3).map(|class| format!("{class}{}", "\u{1}".repeat(1000))).collect();
    let files = [("plain", Small::number(1).file()), ("named", named.to_bytes().unwrap())];
    let service = Service::with(&files, |settings, _| settings.max_memory = 8 << 20);
    let best = |name: &str| json!({ "name": name, "parameters": { "classification": 3 } });
    let both = json!([best("scores"), best("probabilities")]);
    let ask = |rows: usize, outputs: &Value| json!({ "inputs": [image(&images(rows))], "outputs": outputs });
    for (model, rows, status) in [("plain", 200, 200), ("named", 200, 413), ("named", 20, 200)] {
        let reply = service.infer(model, &ask(rows, &both)).await;
        assert_eq!(reply.status, status, "{model} {rows}: {:.100}", reply.text());
    }
    service.infer("named", &ask(200, &outputs(&["label"]))).await.ok();
    service.infer("named", &ask(500, &outputs(&["label"]))).await.refused(413, "needs_too_much_memory");
    let mixed = |model: &str| json!({ "inputs": [image(&images(1)), strings("adapter", &vec![model; 500])] });
    service.infer("mixed", &mixed("named")).await.refused(413, "needs_too_much_memory");
    service.infer("mixed", &mixed("plain")).await.ok();
    // So is what a client sends and is repeated.
    let id = json!({ "id": "i".repeat(500_000), "inputs": [image(&images(1))] });
    service.infer("plain", &id).await.refused(413, "needs_too_much_memory");
}

#[tokio::test]
async fn trajectories_are_counted_before_they_are_computed() {
    let service = Service::with(&[("song", generator().to_bytes().unwrap())], |settings, _| {
        settings.max_memory = 4 << 20;
    });
    let ask = |steps: usize| json!({ "parameters": { "steps": steps } });
    service.infer("song", &ask(100_000)).await.refused(413, "needs_too_much_memory");
    service.infer("song", &ask(1000)).await.ok();
}

#[tokio::test]
async fn pictures_are_counted_before_they_are_decoded() {
    let service = service(16 << 20);
    let picture = |side: u32| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let shade = |x, y| image::Rgb([((x * 7 + y * 3) % 256) as u8, 0, 0]);
        image::RgbImage::from_fn(side, side, shade).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        json!({ "inputs": [strings("picture", &[STANDARD.encode(bytes.into_inner())])] })
    };
    service.infer("small", &picture(1500)).await.refused(413, "needs_too_much_memory");
    service.infer("small", &picture(300)).await.ok();
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
