//! Weights are a pure function of the spec: golden fingerprints, nesting by width, any number of threads.

use crate::support::{
    ANYWHERE, LOCAL_NORMAL, ONE_HOT, first_layer, generate, matrix, mlp_spec, plain, readouts, rnn, rnn_spec,
    rnn_text, spec,
};
use bl_core::spec::{DividedBy, InitialState};
use bl_core::{Backbone, Front, Lattice, MlpSpec, RnnSpec, Spec};

/// Hidden layers of every kind behind each other, with and without residual connections.
fn deep(residual: bool) -> MlpSpec {
    let [uniform, normal, mixture, rademacher, sparse] = ANYWHERE;
    let layers = [(6, LOCAL_NORMAL), (6, normal), (6, sparse), (6, rademacher), (6, mixture), (6, uniform)];
    MlpSpec { residual, ..spec(7, &layers, mixture) }
}

/// A recurrent network with the same distribution everywhere.
fn recurrent(units: u32, weights: &str) -> RnnSpec {
    let mut spec = rnn_spec(&rnn_text(units, 2, 2).replace(ANYWHERE[1], weights));
    spec.recurrent.weights = spec.readout.weights.clone();
    spec.input.weights = spec.readout.weights.clone();
    spec
}

/// Changing one of these is a new generator version: every adapter of the old one would lose its backbone.
#[track_caller]
fn check<S: Clone + Into<Spec>>(spec: &S, expected: &str) {
    let spec: Spec = spec.clone().into();
    assert_eq!(generate(&spec).fingerprint().to_string(), format!("sha256:{expected}"), "{spec:?}");
}

#[test]
fn fingerprints_are_golden() {
    let [uniform, normal, mixture, rademacher, sparse] = ANYWHERE;
    for (weights, expected) in [
        (uniform, "2a1e67284c57c79de3e7d07751ea40ff8b7d2b94cb551e247ef42caa0f80681a"),
        (normal, "ddbd70e4e1d428980557e78cec2a4d2aa0e9c56eac6b6703d197e00f5b241f43"),
        (mixture, "ce59546da0ad9eabea6c2d52bb122932dd5dbdb4af208e79d0739134e05d75ac"),
        (rademacher, "e68fde4974c0f2af215d1f617dc207b5c47f8fd00c2c7c200c1c1fffe2a32e90"),
        (sparse, "aa861163188c595059d44a2ecb88d51e22e28e52600ad61bf3409424f4eea48d"),
        (LOCAL_NORMAL, "0d9d74cccfd257200112483cc858287f106f592a037eadda737a9c2f1d917984"),
    ] {
        check(&spec(1, &[(5, weights)], ONE_HOT), expected);
    }
    for (readout, expected) in [
        (uniform, "8b30a7ce729acae719dd9ee0fbd7f36f045a083128aed05b91530a633b6f0521"),
        (normal, "fc33f09427b3f6371a457b470f2dbaa8141c1b74882e2c4fdd07b8e0a0b469f3"),
        (mixture, "4c48c45d96f31ed825e3552527f9594eccf06dbcac47a5277983d0740755e558"),
        (rademacher, "4417b47894764bf56d8d4d2bae87f98568a556fbcb31b54af11ad6ddf7456534"),
        (sparse, "0a7f3dba0855895f959619126c588638b1da89148585149b4f8853a3396678c9"),
    ] {
        check(&spec(1, &[(5, uniform)], readout), expected);
    }
    check(&deep(false), "9f41378f937d616d9a63c0518635eff4790860a86ab87205cb995910bf23a4cc");
    check(&deep(true), "a119cf3008cbbe2720a78cb2bbed0f6c2f52be0cb60112b0905c299bcb269862");
    check(
        &spec((1 << 53) - 1, &[(5, normal)], ONE_HOT),
        "df8c2bb5d3741d079093b94e1094cb1da03367149f1036d5d49a9cf498001b94",
    );
}

#[test]
fn fingerprints_of_large_backbones_are_golden() {
    let check_large = |layer: &str, expected: &str| {
        let text = format!(
            r#"
            seed = 1
            input = {{ height = 28, width = 28 }}
            layers = [{layer}]
            readout = {{ outputs = 10, weights = {{ distribution = "one_hot", value = 0.1 }} }}
            "#
        );
        check(&mlp_spec(&text), expected);
    };
    // The backbone that image tasks shared up to version 0.1: `images-pixels`.
    check_large(
        r#"{ units = 32000, weights = { distribution = "local_normal", sigma = 6.0, norm = 1.0 } }"#,
        "6435bb45c0e17d1c37ea08a0564398e2c0e34e9baf9c27c7593af91feb6525a4",
    );
    // A density that is no multiple of 2⁻¹⁶, and enough weights that its rounding shows.
    check_large(
        r#"{ units = 1000, weights = { distribution = "sparse", density = 0.3, std = 0.1 } }"#,
        "3314ca7eedc367e7e113f5c193ef2c8d802c4a3da61ea7a02f240b5430dde484",
    );
}

#[test]
fn fingerprints_of_recurrent_networks_are_golden() {
    let [uniform, normal, mixture, rademacher, sparse] = ANYWHERE;
    for (weights, expected) in [
        (uniform, "57d4a10bebd46b2cee54157e2b7b59a60c139c057a317b39dd555a54176a1843"),
        (normal, "e96223b4fdff7d687577c825e71cbf40931d1a314ccb8feba22a8642aa06eaa7"),
        (mixture, "396fea4668c892b1f4d9debd9960859f3e317100e996801347c6fa11b70354b8"),
        (rademacher, "060dac426b0873c89ff42b244218b9fd4d50b6b4642772be52afff157fe7e6d8"),
        (sparse, "3438a38a8b84738c26a968ab0842f2fa1e63f1bfe4ffe0525e0ebb629a909d3c"),
    ] {
        check(&recurrent(6, weights), expected);
    }
    check(&plain(7), "9959f714855deac3e23c6d51714470ea4e50523016ad2b377b750220936505df");
    let mut undivided = plain(7);
    undivided.readout.divided_by = DividedBy::One;
    check(&undivided, "76f78d31e65162c4cdadb081df4b782135cf8a6e4bb54f1e16ddbdca30ebeba8");
}

/// The narrow network's values lie in the wide one's: row by row, as far as they go.
fn check_nested(narrow: &Backbone, wide: &Backbone) {
    for ((name, narrow), (_, wide)) in narrow.matrices().iter().zip(wide.matrices()) {
        for row in 0..narrow.rows {
            let values = |matrix: &Lattice| matrix.q[row * matrix.columns..][..narrow.columns].to_vec();
            assert_eq!(values(narrow), values(&wide), "row {row} of {name}");
        }
    }
}

#[test]
fn units_are_the_same_at_every_width() {
    let check = |at: &dyn Fn(u32) -> MlpSpec| {
        let [narrow, middle, wide] = [10, 64, 1000].map(|units| generate(&at(units)));
        for (narrow, wide) in [(&narrow, &middle), (&middle, &wide)] {
            check_nested(narrow, wide);
            for ((name, narrow), (_, wide)) in narrow.matrices().iter().zip(wide.matrices()) {
                assert_eq!(narrow.scales, wide.scales[..narrow.scales.len()], "{name}");
            }
        }
    };
    for weights in first_layer() {
        check(&|units| spec(3, &[(units, weights)], ONE_HOT));
    }
    for readout in readouts() {
        check(&|units| spec(3, &[(units, ANYWHERE[3])], readout));
    }
    for weights in ANYWHERE {
        check(&|units| spec(3, &[(units, LOCAL_NORMAL), (units, weights)], ONE_HOT));
    }
}

#[test]
fn recurrent_units_are_the_same_at_every_width_but_for_a_factor() {
    for weights in ANYWHERE {
        for divided_by in [DividedBy::One, DividedBy::SqrtUnits, DividedBy::Units] {
            let [narrow, wide] = [5, 64].map(|units| {
                let mut spec = recurrent(units, weights);
                spec.readout.divided_by = divided_by;
                generate(&spec)
            });
            check_nested(&narrow, &wide);
            let [narrow, wide] = [&narrow, &wide].map(|backbone| backbone.rnn().expect("recurrent"));
            assert_eq!(narrow.input().scales, wide.input().scales[..5]);
            assert_eq!(narrow.initial(), &wide.initial()[..5]);

            let ratio = |narrow: &Lattice, wide: &Lattice| narrow.scales[0] / wide.scales[0];
            let close = |found: f32, expected: f64| (f64::from(found) / expected - 1.0).abs() < 1e-6;
            let root = (64.0_f64 / 5.0).sqrt();
            assert!(close(ratio(narrow.recurrent(), wide.recurrent()), root));
            let expected = match divided_by {
                DividedBy::One => 1.0,
                DividedBy::SqrtUnits => root,
                DividedBy::Units => 64.0 / 5.0,
            };
            assert!(close(ratio(narrow.readout(), wide.readout()), expected), "{divided_by:?}");
        }
    }
}

#[test]
fn filters_are_the_same_however_many_there_are_and_see_no_brightness() {
    let filters = |count: u32| {
        let front = Some(Front::Conv { filters: count, size: 3, grid: 2 });
        matrix(&generate(&MlpSpec { front, ..spec(1, &[(2, ANYWHERE[1])], ONE_HOT) }), "front.weight")
    };
    let (few, many) = (filters(5), filters(40));
    assert_eq!((few.rows, few.columns), (5, 18));
    assert_eq!(few.q, many.q[..few.q.len()]);
    assert_eq!(few.scales, many.scales[..5]);
    for (q, scale) in many.q.chunks_exact(18).zip(&many.scales) {
        let sum: i32 = q.iter().map(|&q| i32::from(q)).sum();
        let squares: i32 = q.iter().map(|&q| i32::from(q).pow(2)).sum();
        assert!(sum.abs() <= 9 && q.iter().any(|q| q.abs() == 127), "{q:?}");
        assert!((f64::from(squares).sqrt() * f64::from(*scale) - 1.0).abs() < 1e-6);
    }
}

#[test]
fn weights_do_not_depend_on_the_number_of_threads() {
    let check = |spec: Spec| {
        let [one, two, five] = [1, 2, 5].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| generate(&spec))
        });
        for other in [&two, &five] {
            assert_eq!((one.fingerprint(), one.matrices()), (other.fingerprint(), other.matrices()));
        }
    };
    for weights in first_layer() {
        check(spec(4, &[(300, weights)], ANYWHERE[1]).into());
    }
    check(deep(true).into());
    check(rnn(300, 1, 1).into());
}

#[test]
fn the_fingerprint_covers_every_field_of_the_spec() {
    let base = spec(1, &[(6, ANYWHERE[1]), (6, ANYWHERE[1])], ONE_HOT);
    let mut transposed = base.clone();
    (transposed.input.height, transposed.input.width) = (base.input.width, base.input.height);
    let behind = |filters, size, grid| {
        let front = Some(Front::Conv { filters, size, grid });
        MlpSpec { front, ..base.clone() }
    };
    let others = [
        behind(3, 2, 2),
        behind(4, 2, 2),
        behind(3, 3, 2),
        behind(3, 2, 1),
        MlpSpec { seed: 2, ..base.clone() },
        MlpSpec { residual: true, ..base.clone() }, // the same weights, another network
        transposed,                                 // likewise
        spec(1, &[(6, ANYWHERE[1]), (7, ANYWHERE[1])], ONE_HOT),
        spec(1, &[(6, ANYWHERE[1]), (6, ANYWHERE[0])], ONE_HOT),
        spec(1, &[(6, ANYWHERE[1]), (6, ANYWHERE[1])], r#"{ distribution = "one_hot", value = 0.25 }"#),
    ];
    check_distinct(&[base].into_iter().chain(others).map(Spec::from).collect::<Vec<_>>());

    let mut others = std::array::from_fn::<_, 10, _>(|_| rnn(6, 1, 1));
    others[1].seed = 2;
    others[2].alpha = 0.5;
    others[3].beta = 1.0;
    others[4].units = 7;
    others[5].recurrent.gain = 1.3;
    others[6].input.values = 2;
    others[7].readout.divided_by = DividedBy::One;
    others[8].initial_state = InitialState::Zero;
    others[9].initial_state = InitialState::Uniform { half_width: 0.25 };
    check_distinct(&others.map(Spec::from));
}

#[track_caller]
fn check_distinct(specs: &[Spec]) {
    let mut fingerprints: Vec<_> = specs.iter().map(|spec| generate(spec).fingerprint()).collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), specs.len());
}
