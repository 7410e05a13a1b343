//! Any valid spec works from end to end; any bytes at all are an adapter, a backbone or an error.

use crate::recurrent::support as in_time;
use crate::support::{
    Draw, LOCAL_NORMAL, ONE_HOT, adapter, every_form, file, generate, small_adapter, small_backbone, spec,
};
use bl_core::recurrent::{RecurrentAdapter, RecurrentBackbone};
use bl_core::{
    Activation, Backbone, BackboneSpec, BiasAdapter, Distribution, GENERATOR, InputShape, Kind, LayerSpec,
    ReadoutSpec,
};
use proptest::prelude::*;

fn size() -> impl Strategy<Value = f64> {
    1e-3..1.0
}

fn anywhere() -> impl Strategy<Value = Distribution> {
    prop_oneof![
        size().prop_map(|half_width| Distribution::Uniform { half_width }),
        size().prop_map(|std| Distribution::Normal { std }),
        (size(), size()).prop_map(|(mean, std)| Distribution::Mixture { mean, std }),
        size().prop_map(|value| Distribution::Rademacher { value }),
        (1e-4..=1.0, size()).prop_map(|(density, std)| Distribution::Sparse { density, std }),
    ]
}

prop_compose! {
    fn any_spec()(
        seed in 0..1_u64 << 53,
        (height, width, channels) in (1..8_u32, 1..8_u32, 1..4_u32),
        first in prop_oneof![
            anywhere(),
            (0.25..100.0, size()).prop_map(|(sigma, norm)| Distribution::LocalNormal { sigma, norm }),
        ],
        deeper in prop::collection::vec((1..40_u32, anywhere()), 0..3),
        units in 1..200_u32,
        residual: bool,
        outputs in 1..20_u32,
        readout in prop_oneof![anywhere(), size().prop_map(|value| Distribution::OneHot { value })],
    ) -> BackboneSpec {
        let deeper = deeper.into_iter().map(|(own, weights)| {
            LayerSpec { units: if residual { units } else { own }, weights }
        });
        BackboneSpec {
            generator: GENERATOR,
            kind: Kind::Mlp,
            seed,
            activation: Activation::Relu,
            residual,
            input: InputShape { height, width, channels },
            layers: std::iter::once(LayerSpec { units, weights: first }).chain(deeper).collect(),
            readout: ReadoutSpec { outputs, weights: readout },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_valid_spec_generates_saves_loads_and_runs(spec in any_spec(), seed: u64) {
        spec.validate().expect("drawn from within the ranges");
        let backbone = Backbone::generate(&spec).expect("weights within f16's range");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("file");
        backbone.save(&path).expect("saved");
        let loaded = Backbone::load(&path).expect("its own file");
        prop_assert_eq!(loaded.fingerprint(), backbone.fingerprint());

        adapter(&backbone, seed).save(&path).expect("saved");
        let adapter = BiasAdapter::load(&path).expect("its own file");
        let regenerated = Backbone::generate(&adapter.header.backbone.spec).expect("the same spec");
        let prepared = regenerated.prepare(&adapter).expect("the same fingerprint");
        let p = loaded.preactivations(&Draw::new(seed).bytes(3 * spec.input.values())).expect("three pictures");
        let logits = loaded.logits(&p, 0..3, &prepared).expect("rows exist");
        prop_assert_eq!(logits.len(), 3 * backbone.outputs());
        prop_assert!(logits.iter().all(|y| y.is_finite()), "{:?}", logits);
    }
}

/// Reads bytes as everything that they might be; whatever is accepted can be written again.
fn check(bytes: &[u8]) {
    if let Ok(adapter) = BiasAdapter::from_bytes(bytes) {
        assert_eq!(adapter.to_bytes().expect("an adapter that was read"), bytes);
    }
    if let Ok(adapter) = RecurrentAdapter::from_bytes(bytes) {
        assert_eq!(adapter.to_bytes().expect("an adapter that was read"), bytes);
    }
    drop(Backbone::from_bytes(bytes));
    drop(RecurrentBackbone::from_bytes(bytes));
}

proptest! {
    #[test]
    fn random_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        check(&bytes);
        check(&[&(bytes.len() as u64).to_le_bytes(), &*bytes].concat());
    }

    #[test]
    fn random_json_does_not_panic(
        inner in r#"[{}\[\]":,0-9a-z.-]{0,64}"#,
        outer in r#"[{}\[\]":,0-9a-z.-]{0,64}"#,
        data in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        check(&file(&outer, &data));
        for key in ["bl_adapter", "bl_backbone"] {
            let text = serde_json::to_string(&inner).expect("a string");
            check(&file(&format!(r#"{{"__metadata__":{{"{key}":{text}}}}}"#), &data));
        }
    }

    #[test]
    fn files_with_a_piece_replaced_do_not_panic(
        at in any::<prop::sample::Index>(), len in 0..64_usize, with in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("backbone");
        small_backbone().save(&path).expect("saved");
        let pictures = std::fs::read(&path).expect("saved");
        in_time::generate(&in_time::plain(3)).save(&path).expect("saved");
        let forms = every_form(&generate(&spec(1, &[(9, LOCAL_NORMAL)], ONE_HOT)));
        let in_time_forms = in_time::every_form(&in_time::generate(&in_time::spec(9, 1, 1)));
        let adapters = [small_adapter().to_bytes(), in_time::small().to_bytes()]
            .into_iter()
            .chain(forms.iter().map(BiasAdapter::to_bytes))
            .chain(in_time_forms.iter().map(RecurrentAdapter::to_bytes))
            .map(|bytes| bytes.expect("small"));
        for mut bytes in adapters.chain([pictures, std::fs::read(&path).expect("saved")]) {
            let at = at.index(bytes.len());
            let end = bytes.len().min(at + len);
            bytes.splice(at..end, with.iter().copied());
            check(&bytes);
        }
    }
}
