//! Parameters of outputs: the best classes as text, and what is not supported refused by name.

use bl_core::softmax;
use serde_json::{Value, json};

use crate::adapters::{Small, images};
use crate::support::{Service, image, strings};

fn service() -> Service {
    Service::new(&[("shapes", Small::number(1).file())])
}

/// One output with parameters, of three images.
fn ask(output: &str, parameters: &Value) -> Value {
    json!({ "inputs": [image(&images(3))], "outputs": [{ "name": output, "parameters": parameters }] })
}

#[tokio::test]
async fn the_best_classes_come_as_text() {
    let service = service();
    for (output, binary) in [("probabilities", false), ("scores", false), ("probabilities", true)] {
        let parameters = json!({ "classification": 2, "binary_data": binary });
        let reply = service.infer("shapes", &ask(output, &parameters)).await.output(output);
        assert_eq!(reply.shape(), [3, 2]);
        let mut expected = Vec::new();
        for scores in Small::number(1).scores(&images(3)) {
            let values = if output == "scores" { scores } else { softmax(&scores) };
            let mut order = [0, 1, 2];
            order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
            let text = |&class: &usize| format!("{:.6}:{class}:shape {class}", values[class]);
            expected.extend(order[..2].iter().map(text));
        }
        assert_eq!(reply.strings(), expected, "{output} {binary}");
    }
    let all = service.infer("shapes", &ask("scores", &json!({ "classification": 99 }))).await;
    assert_eq!(all.output("scores").shape(), [3, 3]);
}

#[tokio::test]
async fn what_is_not_supported_is_refused_by_name() {
    let service = service();
    for (output, parameters, words) in [
        ("scores", json!({ "shared_memory_region": "x", "shared_memory_byte_size": 40 }), "`shared_memory_"),
        ("scores", json!({ "sorted": true }), "`sorted`"),
        ("scores", json!({ "classification": 0 }), "`classification`"),
        ("scores", json!({ "classification": "3" }), "`classification`"),
        ("label", json!({ "classification": 1 }), "`classification`"),
    ] {
        let said = service.infer("shapes", &ask(output, &parameters)).await.refused(400, "bad_input");
        assert!(said.contains(words), "{said}");
    }
    let mut input = image(&images(1));
    input["parameters"] = json!({ "shared_memory_region": "x" });
    let said = service.infer("shapes", &json!({ "inputs": [input] })).await.refused(400, "bad_input");
    assert!(said.contains("input `image`: parameter `shared_memory_region` is not supported"), "{said}");
    let mixed = json!({
        "inputs": [image(&images(1)), strings("adapter", &["shapes"])],
        "outputs": [{ "name": "scores", "parameters": { "classification": 1 } }],
    });
    service.infer("mixed", &mixed).await.refused(400, "bad_input");
}
