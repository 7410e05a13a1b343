//! Adapters of a pretrained encoder: alone, in mixed batches, and beside adapters of random networks.

#![allow(clippy::unwrap_used, reason = "a test that fails should say where")]

use bl_core::header::{AdapterKind, TaskInfo};
use bl_core::io::{TextSchema, TokenSchema};
use bl_core::pretrained::{self, tiny};
use bl_core::{Adapter, Backbone, Head, Header, Io, Model, Net, Parameters, Preprocessing, Spec};
use serde_json::json;

use crate::adapters::Small;
use crate::support::{Service, strings};

/// Adapters of so many classes on the encoder in a folder.
fn adapter(folder: &std::path::Path, which: usize, labels: &[&str]) -> Adapter {
    let encoder = pretrained::load(folder).unwrap();
    let input = TextSchema::Tokens(TokenSchema { longest: 16, texts: 1 });
    let io = Io::Text { input, preprocessing: Preprocessing::NONE };
    let mut spec = Spec::from(pretrained::spec_of(&encoder).unwrap());
    spec.fit(&io, labels.len()).unwrap();
    let backbone = Backbone::generate(&spec).unwrap();
    let wave = |count: usize| (0..count).map(|i| ((i * 31 + which * 7919) as f32 * 0.618).sin()).collect();
    let biases = spec.layers().into_iter().map(wave).collect();
    let (outputs, size) = spec.bert().unwrap().head();
    let head = Head { weights: wave(outputs * size), bias: wave(outputs) };
    let labels = labels.iter().map(|&label| label.to_owned()).collect();
    let task = TaskInfo { name: format!("words-{which}"), title: "Words".into(), labels };
    let header = Header::new(AdapterKind::BiasHead, task, io, &backbone);
    Adapter::new(header, Parameters { head: Some(head), ..Parameters::of_biases(biases) }).unwrap()
}

fn scores(adapter: &Adapter, text: &str) -> Vec<f32> {
    let backbone = adapter.generate_backbone().unwrap();
    Model::new(adapter.clone(), backbone.into()).unwrap().texts(&[vec![text.to_owned()]]).unwrap()
}

fn near(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4), "{found:?} {expected:?}");
}

#[tokio::test]
async fn texts_of_any_tasks_are_one_batch_and_a_bad_one_spoils_no_other() {
    let folder = tempfile::tempdir().unwrap();
    tiny::write(folder.path()).unwrap();
    let (one, two) = (adapter(folder.path(), 1, &["x", "y", "z"]), adapter(folder.path(), 2, &["a", "b"]));
    let files = [("one", &one), ("two", &two)].map(|(name, adapter)| (name, adapter.to_bytes().unwrap()));
    let service =
        Service::new(&files.into_iter().chain([("image", Small::number(1).file())]).collect::<Vec<_>>());

    let request = json!({ "inputs": [strings("text", &["play some jazz", "the film"])] });
    let reply = service.infer("one", &request).await;
    near(
        &reply.output("scores").f32s(),
        &[scores(&one, "play some jazz"), scores(&one, "the film")].concat(),
    );

    let (texts, names) = (["rain", "rain", "good"], ["one", "two", "two"]);
    let request = json!({ "inputs": [strings("text", &texts), strings("adapter", &names)] });
    let reply = service.infer("mixed", &request).await;
    let labels = [("one", "rain"), ("two", "rain"), ("two", "good")].map(|(name, text)| {
        let adapter = if name == "one" { &one } else { &two };
        let scores = scores(adapter, text);
        adapter.header.task.labels[bl_core::argmax(&scores)].clone()
    });
    assert_eq!(reply.output("label").strings(), labels);

    for (text, expected) in
        [("", "there is no word"), (" \u{200b}\n", "there is no word"), ("\u{2603}", "there is no word")]
    {
        let reply = service.infer("one", &json!({ "inputs": [strings("text", &["jazz", text])] })).await;
        assert_eq!(reply.status, 400, "{text:?}");
        assert!(reply.text().contains("row 1") && reply.text().contains(expected), "{}", reply.text());
    }
    let long = "jazz ".repeat(20_000);
    let reply = service.infer("one", &json!({ "inputs": [strings("text", &[long])] })).await;
    near(&reply.output("scores").f32s(), &scores(&one, &"jazz ".repeat(40)));
}

#[tokio::test]
async fn an_adapter_whose_encoder_is_not_there_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    tiny::write(folder.path()).unwrap();
    let mut lost = adapter(folder.path(), 1, &["x", "y"]);
    let Spec::Bert(spec) = &mut lost.header.backbone.spec else { panic!("an encoder") };
    spec.tokenizer = spec.encoder;
    let service = Service::new(&[("image", Small::number(1).file())]);
    let refused = service.load_bytes("lost", &lost.to_bytes().unwrap()).await;
    assert!(refused.status >= 400 && refused.text().contains("pretrained encoder"), "{}", refused.text());
    assert!(
        !refused.text().contains(&*folder.path().to_string_lossy()),
        "a place of the server's: {}",
        refused.text()
    );
}
