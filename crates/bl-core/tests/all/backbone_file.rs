//! A backbone file is a cache: it gives the weights of its spec, or an error.

use crate::support::{
    ANYWHERE, BACKBONE, LOCAL_NORMAL, ONE_HOT, Parts, check_error, first_layer, generate, plain, readouts,
    rnn, spec,
};
use bl_core::container::Tensor;
use bl_core::{Backbone, Error, MlpSpec, Spec};
use safetensors::Dtype;
use serde_json::json;

fn small() -> MlpSpec {
    spec(1, &[(5, LOCAL_NORMAL), (4, ANYWHERE[1])], ONE_HOT)
}

fn bytes(backbone: &Backbone) -> Vec<u8> {
    backbone.to_bytes().expect("a small backbone")
}

#[test]
fn a_saved_backbone_is_loaded_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("new/folder/backbone");
    let check = |spec: Spec| {
        let generated = generate(&spec);
        generated.save(&path).expect("saved");
        let loaded = Backbone::load(&path).expect("its own file");
        assert_eq!(loaded.spec(), &spec);
        assert_eq!(loaded.fingerprint(), generated.fingerprint());
        assert_eq!(loaded.matrices(), generated.matrices());
        match (loaded.mlp(), generated.mlp()) {
            (Ok(loaded), Ok(generated)) => assert_eq!(loaded.row_sums(), generated.row_sums()),
            _ => assert_eq!(
                loaded.rnn().expect("recurrent").initial(),
                generated.rnn().expect("recurrent").initial()
            ),
        }
        let saved = std::fs::read(&path).expect("saved");
        assert_eq!(bytes(&loaded), saved, "the same bytes every time");
        assert_eq!(bytes(&generate(loaded.spec())), saved);
    };
    for weights in first_layer() {
        check(spec(1, &[(65, weights)], ONE_HOT).into());
    }
    for readout in readouts() {
        check(spec(1, &[(5, ANYWHERE[0]), (5, ANYWHERE[2])], readout).into());
    }
    for spec in [rnn(9, 1, 1), rnn(65, 2, 2), plain(1), plain(33)] {
        check(spec.into());
    }
}

fn check_changed(backbone: &Backbone, expected: &str, change: &dyn Fn(&mut Parts)) {
    let mut parts = Parts::of(BACKBONE, &bytes(backbone));
    change(&mut parts);
    check_error(&Backbone::from_bytes(&parts.unsealed()).err().expect(expected), expected);
}

#[test]
fn files_that_are_wrong_say_so() {
    for backbone in [generate(&small()), generate(&rnn(9, 1, 1))] {
        let check = |expected: &str, change: &dyn Fn(&mut Parts)| check_changed(&backbone, expected, change);
        check("format is `bl-adapter`, expected `bl-backbone`", &|p| {
            p.header["format"] = json!("bl-adapter");
        });
        check("format version 2, this program knows version 1", &|p| {
            p.header = json!({ "format": "bl-backbone", "version": 2, "all": "else may differ" });
        });
        check("unknown field `note`", &|p| p.header["note"] = json!("covered by no fingerprint"));
        check("`fingerprint`", &|p| drop(p.header.as_object_mut().expect("an object").remove("fingerprint")));
        check("64 lower-case hex digits", &|p| p.header["fingerprint"] = json!("sha256:A"));
        check("unknown field `width`", &|p| p.header["spec"]["width"] = json!(5));
        check("unknown network family \"gru\"", &|p| p.header["spec"]["kind"] = json!("gru"));
        check("`outputs` is 0", &|p| p.header["spec"]["readout"]["outputs"] = json!(0));
        check("needs generator 2", &|p| p.header["spec"]["generator"] = json!(2));
        // Another spec of the same shapes: the content is not what it would generate.
        check("backbone has fingerprint sha256:", &|p| p.header["spec"]["seed"] = json!(2));
        check("backbone has fingerprint sha256:", &|p| p.tensor("readout.weight.q8").bytes[0] ^= 1);
        check("backbone has fingerprint sha256:", &|p| {
            let other = generate(&MlpSpec { seed: 2, ..small() });
            p.header["fingerprint"] = json!(other.fingerprint());
        });
        check("tensor `readout.weight.scale` is missing, found `", &|p| {
            p.tensors.retain(|(name, _)| name != "readout.weight.scale");
        });
        check("tensor `a` does not belong to the format", &|p| {
            p.tensors.push(("a".to_owned(), Tensor::vector(&[])));
        });
    }

    let check =
        |expected: &str, change: &dyn Fn(&mut Parts)| check_changed(&generate(&small()), expected, change);
    check(
        "is missing, found `hidden.0.weight.q8`, `hidden.0.weight.scale`, `hidden.1.weight.q8`, `h",
        &|p| {
            p.tensors.retain(|(name, _)| name != "readout.weight.scale");
        },
    );
    check("`hidden.0.weight.q8` has shape [5, 24], expected [6, 24]", &|p| {
        p.header["spec"]["layers"][0]["units"] = json!(6);
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

    let check = |expected: &str, change: &dyn Fn(&mut Parts)| {
        check_changed(&generate(&rnn(9, 1, 1)), expected, change);
    };
    check("backbone has fingerprint sha256:", &|p| p.header["spec"]["alpha"] = json!(0.5));
    check("`recurrent.weight.q8` has shape [9, 9], expected [10, 10]", &|p| {
        p.header["spec"]["units"] = json!(10);
    });
    check("`number of weights` is", &|p| p.header["spec"]["units"] = json!(1 << 24));
    check("`recurrent.weight.scale` is NaN at unit 8", &|p| {
        p.tensor("recurrent.weight.scale").bytes[32..].copy_from_slice(&f32::NAN.to_le_bytes());
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
