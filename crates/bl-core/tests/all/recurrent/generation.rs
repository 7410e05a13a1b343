//! Recurrent weights are a pure function of the spec.

use bl_core::recurrent::{DividedBy, InitialState, RecurrentBackbone, RecurrentSpec};
use bl_core::{Distribution, Lattice};

use super::support::{generate, plain, spec, text};
use crate::support::ANYWHERE;

fn with_weights(weights: &str) -> RecurrentSpec {
    let weights: Distribution = toml_table(weights);
    let mut spec = spec(6, 2, 2);
    spec.recurrent.weights = weights.clone();
    spec.input.weights = weights.clone();
    spec.readout.weights = weights;
    spec
}

fn toml_table(text: &str) -> Distribution {
    #[derive(serde::Deserialize)]
    struct Only {
        weights: Distribution,
    }
    toml::from_str::<Only>(&format!("weights = {text}")).expect("a distribution").weights
}

#[test]
fn fingerprints_are_golden() {
    // Changing one of these is a new generator version: every adapter of the old one would lose its backbone.
    let check = |spec: &RecurrentSpec, expected: &str| {
        assert_eq!(generate(spec).fingerprint().to_string(), format!("sha256:{expected}"), "{spec:?}");
    };
    let [uniform, normal, mixture, rademacher, sparse] = ANYWHERE;
    for (weights, expected) in [
        (uniform, "57d4a10bebd46b2cee54157e2b7b59a60c139c057a317b39dd555a54176a1843"),
        (normal, "e96223b4fdff7d687577c825e71cbf40931d1a314ccb8feba22a8642aa06eaa7"),
        (mixture, "396fea4668c892b1f4d9debd9960859f3e317100e996801347c6fa11b70354b8"),
        (rademacher, "060dac426b0873c89ff42b244218b9fd4d50b6b4642772be52afff157fe7e6d8"),
        (sparse, "3438a38a8b84738c26a968ab0842f2fa1e63f1bfe4ffe0525e0ebb629a909d3c"),
    ] {
        check(&with_weights(weights), expected);
    }
    check(&plain(7), "9959f714855deac3e23c6d51714470ea4e50523016ad2b377b750220936505df");
    let mut undivided = plain(7);
    undivided.readout.divided_by = DividedBy::One;
    check(&undivided, "76f78d31e65162c4cdadb081df4b782135cf8a6e4bb54f1e16ddbdca30ebeba8");
}

#[test]
fn units_are_the_same_at_every_width() {
    // Values of the narrow net's block, and the exact factor between the scales.
    fn check_block(narrow: &Lattice, wide: &Lattice) {
        for row in 0..narrow.rows {
            let of = |matrix: &Lattice| matrix.q[row * matrix.columns..][..narrow.columns].to_vec();
            assert_eq!(of(narrow), of(wide), "row {row}");
        }
    }
    for weights in ANYWHERE {
        for divided_by in [DividedBy::One, DividedBy::SqrtUnits, DividedBy::Units] {
            let [narrow, wide] = [5, 64].map(|units| {
                let mut spec = RecurrentSpec { units, ..with_weights(weights) };
                spec.readout.divided_by = divided_by;
                generate(&spec)
            });
            check_block(narrow.recurrent(), wide.recurrent());
            check_block(narrow.input(), wide.input());
            check_block(narrow.readout(), wide.readout());
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
fn what_is_regenerated_is_what_was_saved() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("new/folder/backbone");
    for spec in [spec(9, 1, 1), spec(65, 2, 2), plain(1), plain(33)] {
        let backbone = generate(&spec);
        backbone.save(&path).expect("saved");
        let loaded = RecurrentBackbone::load(&path).expect("its own file");
        let again = generate(loaded.spec());
        for other in [&loaded, &again] {
            assert_eq!(other.spec(), &spec);
            assert_eq!(other.fingerprint(), backbone.fingerprint());
            assert_eq!(other.recurrent(), backbone.recurrent());
            assert_eq!(other.input(), backbone.input());
            assert_eq!(other.readout(), backbone.readout());
            assert_eq!(other.initial(), backbone.initial());
        }
        let bytes = std::fs::read(&path).expect("saved");
        loaded.save(&path).expect("saved");
        assert_eq!(std::fs::read(&path).expect("saved"), bytes, "the same bytes every time");
    }
}

#[test]
fn weights_do_not_depend_on_the_number_of_threads() {
    let fingerprints = [1, 3].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| generate(&spec(300, 1, 1)).fingerprint())
    });
    assert_eq!(fingerprints[0], fingerprints[1]);
}

#[test]
fn the_fingerprint_covers_every_field_of_the_spec() {
    let base = spec(6, 1, 1);
    let mut others: Vec<_> = (0..10).map(|_| base.clone()).collect();
    others[1].seed = 2;
    others[2].alpha = 0.5;
    others[3].beta = 1.0;
    others[4].units = 7;
    others[5].recurrent.gain = 1.3;
    others[6].input.values = 2;
    others[7].readout.divided_by = DividedBy::One;
    others[8].initial_state = InitialState::Zero;
    others[9].initial_state = InitialState::Uniform { half_width: 0.25 };
    let mut fingerprints: Vec<_> = others.iter().map(|spec| generate(spec).fingerprint()).collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), others.len());
}

#[test]
fn a_spec_survives_toml_and_has_defaults() {
    let full = spec(9, 1, 1);
    let printed = full.to_toml().expect("TOML");
    assert_eq!(RecurrentSpec::from_toml(&printed).expect("its own text"), full);
    let short = plain(5);
    assert_eq!((short.alpha.to_bits(), short.beta.to_bits()), (0.0_f64.to_bits(), 1.0_f64.to_bits()));
    assert_eq!(short.initial_state, InitialState::Zero);
    assert!(generate(&short).initial().iter().all(|r| *r == 0.0));
}

#[test]
fn hostile_specs_are_errors_and_take_no_memory() {
    let check = |expected: &str, from: &str, to: &str| {
        let good = text(9, 1, 1);
        assert!(good.contains(from), "{from}");
        let error = RecurrentSpec::from_toml(&good.replacen(from, to, 1)).expect_err(expected).to_string();
        assert!(error.contains(expected), "expected `{expected}`, found `{error}`");
    };
    check("`width (hidden units)` is 0", "units = 9", "units = 0");
    check("`width (hidden units)` is 4294967295", "units = 9", "units = 4294967295");
    check("`number of weights` is 28147", "units = 9", "units = 16777216");
    check("`number of weights` is 4295", "units = 9", "units = 65536");
    check("invalid value", "units = 9", "units = -1");
    check("invalid value", "units = 9", "units = 4294967296");
    check("`input values` is 65537", "values = 1", "values = 65537");
    check("`input values` is 4294967295", "values = 1", "values = 4294967295");
    check("`outputs` is 0", "outputs = 1", "outputs = 0");
    check("`outputs` is 4294967295", "outputs = 1", "outputs = 4294967295");
    for (key, good) in [("alpha", "0.25"), ("beta", "0.75"), ("gain", "1.2"), ("std", "1.0")] {
        for bad in ["nan", "inf", "-inf", "-1.0", "1e300"] {
            check(&format!("`{key}` is "), &format!("{key} = {good}"), &format!("{key} = {bad}"));
        }
    }
    check("`half_width` is NaN", "half_width = 0.5", "half_width = nan");
    check("`half_width` is 0", "half_width = 1.0", "half_width = 0.0");
    check("`beta` is 0", "beta = 0.75", "beta = 0.0");
    check("`gain` is 0", "gain = 1.2", "gain = 0.0");
    check("`seed` is 9007199254740992", "seed = 1", "seed = 9007199254740992");
    check("needs generator 2", "seed = 1", "seed = 1\ngenerator = 2");
    check("unknown variant `mlp`", r#""rnn""#, r#""mlp""#);
    check("unknown variant `cubed`", "sqrt_units", "cubed");
    check("unknown variant `random`", r#""uniform", half_width = 0.5"#, r#""random""#);
    check("unknown field `note`", "seed = 1", "seed = 1\nnote = 1");
    check("only possible for the readout", r#""normal", std = 1.0"#, r#""one_hot", value = 1.0"#);
    let local = r#""local_normal", sigma = 1.0, norm = 1.0"#;
    check("only possible for the first layer", r#""uniform", half_width = 1.0"#, local);
    let huge = RecurrentSpec { units: 1 << 24, ..spec(9, 1, 1) };
    assert!(RecurrentBackbone::generate(&huge).is_err());
}
