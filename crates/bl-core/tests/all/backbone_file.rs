//! A backbone file is a cache: it gives the weights of its spec, or an error.

use crate::support::{ANYWHERE, LOCAL_NORMAL, ONE_HOT, Parts, first_layer, generate, readouts, spec};
use bl_core::container::Tensor;
use bl_core::{Backbone, BackboneSpec, Error};
use safetensors::Dtype;
use serde_json::json;

const KEY: &str = "bl_backbone";

fn bytes(spec: &BackboneSpec) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("backbone");
    generate(spec).save(&path).expect("saved");
    std::fs::read(path).expect("saved")
}

fn small() -> BackboneSpec {
    spec(1, &[(5, LOCAL_NORMAL), (4, ANYWHERE[1])], ONE_HOT)
}

#[test]
fn a_saved_backbone_is_loaded_whole() {
    let check = |spec: &BackboneSpec| {
        let (generated, loaded) = (generate(spec), Backbone::from_bytes(&bytes(spec)).expect("its own file"));
        assert_eq!(loaded.spec(), spec);
        assert_eq!(loaded.fingerprint(), generated.fingerprint());
        assert_eq!(loaded.first_lattice(), generated.first_lattice());
        assert_eq!(loaded.deeper_lattices(), generated.deeper_lattices());
        assert_eq!(loaded.readout_lattice(), generated.readout_lattice());
        assert_eq!(loaded.row_sums(), generated.row_sums());
        assert_eq!(bytes(spec), bytes(spec), "the same bytes every time");
    };
    for weights in first_layer() {
        check(&spec(1, &[(65, weights)], ONE_HOT));
    }
    for readout in readouts() {
        check(&spec(1, &[(5, ANYWHERE[0]), (5, ANYWHERE[2])], readout));
    }
}

#[test]
fn files_that_are_wrong_say_so() {
    let check = |expected: &str, change: &dyn Fn(&mut Parts)| {
        let mut parts = Parts::of(KEY, &bytes(&small()));
        change(&mut parts);
        let error = Backbone::from_bytes(&parts.unsealed()).err().expect(expected).to_string();
        assert!(error.contains(expected), "expected `{expected}`, found `{error}`");
    };
    check("format is `bl-adapter`, expected `bl-backbone`", &|p| p.header["format"] = json!("bl-adapter"));
    check("format version 2, this program knows version 1", &|p| {
        p.header = json!({ "format": "bl-backbone", "version": 2, "all": "else may differ" });
    });
    check("unknown field `note`", &|p| p.header["note"] = json!("covered by no fingerprint"));
    check("`fingerprint`", &|p| drop(p.header.as_object_mut().expect("an object").remove("fingerprint")));
    check("64 lower-case hex digits", &|p| p.header["fingerprint"] = json!("sha256:A"));
    check("unknown field `width`", &|p| p.header["spec"]["width"] = json!(5));
    check("`outputs` is 0", &|p| p.header["spec"]["readout"]["outputs"] = json!(0));
    check("needs generator 2", &|p| p.header["spec"]["generator"] = json!(2));
    // Another spec of the same shapes: the content is not what it would generate.
    check("backbone has fingerprint sha256:", &|p| p.header["spec"]["seed"] = json!(2));
    check("backbone has fingerprint sha256:", &|p| {
        let other = generate(&BackboneSpec { seed: 2, ..small() });
        p.header["fingerprint"] = json!(other.fingerprint());
    });
    check("`hidden.0.weight.q8` has shape [5, 24], expected [6, 24]", &|p| {
        p.header["spec"]["layers"][0]["units"] = json!(6);
    });
    check("tensor `readout.weight.scale` is missing, found `hidden.0.weight.q8`, `hidden.0", &|p| {
        p.tensors.retain(|(name, _)| name != "readout.weight.scale");
    });
    check("tensor `a` does not belong to the format", &|p| {
        p.tensors.push(("a".to_owned(), Tensor::vector(&[])));
    });
    check("`hidden.1.weight.q8` has type U8, expected I8", &|p| {
        p.tensor("hidden.1.weight.q8").dtype = Dtype::U8;
    });
    check("`hidden.1.weight.scale` has type I32, expected F32", &|p| {
        p.tensor("hidden.1.weight.scale").dtype = Dtype::I32;
    });
    check("`readout.weight.q8` has shape [4, 3], expected [3, 4]", &|p| {
        p.tensor("readout.weight.q8").shape = vec![4, 3];
    });
    check("`hidden.0.weight.scale` is NaN at unit 4", &|p| {
        p.tensor("hidden.0.weight.scale").bytes[16..].copy_from_slice(&f32::NAN.to_le_bytes());
    });
}

#[test]
fn errors_name_the_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("not-a-backbone");
    let error = Backbone::load(&path).err().expect("no file");
    assert!(matches!(error, Error::Read { .. }) && error.to_string().contains("not-a-backbone"), "{error}");
    std::fs::write(&path, b"short").expect("written");
    let error = Backbone::load(&path).err().expect("five bytes").to_string();
    assert!(error.ends_with("not-a-backbone`: file is truncated: expected 8 bytes, found 5"), "{error}");
}
