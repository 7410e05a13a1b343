//! Names and the versions that they stand for.

use std::sync::Arc;

use bl_core::{Adapter, Backbone, Parameters};
use bl_runtime::{Error, Expect, Limits, Query, Runtime, Scratch, Version, predict_batch};

use crate::support::{UNITS, file, forecaster, header, image, recurrent_spec, runtime, spec};

fn load(runtime: &Runtime, name: &str, file: &[u8]) -> Arc<Version> {
    let version = runtime.prepare(file).unwrap();
    runtime.publish(name, &version, Expect::Anything).unwrap();
    version
}

fn scores(runtime: &Runtime, name: &str) -> Vec<f32> {
    let version = runtime.get(name).unwrap();
    let query = Query { image: 0, model: version.model() };
    predict_batch(&[&image(1)], &[query], &mut Scratch::default()).unwrap().remove(0)
}

#[test]
fn swapping_to_another_and_back_gives_the_same_bits() {
    let runtime = runtime();
    let (a, b) = (file(1, 0), file(1, 1));
    load(&runtime, "task", &a);
    let first = scores(&runtime, "task");
    load(&runtime, "task", &b);
    assert_ne!(scores(&runtime, "task"), first);
    load(&runtime, "task", &a);
    assert_eq!(scores(&runtime, "task"), first);
}

#[test]
fn who_has_a_version_keeps_it() {
    let runtime = runtime();
    load(&runtime, "task", &file(1, 0));
    let first = scores(&runtime, "task");
    let held = runtime.get("task").unwrap();
    load(&runtime, "task", &file(1, 1));
    runtime.unload("task").unwrap();
    assert!(matches!(runtime.get("task"), Err(Error::UnknownAdapter { .. })));
    let query = Query { image: 0, model: held.model() };
    assert_eq!(predict_batch(&[&image(1)], &[query], &mut Scratch::default()).unwrap()[0], first);
}

#[test]
fn the_same_bytes_are_the_same_version() {
    let runtime = runtime();
    let (one, two) = (load(&runtime, "one", &file(1, 0)), load(&runtime, "two", &file(1, 0)));
    assert!(Arc::ptr_eq(&one, &two));
    assert_ne!(one.id(), load(&runtime, "one", &file(1, 1)).id());
    assert_eq!(one.id().to_string().len(), 64);
    assert!(one.id().to_string().starts_with(&one.id().short()));
}

#[test]
fn a_backbone_is_shared_and_goes_with_its_last_adapter() {
    let runtime = runtime();
    let backbone = |version: &Version| Arc::clone(&version.model().backbone);
    let one = backbone(&load(&runtime, "one", &file(1, 0)));
    let two = backbone(&load(&runtime, "two", &file(1, 1)));
    let other = backbone(&load(&runtime, "other", &file(2, 0)));
    assert!(Arc::ptr_eq(&one, &two));
    assert_ne!(one.fingerprint(), other.fingerprint());
    drop(two);
    runtime.unload("one").unwrap();
    runtime.unload("two").unwrap();
    assert_eq!(Arc::strong_count(&one), 1, "only this test has it any more");
}

#[test]
fn a_backbone_from_elsewhere_is_not_generated_again() {
    for (spec, file) in [(spec(1), file(1, 0)), (recurrent_spec(), forecaster())] {
        let runtime = runtime();
        let backbone = Arc::new(Backbone::generate(&spec).unwrap());
        runtime.share_backbone(&backbone);
        let version = load(&runtime, "one", &file);
        assert!(Arc::ptr_eq(&backbone, &version.model().backbone), "{}", spec.family_name());
    }
}

#[test]
fn a_swap_compares_before_it_sets() {
    let runtime = runtime();
    let (a, b) = (runtime.prepare(&file(1, 0)).unwrap(), runtime.prepare(&file(1, 1)).unwrap());
    let nobody = runtime.publish("task", &b, Expect::Version(a.id()));
    assert!(matches!(nobody, Err(Error::OtherVersion { found: None, .. })));
    assert!(runtime.publish("task", &a, Expect::Nothing).unwrap().is_none());
    assert!(matches!(runtime.publish("task", &b, Expect::Nothing), Err(Error::Exists { .. })));
    let wrong = runtime.publish("task", &b, Expect::Version(b.id()));
    assert!(matches!(wrong, Err(Error::OtherVersion { found: Some(found), .. }) if found == a.id()));
    let replaced = runtime.publish("task", &b, Expect::Version(a.id())).unwrap();
    assert!(Arc::ptr_eq(&replaced.unwrap(), &a));
    assert!(Arc::ptr_eq(&runtime.get("task").unwrap(), &b));
}

#[test]
fn names_that_could_mislead_are_refused() {
    let runtime = runtime();
    let version = runtime.prepare(&file(1, 0)).unwrap();
    for name in ["", ".hidden", "a/b", "a\\b", " a", "a\n", "../x", &"x".repeat(129)] {
        let result = runtime.publish(name, &version, Expect::Anything);
        assert!(matches!(result, Err(Error::BadName { .. })), "{name:?}");
    }
    for name in ["mnist", "a.b-c_d", "文字", "my task"] {
        runtime.publish(name, &version, Expect::Anything).unwrap();
    }
    let names: Vec<String> = runtime.list().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a.b-c_d", "mnist", "my task", "文字"]);
}

#[test]
fn an_unknown_name_is_an_error_that_knows_what_was_meant() {
    let runtime = runtime();
    load(&runtime, "kmnist", &file(1, 0));
    let long = "kmnist".repeat(100_000); // is not compared: that would take minutes with many names
    for (name, expected) in [("kmnits", Some("did you mean `kmnist`?")), ("zebra", None), (&long, None)] {
        let error = runtime.get(name).err().unwrap();
        assert_eq!(error.hint().as_deref(), expected);
        assert!(runtime.unload(name).is_err());
    }
}

#[test]
fn limits_hold_and_a_refused_swap_changes_nothing() {
    let bytes = runtime().prepare(&file(1, 0)).unwrap().resident_bytes();
    let limits = Limits { adapters: 2, adapter_bytes: 10 * bytes, backbone_weights: 10_000 };
    let runtime = Runtime::new(limits);
    load(&runtime, "a", &file(1, 0));
    load(&runtime, "b", &file(1, 1));
    let third = runtime.prepare(&file(1, 2)).unwrap();
    assert!(matches!(runtime.publish("c", &third, Expect::Anything), Err(Error::TooMany { found: 2 })));
    assert!(runtime.publish("a", &third, Expect::Anything).is_ok(), "a swap is no addition");

    let limits = Limits { adapters: 9, adapter_bytes: bytes + bytes / 2, backbone_weights: 10_000 };
    let runtime = Runtime::new(limits);
    load(&runtime, "a", &file(1, 0));
    let other = runtime.prepare(&file(1, 1)).unwrap();
    assert!(matches!(runtime.publish("b", &other, Expect::Anything), Err(Error::TooManyBytes { .. })));
    assert_eq!((runtime.len(), runtime.resident_bytes()), (1, bytes));
    load(&runtime, "a", &file(1, 1));
    assert_eq!(runtime.resident_bytes(), bytes);
    runtime.unload("a").unwrap();
    assert_eq!(runtime.resident_bytes(), 0);

    let weights = spec(1).frozen_weights();
    let runtime = Runtime::new(Limits { backbone_weights: weights + weights / 2, ..Limits::default() });
    let held = runtime.prepare(&file(1, 0)).unwrap();
    assert!(matches!(runtime.prepare(&file(2, 0)), Err(Error::TooManyWeights { .. })));
    drop(held);
    assert!(runtime.prepare(&file(2, 0)).is_ok(), "room is made by those that nobody has");
}

#[test]
fn a_fingerprint_that_the_spec_does_not_generate_is_an_error() {
    let mut header = header(&spec(1));
    header.backbone.fingerprint = Backbone::generate(&spec(2)).unwrap().fingerprint();
    let file =
        Adapter::new(header, Parameters::of_biases(vec![vec![0.0; UNITS]])).unwrap().to_bytes().unwrap();
    assert!(matches!(runtime().prepare(&file), Err(Error::Regenerated { .. })));
}

#[test]
fn garbage_is_an_error_and_leaves_what_is_loaded() {
    let runtime = runtime();
    let before = load(&runtime, "task", &file(1, 0));
    for garbage in [vec![], b"garbage".to_vec(), file(1, 1)[..100].to_vec(), forecaster()[..50].to_vec()] {
        assert!(runtime.prepare(&garbage).is_err());
    }
    assert!(Arc::ptr_eq(&before, &runtime.get("task").unwrap()));
}
