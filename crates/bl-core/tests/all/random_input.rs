//! Any valid spec works from end to end; any bytes at all are an adapter, a backbone or an error.

use std::sync::LazyLock;

use crate::support::{adapter, answers, backbones, bytes, every_adapter, file};
use bl_core::spec::{
    Activation, DividedBy, InitialState, InputSpec, LayerSpec, MlpKind, ReadoutSpec, RecurrentLayer, RnnKind,
    RnnReadout,
};
use bl_core::{Adapter, Backbone, Distribution, Front, GENERATOR, InputShape, MlpSpec, RnnSpec, Spec};
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
    fn any_mlp()(
        seed in 0..1_u64 << 53,
        (height, width, channels) in (1..8_u32, 1..8_u32, 1..4_u32),
        front in prop::option::of((1..20_u32, 2..8_u32, 1..8_u32)),
        first in prop_oneof![
            anywhere(),
            (0.25..100.0, size()).prop_map(|(sigma, norm)| Distribution::LocalNormal { sigma, norm }),
        ],
        deeper in prop::collection::vec((1..40_u32, anywhere()), 0..3),
        units in 1..200_u32,
        residual: bool,
        outputs in 1..20_u32,
        readout in prop_oneof![anywhere(), size().prop_map(|value| Distribution::OneHot { value })],
    ) -> MlpSpec {
        let deeper = deeper.into_iter().map(|(own, weights)| {
            LayerSpec { units: if residual { units } else { own }, weights }
        });
        let side = height.min(width);
        let front = front.filter(|_| side > 1).map(|(filters, size, grid)| Front::Conv {
            filters,
            size: size.min(side),
            grid: grid.min(side),
        });
        MlpSpec {
            generator: GENERATOR,
            kind: MlpKind::Mlp,
            seed,
            activation: Activation::Relu,
            residual,
            input: InputShape { height, width, channels },
            front,
            layers: std::iter::once(LayerSpec { units, weights: first }).chain(deeper).collect(),
            readout: ReadoutSpec { outputs, weights: readout },
        }
    }
}

prop_compose! {
    /// Of the widths that a signal has, and without a spectral radius that makes states explode.
    fn any_rnn()(
        seed in 0..1_u64 << 53,
        (alpha, beta) in (0.0..1.0, 0.1..1.0),
        units in 1..100_u32,
        gain in 1e-3..0.5,
        weights in prop::array::uniform3(anywhere()),
        (values, outputs) in prop_oneof![Just((0, 1)), Just((1, 1)), Just((2, 2))],
        divided_by in prop_oneof![Just(DividedBy::One), Just(DividedBy::SqrtUnits), Just(DividedBy::Units)],
        initial_state in prop_oneof![
            Just(InitialState::Zero), size().prop_map(|half_width| InitialState::Uniform { half_width }),
        ],
    ) -> RnnSpec {
        let [recurrent, input, readout] = weights;
        RnnSpec {
            generator: GENERATOR,
            kind: RnnKind::Rnn,
            seed,
            activation: Activation::Relu,
            alpha,
            beta,
            units,
            recurrent: RecurrentLayer { gain, weights: recurrent },
            input: InputSpec { values, weights: input },
            readout: RnnReadout { outputs, divided_by, weights: readout },
            initial_state,
        }
    }
}

fn any_spec() -> impl Strategy<Value = Spec> {
    prop_oneof![3 => any_mlp().prop_map(Spec::Mlp), 1 => any_rnn().prop_map(Spec::Rnn)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn any_valid_spec_generates_saves_loads_and_runs(spec in any_spec(), seed: u64) {
        spec.validate().expect("drawn from within the ranges");
        prop_assert_eq!(&Spec::from_toml(&spec.to_toml().expect("TOML")).expect("its own text"), &spec);
        let backbone = Backbone::generate(&spec).expect("weights within f16's range");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("file");
        backbone.save(&path).expect("saved");
        let loaded = Backbone::load(&path).expect("its own file");
        prop_assert_eq!(loaded.fingerprint(), backbone.fingerprint());

        adapter(&backbone, seed).save(&path).expect("saved");
        let adapter = Adapter::load(&path).expect("its own file");
        let regenerated = adapter.generate_backbone().expect("the same fingerprint");
        let said = answers(&loaded, &adapter);
        prop_assert!(said.iter().flatten().all(|y| f32::from_bits(*y).is_finite()), "{:?}", said);
        prop_assert_eq!(said, answers(&regenerated, &adapter));
    }
}

/// Reads bytes as everything that they might be; whatever is accepted can be written again.
fn check(bytes: &[u8]) {
    if let Ok(adapter) = Adapter::from_bytes(bytes) {
        assert_eq!(adapter.to_bytes().expect("an adapter that was read"), bytes);
    }
    if let Ok(backbone) = Backbone::from_bytes(bytes) {
        assert_eq!(backbone.to_bytes().expect("a backbone that was read"), bytes);
    }
}

/// A file of each shape.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let backbones = backbones();
    let adapters = backbones.iter().flat_map(every_adapter).map(|adapter| bytes(&adapter));
    adapters.chain(backbones.iter().map(|backbone| backbone.to_bytes().expect("a small backbone"))).collect()
});

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
        for mut bytes in FILES.iter().cloned() {
            let at = at.index(bytes.len());
            let end = bytes.len().min(at + len);
            bytes.splice(at..end, with.iter().copied());
            check(&bytes);
        }
    }
}
