//! An adapter file is read back whole and written the same way every time.

use crate::support::{Parts, generate, header, small_adapter, small_backbone};
use bl_core::{Backbone, BackboneSpec, BiasAdapter, Error};
use serde_json::{Map, Value, json};

const KEY: &str = "bl_adapter";

fn bytes(adapter: &BiasAdapter) -> Vec<u8> {
    adapter.to_bytes().expect("a good adapter")
}

#[test]
fn a_saved_adapter_is_loaded_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("new/folder/adapter.safetensors");
    let full = json!({
        "method": "bias", "config": { "lr": 0.1 + 0.2, "epochs": 3, "note": "\u{1}\u{2028}é😀\"\\" }, "seed": 1,
        "dataset": { "name": "d", "source": "sample", "train": 5000, "validation": 0, "test": 1000,
                     "train_sha256": "aa", "test_sha256": "bb" },
        "isa": "portable", "code": "bl-adapt 0.1.0",
    });
    for training in [None, Some(serde_json::from_value(full).expect("a record"))] {
        let mut adapter = small_adapter();
        adapter.header.training = training;
        adapter.biases[0] = vec![0.0, -0.0, f32::MIN_POSITIVE, f32::MAX, 1e-45];
        adapter.save(&path).expect("saved");
        let loaded = BiasAdapter::load(&path).expect("its own file");
        assert_eq!(loaded, adapter);
        assert_eq!(bytes(&loaded), bytes(&adapter), "the same bytes every time");
        assert_eq!(std::fs::read(&path).expect("saved"), bytes(&adapter));
        assert!(loaded.unknown_fields().is_empty());
        assert_eq!(loaded.parameters(), 9);
    }
}

#[test]
fn bytes_do_not_depend_on_the_order_of_fields() {
    fn reversed(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                map.iter().rev().map(|(k, v)| (k.clone(), reversed(v))).collect::<Map<_, _>>().into()
            }
            Value::Array(items) => items.iter().map(reversed).collect(),
            other => other.clone(),
        }
    }
    let written = bytes(&small_adapter());
    let mut parts = Parts::of(KEY, &written);
    parts.header = reversed(&parts.header);
    parts.tensors.sort_by(|(a, _), (b, _)| a.cmp(b));
    assert_eq!(parts.sealed(), written);
}

#[test]
fn every_metric_that_can_be_measured_can_be_read_back() {
    // Seventeen digits each: a reader that is one bit off would call its own file not canonical.
    let mut adapter = small_adapter();
    for count in 0..=1000 {
        adapter.header.metrics[0].value = f64::from(count) / 1000.3;
        let again = BiasAdapter::from_bytes(&bytes(&adapter)).expect("its own file");
        assert_eq!(again, adapter);
    }
}

#[test]
fn what_could_not_be_read_is_not_written() {
    let check = |expected: &str, change: &dyn Fn(&mut BiasAdapter)| {
        let mut adapter = small_adapter();
        change(&mut adapter);
        for error in [
            adapter.to_bytes().expect_err(expected),
            BiasAdapter::new(adapter.header, adapter.biases).expect_err(expected),
        ] {
            assert!(error.to_string().contains(expected), "expected `{expected}`, found `{error}`");
        }
    };
    check("`hidden.0.bias` is NaN at unit 3", &|a| a.biases[0][3] = f32::NAN);
    check("`hidden.1.bias` is -inf at unit 0", &|a| a.biases[1][0] = f32::NEG_INFINITY);
    check("bias vectors of [5] units, its backbone has layers of [5, 4]", &|a| drop(a.biases.pop()));
    check("bias vectors of [6, 4] units", &|a| a.biases[0].push(0.0));
    check("task has 4 classes", &|a| a.header.task.labels.push("four".to_owned()));
    check("input has shape [8, ", &|a| a.header.input.height = 8);
    check("standard deviation NaN", &|a| a.header.preprocessing.std = f64::NAN);
    check("metric `accuracy` of `test` is NaN", &|a| a.header.metrics[0].value = f64::NAN);
    check("format version 2", &|a| a.header.version = 2);
    check("format is `other`", &|a| a.header.format = "other".to_owned());
    check("the feature `mask`", &|a| a.header.requires.push("mask".to_owned()));
    check("needs generator 2", &|a| a.header.backbone.spec.generator = 2);

    let mut adapter = small_adapter();
    adapter.header.task.title = "x".repeat(1 << 20);
    assert!(matches!(adapter.to_bytes(), Err(Error::HeaderTooLong { max: 1_048_576, .. })));
    adapter.header.task.title = "y".repeat((1 << 20) - 4096);
    assert_eq!(BiasAdapter::from_bytes(&bytes(&adapter)).expect("just short enough"), adapter);
    for (seed, kept) in [((1 << 53) - 1, true), ((1 << 53) + 1, false), (u64::MAX, false)] {
        let text = format!(r#"{{ "seed": {seed} }}"#);
        let mut parts = Parts::of(KEY, &bytes(&small_adapter()));
        parts.header["training"] = json!({
            "method": "bias", "config": serde_json::from_str::<Value>(&text).expect("JSON"), "seed": 1,
            "dataset": { "name": "", "source": "", "train": 1, "validation": 1, "test": 1,
                         "train_sha256": "", "test_sha256": "" },
            "isa": "", "code": "",
        });
        let header = serde_json::from_value(parts.header).expect("a header");
        let result = BiasAdapter::new(header, small_adapter().biases).expect("fits").to_bytes();
        assert_eq!(result.is_ok(), kept, "{result:?}");
    }
}

#[test]
fn fields_of_a_later_version_are_kept_and_named() {
    let mut parts = Parts::of(KEY, &bytes(&small_adapter()));
    parts.header["author"] = json!({ "name": "A", "tags": [] });
    parts.header["task"]["homepage"] = json!(null);
    parts.header["input"]["fit"]["margin"] = json!(0.1);
    parts.header["metrics"][0]["samples"] = json!(1000);
    let sealed = parts.sealed();
    let mut adapter = BiasAdapter::from_bytes(&sealed).expect("optional fields");
    assert_eq!(
        adapter.unknown_fields(),
        ["author", "input.fit.margin", "metrics.0.samples", "task.homepage"]
    );
    assert_eq!(bytes(&adapter), sealed);

    // They stay where they were when something else changes, and go with the part that they were in.
    adapter.biases[0][0] = 7.0;
    adapter.header.license = None;
    adapter.header.metrics.clear();
    let again = BiasAdapter::from_bytes(&bytes(&adapter)).expect("its own file");
    assert_eq!(again.unknown_fields(), ["author", "input.fit.margin", "task.homepage"]);
    assert_eq!((again.header, again.biases), (adapter.header, adapter.biases));

    let mut parts = Parts::of(KEY, &sealed);
    parts.header["backbone"]["spec"]["dropout"] = json!(0.5); // here a field is part of the network
    let error = BiasAdapter::from_bytes(&parts.sealed()).expect_err("an unknown field").to_string();
    assert!(error.contains("unknown field `dropout`"), "{error}");
}

#[test]
fn an_adapter_runs_on_its_own_backbone_only() {
    let (backbone, adapter) = (small_backbone(), small_adapter());
    backbone.prepare(&adapter).expect("its own backbone");
    let other = generate(&BackboneSpec { seed: 2, ..backbone.spec().clone() });
    let error = other.prepare(&adapter).err().expect("another backbone");
    let (expected, found) = (backbone.fingerprint(), other.fingerprint());
    assert_eq!(
        error.to_string(),
        format!("adapter `three` was trained on backbone {expected}, but backbone {found} is loaded")
    );

    // A header whose fingerprint is not its spec's: the file is sound, the backbone it names is not to be had.
    let mut header = header(&backbone);
    header.backbone.fingerprint = other.fingerprint();
    let liar = BiasAdapter::new(header, adapter.biases).expect("fits");
    let liar = BiasAdapter::from_bytes(&bytes(&liar)).expect("its digest is right");
    let regenerated = generate(&liar.header.backbone.spec);
    assert!(matches!(regenerated.prepare(&liar), Err(Error::BackboneMismatch { .. })));
}

#[test]
fn backbones_and_adapters_are_not_taken_for_each_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("backbone");
    small_backbone().save(&path).expect("saved");
    let error = BiasAdapter::load(&path).expect_err("a backbone").to_string();
    assert!(error.ends_with("no metadata key `bl_adapter`"), "{error}");
    small_adapter().save(&path).expect("saved");
    let error = Backbone::load(&path).err().expect("an adapter").to_string();
    assert!(error.ends_with("no metadata key `bl_backbone`"), "{error}");
}
