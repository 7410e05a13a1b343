//! The file of a recurrent adapter is read back whole and written the same way every time.

use bl_core::Error;
use bl_core::recurrent::{RecurrentAdapter, RecurrentSpec};
use serde_json::{Value, json};

use super::support::{every_kind, generate, header, plain, small, spec};
use crate::support::Parts;

const KEY: &str = "bl_adapter";

fn bytes(adapter: &RecurrentAdapter) -> Vec<u8> {
    adapter.to_bytes().expect("a good adapter")
}

#[test]
fn every_kind_is_loaded_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("new/folder/adapter.safetensors");
    for spec in [spec(9, 1, 1), spec(64, 2, 2), plain(1), plain(65)] {
        let backbone = generate(&spec);
        for (adapter, vectors) in every_kind(&backbone).into_iter().zip([1, 2, 1, 3]) {
            adapter.save(&path).expect("saved");
            let loaded = RecurrentAdapter::load(&path).expect("its own file");
            assert_eq!(loaded, adapter);
            let bits = |values: &[f32]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&loaded.biases), bits(&adapter.biases));
            assert_eq!(bytes(&loaded), std::fs::read(&path).expect("saved"));
            assert!(loaded.unknown_fields().is_empty());
            assert_eq!(loaded.parameters(), vectors * backbone.units());
            let again = loaded.generate_backbone().expect("its own spec");
            assert_eq!(again.fingerprint(), backbone.fingerprint());
        }
    }
}

#[test]
fn every_bit_of_a_value_survives() {
    let mut adapter = small();
    adapter.biases = vec![0.0, -0.0, f32::MIN_POSITIVE, f32::MAX, f32::MIN, 1e-45, -1e-45, 0.1, 1.0];
    let read = RecurrentAdapter::from_bytes(&bytes(&adapter)).expect("its own file");
    let bits = |values: &[f32]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&read.biases), bits(&adapter.biases));
}

#[test]
fn a_mean_of_zero_is_left_out_and_another_kept() {
    let [_, mask, ..] = every_kind(&generate(&spec(9, 1, 1)));
    let base = |adapter: &RecurrentAdapter| Parts::of(KEY, &bytes(adapter)).header["base_bias"].clone();
    assert_eq!(base(&mask), json!({ "half_width": 0.25, "mean": 0.5, "seed": 7 }));
    let mut around_zero = mask.clone();
    let drawn =
        around_zero.header.base_bias.insert(bl_core::BaseBias { mean: 0.0, half_width: 0.25, seed: 7 });
    around_zero.biases = drawn.draw(0, 9);
    assert_eq!(base(&around_zero), json!({ "half_width": 0.25, "seed": 7 }));
    let read = RecurrentAdapter::from_bytes(&bytes(&around_zero)).expect("its own file");
    assert_eq!(read, around_zero);
    for (around, zero) in mask.biases.iter().zip(&around_zero.biases) {
        assert!((around - zero - 0.5).abs() < 1e-6, "{around} {zero}");
    }
}

#[test]
fn fields_of_a_later_version_are_kept_and_named() {
    let mut parts = Parts::of(KEY, &bytes(&small()));
    parts.header["author"] = json!({ "name": "A", "tags": [] });
    parts.header["task"]["homepage"] = json!(null);
    parts.header["signal"]["sensor"] = json!("buoy");
    parts.header["signal"]["scale"]["name"] = json!("m");
    parts.header["metrics"][0]["samples"] = json!(1000);
    let sealed = parts.sealed();
    let adapter = RecurrentAdapter::from_bytes(&sealed).expect("optional fields");
    let unknown = ["author", "metrics.0.samples", "signal.scale.name", "signal.sensor", "task.homepage"];
    assert_eq!(adapter.unknown_fields(), unknown);
    assert_eq!(bytes(&adapter), sealed);

    for part in
        ["/backbone/spec", "/backbone/spec/input", "/backbone/spec/recurrent", "/backbone/spec/readout"]
    {
        let mut parts = Parts::of(KEY, &sealed);
        parts.header.pointer_mut(part).expect(part)["dropout"] = json!(0.5); // here a field is part of the network
        let error = RecurrentAdapter::from_bytes(&parts.sealed()).expect_err("an unknown field").to_string();
        assert!(error.contains("unknown field `dropout`"), "{part}: {error}");
    }
}

#[test]
fn fields_with_a_default_may_be_missing() {
    let mut parts = Parts::of(KEY, &bytes(&small()));
    let fields = parts.header.as_object_mut().expect("an object");
    for field in ["learned_state", "metrics", "license"] {
        fields.remove(field).expect(field);
    }
    parts.header["signal"].as_object_mut().expect("an object").remove("lyapunov");
    let adapter = RecurrentAdapter::from_bytes(&parts.sealed()).expect("optional fields");
    assert!(!adapter.header.learned_state && adapter.header.metrics.is_empty());
}

#[test]
fn an_adapter_runs_on_its_own_backbone_only() {
    let (backbone, adapter) = (generate(&spec(9, 1, 1)), small());
    adapter.on(&backbone).map(drop).expect("its own backbone");
    let other = generate(&RecurrentSpec { seed: 2, ..spec(9, 1, 1) });
    let error = adapter.on(&other).err().expect("another backbone");
    let (expected, found) = (backbone.fingerprint(), other.fingerprint());
    assert_eq!(
        error.to_string(),
        format!("adapter `waves` was trained on backbone {expected}, but backbone {found} is loaded")
    );
    // Another leak is another network, though the weights are the same.
    let leaky = generate(&RecurrentSpec { alpha: 0.5, ..spec(9, 1, 1) });
    assert_eq!(leaky.recurrent(), backbone.recurrent());
    assert!(matches!(adapter.on(&leaky), Err(Error::BackboneMismatch { .. })));

    // A header whose fingerprint is not its spec's: the file is sound, the backbone it names is not to be had.
    let mut header = header(&backbone);
    header.backbone.fingerprint = other.fingerprint();
    let liar = RecurrentAdapter::new(header, adapter.biases, adapter.gains, None).expect("fits");
    let liar = RecurrentAdapter::from_bytes(&bytes(&liar)).expect("its digest is right");
    assert!(matches!(liar.generate_backbone(), Err(Error::BackboneMismatch { .. })));
}

#[test]
fn the_digest_covers_the_state_last() {
    let [.., full] = every_kind(&generate(&spec(9, 1, 1)));
    let sealed = bytes(&full);
    let names: Vec<String> = Parts::of(KEY, &sealed).tensors.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["hidden.0.bias", "hidden.0.gain", "state.0"]);
    let mut reordered = Parts::of(KEY, &sealed);
    reordered.tensors.rotate_right(1);
    let error = RecurrentAdapter::from_bytes(&reordered.sealed()).expect_err("another digest");
    assert!(matches!(error, Error::DigestMismatch { .. }), "{error}");
    let mut changed = Parts::of(KEY, &sealed);
    changed.tensor("state.0").bytes[0] ^= 1;
    let Value::String(digest) =
        bl_core::container::read(KEY, &sealed).expect("a good file").0["digest"].clone()
    else {
        panic!("a digest is text")
    };
    changed.header["digest"] = json!(digest);
    let error = RecurrentAdapter::from_bytes(&changed.unsealed()).expect_err("another digest");
    assert!(matches!(error, Error::DigestMismatch { .. }), "{error}");
}
