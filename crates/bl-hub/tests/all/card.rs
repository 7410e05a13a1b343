//! The card of an adapter: what the Hub reads and what people read.

use bl_hub::{Error, PushOptions};

use crate::support::{REPO, Scene, adapter, forecaster, repo};

fn card(scene: &Scene) -> String {
    let plan = scene.plan(&adapter().to_bytes().unwrap());
    String::from_utf8(plan.files.last().unwrap().1.clone()).unwrap()
}

#[test]
fn the_front_matter_is_what_the_hub_indexes() {
    let card = card(&Scene::new());
    let fingerprint = adapter().header.backbone.fingerprint.short();
    let expected = format!(
        "---
library_name: bias-adapters
pipeline_tag: image-classification
tags:
- adapter
- bias-adapters
- bias-learning
- \"backbone:sha256-{fingerprint}\"
- \"bl-task:bars\"
- \"bl-kind:bias\"
license: cc0-1.0
datasets:
- ylecun/mnist
model-index:
- name: \"Two bars | <b>\"
  results:
  - task:
      type: image-classification
    dataset:
      name: \"mnist (sample)\"
      type: ylecun/mnist
      split: test
    metrics:
    - type: accuracy
      name: accuracy
      value: 0.9812
    - type: loss
      name: loss
      value: 0.0000001
---
"
    );
    assert!(card.starts_with(&expected), "{card}");
}

#[test]
fn people_read_what_it_is_and_how_to_run_it() {
    let card = card(&Scene::new());
    for words in [
        "# Two bars \\| &lt;b&gt;\n",
        "300 trained parameters",
        "into 2 classes: across, down\\_\\*.",
        "| accuracy | test | 98.12 % |",
        "These metrics were measured on a sample of the official set.",
        "bl-run --adapter ada/bars\n",
        "seed 5: `sha256:",
        "5,000 training, 0 validation and 1,000 test images",
        "\"epochs\": 20",
        "| data licence | CC BY-SA 3.0 |",
        "## Limits",
    ] {
        assert!(card.contains(words), "`{words}` is not in:\n{card}");
    }
    for words in ["<b>", "sample.png", "peft", "base_model"] {
        let body = card.split("---\n").nth(2).unwrap();
        assert!(!body.contains(words), "`{words}` is in:\n{body}");
    }
}

#[test]
fn adapters_of_signals_have_cards_of_the_same_form() {
    let scene = Scene::new();
    let plan = scene.plan(&forecaster().to_bytes().unwrap());
    let card = String::from_utf8(plan.files.last().unwrap().1.clone()).unwrap();
    for words in [
        "pipeline_tag: time-series-forecasting\n",
        "- \"bl-task:waves\"\n",
        "30 trained parameters",
        "It forecasts &lt;b&gt;x\\|y&lt;/b&gt;, 3 samples ahead.",
        "bl-run --adapter ada/bars --input series.csv\n",
        "30 hidden units, seed 5",
        "\"kind\":\"rnn\"",
    ] {
        assert!(card.contains(words), "`{words}` is not in:\n{card}");
    }
    for words in ["<b>", "datasets", "model-index", "## Results", "## How it was trained"] {
        assert!(!card.contains(words), "`{words}` is in:\n{card}");
    }
}

#[test]
fn a_backbone_repository_becomes_the_base_model() {
    let scene = Scene::new();
    let file = scene.write("a.safetensors", &adapter().to_bytes().unwrap());
    let options = PushOptions { backbone: Some(repo("ada/net")), ..PushOptions::default() };
    let plan = scene.hub().plan_adapter(&file, &repo(REPO), &options).unwrap();
    let card = String::from_utf8(plan.files.last().unwrap().1.clone()).unwrap();
    for words in ["base_model: ada/net\nbase_model_relation: adapter\n", "- \"base_model:adapter:ada/net\"\n"]
    {
        assert!(card.contains(words), "{card}");
    }
}

#[test]
fn cards_that_cannot_be_brought_up_to_date_stop_the_push() {
    let (scene, bytes, _) = Scene::with_adapter();
    let card = String::from_utf8(scene.mock.file(REPO, "README.md").unwrap()).unwrap();
    for broken in [
        card.replace("<!-- bias-adapters: end -->", ""),
        card.clone() + &card,
        card.replacen("tags:", "tags: [", 1),
    ] {
        scene.mock.put(REPO, &[("README.md", broken.as_bytes())]);
        let file = scene.write("a.safetensors", &bytes);
        let error = scene.hub().plan_adapter(&file, &repo(REPO), &PushOptions::default()).unwrap_err();
        assert!(matches!(error, Error::Card { .. }), "{error:?}");
    }
    for (theirs, kept) in [
        ("# Mine\n", "# Mine\n\n<!-- bias-adapters: begin"),
        ("", "---\n\n<!--"),
        ("---\na: 1\n---\n", "---\na: 1\n"),
    ] {
        scene.mock.put(REPO, &[("README.md", theirs.as_bytes())]);
        let plan = scene.plan(&bytes);
        let card = String::from_utf8(plan.files.last().unwrap().1.clone()).unwrap();
        assert!(card.contains(kept), "{card}");
    }
}

#[test]
fn licences_have_the_names_that_the_hub_knows() {
    let scene = Scene::new();
    for (license, expected) in [
        ("CC-BY-SA-4.0", "license: cc-by-sa-4.0\n"),
        ("MIT OR Apache-2.0", "license:\n- mit\n- apache-2.0\n"),
        ("LicenseRef-Mine", "license: other\nlicense_name: licenseref-mine\n"),
    ] {
        let mut adapter = adapter();
        adapter.header.license = Some(license.into());
        let plan = scene.plan(&adapter.to_bytes().unwrap());
        let card = String::from_utf8(plan.files.last().unwrap().1.clone()).unwrap();
        assert!(card.contains(expected), "{card}");
    }
}
