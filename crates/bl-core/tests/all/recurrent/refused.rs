//! A recurrent file that is wrong in one way is refused, and the error says which.

use bl_core::container::Tensor;
use bl_core::header::Kind;
use bl_core::recurrent::{RecurrentAdapter, RecurrentBackbone};
use bl_core::{Backbone, BiasAdapter, Error, UnitGains};
use serde_json::{Value, json};

use super::support::{every_kind, generate, generator, plain, reacher, small, spec};
use crate::support::{Parts, small_adapter, small_backbone};

const KEY: &str = "bl_adapter";

fn bytes(adapter: &RecurrentAdapter) -> Vec<u8> {
    adapter.to_bytes().expect("a good adapter")
}

#[track_caller]
fn check_refused(bytes: &[u8], expected: &str) {
    let error = RecurrentAdapter::from_bytes(bytes).expect_err(expected).to_string();
    assert!(error.contains(expected), "expected `{expected}`, found `{error}`");
}

#[test]
fn headers_that_are_wrong_are_refused() {
    let check = |expected: &str, pointer: &str, value: Value| {
        let mut parts = Parts::of(KEY, &bytes(&small()));
        *parts.header.pointer_mut(pointer).expect(pointer) = value;
        check_refused(&parts.sealed(), expected);
    };
    check("format is `other`, expected `bl-adapter`", "/format", json!("other"));
    check("format version 2, this program knows version 1", "/version", json!(2));
    check("requires the feature `delay`", "/requires", json!(["recurrent", "delay"]));
    check("adapter is for pictures, expected one for a recurrent network", "/requires", json!([]));
    check("unknown variant `rnn`", "/kind", json!("rnn"));
    check("unknown variant `add`", "/mode", json!("add"));
    check("adapter of kind `mask` has no `base_bias`", "/kind", json!("mask"));
    check("tensor `hidden.0.gain` is missing", "/kind", json!("bias_gain"));
    check("tensor `state.0` is missing", "/learned_state", json!(true));
    check("64 lower-case hex digits", "/backbone/fingerprint", json!("md5:00"));
    check("unknown variant `mlp`", "/backbone/spec/kind", json!("mlp"));
    check("needs generator 2", "/backbone/spec/generator", json!(2));
    check("`hidden.0.bias` has shape [9], expected [10]", "/backbone/spec/units", json!(10));
    check(
        "task has 1 inputs and 1 outputs, but the backbone has 2 and 1",
        "/backbone/spec/input/values",
        json!(2),
    );
    check(
        "task has 1 inputs and 1 outputs, but the backbone has 1 and 2",
        "/backbone/spec/readout/outputs",
        json!(2),
    );
    check("unknown variant `listen`", "/signal/what", json!("listen"));
    check("missing field", "/signal/what", json!("reach"));
    check("`horizon` is 0", "/signal/horizon", json!(0));
    check("`washout` is 1000000001", "/signal/washout", json!(1_000_000_001));
    check("`spacing` is 0", "/signal/spacing", json!(0));
    check("`scale.unit` is 0", "/signal/scale/unit", json!(0));
    check("`scale.unit` is -1", "/signal/scale/unit", json!(-1));
    check("`scale.offset` is 1000", "/signal/scale/offset", json!(1e31));
    check("`lyapunov.exponent` is -1", "/signal/lyapunov/exponent", json!(-1));
    check("invalid type: null", "/signal/scale/offset", Value::Null); // what JSON makes of a NaN
    check("invalid type: null", "/metrics/0/value", Value::Null);
    check("`gain` is 0", "/backbone/spec/recurrent/gain", json!(0));
    check("invalid type: null", "/backbone/spec/alpha", Value::Null);
    // Nothing of this size is ever made.
    check("`number of weights` is", "/backbone/spec/units", json!(1 << 24));
    check("`width (hidden units)` is 0", "/backbone/spec/units", json!(0));
    check("`input values` is 4294967295", "/backbone/spec/input/values", json!(u32::MAX));

    for field in ["format", "version", "requires", "kind", "mode", "task", "signal", "backbone"] {
        let mut parts = Parts::of(KEY, &bytes(&small()));
        parts.header.as_object_mut().expect("an object").remove(field);
        assert!(RecurrentAdapter::from_bytes(&parts.sealed()).is_err(), "without `{field}`");
    }
}

#[test]
fn tensors_that_are_wrong_are_refused() {
    let backbone = generate(&spec(9, 1, 1));
    let [bias, mask, _, both] = every_kind(&backbone);
    let check = |adapter: &RecurrentAdapter, expected: &str, change: &dyn Fn(&mut Parts)| {
        let mut parts = Parts::of(KEY, &bytes(adapter));
        change(&mut parts);
        check_refused(&parts.sealed(), expected);
    };
    check(&bias, "tensor `state.0` does not belong to the format", &|p| {
        p.tensors.push(("state.0".into(), Tensor::vector(&[0.0; 9])));
    });
    check(&bias, "tensor `hidden.0.gain` does not belong", &|p| {
        p.tensors.insert(1, ("hidden.0.gain".into(), Tensor::vector(&[0.0; 9])));
    });
    check(&bias, "tensor `hidden.0.bias` is missing", &|p| p.tensors.clear());
    check(&both, "tensor `state.0` is missing", &|p| drop(p.tensors.pop()));
    check(&both, "tensor `state.0` does not belong", &|p| p.header["learned_state"] = json!(false));
    check(&both, "`state.0` has shape [8], expected [9]", &|p| {
        *p.tensor("state.0") = Tensor::vector(&[0.0; 8]);
    });
    for value in [f32::NAN, f32::INFINITY] {
        check(&both, &format!("tensor `state.0` is {value} at unit 2"), &|p| {
            p.tensor("state.0").bytes[8..12].copy_from_slice(&value.to_le_bytes());
        });
    }
    check(&mask, "bits beyond its 9 units", &|p| p.tensor("hidden.0.mask").bytes[1] |= 2);
    check(&mask, "`mean` is 1000", &|p| p.header["base_bias"]["mean"] = json!(1e31));
    check(&mask, "`half_width` is -1", &|p| p.header["base_bias"]["half_width"] = json!(-1));
}

#[test]
fn what_could_not_be_read_is_not_written() {
    let backbone = generate(&spec(9, 1, 1));
    let [bias, mask, gain, both] = every_kind(&backbone);
    let check = |adapter: &RecurrentAdapter, expected: &str, change: &dyn Fn(&mut RecurrentAdapter)| {
        let mut adapter = adapter.clone();
        change(&mut adapter);
        let written = adapter.to_bytes().expect_err(expected);
        let RecurrentAdapter { header, biases, gains, initial, .. } = adapter;
        let made = RecurrentAdapter::new(header, biases, gains, initial).expect_err(expected);
        for error in [written, made] {
            assert!(error.to_string().contains(expected), "expected `{expected}`, found `{error}`");
        }
    };
    check(&bias, "`hidden.0.bias` is NaN at unit 3", &|a| a.biases[3] = f32::NAN);
    check(&bias, "bias vectors of [8] units, its backbone has layers of [9]", &|a| a.biases.truncate(8));
    check(&bias, "other unit gains", &|a| a.gains = UnitGains::Learned(vec![1.0; 9]));
    check(&bias, "`base_bias` beside its own biases", &|a| a.header.base_bias = mask.header.base_bias);
    check(&mask, "has no `base_bias`", &|a| a.header.base_bias = None);
    check(&mask, "not those that `base_bias` draws", &|a| a.biases[3] += 1.0);
    check(&mask, "gains of 8 units, its backbone has 9", &|a| a.gains = UnitGains::Mask(vec![true; 8]));
    check(&gain, "other unit gains", &|a| a.header.kind = Kind::Mask);
    check(&gain, "`hidden.0.gain` is inf at unit 0", &|a| {
        a.gains = UnitGains::Learned([f32::INFINITY; 9].into());
    });
    let state = "header says that the initial state is learned, but the adapter has none";
    check(&both, state, &|a| a.initial = None);
    let state = "header says that the initial state is the backbone's, but the adapter has its own";
    check(&both, state, &|a| a.header.learned_state = false);
    check(&both, "vectors of [8] units", &|a| a.initial = Some(vec![0.0; 8]));
    check(&both, "`state.0` is NaN at unit 0", &|a| a.initial = Some(vec![f32::NAN; 9]));
    check(&bias, "task has 0 inputs and 1 outputs", &|a| a.header.signal = generator());
    check(&bias, "task has 2 inputs and 2 outputs", &|a| a.header.signal = reacher());
    check(&bias, "metric `free_run_r2` of `test` is NaN", &|a| a.header.metrics[0].value = f64::NAN);
    check(&bias, "format version 2", &|a| a.header.version = 2);
    check(&bias, "the feature `delay`", &|a| a.header.requires.push("delay".into()));
    check(&bias, "adapter is for pictures", &|a| a.header.requires.clear());
    check(&bias, "`gain` is NaN", &|a| a.header.backbone.spec.recurrent.gain = f64::NAN);
}

#[test]
fn pictures_and_time_are_not_taken_for_each_other() {
    let error = BiasAdapter::from_bytes(&bytes(&small())).expect_err("for time");
    assert_eq!(error.to_string(), "adapter is for a recurrent network, expected one for pictures");
    assert!(error.is_another_kind());
    let pictures = small_adapter().to_bytes().expect("a good adapter");
    let error = RecurrentAdapter::from_bytes(&pictures).expect_err("for pictures");
    assert_eq!(error.to_string(), "adapter is for pictures, expected one for a recurrent network");
    assert!(error.is_another_kind());

    let folder = tempfile::tempdir().expect("a temporary folder");
    let [time, pictures] = ["time", "pictures"].map(|name| folder.path().join(name));
    generate(&plain(5)).save(&time).expect("saved");
    small_backbone().save(&pictures).expect("saved");
    let errors = [Backbone::load(&time).err(), RecurrentBackbone::load(&pictures).err()].map(Option::unwrap);
    for (error, expected) in errors.iter().zip([
        "backbone is for time, expected one for pictures",
        "backbone is for pictures, expected one for time",
    ]) {
        assert!(error.to_string().ends_with(expected), "{error}");
        assert!(error.is_another_kind());
    }
    let error = RecurrentAdapter::load(&time).expect_err("a backbone");
    assert!(error.to_string().ends_with("no metadata key `bl_adapter`"), "{error}");
}

#[test]
fn a_feature_that_is_unknown_comes_first() {
    let mut parts = Parts::of(KEY, &bytes(&small()));
    parts.header =
        json!({ "format": "bl-adapter", "version": 1, "requires": ["recurrent", "delay"], "kind": 7 });
    check_refused(&parts.sealed(), "requires the feature `delay`");
    let mut parts = Parts::of(KEY, &bytes(&small()));
    parts.header = json!({ "format": "bl-adapter", "version": 2, "requires": ["recurrent"] });
    check_refused(&parts.sealed(), "format version 2");
}

#[test]
fn backbone_files_that_are_wrong_say_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("backbone");
    generate(&spec(9, 1, 1)).save(&path).expect("saved");
    let saved = std::fs::read(path).expect("saved");
    let check = |expected: &str, change: &dyn Fn(&mut Parts)| {
        let mut parts = Parts::of("bl_backbone", &saved);
        change(&mut parts);
        let error = RecurrentBackbone::from_bytes(&parts.unsealed()).err().expect(expected).to_string();
        assert!(error.contains(expected), "expected `{expected}`, found `{error}`");
    };
    check("backbone has fingerprint sha256:", &|p| p.header["spec"]["seed"] = json!(2));
    check("backbone has fingerprint sha256:", &|p| p.header["spec"]["alpha"] = json!(0.5));
    check("backbone has fingerprint sha256:", &|p| p.tensor("input.weight.q8").bytes[0] ^= 1);
    check("unknown field `note`", &|p| p.header["note"] = json!(1));
    check("`recurrent.weight.q8` has shape [9, 9], expected [10, 10]", &|p| {
        p.header["spec"]["units"] = json!(10);
    });
    check("`number of weights` is", &|p| p.header["spec"]["units"] = json!(1 << 24));
    check("tensor `a` does not belong", &|p| p.tensors.push(("a".into(), Tensor::vector(&[]))));
    check("tensor `recurrent.weight.scale` is missing", &|p| {
        p.tensors.retain(|(name, _)| name != "recurrent.weight.scale");
    });
    check("`recurrent.weight.scale` is NaN at unit 8", &|p| {
        p.tensor("recurrent.weight.scale").bytes[32..].copy_from_slice(&f32::NAN.to_le_bytes());
    });
    let error: Error = RecurrentBackbone::from_bytes(&[]).err().expect("empty");
    assert!(matches!(error, Error::Truncated { .. }));
}
