//! FORMAT.md is enough: `format/reader.py`, written from it, gets the same weights, bits and scores.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::recurrent::support as in_time;
use crate::support::{
    ANYWHERE, Draw, LOCAL_NORMAL, ONE_HOT, adapter, every_form, every_kind, first_layer, generate, readouts,
    spec,
};
use bl_core::recurrent::{DividedBy, RecurrentAdapter, RecurrentNet, RecurrentSpec};
use bl_core::{Backbone, BackboneSpec, BiasAdapter, Encoding};
use serde_json::Value;

/// Runs the reader; none where there is no Python, which the CI has.
#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
fn reader(arguments: &[&Path]) -> Option<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/format/reader.py");
    let result = Command::new("python3").arg(script).args(arguments).output();
    let output = match result {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "python3 is not on the PATH");
            eprintln!("SKIPPED: python3 is not on the PATH");
            return None;
        }
        Err(error) => panic!("python3: {error}"),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("one JSON value"))
}

/// Backbone file, adapter file and the scores of a few pictures, all as Python has them.
fn check(spec: &BackboneSpec) {
    let backbone: Backbone = generate(spec);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str| folder.path().join(name);
    backbone.save(&file("backbone")).expect("saved");
    let mut pixels = Draw::new(2).bytes(3 * spec.input.values());
    pixels[..spec.input.values()].fill(255);
    std::fs::write(file("pixels"), &pixels).expect("saved");

    let fingerprint = Value::String(backbone.fingerprint().to_string());
    let Some(found) = reader(&[Path::new("backbone"), &file("backbone")]) else { return };
    assert_eq!(found["fingerprint"], fingerprint, "{spec:?}");
    let adapters = if backbone.is_shallow() {
        [every_kind(&backbone).to_vec(), every_form(&backbone)].concat()
    } else {
        let deep = adapter(&backbone, 1);
        let [half, byte] = [Encoding::F16, Encoding::I8].map(|to| deep.encoded(to).expect("within range"));
        vec![deep, half, byte]
    };
    for (adapter, found) in
        adapters.iter().zip(run("pictures", &file("pixels"), &adapters, BiasAdapter::save))
    {
        assert_eq!(found["fingerprint"], fingerprint, "{spec:?}");
        check_scores(&backbone, adapter, &pixels, &found);
    }
}

/// What the reader says of each adapter, saved beside the inputs; nothing where there is no Python.
fn run<A>(
    what: &str,
    inputs: &Path,
    adapters: &[A],
    save: fn(&A, &Path) -> Result<(), bl_core::Error>,
) -> Vec<Value> {
    let path = |nth: usize| inputs.with_extension(nth.to_string());
    let paths: Vec<PathBuf> = (0..adapters.len()).map(path).collect();
    adapters.iter().zip(&paths).for_each(|(adapter, path)| save(adapter, path).expect("saved"));
    let arguments: Vec<&Path> =
        [Path::new(what), inputs].into_iter().chain(paths.iter().map(|p| &**p)).collect();
    let Some(all) = reader(&arguments) else { return Vec::new() };
    let all: Vec<Value> = serde_json::from_value(all).expect("a list");
    assert_eq!(all.len(), adapters.len());
    all
}

fn check_scores(backbone: &Backbone, adapter: &BiasAdapter, pixels: &[u8], found: &Value) {
    let spec = backbone.spec();
    let p = backbone.preactivations(pixels).expect("whole pictures");
    let bits: Vec<_> = (0..p.rows()).map(|row| p.row(row)).collect();
    assert_eq!(found["p"], serde_json::json!(bits), "{spec:?}");
    // Decoded values to the bit; none of units that are not in the file.
    let kept = |unit: usize| adapter.kept().is_none_or(|kept| kept[unit]);
    let value = |unit: usize, b: &f32| kept(unit).then(|| b.to_bits());
    let values =
        |layer: &Vec<f32>| layer.iter().enumerate().map(|(unit, b)| value(unit, b)).collect::<Vec<_>>();
    let biases: Vec<_> = adapter.biases.iter().map(values).collect();
    assert_eq!(found["b"], serde_json::json!(biases), "{spec:?}");

    let prepared = backbone.prepare(adapter).expect("its own backbone");
    let logits = backbone.logits(&p, 0..p.rows(), &prepared).expect("rows exist");
    let theirs: Vec<Vec<f64>> = serde_json::from_value(found["logits"].clone()).expect("rows of numbers");
    let largest = theirs.iter().flatten().fold(0.0_f64, |max, y| max.max(y.abs()));
    assert_eq!(logits.len(), theirs.len() * backbone.outputs());
    for (ours, theirs) in logits.iter().zip(theirs.iter().flatten()) {
        // Sums of f32 against sums of f64; terms cancel, so the scale is that of the largest score.
        assert!((f64::from(*ours) - theirs).abs() <= 1e-5 * largest.max(1.0), "{ours} {theirs} {spec:?}");
    }
}

#[test]
fn python_regenerates_every_distribution_and_runs_adapters() {
    for weights in first_layer() {
        check(&spec(1, &[(7, weights)], ONE_HOT));
    }
    for readout in readouts() {
        check(&spec((1 << 53) - 1, &[(5, LOCAL_NORMAL)], readout));
    }
}

#[test]
fn python_runs_deep_and_residual_networks() {
    for residual in [false, true] {
        let layers: Vec<_> = [LOCAL_NORMAL].into_iter().chain(ANYWHERE).map(|weights| (6, weights)).collect();
        check(&BackboneSpec { residual, ..spec(2, &layers, ANYWHERE[1]) });
    }
}

#[test]
fn python_regenerates_wide_local_fields() {
    let text = r#"
        seed = 5
        input = { height = 28, width = 28 }
        layers = [{ units = 40, weights = { distribution = "local_normal", sigma = 6.0, norm = 1.0 } }]
        readout = { outputs = 10, weights = { distribution = "one_hot", value = 0.1 } }
    "#;
    check(&BackboneSpec::from_toml(text).expect("a valid spec"));
}

/// As [`check`] for a network in time: a few steps of every kind of adapter.
fn check_in_time(spec: &RecurrentSpec) {
    let backbone = in_time::generate(spec);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str| folder.path().join(name);
    backbone.save(&file("backbone")).expect("saved");
    let fingerprint = Value::String(backbone.fingerprint().to_string());
    let Some(found) = reader(&[Path::new("backbone"), &file("backbone")]) else { return };
    assert_eq!(found["fingerprint"], fingerprint, "{spec:?}");

    let x = Draw::new(2).units(5 * spec.input.values as usize);
    let bytes: Vec<u8> = x.iter().flat_map(|x| x.to_le_bytes()).collect();
    std::fs::write(file("inputs"), bytes).expect("saved");
    let adapters = [in_time::every_kind(&backbone).to_vec(), in_time::every_form(&backbone)].concat();
    for (adapter, found) in
        adapters.iter().zip(run("time", &file("inputs"), &adapters, RecurrentAdapter::save))
    {
        assert_eq!(found["fingerprint"], fingerprint, "{spec:?}");
        let net = adapter.on(&backbone).expect("its own backbone");
        let bits = |values: &[f32]| serde_json::json!(values.iter().map(|x| x.to_bits()).collect::<Vec<_>>());
        assert_eq!(found["b"], bits(&adapter.biases));
        assert_eq!(found["r0"], bits(net.initial()));
        let ours = net.run(&x, 5, &mut net.initial().to_vec()).expect("shapes agree");
        let theirs: Vec<Vec<f64>> = serde_json::from_value(found["y"].clone()).expect("rows of numbers");
        let largest = theirs.iter().flatten().fold(0.0_f64, |max, y| max.max(y.abs()));
        assert_eq!(ours.len(), theirs.len() * net.outputs());
        for (ours, theirs) in ours.iter().zip(theirs.iter().flatten()) {
            // States may be rounded to 16 bits.
            assert!((f64::from(*ours) - theirs).abs() <= 4e-3 * largest, "{ours} {theirs} {spec:?}");
        }
    }
}

#[test]
fn python_regenerates_and_runs_recurrent_networks() {
    for spec in [in_time::spec(9, 1, 1), in_time::spec(33, 2, 2), in_time::plain(7)] {
        check_in_time(&spec);
    }
    for (weights, divided_by) in ANYWHERE.into_iter().zip([DividedBy::One, DividedBy::Units].repeat(3)) {
        let text = in_time::text(7, 1, 1).replace(ANYWHERE[1], weights);
        let mut spec = RecurrentSpec::from_toml(&text).expect("a valid spec");
        spec.recurrent.weights = spec.readout.weights.clone();
        spec.readout.divided_by = divided_by;
        check_in_time(&spec);
    }
}
