//! An adapter file is read back whole and written the same way every time.

use crate::support::{
    ADAPTER, Parts, adapter, backbones, bits, bytes, check_refused, check_unwritable, every_adapter,
    every_kind, generate, generator, reacher, read, recurrent, rnn, set_preprocessing, shallow,
    small_adapter,
};
use bl_core::{Adapter, Error, Io, Spec};
use serde_json::{Map, Value, json};

const VALUES: [f32; 9] = [0.0, -0.0, f32::MIN_POSITIVE, f32::MAX, f32::MIN, 1e-45, -1e-45, 0.1, 1.0];

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
    for backbone in backbones() {
        let units = backbone.spec().hidden_units();
        for training in [None, Some(serde_json::from_value(full.clone()).expect("a record"))] {
            let mut adapter = adapter(&backbone, 1);
            adapter.header.training = training;
            adapter.parameters.biases[0].iter_mut().zip(VALUES).for_each(|(bias, value)| *bias = value);
            adapter.save(&path).expect("saved");
            let loaded = Adapter::load(&path).expect("its own file");
            assert_eq!(loaded, adapter);
            assert_eq!(bits(&loaded.parameters.biases[0]), bits(&adapter.parameters.biases[0]));
            assert_eq!(bytes(&loaded), bytes(&adapter), "the same bytes every time");
            assert_eq!(std::fs::read(&path).expect("saved"), bytes(&adapter));
            assert!(loaded.unknown_fields().is_empty());
            assert_eq!((loaded.parameter_count(), loaded.resident_bytes()), (units, 4 * units));
            let again = loaded.generate_backbone().expect("its own spec");
            assert_eq!(again.fingerprint(), backbone.fingerprint());
        }
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
    for adapter in backbones().iter().flat_map(every_adapter) {
        let written = bytes(&adapter);
        let mut parts = Parts::of(ADAPTER, &written);
        parts.header = reversed(&parts.header);
        if adapter.kept().is_none() {
            assert_eq!(parts.sealed(), written);
        }
    }
}

#[test]
fn every_metric_that_can_be_measured_can_be_read_back() {
    // Seventeen digits each: a reader that is one bit off would call its own file not canonical.
    let mut adapter = small_adapter();
    for count in 0..=1000 {
        adapter.header.metrics[0].value = f64::from(count) / 1000.3;
        assert_eq!(read(&bytes(&adapter)), adapter);
    }
}

#[test]
fn what_could_not_be_read_is_not_written() {
    let check =
        |expected: &str, change: &dyn Fn(&mut Adapter)| check_unwritable(&small_adapter(), expected, change);
    check("`hidden.0.bias` is NaN at unit 3", &|a| a.parameters.biases[0][3] = f32::NAN);
    check("`hidden.1.bias` is -inf at unit 0", &|a| a.parameters.biases[1][0] = f32::NEG_INFINITY);
    check("bias vectors of [5] units, its backbone has layers of [5, 4]", &|a| {
        drop(a.parameters.biases.pop());
    });
    check("bias vectors of [6, 4] units", &|a| a.parameters.biases[0].push(0.0));
    check("bias vectors of [] units", &|a| a.parameters.biases.clear());
    check("task has 4 classes", &|a| a.header.task.labels.push("four".to_owned()));
    check("input has shape [8, ", &|a| {
        let Io::Images { input, .. } = &mut a.header.io else { panic!("images") };
        input.height = 8;
    });
    check("standard deviation NaN", &|a| set_preprocessing(&mut a.header, 0.4, f64::NAN));

    let recurrent = adapter(&recurrent(9), 1);
    let check =
        |expected: &str, change: &dyn Fn(&mut Adapter)| check_unwritable(&recurrent, expected, change);
    check("`hidden.0.bias` is NaN at unit 3", &|a| a.parameters.biases[0][3] = f32::NAN);
    check("bias vectors of [8] units, its backbone has layers of [9]", &|a| {
        a.parameters.biases[0].truncate(8);
    });
    for (signal, expected) in
        [(generator(), "task has 0 inputs and 1"), (reacher(), "task has 2 inputs and 2")]
    {
        check(expected, &|a| a.header.io = Io::Signal { signal: signal.clone(), learned_state: false });
    }
    check("`gain` is NaN", &|a| {
        let Spec::Rnn(spec) = &mut a.header.backbone.spec else { panic!("recurrent") };
        spec.recurrent.gain = f64::NAN;
    });

    for adapter in [&small_adapter(), &recurrent] {
        let check =
            |expected: &str, change: &dyn Fn(&mut Adapter)| check_unwritable(adapter, expected, change);
        check("metric `accuracy` of `test` is NaN", &|a| a.header.metrics[0].value = f64::NAN);
        check("format version 2", &|a| a.header.version = 2);
        check("format is `other`", &|a| a.header.format = "other".to_owned());
        check("the feature `mask`", &|a| a.header.requires.push("mask".to_owned()));
        check("needs generator 2", &|a| match &mut a.header.backbone.spec {
            Spec::Mlp(spec) => spec.generator = 2,
            Spec::Rnn(spec) => spec.generator = 2,
            Spec::Bert(spec) => spec.generator = 2,
        });
    }
}

#[test]
fn headers_that_no_reader_takes_are_not_written() {
    let mut adapter = small_adapter();
    adapter.header.task.title = "x".repeat(1 << 20);
    assert!(matches!(adapter.to_bytes(), Err(Error::HeaderTooLong { max: 1_048_576, .. })));
    adapter.header.task.title = "y".repeat((1 << 20) - 4096);
    assert_eq!(read(&bytes(&adapter)), adapter, "just short enough");
    for (seed, kept) in [((1 << 53) - 1, true), ((1 << 53) + 1, false), (u64::MAX, false)] {
        let text = format!(r#"{{ "seed": {seed} }}"#);
        let mut parts = Parts::of(ADAPTER, &bytes(&small_adapter()));
        parts.header["training"] = json!({
            "method": "bias", "config": serde_json::from_str::<Value>(&text).expect("JSON"), "seed": 1,
            "dataset": { "name": "", "source": "", "train": 1, "validation": 1, "test": 1,
                         "train_sha256": "", "test_sha256": "" },
            "isa": "", "code": "",
        });
        let header = serde_json::from_value(parts.header).expect("a header");
        let result = Adapter::new(header, small_adapter().parameters).expect("fits").to_bytes();
        assert_eq!(result.is_ok(), kept, "{result:?}");
    }
}

#[test]
fn fields_of_a_later_version_are_kept_and_named() {
    let mut parts = Parts::of(ADAPTER, &bytes(&small_adapter()));
    parts.header["author"] = json!({ "name": "A", "tags": [] });
    parts.header["task"]["homepage"] = json!(null);
    parts.header["input"]["fit"]["margin"] = json!(0.1);
    parts.header["metrics"][0]["samples"] = json!(1000);
    let sealed = parts.sealed();
    let mut adapter = read(&sealed);
    assert_eq!(
        adapter.unknown_fields(),
        ["author", "input.fit.margin", "metrics.0.samples", "task.homepage"]
    );
    assert_eq!(bytes(&adapter), sealed);

    // They stay where they were when something else changes, and go with the part that they were in.
    adapter.parameters.biases[0][0] = 7.0;
    adapter.header.license = None;
    adapter.header.metrics.clear();
    let again = read(&bytes(&adapter));
    assert_eq!(again.unknown_fields(), ["author", "input.fit.margin", "task.homepage"]);
    assert_eq!((again.header, again.parameters), (adapter.header, adapter.parameters));

    let recurrent = bytes(&crate::support::adapter(&recurrent(9), 1));
    let mut parts = Parts::of(ADAPTER, &recurrent);
    parts.header["signal"]["sensor"] = json!("buoy");
    parts.header["signal"]["scale"]["name"] = json!("m");
    let signal = parts.sealed();
    assert_eq!(read(&signal).unknown_fields(), ["signal.scale.name", "signal.sensor"]);
    assert_eq!(bytes(&read(&signal)), signal);

    // In a spec a field is part of the network.
    for (file, part) in [
        (&sealed, "/backbone/spec"),
        (&sealed, "/backbone/spec/input"),
        (&sealed, "/backbone/spec/layers/0"),
        (&recurrent, "/backbone/spec"),
        (&recurrent, "/backbone/spec/input"),
        (&recurrent, "/backbone/spec/recurrent"),
        (&recurrent, "/backbone/spec/readout"),
    ] {
        let mut parts = Parts::of(ADAPTER, file);
        parts.header.pointer_mut(part).expect(part)["dropout"] = json!(0.5);
        check_refused(&parts.sealed(), "unknown field `dropout`");
    }
}

#[test]
fn fields_with_a_default_may_be_missing() {
    for backbone in [shallow(9), recurrent(9)] {
        let mut parts = Parts::of(ADAPTER, &bytes(&adapter(&backbone, 1)));
        let fields = parts.header.as_object_mut().expect("an object");
        for field in ["learned_state", "metrics", "license"] {
            fields.remove(field);
        }
        if let Some(signal) = fields.get_mut("signal") {
            signal.as_object_mut().expect("an object").remove("lyapunov").expect("a forecaster's");
        } else {
            fields.remove("requires").expect("of every header");
        }
        let adapter = read(&parts.sealed());
        assert!(!adapter.header.io.has_learned_state() && adapter.header.metrics.is_empty());
    }
}

#[test]
fn the_digest_covers_the_state_last() {
    let [.., full] = every_kind(&generate(&rnn(9, 1, 1)));
    let sealed = bytes(&full);
    let names: Vec<String> = Parts::of(ADAPTER, &sealed).tensors.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["hidden.0.bias", "hidden.0.gain", "state.0"]);
    let mut reordered = Parts::of(ADAPTER, &sealed);
    reordered.tensors.rotate_right(1);
    check_refused(&reordered.sealed(), "content has digest sha256:");
    let mut changed = Parts::of(ADAPTER, &sealed);
    changed.tensor("state.0").bytes[0] ^= 1;
    let (header, _) = bl_core::container::read(ADAPTER, &sealed).expect("a good file");
    changed.header["digest"] = header["digest"].clone();
    check_refused(&changed.unsealed(), "content has digest sha256:");
}
