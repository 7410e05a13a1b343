//! Classifiers of texts, asked by what is typed and by files.

use bl_core::header::{AdapterKind, TaskInfo};
use bl_core::io::{Ngrams, TextSchema, TokenSchema};
use bl_core::pretrained::{self, tiny};
use bl_core::{Adapter, Backbone, Header, Io, Parameters, Preprocessing, Spec};
use serde_json::{Value, json};

use crate::support::Sandbox;

fn adapter(which: usize, texts: u32) -> Adapter {
    let spec = Spec::from_toml(
        r#"
        seed = 1
        input = { height = 1, width = 64 }
        layers = [{ units = 90, weights = { distribution = "normal", std = 0.5 } }]
        readout = { outputs = 2, weights = { distribution = "one_hot", value = 0.5 } }
        "#,
    );
    let backbone = Backbone::generate(&spec.unwrap()).unwrap();
    let task = TaskInfo { name: "words".into(), title: "Words".into(), labels: vec!["x".into(), "y".into()] };
    let input = TextSchema::Ngrams(Ngrams { values: 64, words: 1, characters: [0, 0], texts });
    let io = Io::Text { input, preprocessing: Preprocessing { mean: 0.1, std: 0.2 } };
    let bias = |unit: usize| ((unit * 31 + which * 7919) as f32 * 0.618).sin();
    let header = Header::new(AdapterKind::Bias, task, io, &backbone);
    Adapter::new(header, Parameters::of_biases(vec![(0..90).map(bias).collect()])).unwrap()
}

fn answers(json: &Value) -> Vec<(Value, Value)> {
    let inputs = json["inputs"].as_array().unwrap();
    inputs.iter().map(|input| (input["texts"].clone(), input["predictions"].clone())).collect()
}

#[test]
fn texts_are_typed_or_come_from_files() {
    let sandbox = Sandbox::new();
    sandbox.save("a.safetensors", &adapter(1, 1));
    sandbox.save("b.safetensors", &adapter(2, 1));
    let typed = sandbox.run("--json --adapter a.safetensors b.safetensors --input good bad").json();
    assert_eq!(typed["inputs"][0]["predictions"].as_array().unwrap().len(), 4, "two classes of two adapters");
    sandbox.write("t.csv", "text,label\ngood,x\nbad,y\n");
    sandbox.write("t.jsonl", "{\"text\":\"good\"}\n{\"text\":\"bad\"}\n");
    for file in ["t.csv", "t.jsonl"] {
        let read =
            sandbox.run(&format!("--json --adapter a.safetensors b.safetensors --input {file}")).json();
        assert_eq!(answers(&read), answers(&typed), "{file}");
        assert_eq!(read["labelled"], if file == "t.csv" { 2 } else { 0 });
    }
    sandbox.write("one.txt", "good\n");
    let read = sandbox.run("--json --adapter a.safetensors --input one.txt").json();
    assert_eq!(read["inputs"][0]["texts"], json!(["good\n"]));
    assert_eq!(
        read["inputs"][0]["predictions"][0]["probability"],
        typed["inputs"][0]["predictions"][0]["probability"]
    );
}

#[test]
fn what_cannot_be_answered_is_said() {
    let sandbox = Sandbox::new();
    sandbox.save("one.safetensors", &adapter(1, 1));
    sandbox.save("pair.safetensors", &adapter(1, 2));
    sandbox.write("r.csv", "a,b\n1,2\n");
    for (args, code, expected) in [
        ("--adapter one.safetensors --input good ...", 1, "there is no word in `...`"),
        ("--adapter one.safetensors --input ...", 2, "there is no word in `...`"),
        ("--adapter one.safetensors --input nothere.csv", 2, "cannot read `nothere.csv`"),
        ("--adapter one.safetensors --input r.csv", 2, "expected a column of texts, found `a`, `b`"),
        ("--adapter one.safetensors --input .", 2, "expected texts, found a folder"),
        ("--adapter one.safetensors --input good --show", 2, "--show"),
        ("--adapter pair.safetensors --input good", 2, "takes pairs of texts, found 1"),
        ("--adapter pair.safetensors --input good bad", 0, ""),
        ("--adapter one.safetensors pair.safetensors --input good bad", 2, "pair"),
    ] {
        let ran = sandbox.run(args);
        assert_eq!(ran.code, code, "{args}: {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{args}: {}", ran.stderr);
    }
}

/// An adapter on the tiny encoder in a folder of the sandbox.
fn of_encoder(sandbox: &Sandbox, name: &str, which: usize) {
    let folder = sandbox.path("encoder");
    if !folder.is_dir() {
        std::fs::create_dir(&folder).unwrap();
        tiny::write(&folder).unwrap();
    }
    let encoder = pretrained::load(&folder).unwrap();
    let input = TextSchema::Tokens(TokenSchema { longest: 16, texts: 1 });
    let io = Io::Text { input, preprocessing: Preprocessing::NONE };
    let mut spec = Spec::from(pretrained::spec_of(&encoder).unwrap());
    spec.fit(&io, 2).unwrap();
    let backbone = Backbone::generate(&spec).unwrap();
    let wave = |count: usize| (0..count).map(|i| ((i * 31 + which * 7919) as f32 * 0.618).sin()).collect();
    let task = TaskInfo { name: "words".into(), title: "Words".into(), labels: vec!["x".into(), "y".into()] };
    let header = Header::new(AdapterKind::Bias, task, io, &backbone);
    let biases = spec.layers().into_iter().map(wave).collect();
    sandbox.save(name, &Adapter::new(header, Parameters::of_biases(biases)).unwrap());
}

#[test]
fn encoders_answer_beside_random_networks_once_their_folder_is_named() {
    let sandbox = Sandbox::new();
    sandbox.save("a.safetensors", &adapter(1, 1));
    of_encoder(&sandbox, "b.safetensors", 1);
    of_encoder(&sandbox, "c.safetensors", 2);
    let line = "--json --adapter a.safetensors b.safetensors c.safetensors --input good jazz";
    let lost = sandbox.run(line);
    assert!(lost.code == 2 && lost.stderr.contains("--backbone FOLDER"), "{}", lost.stderr);
    let all = sandbox.run(&format!("{line} --backbone encoder")).json();
    assert_eq!(all["inputs"][1]["predictions"].as_array().unwrap().len(), 6);
    let alone = sandbox.run("--json --adapter c.safetensors --input jazz --backbone encoder").json();
    let of_c = |json: &Value, input: usize, first: usize| {
        json["inputs"][input]["predictions"][first]["probability"].as_f64().unwrap()
    };
    assert!((of_c(&all, 1, 4) - of_c(&alone, 0, 0)).abs() < 1e-5, "{all} {alone}");
    let unknown = sandbox.run("--adapter c.safetensors --input \u{2603} --backbone encoder");
    assert!(unknown.code == 2 && unknown.stderr.contains("there is no word"), "{}", unknown.stderr);
    let bench = sandbox.run("bench --json --adapter c.safetensors --backbone encoder --seconds 0.01").json();
    assert_eq!(bench["backbones"][0]["batches"][2]["texts"], 32, "{bench}");
}
