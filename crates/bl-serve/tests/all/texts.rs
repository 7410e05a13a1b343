//! Adapters that classify texts: alone, and in mixed batches.

use bl_core::header::{AdapterKind, TaskInfo};
use bl_core::io::{Ngrams, TextSchema};
use bl_core::{Adapter, Backbone, Header, Io, Model, Net, Parameters, Preprocessing, Spec};
use serde_json::json;

use crate::adapters::Small;
use crate::support::{Service, strings};

fn schema(texts: u32, characters: [u32; 2]) -> TextSchema {
    TextSchema::Ngrams(Ngrams { values: 64, words: 1, characters, texts })
}

/// Adapters on one backbone, whose biases have no pattern.
fn adapter(which: usize, input: TextSchema) -> Adapter {
    let spec = Spec::from_toml(
        r#"
        seed = 1
        input = { height = 1, width = 64 }
        layers = [{ units = 90, weights = { distribution = "normal", std = 0.5 } }]
        readout = { outputs = 3, weights = { distribution = "one_hot", value = 0.5 } }
        "#,
    );
    let backbone = Backbone::generate(&spec.unwrap()).unwrap();
    let labels = ["x", "y", "z"].map(String::from).into();
    let task = TaskInfo { name: "words".into(), title: "Words".into(), labels };
    let io = Io::Text { input, preprocessing: Preprocessing { mean: 0.1, std: 0.2 } };
    let bias = |unit: usize| ((unit * 31 + which * 7919) as f32 * 0.618).sin();
    let header = Header::new(AdapterKind::Bias, task, io, &backbone);
    Adapter::new(header, Parameters::of_biases(vec![(0..90).map(bias).collect()])).unwrap()
}

fn scores(adapter: &Adapter, texts: &[&str]) -> Vec<f32> {
    let backbone = adapter.generate_backbone().unwrap();
    let row = adapter.header.io.text().unwrap().row(texts).unwrap();
    Model::new(adapter.clone(), backbone.into()).unwrap().scores(&row).unwrap()
}

fn service(adapters: &[(&str, &Adapter)]) -> Service {
    let files = adapters.iter().map(|(name, adapter)| (*name, adapter.to_bytes().unwrap()));
    Service::new(&files.chain([("image", Small::number(1).file())]).collect::<Vec<_>>())
}

#[tokio::test]
async fn each_text_is_answered_as_the_library_answers_it() {
    let (one, pair) = (adapter(1, schema(1, [0, 0])), adapter(2, schema(2, [2, 3])));
    let service = service(&[("one", &one), ("pair", &pair)]);
    let reply = service.infer("one", &json!({ "inputs": [strings("text", &["a b", "ça va"])] })).await;
    assert_eq!(reply.names(), ["scores", "probabilities", "label"]);
    assert_eq!(reply.output("scores").f32s(), [scores(&one, &["a b"]), scores(&one, &["ça va"])].concat());
    let column = json!({ "name": "text", "datatype": "BYTES", "shape": [1, 1], "data": [["a b"]] });
    let reply = service.infer("one", &json!({ "inputs": [column] })).await;
    assert_eq!(reply.output("scores").f32s(), scores(&one, &["a b"]));
    let two = json!({ "name": "text", "datatype": "BYTES", "shape": [1, 2], "data": ["a b", "b c"] });
    let reply = service.infer("pair", &json!({ "inputs": [two] })).await;
    assert_eq!(reply.output("scores").f32s(), scores(&pair, &["a b", "b c"]));
    let metadata = service.get("/v2/models/pair").await;
    assert_eq!(metadata.ok()["inputs"], json!([{ "name": "text", "datatype": "BYTES", "shape": [-1, 2] }]));
}

#[tokio::test]
async fn rows_of_any_adapters_are_one_batch() {
    let (one, two) = (adapter(1, schema(1, [0, 0])), adapter(2, schema(1, [2, 3])));
    let service = service(&[("one", &one), ("two", &two)]);
    let (texts, names) = (["a b", "c", "a b"], ["one", "two", "two"]);
    let inputs = json!({ "inputs": [strings("text", &texts), strings("adapter", &names)] });
    let expected = [scores(&one, &["a b"]), scores(&two, &["c"]), scores(&two, &["a b"])].concat();
    assert_eq!(service.infer("mixed", &inputs).await.output("scores").f32s(), expected);
    let inputs = json!({ "inputs": [strings("text", &["c"]), strings("adapter", &["two", "one"])] });
    let expected = [scores(&two, &["c"]), scores(&one, &["c"])].concat();
    assert_eq!(service.infer("mixed", &inputs).await.output("scores").f32s(), expected);
}

#[tokio::test]
async fn what_is_no_text_is_refused_by_name() {
    let (one, pair) = (adapter(1, schema(1, [0, 0])), adapter(2, schema(2, [0, 0])));
    let service = service(&[("one", &one), ("pair", &pair)]);
    let bytes = |shape: &[usize], data: &[&str]| json!({ "name": "text", "datatype": "BYTES", "shape": shape, "data": data });
    let of = |names: &[&str]| strings("adapter", names);
    for (model, inputs, expected) in [
        ("one", vec![bytes(&[2], &["a", " …"])], "row 1: there is no word in the text"),
        ("one", vec![bytes(&[1, 2], &["a", "b"])], "shape [1, 2], expected [rows]"),
        ("pair", vec![bytes(&[2], &["a", "b"])], "expected [rows, 2], a pair of texts each"),
        (
            "one",
            vec![json!({ "name": "text", "datatype": "UINT8", "shape": [1], "data": [1] })],
            "expected BYTES",
        ),
        (
            "one",
            vec![json!({ "name": "picture", "datatype": "BYTES", "shape": [1], "data": ["a"] })],
            "`picture`",
        ),
        ("mixed", vec![bytes(&[1], &["a"]), of(&["one", "image"])], "adapter `image` classifies images"),
        (
            "mixed",
            vec![bytes(&[1], &["a"]), of(&["one", "pair"])],
            "some adapters take a text and some a pair",
        ),
        ("mixed", vec![bytes(&[2], &["a", "b"]), of(&["one", "one", "one"])], "2 inputs for 3 adapters"),
        ("mixed", vec![strings("picture", &["a"]), of(&["one"])], "adapter `one` classifies texts"),
    ] {
        let reply = service.infer(model, &json!({ "inputs": inputs })).await;
        assert_eq!(reply.status, 400, "{expected}");
        let body = String::from_utf8_lossy(&reply.body).into_owned();
        assert!(body.contains(expected), "{expected}: {body}");
    }
}

#[tokio::test]
async fn a_long_text_is_counted_before_its_row_is_made() {
    let one = adapter(1, schema(1, [2, 3]));
    let files = [("one", one.to_bytes().unwrap())];
    let service = Service::with(&files, |settings, _| settings.max_memory = 2 << 20);
    let ask = |text: String| json!({ "inputs": [strings("text", &[text])] });
    service.infer("one", &ask("a".repeat(200_000))).await.refused(413, "needs_too_much_memory");
    service.infer("one", &ask("a".repeat(20_000))).await.ok();
    let mixed = |text: String| json!({ "inputs": [strings("text", &[text]), strings("adapter", &["one"])] });
    service.infer("mixed", &mixed("a b ".repeat(50_000))).await.refused(413, "needs_too_much_memory");
    service.infer("mixed", &mixed("a b ".repeat(5_000))).await.ok();
}
