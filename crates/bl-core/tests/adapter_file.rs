//! An adapter file is read back whole, written the same way every time, and refused for one reason at a time.

mod support;

use bl_core::container::{Tensor, read};
use bl_core::{Backbone, BackboneSpec, BiasAdapter, Error};
use safetensors::Dtype;
use serde_json::{Map, Value, json};
use support::{ANYWHERE, LOCAL_NORMAL, ONE_HOT, Parts, adapter, file, generate, header, spec, split};

const KEY: &str = "bl_adapter";

fn backbone() -> Backbone {
    generate(&spec(1, &[(5, LOCAL_NORMAL), (4, ANYWHERE[0])], ONE_HOT))
}

fn small() -> BiasAdapter {
    adapter(&backbone(), 1)
}

fn bytes(adapter: &BiasAdapter) -> Vec<u8> {
    adapter.to_bytes().expect("a good adapter")
}

#[track_caller]
fn check_refused(bytes: &[u8], expected: &str) {
    let error = BiasAdapter::from_bytes(bytes).expect_err(expected).to_string();
    assert!(error.contains(expected), "expected `{expected}`, found `{error}`");
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
        let mut adapter = small();
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
    let written = bytes(&small());
    let mut parts = Parts::of(KEY, &written);
    parts.header = reversed(&parts.header);
    parts.tensors.sort_by(|(a, _), (b, _)| a.cmp(b));
    assert_eq!(parts.sealed(), written);
}

#[test]
fn every_metric_that_can_be_measured_can_be_read_back() {
    // Seventeen digits each: a reader that is one bit off would call its own file not canonical.
    let mut adapter = small();
    for count in 0..=1000 {
        adapter.header.metrics[0].value = f64::from(count) / 1000.3;
        let again = BiasAdapter::from_bytes(&bytes(&adapter)).expect("its own file");
        assert_eq!(again, adapter);
    }
}

#[test]
fn headers_that_are_wrong_are_refused() {
    let check = |expected: &str, pointer: &str, value: Value| {
        let mut parts = Parts::of(KEY, &bytes(&small()));
        *parts.header.pointer_mut(pointer).expect(pointer) = value;
        check_refused(&parts.sealed(), expected);
    };
    check("format is `other`, expected `bl-adapter`", "/format", json!("other"));
    check("format is `none`", "/format", json!(1));
    check("format version 2, this program knows version 1", "/version", json!(2));
    check("adapter requires the feature `mask`, which", "/requires", json!(["mask", "gain"]));
    check("unknown variant `mask`", "/kind", json!("mask"));
    check("unknown variant `add`", "/mode", json!("add"));
    check("task has 2 classes, but the backbone has 3 outputs", "/task/labels", json!(["a", "b"]));
    check("input has 12 values, but the backbone takes 24", "/input/channels", json!(1));
    check(
        "input has 18446744073709551615 values",
        "/input",
        json!({
            "height": u32::MAX, "width": u32::MAX, "channels": u32::MAX, "polarity": "as_is", "fit": { "how": "whole" }
        }),
    );
    check("unknown variant `crop`", "/input/fit/how", json!("crop"));
    check("unknown variant `dark`", "/input/polarity", json!("dark"));
    for std in [0.0, -1.0, 1e-7, 1e7] {
        check("expected a mean from -1e6 to 1e6", "/preprocessing/std", json!(std));
    }
    check("expected a mean from -1e6 to 1e6", "/preprocessing/mean", json!(-1e7));
    check("invalid type: null", "/preprocessing/mean", Value::Null); // what JSON makes of a NaN
    check("invalid type: null", "/metrics/0/value", Value::Null);
    check("64 lower-case hex digits", "/backbone/fingerprint", json!("md5:00"));
    check("`seed` is 9007199254740992", "/backbone/spec/seed", json!(1_u64 << 53));
    check("needs generator 2", "/backbone/spec/generator", json!(2));
    check("unknown variant `rnn`", "/backbone/spec/kind", json!("rnn"));
    check("`hidden.0.bias` has shape [5], expected [6]", "/backbone/spec/layers/0/units", json!(6));
    check("invalid type: string", "/task", json!("three"));

    // A feature or a version that is unknown comes first, for nothing else need parse then.
    for (fields, expected) in [
        (json!({ "version": 2 }), "format version 2"),
        (json!({ "version": 1, "requires": ["mask"], "kind": "mask" }), "the feature `mask`"),
    ] {
        let mut parts = Parts::of(KEY, &bytes(&small()));
        parts.header = fields;
        parts.header["format"] = json!("bl-adapter");
        check_refused(&parts.sealed(), expected);
    }
    for field in ["format", "version", "kind", "mode", "task", "input", "preprocessing", "backbone"] {
        let mut parts = Parts::of(KEY, &bytes(&small()));
        parts.header.as_object_mut().expect("an object").remove(field);
        assert!(BiasAdapter::from_bytes(&parts.sealed()).is_err(), "without `{field}`");
    }
}

#[test]
fn tensors_that_are_wrong_are_refused() {
    let check = |expected: &str, change: &dyn Fn(&mut Parts)| {
        let mut parts = Parts::of(KEY, &bytes(&small()));
        change(&mut parts);
        check_refused(&parts.sealed(), expected);
    };
    check("tensor `hidden.1.bias` is missing, found `hidden.0.bias`", &|p| drop(p.tensors.pop()));
    check("tensor `hidden.0.bias` is missing, found none", &|p| p.tensors.clear());
    check("tensor `hidden.0.mask` does not belong to the format", &|p| {
        p.tensors.push(("hidden.0.mask".to_owned(), Tensor::vector(&[1.0; 5])));
    });
    check("tensor `hidden.2.bias` does not belong to the format", &|p| {
        p.tensors.push(("hidden.2.bias".to_owned(), Tensor::vector(&[])));
    });
    check("tensor `hidden.0.bias` has type I32, expected F32", &|p| {
        p.tensor("hidden.0.bias").dtype = Dtype::I32
    });
    check("tensor `hidden.0.bias` has shape [1, 5], expected [5]", &|p| {
        p.tensor("hidden.0.bias").shape = vec![1, 5];
    });
    check("tensor `hidden.1.bias` has shape [5], expected [4]", &|p| {
        *p.tensor("hidden.1.bias") = Tensor::vector(&[0.0; 5]);
    });
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        check(&format!("tensor `hidden.1.bias` is {value} at unit 2, expected finite values"), &|p| {
            p.tensor("hidden.1.bias").bytes[8..12].copy_from_slice(&value.to_le_bytes());
        });
    }
}

#[test]
fn what_could_not_be_read_is_not_written() {
    let check = |expected: &str, change: &dyn Fn(&mut BiasAdapter)| {
        let mut adapter = small();
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
    check("input has 48 values", &|a| a.header.input.height = 8);
    check("standard deviation NaN", &|a| a.header.preprocessing.std = f64::NAN);
    check("metric `accuracy` of `test` is NaN", &|a| a.header.metrics[0].value = f64::NAN);
    check("format version 2", &|a| a.header.version = 2);
    check("format is `other`", &|a| a.header.format = "other".to_owned());
    check("the feature `mask`", &|a| a.header.requires.push("mask".to_owned()));
    check("needs generator 2", &|a| a.header.backbone.spec.generator = 2);

    let mut adapter = small();
    adapter.header.task.title = "x".repeat(1 << 20);
    assert!(matches!(adapter.to_bytes(), Err(Error::HeaderTooLong { max: 1_048_576, .. })));
    adapter.header.task.title = "y".repeat((1 << 20) - 4096);
    assert_eq!(BiasAdapter::from_bytes(&bytes(&adapter)).expect("just short enough"), adapter);
    for (seed, kept) in [((1 << 53) - 1, true), ((1 << 53) + 1, false), (u64::MAX, false)] {
        let text = format!(r#"{{ "seed": {seed} }}"#);
        let mut parts = Parts::of(KEY, &bytes(&small()));
        parts.header["training"] = json!({
            "method": "bias", "config": serde_json::from_str::<Value>(&text).expect("JSON"), "seed": 1,
            "dataset": { "name": "", "source": "", "train": 1, "validation": 1, "test": 1,
                         "train_sha256": "", "test_sha256": "" },
            "isa": "", "code": "",
        });
        let header = serde_json::from_value(parts.header).expect("a header");
        let result = BiasAdapter::new(header, small().biases).expect("fits").to_bytes();
        assert_eq!(result.is_ok(), kept, "{result:?}");
    }
}

#[test]
fn the_digest_is_required_and_covers_everything() {
    let mut parts = Parts::of(KEY, &bytes(&small()));
    parts.tensor("hidden.0.bias").bytes[0] ^= 1;
    check_refused(&parts.unsealed(), "but the header states none");
    let sealed = bytes(&small());
    let (header, _) = read(KEY, &sealed).expect("a good file");
    for (pointer, value) in [
        ("/digest", json!("sha256:00")),
        ("/digest", json!(1)),
        ("/task/title", json!("Another title")),
        ("/license", json!("Apache-2.0")),
        ("/metrics/0/value", json!(1)),
        ("/preprocessing/mean", json!(0)),
    ] {
        let mut parts = Parts::of(KEY, &sealed);
        parts.header = header.clone();
        *parts.header.pointer_mut(pointer).expect(pointer) = value;
        check_refused(&parts.unsealed(), "content has digest sha256:");
    }
}

#[test]
fn a_file_has_one_form() {
    let sealed = bytes(&small());
    let (json, data) = split(&sealed);
    assert_eq!(file(&json, data), sealed);
    let check = |expected: &str, json: &str| check_refused(&file(json, data), expected);
    let other = "not in the one form";
    let first = json.find(r#""hidden.0.bias""#).expect("the first tensor");
    let second = json.find(r#""hidden.1.bias""#).expect("the second tensor");
    let bias = json[second..json.len() - 1].to_owned();
    let metadata = &json[1..first];
    check(other, &json.replacen(':', ": ", 1));
    check(other, &json.replacen("hidden.0", "\\u0068idden.0", 1));
    check(other, &json.replace(&bias, &format!("{bias},{bias}"))); // the same key twice
    check("duplicate field `__metadata__`", &format!("{{{metadata}{}", &json[1..]));
    check(other, &json.replacen("bl_adapter\":", "bl_adapter\":\"\",\"bl_adapter\":", 1));
    check(other, &json.replacen(r#""dtype""#, r#""note":1,"dtype""#, 1));
    check(
        "metadata has other keys beside `bl_adapter`",
        &json.replacen("{\"bl_adapter", "{\"a\":\"\",\"bl_adapter", 1),
    );
    check("no metadata key `bl_adapter`", &json.replacen("bl_adapter", "bl_backbone", 1));
    check("no metadata key `bl_adapter`", &format!("{{{}", &json[first..]));
    check("not valid", &json.replacen("bl_adapter\":\"", "bl_adapter\":\" ", 1).replacen(r#"{\"#, "{{", 1));
    let canonical = "metadata `bl_adapter` is not canonical JSON";
    check(canonical, &json.replacen("bl_adapter\":\"", "bl_adapter\":\" ", 1));
    check(canonical, &json.replacen(r#"\"version\":1"#, r#"\"version\":1.0"#, 1));
    check(canonical, &json.replacen(r#"\"version\":1"#, r#"\"version\":1,\"version\":1"#, 1));
    check(canonical, &json.replacen(r#"\"mean\":0.4"#, r#"\"mean\":4e-1"#, 1));
    check(canonical, &json.replacen(r#"\"title\":\"T"#, r#"\"title\":\"\\u0054"#, 1));
}

#[test]
fn lengths_that_lie_are_refused() {
    let sealed = bytes(&small());
    let with_len = |len: u64| [&len.to_le_bytes(), &sealed[8..]].concat();
    let len = u64::from_le_bytes(*sealed.first_chunk().expect("eight bytes"));
    check_refused(&with_len((1 << 20) + 1), "header length is 1048577 bytes, at most 1048576 are allowed");
    check_refused(&with_len(u64::MAX), "header length is 18446744073709551615 bytes");
    check_refused(&with_len(1 << 20), "file is truncated: expected 1048584 bytes");
    for wrong in [0, 1, len - 8, len - 1, len + 1, len + 8, sealed.len() as u64 - 8] {
        assert!(BiasAdapter::from_bytes(&with_len(wrong)).is_err(), "length {wrong} instead of {len}");
    }
    let (json, data) = split(&sealed);
    for offsets in ["[0,16]", "[0,24]", "[4,20]", "[20,0]", "[0,18446744073709551615]", "[0,-1]"] {
        let json = json.replacen("[0,20]", offsets, 1);
        assert!(BiasAdapter::from_bytes(&file(&json, data)).is_err(), "{offsets}");
    }
}

#[test]
fn fields_of_a_later_version_are_kept_and_named() {
    let mut parts = Parts::of(KEY, &bytes(&small()));
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
    check_refused(&parts.sealed(), "unknown field `dropout`");
}

#[test]
fn an_adapter_runs_on_its_own_backbone_only() {
    let (backbone, adapter) = (backbone(), small());
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
    backbone().save(&path).expect("saved");
    let error = BiasAdapter::load(&path).expect_err("a backbone").to_string();
    assert!(error.ends_with("no metadata key `bl_adapter`"), "{error}");
    small().save(&path).expect("saved");
    let error = Backbone::load(&path).err().expect("an adapter").to_string();
    assert!(error.ends_with("no metadata key `bl_backbone`"), "{error}");
}
