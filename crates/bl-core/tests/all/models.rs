//! A model is an adapter on its own backbone, and runs in its family's way alone.

use std::sync::Arc;

use crate::support::{
    ADAPTER, Draw, Parts, adapter, backbones, bits, bytes, check_error, check_refused, every_kind, header,
    read, recurrent, shallow, small_backbone,
};
use bl_core::header::{BackboneRef, Header};
use bl_core::{Adapter, Backbone, Error, Half, Model, Net, Parameters, Spec};
use serde_json::json;

/// The same with another seed.
fn reseeded(backbone: &Backbone) -> Backbone {
    let mut spec = backbone.spec().clone();
    match &mut spec {
        Spec::Mlp(spec) => spec.seed += 1,
        Spec::Rnn(spec) => spec.seed += 1,
        Spec::Bert(spec) => spec.seed += 1,
    }
    Backbone::generate(&spec).expect("weights within f16's range")
}

#[test]
fn an_adapter_runs_on_its_own_backbone_only() {
    for backbone in backbones() {
        let adapter = adapter(&backbone, 1);
        backbone.prepare(&adapter).map(drop).expect("its own backbone");
        let other = reseeded(&backbone);
        let (expected, found) = (backbone.fingerprint(), other.fingerprint());
        let refused =
            format!("adapter `three` was trained on backbone {expected}, but backbone {found} is loaded");
        assert_eq!(other.prepare(&adapter).err().expect("another backbone").to_string(), refused);
        let model = Model::new(adapter.clone(), Arc::new(reseeded(&backbone)));
        assert_eq!(model.err().expect("another backbone").to_string(), refused);

        // A header whose fingerprint is not its spec's: the file is sound, the backbone it names is not to be had.
        let fingerprint = other.fingerprint();
        let reference = BackboneRef { fingerprint, ..adapter.header.backbone.clone() };
        let liar = Header { backbone: reference, ..adapter.header.clone() };
        let liar = read(&bytes(&Adapter::new(liar, adapter.parameters).expect("fits")));
        assert!(matches!(liar.generate_backbone(), Err(Error::BackboneMismatch { .. })));
        assert!(matches!(backbone.prepare(&liar), Err(Error::BackboneMismatch { .. })));
    }
}

#[test]
fn another_leak_is_another_network_though_the_weights_are_the_same() {
    let backbone = recurrent(9);
    let Spec::Rnn(mut leaky) = backbone.spec().clone() else { panic!("recurrent") };
    leaky.alpha = 0.5;
    let leaky = Backbone::generate(&leaky.into()).expect("a valid spec");
    assert_eq!(leaky.matrices(), backbone.matrices());
    assert!(matches!(leaky.prepare(&adapter(&backbone, 1)), Err(Error::BackboneMismatch { .. })));
}

#[test]
fn every_model_says_what_its_adapter_says_on_its_backbone() {
    for backbone in [shallow(9), recurrent(9)] {
        for adapter in every_kind(&backbone) {
            let generated = Arc::new(adapter.generate_backbone().expect("its own spec"));
            let model = Model::new(adapter.clone(), generated).expect("its own backbone");
            let half = backbone.prepare(&adapter).expect("its own backbone");
            let net = backbone.with(&half);
            assert_eq!((model.inputs(), model.outputs()), (net.inputs(), net.outputs()));
            assert_eq!((model.initial(), model.bytes()), (net.initial(), half.bytes()));
            assert_eq!(model.header, adapter.header);
            let pixels = Draw::new(1).bytes(3 * net.inputs());
            let x = Draw::new(1).units(3 * net.inputs());
            let (mut one, mut two) = (net.initial().to_vec(), net.initial().to_vec());
            assert_eq!(model.scores(&pixels).ok(), net.scores(&pixels).ok());
            assert_eq!(model.run(&x, 3, &mut one).ok(), net.run(&x, 3, &mut two).ok());
            assert_eq!(bits(&one), bits(&two));
        }
    }
}

#[test]
fn families_are_not_taken_for_each_other() {
    let recurrent_found = "network is recurrent, expected a feed-forward one";
    let feed_forward_found = "network is feed-forward, expected a recurrent one";
    let time = recurrent(9);
    check_error(&time.mlp().err().expect("recurrent"), recurrent_found);
    check_error(&time.spec().mlp().expect_err("recurrent"), recurrent_found);
    let half = time.prepare(&adapter(&time, 1)).expect("its own backbone");
    check_error(&time.with(&half).scores(&[0]).expect_err("recurrent"), recurrent_found);
    check_error(&time.with(&half).mlp().err().expect("recurrent"), recurrent_found);

    let images = small_backbone();
    check_error(&images.rnn().err().expect("feed-forward"), feed_forward_found);
    check_error(&images.spec().rnn().expect_err("feed-forward"), feed_forward_found);
    let other = images.prepare(&adapter(&images, 1)).expect("its own backbone");
    let net = images.with(&other);
    check_error(&net.run(&[], 1, &mut Vec::new()).expect_err("feed-forward"), feed_forward_found);
    assert_eq!(net.initial(), [0.0; 0]);

    // A half of one family on a backbone of the other, in both ways of running.
    let mixed = images.with(&half);
    assert!(matches!(mixed.scores(&[0; 24]), Err(Error::Family { .. })));
    assert!(matches!(mixed.run(&[], 1, &mut Vec::new()), Err(Error::Family { .. })));
    let (parameters, io) = (Parameters::of_biases(vec![vec![0.0; 9]]), &adapter(&time, 1).header.io);
    let error = Half::new(&shallow(9), io, &parameters).err().expect("a signal");
    check_error(&error, "task has a signal as input, expected images");
}

#[test]
fn an_adapter_of_one_family_for_the_inputs_of_the_other_is_refused() {
    let [time, images] = [recurrent(9), shallow(9)].map(|backbone| adapter(&backbone, 1));
    for (one, other, expected) in [
        (&time, &images, "task has images as input, expected a signal"),
        (&images, &time, "task has a signal as input, expected images"),
    ] {
        let mut header = one.header.clone();
        header.io = other.header.io.clone();
        check_error(&Adapter::new(header, one.parameters.clone()).expect_err(expected), expected);
    }
    // In a file: the feature of the other family, or the fields of the other input.
    let mut parts = Parts::of(ADAPTER, &bytes(&time));
    parts.header["requires"] = json!([]);
    check_refused(&parts.sealed(), "header requires the features [], but its content has [recurrent]");
    let mut parts = Parts::of(ADAPTER, &bytes(&images));
    parts.header["requires"] = json!(["recurrent"]);
    check_refused(&parts.sealed(), "header requires the features [recurrent], but its content has []");
    let signal = Parts::of(ADAPTER, &bytes(&time)).header["signal"].clone();
    let mut parts = Parts::of(ADAPTER, &bytes(&images));
    parts.header["signal"] = signal;
    assert!(Adapter::from_bytes(&parts.sealed()).is_err());
    // A spec of another family beside tensors that fit both.
    let mut parts = Parts::of(ADAPTER, &bytes(&images));
    parts.header["backbone"]["spec"] = serde_json::to_value(recurrent(9).spec()).expect("JSON");
    check_refused(&parts.sealed(), "header requires the features [], but its content has [recurrent]");
    assert_eq!(header(&recurrent(9)).requires, ["recurrent"; 0], "`Adapter::new` states it");
    assert_eq!(time.header.requires, ["recurrent"]);
}

#[test]
fn backbones_and_adapters_are_not_taken_for_each_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("file");
    for backbone in [small_backbone(), recurrent(9)] {
        backbone.save(&path).expect("saved");
        let error = Adapter::load(&path).expect_err("a backbone");
        assert!(error.to_string().ends_with("no metadata key `bl_adapter`: this is a backbone"), "{error}");
        assert!(error.is_another_kind());
        adapter(&backbone, 1).save(&path).expect("saved");
        let error = Backbone::load(&path).err().expect("an adapter");
        assert!(error.to_string().ends_with("no metadata key `bl_backbone`: this is an adapter"), "{error}");
        assert!(error.is_another_kind());
    }
}
