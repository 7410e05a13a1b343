//! An adapter file that is wrong in one way is refused, and the error says which.

use crate::support::{
    ADAPTER, Parts, adapter, bytes, check_changed, check_refused, every_kind, file, recurrent, small_adapter,
    split,
};
use bl_core::Adapter;
use bl_core::container::{Tensor, read};
use safetensors::Dtype;
use serde_json::{Value, json};

fn small() -> Vec<u8> {
    bytes(&small_adapter())
}

/// A field replaced, and what is said of it.
fn check(adapter: &Adapter, expected: &str, pointer: &str, value: &Value) {
    check_changed(adapter, expected, &|p| *p.header.pointer_mut(pointer).expect(pointer) = value.clone());
}

#[test]
fn headers_of_every_family_that_are_wrong_are_refused() {
    for adapter in [small_adapter(), adapter(&recurrent(9), 1)] {
        let check = |expected: &str, pointer: &str, value: Value| check(&adapter, expected, pointer, &value);
        check("format is `other`, expected `bl-adapter`", "/format", json!("other"));
        check("format is `none`", "/format", json!(1));
        check("format version 2, this program knows version 1", "/version", json!(2));
        check("adapter requires the feature `delay`, which", "/requires", json!(["recurrent", "delay"]));
        check("unknown variant `rnn`", "/kind", json!("rnn"));
        check("unknown variant `add`", "/mode", json!("add"));
        check("invalid type: null", "/metrics/0/value", Value::Null); // what JSON makes of a NaN
        check("64 lower-case hex digits", "/backbone/fingerprint", json!("md5:00"));
        check("`seed` is 9007199254740992", "/backbone/spec/seed", json!(1_u64 << 53));
        check("needs generator 2", "/backbone/spec/generator", json!(2));
        check(
            "unknown network family \"gru\", expected \"mlp\", \"rnn\" or \"bert\"",
            "/backbone/spec/kind",
            json!("gru"),
        );
        check("unknown network family 7", "/backbone/spec/kind", json!(7));
        check("invalid type: string", "/task", json!("three"));
        check("missing field `title`", "/task", json!({ "name": "three" }));

        // A feature or a version that is unknown comes first, for nothing else need parse then.
        for (fields, expected) in [
            (json!({ "version": 2 }), "format version 2"),
            (json!({ "version": 1, "requires": ["mask"], "kind": 7 }), "the feature `mask`"),
            (json!({ "version": 1, "requires": ["recurrent", "delay"] }), "the feature `delay`"),
        ] {
            check_changed(&adapter, expected, &|p| {
                p.header = fields.clone();
                p.header["format"] = json!("bl-adapter");
            });
        }
        let required =
            ["format", "version", "kind", "mode", "task", "input", "preprocessing", "signal", "backbone"];
        for field in required {
            let mut parts = Parts::of(ADAPTER, &bytes(&adapter));
            if parts.header.as_object_mut().expect("an object").remove(field).is_some() {
                assert!(Adapter::from_bytes(&parts.sealed()).is_err(), "without `{field}`");
            }
        }
    }
}

#[test]
fn headers_of_images_that_are_wrong_are_refused() {
    let check =
        |expected: &str, pointer: &str, value: Value| check(&small_adapter(), expected, pointer, &value);
    check("kind `mask` is defined for one hidden layer, the backbone has 2", "/kind", json!("mask"));
    check("task has 2 classes, but the backbone has 3 outputs", "/task/labels", json!(["a", "b"]));
    let long = |len: usize| json!(["a", "é".repeat(len / 2), "c"]);
    check("the name of class 1 has 1026 bytes, at most 1024 are allowed", "/task/labels", long(1026));
    check("the name of class 1 has 500000 bytes", "/task/labels", long(500_000));
    check("missing field `task.labels`", "/task", json!({ "name": "three", "title": "Three" }));
    check("but the backbone takes [", "/input/channels", json!(1));
    check("class 1 has no name", "/task/labels", json!(["a", " ", "c"]));
    check("classes 0 and 2 have the same name `a`", "/task/labels", json!(["a", "b", "a"]));
    for side in [json!(0), json!(1_000_000), json!(u32::MAX)] {
        for how in ["ink_box", "cut"] {
            check("`input.fit.side` is ", "/input/fit", json!({ "how": how, "side": side }));
        }
    }
    check("`input.width` is 0", "/input/width", json!(0));
    check(
        "`input.height` is 4294967295",
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
    check("invalid type: null", "/preprocessing/mean", Value::Null);
    check("unknown field `channels`", "/backbone/spec/kind", json!("rnn"));
    check("`hidden.0.bias` has shape [5], expected [6]", "/backbone/spec/layers/0/units", json!(6));
    check(
        "header requires the features [recurrent], but its content has []",
        "/requires",
        json!(["recurrent"]),
    );
}

#[test]
fn headers_of_signals_that_are_wrong_are_refused() {
    let [bias, ..] = every_kind(&recurrent(9));
    let check = |expected: &str, pointer: &str, value: Value| check(&bias, expected, pointer, &value);
    check("header requires the features [], but its content has [recurrent]", "/requires", json!([]));
    check("adapter of kind `mask` has no `base_bias`", "/kind", json!("mask"));
    check("tensor `hidden.0.gain` is missing", "/kind", json!("bias_gain"));
    check("tensor `state.0` is missing", "/learned_state", json!(true));
    check("unknown field `alpha`", "/backbone/spec/kind", json!("mlp"));
    check("`hidden.0.bias` has shape [9], expected [10]", "/backbone/spec/units", json!(10));
    let widths = "task has 1 inputs and 1 outputs, but the backbone has";
    check(&format!("{widths} 2 and 1"), "/backbone/spec/input/values", json!(2));
    check(&format!("{widths} 1 and 2"), "/backbone/spec/readout/outputs", json!(2));
    check("unknown variant `listen`", "/signal/what", json!("listen"));
    check("missing field", "/signal/what", json!("reach"));
    check("`horizon` is 0", "/signal/horizon", json!(0));
    check("`washout` is 1000000001", "/signal/washout", json!(1_000_000_001));
    check("`spacing` is 0", "/signal/spacing", json!(0));
    check("`scale.unit` is 0", "/signal/scale/unit", json!(0));
    check("`scale.unit` is -1", "/signal/scale/unit", json!(-1));
    check("`scale.offset` is 1e31", "/signal/scale/offset", json!(1e31));
    check("`lyapunov.exponent` is -1", "/signal/lyapunov/exponent", json!(-1));
    check("invalid type: null", "/signal/scale/offset", Value::Null);
    check("`gain` is 0", "/backbone/spec/recurrent/gain", json!(0));
    check("invalid type: null", "/backbone/spec/alpha", Value::Null);
    // Nothing of this size is ever made.
    check("`number of weights` is", "/backbone/spec/units", json!(1 << 24));
    check("`width (hidden units)` is 0", "/backbone/spec/units", json!(0));
    check("`input values` is 4294967295", "/backbone/spec/input/values", json!(u32::MAX));
}

#[test]
fn tensors_that_are_wrong_are_refused() {
    let check =
        |expected: &str, change: &dyn Fn(&mut Parts)| check_changed(&small_adapter(), expected, change);
    check("tensor `hidden.1.bias` is missing, found `hidden.0.bias`", &|p| drop(p.tensors.pop()));
    check("tensor `hidden.0.bias` is missing, found none", &|p| p.tensors.clear());
    check("tensor `hidden.0.mask` does not belong to the format", &|p| {
        p.tensors.push(("hidden.0.mask".to_owned(), Tensor::vector(&[1.0; 5])));
    });
    check("tensor `hidden.2.bias` does not belong to the format", &|p| {
        p.tensors.push(("hidden.2.bias".to_owned(), Tensor::vector(&[])));
    });
    check("tensor `hidden.0.bias` has type I32, expected F32", &|p| {
        p.tensor("hidden.0.bias").dtype = Dtype::I32;
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
fn the_digest_is_required_and_covers_everything() {
    let mut parts = Parts::of(ADAPTER, &small());
    parts.tensor("hidden.0.bias").bytes[0] ^= 1;
    check_refused(&parts.unsealed(), "but the header states none");
    let sealed = small();
    let (header, _) = read(ADAPTER, &sealed).expect("a good file");
    for (pointer, value) in [
        ("/digest", json!("sha256:00")),
        ("/digest", json!(1)),
        ("/task/title", json!("Another title")),
        ("/license", json!("Apache-2.0")),
        ("/metrics/0/value", json!(1)),
        ("/preprocessing/mean", json!(0)),
    ] {
        let mut parts = Parts::of(ADAPTER, &sealed);
        parts.header = header.clone();
        *parts.header.pointer_mut(pointer).expect(pointer) = value;
        check_refused(&parts.unsealed(), "content has digest sha256:");
    }
}

#[test]
fn a_file_has_one_form() {
    let sealed = small();
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
    check("`bl_adapter` is not valid", &json.replacen(r#""bl_adapter":"{"#, r#""bl_adapter":""#, 1));
    let canonical = "metadata `bl_adapter` is not canonical JSON";
    check(canonical, &json.replacen("bl_adapter\":\"", "bl_adapter\":\" ", 1));
    check(canonical, &json.replacen(r#"\"version\":1"#, r#"\"version\":1.0"#, 1));
    check(canonical, &json.replacen(r#"\"version\":1"#, r#"\"version\":1,\"version\":1"#, 1));
    check(canonical, &json.replacen(r#"\"mean\":0.4"#, r#"\"mean\":4e-1"#, 1));
    check(canonical, &json.replacen(r#"\"title\":\"T"#, r#"\"title\":\"\\u0054"#, 1));
}

#[test]
fn lengths_that_lie_are_refused() {
    let sealed = small();
    let with_len = |len: u64| [&len.to_le_bytes(), &sealed[8..]].concat();
    let len = u64::from_le_bytes(*sealed.first_chunk().expect("eight bytes"));
    check_refused(&with_len((1 << 20) + 1), "header length is 1048577 bytes, at most 1048576 are allowed");
    check_refused(&with_len(u64::MAX), "header length is 18446744073709551615 bytes");
    check_refused(&with_len(1 << 20), "file is truncated: expected 1048584 bytes");
    for wrong in [0, 1, len - 8, len - 1, len + 1, len + 8, sealed.len() as u64 - 8] {
        assert!(Adapter::from_bytes(&with_len(wrong)).is_err(), "length {wrong} instead of {len}");
    }
    let (json, data) = split(&sealed);
    for offsets in ["[0,16]", "[0,24]", "[4,20]", "[20,0]", "[0,18446744073709551615]", "[0,-1]"] {
        let json = json.replacen("[0,20]", offsets, 1);
        assert!(Adapter::from_bytes(&file(&json, data)).is_err(), "{offsets}");
    }
}
