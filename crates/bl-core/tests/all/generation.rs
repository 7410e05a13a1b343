//! Weights are a pure function of the spec: golden fingerprints, nesting by width, any number of threads.

use crate::support::{ANYWHERE, LOCAL_NORMAL, ONE_HOT, first_layer, generate, readouts, spec};
use bl_core::{Backbone, BackboneSpec, Lattice};

/// Hidden layers of every kind behind each other, with and without residual connections.
fn deep(residual: bool) -> BackboneSpec {
    let [uniform, normal, mixture, rademacher, sparse] = ANYWHERE;
    let layers = [(6, LOCAL_NORMAL), (6, normal), (6, sparse), (6, rademacher), (6, mixture), (6, uniform)];
    BackboneSpec { residual, ..spec(7, &layers, mixture) }
}

#[test]
fn fingerprints_are_golden() {
    // Changing one of these is a new generator version: every adapter of the old one would lose its backbone.
    let check = |spec: &BackboneSpec, expected: &str| {
        assert_eq!(generate(spec).fingerprint().to_string(), format!("sha256:{expected}"), "{spec:?}");
    };
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
    let check = |layer: &str, expected: &str| {
        let text = format!(
            r#"
            seed = 1
            input = {{ height = 28, width = 28 }}
            layers = [{layer}]
            readout = {{ outputs = 10, weights = {{ distribution = "one_hot", value = 0.1 }} }}
            "#
        );
        let backbone = generate(&BackboneSpec::from_toml(&text).expect("a valid spec"));
        assert_eq!(backbone.fingerprint().to_string(), format!("sha256:{expected}"), "{layer}");
    };
    // The backbone that all image tasks share.
    check(
        r#"{ units = 32000, weights = { distribution = "local_normal", sigma = 6.0, norm = 1.0 } }"#,
        "6435bb45c0e17d1c37ea08a0564398e2c0e34e9baf9c27c7593af91feb6525a4",
    );
    // A density that is no multiple of 2⁻¹⁶, and enough weights that its rounding shows.
    check(
        r#"{ units = 1000, weights = { distribution = "sparse", density = 0.3, std = 0.1 } }"#,
        "3314ca7eedc367e7e113f5c193ef2c8d802c4a3da61ea7a02f240b5430dde484",
    );
}

#[test]
fn units_are_the_same_at_every_width() {
    // Row i of a matrix, as far as the narrower one goes, and what a step of it is worth.
    fn check_rows(narrow: &Lattice, wide: &Lattice) {
        for unit in 0..narrow.rows {
            let row = |matrix: &Lattice| matrix.q[unit * matrix.columns..][..narrow.columns].to_vec();
            assert_eq!(row(narrow), row(wide), "unit {unit}");
            assert_eq!(narrow.scales[unit].to_bits(), wide.scales[unit].to_bits(), "unit {unit}");
        }
    }
    fn check_columns(narrow: &Lattice, wide: &Lattice) {
        assert_eq!(narrow.scales, wide.scales);
        for output in 0..narrow.rows {
            let row = |matrix: &Lattice| matrix.q[output * matrix.columns..][..narrow.columns].to_vec();
            assert_eq!(row(narrow), row(wide), "output {output}");
        }
    }
    let check = |at: &dyn Fn(u32) -> BackboneSpec| {
        let [narrow, middle, wide] = [10, 64, 1000].map(|units| generate(&at(units)));
        for (narrow, wide) in [(&narrow, &middle), (&middle, &wide)] {
            check_rows(&narrow.first_lattice(), &wide.first_lattice());
            for (narrow, wide) in narrow.deeper_lattices().iter().zip(wide.deeper_lattices()) {
                check_rows(narrow, wide);
            }
            check_columns(narrow.readout_lattice(), wide.readout_lattice());
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
fn weights_do_not_depend_on_the_number_of_threads() {
    let check = |spec: &BackboneSpec| {
        let lattices = [1, 2, 5].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let backbone: Backbone = pool.install(|| generate(spec));
            (backbone.fingerprint(), backbone.first_lattice(), backbone.readout_lattice().clone())
        });
        assert!(lattices.windows(2).all(|pair| pair[0] == pair[1]));
    };
    for weights in first_layer() {
        check(&spec(4, &[(300, weights)], ANYWHERE[1]));
    }
    check(&deep(true));
}

#[test]
fn the_fingerprint_covers_every_field_of_the_spec() {
    let base = spec(1, &[(6, ANYWHERE[1]), (6, ANYWHERE[1])], ONE_HOT);
    let mut transposed = base.clone();
    (transposed.input.height, transposed.input.width) = (base.input.width, base.input.height);
    let others = [
        BackboneSpec { seed: 2, ..base.clone() },
        BackboneSpec { residual: true, ..base.clone() }, // the same weights, another network
        transposed,                                      // likewise
        spec(1, &[(6, ANYWHERE[1]), (7, ANYWHERE[1])], ONE_HOT),
        spec(1, &[(6, ANYWHERE[1]), (6, ANYWHERE[0])], ONE_HOT),
        spec(1, &[(6, ANYWHERE[1]), (6, ANYWHERE[1])], r#"{ distribution = "one_hot", value = 0.25 }"#),
    ];
    let mut fingerprints: Vec<_> = [base].iter().chain(&others).map(|s| generate(s).fingerprint()).collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), others.len() + 1);
}
