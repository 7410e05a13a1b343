//! Texts of files and clients are in answers, and no character of them does more than stand there.

use bl_core::Io;
use bl_core::io::Signal;
use bl_core::text::is_unprintable;
use serde_json::{Value, json};

use crate::adapters::{Small, generator, images};
use crate::support::{Reply, Service, image, strings};

/// Control characters, a direction that turns, one that nobody sees, and a line end of another kind.
const ILL: &str = "\u{1b}[31m\u{9b}2J\u{202e}x\u{2066}\u{200b}\u{2028}\u{7f}\u{e0041}\n";

fn service() -> Service {
    let mut named = Small::number(1).adapter();
    let task = &mut named.header.task;
    (task.name, task.title) = (ILL.into(), ILL.into());
    task.labels = (0..3).map(|class| format!("{class}{ILL}")).collect();
    let mut song = generator();
    song.header.task.title = ILL.into();
    if let Io::Signal { signal: Signal::Generate { variable, .. }, .. } = &mut song.header.io {
        *variable = ILL.into();
    }
    let service = Service::new(&[("named", named.to_bytes().unwrap()), ("song", song.to_bytes().unwrap())]);
    service.write("broken.safetensors", format!("\x40\0\0\0\0\0\0\0{{\"{ILL}\":").as_bytes());
    service
}

#[track_caller]
fn check(reply: &Reply, status: u16, repeated: bool) {
    let text = reply.text();
    assert_eq!(reply.status, status, "{text:?}");
    let is_shown = |c: char| is_unprintable(c) && c != '\n';
    assert!(!text.contains(is_shown), "{text:?}");
    let value: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(value.to_string().contains("\u{202e}"), repeated, "the value is the same: {value}");
}

#[tokio::test]
async fn no_text_does_more_than_stand_there() {
    let service = service();
    for model in ["named", "song"] {
        check(&service.get(&format!("/v2/models/{model}")).await, 200, true);
        check(&service.get(&format!("/v2/models/{model}/config")).await, 200, false);
    }
    let ask = |outputs: Value| json!({ "inputs": [image(&images(1))], "outputs": outputs, "id": ILL });
    let best = json!([{ "name": "scores", "parameters": { "classification": 2 } }]);
    for outputs in [json!([]), best] {
        check(&service.infer("named", &ask(outputs)).await, 200, true);
    }
    // Whatever is wrong is repeated.
    let input =
        |name: &str, kind: &str| json!([{ "name": name, "shape": [1], "datatype": kind, "data": [1] }]);
    let wrong = [
        ask(json!([{ "name": ILL }])),
        json!({ "inputs": input(ILL, "FP64") }),
        json!({ "inputs": input("image", ILL) }),
        json!({ "inputs": [image(&images(1))], "parameters": { ILL: 1 } }),
    ];
    for request in &wrong {
        check(&service.infer("named", request).await, 400, true);
    }
    let unknown = json!({ "inputs": [image(&images(1)), strings("adapter", &[ILL])] });
    check(&service.infer("mixed", &unknown).await, 404, true);
    check(&service.get("/v2/models/a%E2%80%AEb").await, 404, true);
    check(&service.load("new", json!({ "source": ILL })).await, 404, true);
    let index = service.load("broken", json!({})).await;
    assert_eq!(index.status, 422, "{}", index.text());
    let index = service.post("/v2/repository/index", "{}").await;
    check(&index, 200, index.text().contains("202e"));
    // No adapter can have such a name.
    let file = Small::number(1).file();
    for name in ["a%E2%80%AEb", "a%E2%80%8Bb", "a%C2%9Bb", "a%E2%80%A8b"] {
        let words = service.load_bytes(name, &file).await.refused(400, "bad_input");
        assert!(words.contains("one that nobody sees"), "{words}");
    }
}
