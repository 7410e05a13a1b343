//! The sample of FORMAT.md is what the program computes.

use std::path::Path;

use bl_core::recurrent::{RecurrentAdapter, RecurrentBackbone, RecurrentNet, RecurrentSpec};
use bl_core::{Backbone, BackboneSpec, BiasAdapter, Encoding, Lattice, UnitGains, canonical, container};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The tensors of a file as hexadecimal bytes, its features and its digest.
fn form(adapter: &BiasAdapter) -> Value {
    let bytes = adapter.to_bytes().expect("a small adapter");
    let (header, tensors) = container::read("bl_adapter", &bytes).expect("a file");
    let hex = |data: &[u8]| data.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let tensors: serde_json::Map<_, _> =
        tensors.tensors().into_iter().map(|(name, tensor)| (name, hex(tensor.data()).into())).collect();
    let file_sha256 = hex(&Sha256::digest(&bytes));
    json!({ "requires": header["requires"], "tensors": tensors, "file_sha256": file_sha256 })
}

#[test]
fn the_same_adapter_in_other_forms_has_these_bytes() {
    let mut adapter = adapter();
    adapter.header.metrics.clear();
    let few = adapter.pruned(&[true, false, true]).expect("one layer");
    let encoded = |adapter: &BiasAdapter, to| form(&adapter.encoded(to).expect("within range"));
    let expected = json!({
        "f16": encoded(&adapter, Encoding::F16),
        "i8": encoded(&adapter, Encoding::I8),
        "few": form(&few),
        "few i8": encoded(&few, Encoding::I8),
    });
    assert_eq!(json_sample("forms"), expected, "{expected}");
}

/// The fenced block that follows `<!-- sample: name -->`.
fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../FORMAT.md");
    let document = std::fs::read_to_string(path).expect("FORMAT.md");
    let start = document.split_once(&format!("<!-- sample: {name} -->\n```")).expect(name).1;
    let body = start.split_once('\n').expect("the line of the fence").1;
    body.split_once("\n```").expect("a closing fence").0.to_owned()
}

fn json_sample(name: &str) -> Value {
    serde_json::from_str(&sample(name)).expect(name)
}

fn backbone() -> Backbone {
    let spec = BackboneSpec::from_toml(&sample("spec")).expect("a valid spec");
    Backbone::generate(&spec).expect("a small backbone")
}

fn adapter() -> BiasAdapter {
    let mut header = json_sample("header");
    header.as_object_mut().expect("an object").remove("digest");
    let header = serde_json::from_value(header).expect("a header");
    BiasAdapter::new(header, vec![vec![0.5, -0.25, 0.125]]).expect("header and biases fit")
}

#[test]
fn the_spec_has_this_canonical_text_and_this_fingerprint() {
    let backbone = backbone();
    assert_eq!(canonical::to_string(backbone.spec()).expect("JSON"), sample("canonical"));
    assert_eq!(backbone.fingerprint().to_string(), sample("fingerprint"));
}

#[test]
fn the_spec_generates_these_weights() {
    let check = |name: &str, matrix: &Lattice| {
        let rows: Vec<&[i8]> = matrix.q.chunks(matrix.columns).collect();
        let bits: Vec<String> =
            matrix.scales.iter().map(|scale| format!("{:08x}", scale.to_bits())).collect();
        assert_eq!(json_sample("weights")[name], json!({ "q": rows, "scale": bits }));
    };
    let backbone = backbone();
    check("hidden.0.weight", &backbone.first_lattice());
    check("readout.weight", backbone.readout_lattice());
}

#[test]
fn the_header_is_that_of_a_file() {
    let bytes = adapter().to_bytes().expect("a small adapter");
    let (header, _) = container::read("bl_adapter", &bytes).expect("a file");
    assert_eq!(header, json_sample("header"));
    let read = BiasAdapter::from_bytes(&bytes).expect("its own file");
    assert_eq!(read, adapter());
    assert!(read.unknown_fields().is_empty());
}

#[test]
fn the_adapter_computes_these_scores() {
    let (backbone, adapter) = (backbone(), adapter());
    let prepared = backbone.prepare(&adapter).expect("its own backbone");
    let expected = json_sample("results");
    let pixels: Vec<u8> = serde_json::from_value(expected["pixels"].clone()).expect("pixels");
    let p = backbone.preactivations(&pixels).expect("one picture");
    let bits: Vec<String> = p.row(0).iter().map(|bits| format!("{bits:04x}")).collect();
    assert_eq!(expected["p"], json!(bits));
    let scores: Vec<f64> = serde_json::from_value(expected["logits"].clone()).expect("scores");
    let found = backbone.logits(&p, 0..1, &prepared).expect("one row");
    assert_eq!(found.len(), scores.len());
    for (found, expected) in found.iter().zip(scores) {
        assert!((f64::from(*found) - expected).abs() < 1e-6, "{found}, FORMAT.md has {expected}");
    }
    let bytes = adapter.to_bytes().expect("a small adapter");
    assert_eq!(expected["file_sha256"], sha256(&bytes));
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn bits(values: &[f32]) -> Value {
    json!(values.iter().map(|x| format!("{:08x}", x.to_bits())).collect::<Vec<_>>())
}

fn in_time() -> (RecurrentBackbone, RecurrentAdapter) {
    let spec = RecurrentSpec::from_toml(&sample("recurrent spec")).expect("a valid spec");
    let mut header = json_sample("recurrent header");
    header.as_object_mut().expect("an object").remove("digest");
    let header: bl_core::recurrent::RecurrentHeader = serde_json::from_value(header).expect("a header");
    let biases = header.base_bias.expect("drawn biases").draw(0, 3);
    let (gains, state) = (UnitGains::Learned(vec![0.5, 1.25, -0.75]), Some(vec![0.25, 0.0, -0.5]));
    let adapter = RecurrentAdapter::new(header, biases, gains, state).expect("header and values fit");
    (RecurrentBackbone::generate(&spec).expect("a small backbone"), adapter)
}

#[test]
fn the_recurrent_spec_has_this_text_this_fingerprint_and_these_weights() {
    let (backbone, _) = in_time();
    assert_eq!(canonical::to_string(backbone.spec()).expect("JSON"), sample("recurrent canonical"));
    assert_eq!(backbone.fingerprint().to_string(), sample("recurrent fingerprint"));
    let weights = json_sample("recurrent weights");
    for (name, matrix) in [
        ("recurrent.weight", backbone.recurrent()),
        ("input.weight", backbone.input()),
        ("readout.weight", backbone.readout()),
    ] {
        let rows: Vec<&[i8]> = matrix.q.chunks(matrix.columns).collect();
        assert_eq!(weights[name], json!({ "q": rows, "scale": bits(&matrix.scales) }));
    }
    assert_eq!(weights["initial.state"], bits(backbone.initial()));
}

#[test]
fn the_recurrent_adapter_is_this_file_and_computes_these_outputs() {
    let (backbone, adapter) = in_time();
    let bytes = adapter.to_bytes().expect("a small adapter");
    let (header, _) = container::read("bl_adapter", &bytes).expect("a file");
    assert_eq!(header, json_sample("recurrent header"));
    let read = RecurrentAdapter::from_bytes(&bytes).expect("its own file");
    assert_eq!(read, adapter);
    assert!(read.unknown_fields().is_empty());
    let expected = json_sample("recurrent results");
    assert_eq!(expected["file_sha256"], sha256(&bytes));
    assert_eq!(expected["b"], bits(&adapter.biases));

    let [x, y] =
        ["x", "y"].map(|name| serde_json::from_value::<Vec<f64>>(expected[name].clone()).expect(name));
    let x: Vec<f32> = x.into_iter().map(|x| x as f32).collect();
    let net = adapter.on(&backbone).expect("its own backbone");
    let found = net.run(&x, x.len(), &mut net.initial().to_vec()).expect("shapes agree");
    assert_eq!(found.len(), y.len());
    for (found, expected) in found.iter().zip(y) {
        assert!((f64::from(*found) - expected).abs() < 4e-3, "{found}, FORMAT.md has {expected}");
    }
}
