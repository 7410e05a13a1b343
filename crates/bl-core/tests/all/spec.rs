//! Specs are read strictly: each one that is wrong says what is wrong.

use crate::support::{
    ANYWHERE, LOCAL_NORMAL, ONE_HOT, first_layer, forecaster, generate, io, plain, readouts, recurrent, rnn,
    rnn_text, shallow, spec, spec_text,
};
use bl_core::spec::{Distribution, InitialState};
use bl_core::{Backbone, Io, RnnSpec, Spec, canonical};

const NORMAL: &str = ANYWHERE[1];

#[track_caller]
fn check(text: &str, expected: &str) {
    let error = Spec::from_toml(text).expect_err(expected).to_string();
    assert!(error.contains(expected), "expected `{expected}`, found `{error}`");
}

#[test]
fn wrong_front_ends_are_refused_with_the_reason() {
    let behind = |front: &str| format!("front = {{ {front} }}\n{}", spec_text(1, &[(5, NORMAL)], NORMAL));
    for (front, expected) in [
        (r#"kind = "conv", filters = 0, size = 2, grid = 1"#, "`front.filters` is 0"),
        (r#"kind = "conv", filters = 4097, size = 2, grid = 1"#, "`front.filters` is 4097"),
        (
            r#"kind = "conv", filters = 2, size = 1, grid = 1"#,
            "`front.size (not larger than the images)` is 1",
        ),
        (r#"kind = "conv", filters = 2, size = 4, grid = 1"#, "expected a value from 2 to 3"),
        (r#"kind = "conv", filters = 2, size = 2, grid = 4"#, "`front.grid (cells of a pixel or more)` is 4"),
        (r#"kind = "conv", filters = 4096, size = 2, grid = 3"#, "`values of the front end` is 73728"),
        (r#"kind = "conv", filters = 2, size = 2"#, "missing field `grid`"),
        (r#"kind = "conv", filters = 2, size = 2, grid = 1, stride = 1"#, "unknown field `stride`"),
        (r#"kind = "tokens""#, "unknown variant `tokens`"),
    ] {
        check(&behind(front), expected);
    }
    let large = behind(r#"kind = "conv", filters = 1024, size = 128, grid = 1"#)
        .replace("height = 4, width = 3, channels = 2", "height = 256, width = 256");
    check(&large, "`products of the front end for an image`");
}

#[test]
fn wrong_specs_are_refused_with_the_reason() {
    let good = spec_text(1, &[(5, NORMAL), (5, NORMAL)], ONE_HOT);
    Spec::from_toml(&good).expect("the text that the others are made from");
    let replaced = |from: &str, to: &str| {
        assert!(good.contains(from));
        good.replacen(from, to, 1)
    };
    for (from, to, expected) in [
        ("units = 5", "units = 0", "`width (hidden units)` is 0, expected a value from 1 to 16777216"),
        ("units = 5", "units = 16777217", "`width (hidden units)` is 16777217"),
        ("units = 5", "units = 4294967296", "u32"),
        ("units = 5", "units = -1", "u32"),
        ("units = 5", "units = 1.5", "u32"),
        ("seed = 1", "seed = 9007199254740992", "`seed` is 9007199254740992"),
        ("seed = 1", "seed = -1", "u64"),
        ("seed = 1\n", "", "missing field `seed`"),
        ("height = 4", "height = 0", "`input values` is 0"),
        (
            "height = 4, width = 3",
            "height = 257, width = 128",
            "`input values` is 65792, expected a value from 1 to 65536",
        ),
        // 2^64 + 4 values: a product that wrapped around would be four.
        (
            "height = 4, width = 3, channels = 2",
            "height = 769546, width = 494770, channels = 48448661",
            "`input values`",
        ),
        ("outputs = 3", "outputs = 0", "`outputs` is 0"),
        ("outputs = 3", "outputs = 65537", "`outputs` is 65537"),
        ("seed = 1", "seed = 1\ngenerator = 2", "needs generator 2, this program has generator 1"),
        ("seed = 1", "seed = 1\nwidth = 5", "unknown field `width`"),
        ("seed = 1", "seed = 1\nkind = \"rnn\"", "unknown field `channels`"),
        (
            "seed = 1",
            "seed = 1\nkind = \"gru\"",
            "unknown network family \"gru\", expected \"mlp\", \"rnn\" or \"bert\"",
        ),
        ("seed = 1", "seed = 1\nkind = 7", "unknown network family 7"),
        ("seed = 1", "seed = 1\nactivation = \"tanh\"", "unknown variant `tanh`"),
        ("height = 4", "hight = 4", "unknown field `hight`"),
        ("units = 5", "unit = 5", "unknown field `unit`"),
        ("outputs = 3", "outputs = 3, bias = true", "unknown field `bias`"),
        ("seed = 1", "seed = 1\nseed = 2", "duplicate key"),
        (r#""normal""#, r#""gauss""#, "unknown variant `gauss`"),
    ] {
        check(&replaced(from, to), expected);
    }
    let first = |weights: &str| spec_text(1, &[(5, weights)], ONE_HOT);
    for (weights, expected) in [
        (r#"{ distribution = "normal", std = 0.0 }"#, "`std` is 0, expected a value from 1e-30"),
        (r#"{ distribution = "normal", std = nan }"#, "`std` is NaN"),
        (r#"{ distribution = "normal", std = inf }"#, "`std` is inf"),
        (r#"{ distribution = "normal", std = -1.0 }"#, "`std` is -1"),
        (r#"{ distribution = "normal", std = 1e-40 }"#, "`std` is 1e-40"),
        (r#"{ distribution = "normal", std = 1e31 }"#, "`std` is 1e31"),
        (r#"{ distribution = "normal", std = 1.0, mean = 0.0 }"#, "unknown field `mean`"),
        (r#"{ distribution = "normal" }"#, "missing field `std`"),
        (r#"{ distribution = "uniform", half_width = 0.0 }"#, "`half_width` is 0"),
        (r#"{ distribution = "mixture", mean = 0.0, std = 1.0 }"#, "`mean` is 0"),
        (r#"{ distribution = "mixture", mean = 1.0, std = nan }"#, "`std` is NaN"),
        (r#"{ distribution = "rademacher", value = -0.5 }"#, "`value` is -0.5"),
        (r#"{ distribution = "sparse", density = 0.0, std = 1.0 }"#, "`density` is 0"),
        (r#"{ distribution = "sparse", density = 2.0, std = 1.0 }"#, "`density` is 2"),
        (r#"{ distribution = "sparse", density = 0.5, std = 0.0 }"#, "`std` is 0"),
        (r#"{ distribution = "local_normal", sigma = 0.1, norm = 1.0 }"#, "`sigma` is 0.1"),
        (r#"{ distribution = "local_normal", sigma = 1.0, norm = 0.0 }"#, "`norm` is 0"),
        (ONE_HOT, "`one_hot` is only possible for the readout"),
    ] {
        check(&first(weights), expected);
    }
    check(&spec_text(1, &[(5, NORMAL), (5, ONE_HOT)], NORMAL), "`one_hot` is only possible for the readout");
    let local = "`local_normal` is only possible for the first layer";
    check(&spec_text(1, &[(5, NORMAL), (5, LOCAL_NORMAL)], NORMAL), local);
    check(&spec_text(1, &[(5, NORMAL)], LOCAL_NORMAL), local);
    check(&spec_text(1, &[(5, NORMAL)], r#"{ distribution = "one_hot", value = 0.0 }"#), "`value` is 0");
    check(&spec_text(1, &[], NORMAL), "`number of hidden layers` is 0");
    check(&spec_text(1, &[(1, NORMAL); 65], NORMAL), "`number of hidden layers` is 65");
    let residual = format!("residual = true\n{}", spec_text(1, &[(5, NORMAL), (6, NORMAL)], NORMAL));
    check(&residual, "residual layer 1 has 6 units, but the layer before it has 5");
    check(&spec_text(1, &[(1 << 24, NORMAL), (1 << 24, NORMAL)], NORMAL), "`number of weights`");
}

#[test]
fn toml_and_canonical_json_hold_the_same_spec() {
    let check = |spec: Spec| {
        let toml = spec.to_toml().expect("a spec is TOML");
        assert_eq!(Spec::from_toml(&toml).expect("valid"), spec, "{toml}");
        let json = canonical::to_string(&spec).expect("a spec is JSON");
        let again: Spec = serde_json::from_str(&json).expect("valid");
        assert_eq!(again, spec, "{json}");
        assert_eq!(canonical::to_string(&again).expect("a spec is JSON"), json);
    };
    for weights in first_layer() {
        for readout in readouts() {
            check(spec((1 << 53) - 1, &[(5, weights), (5, ANYWHERE[0])], readout).into());
        }
    }
    check(rnn(9, 1, 1).into());
    check(plain(5).into());
    let short = plain(5);
    assert_eq!((short.alpha.to_bits(), short.beta.to_bits()), (0.0_f64.to_bits(), 1.0_f64.to_bits()));
    assert_eq!(short.initial_state, InitialState::Zero);
    assert!(generate(&short).rnn().expect("recurrent").initial().iter().all(|r| *r == 0.0));
}

#[test]
fn a_spec_takes_the_inputs_and_outputs_of_a_task_of_its_own_family() {
    let [mut images, mut waves] = [shallow(9), recurrent(9)].map(|backbone| backbone.spec().clone());
    let (pixels, reach) = (io(&shallow(9)), io(&generate(&rnn(5, 2, 2))));
    assert!(images.check_fits(&pixels, 3).is_ok() && waves.check_fits(&reach, 0).is_err());
    images.fit(&pixels, 7).expect("images");
    waves.fit(&reach, 0).expect("a signal");
    assert!(images.check_fits(&pixels, 7).is_ok() && waves.check_fits(&reach, 0).is_ok());
    assert_eq!(
        images.check_fits(&pixels, 3).expect_err("classes").to_string(),
        "task has 3 classes, but the backbone has 7 outputs"
    );
    for (spec, other) in [(&mut images, &reach), (&mut waves, &pixels)] {
        let before = spec.clone();
        assert!(spec.fit(other, 3).is_err() && spec.check_fits(other, 3).is_err());
        assert_eq!(*spec, before, "left as it was");
    }
    let mut wide = [images, waves];
    for (spec, weights) in wide.iter_mut().zip([24 * 64 + 64 * 7, 64 * 64 + 2 * 64 + 64 * 2]) {
        spec.set_width(64);
        assert_eq!((spec.layers(), spec.hidden_units(), spec.frozen_weights()), (vec![64], 64, weights));
    }
    // A one-hot readout follows the width, for scores are sums over the units.
    let mut narrow = spec(1, &[(32_000, NORMAL)], ONE_HOT);
    narrow.readout.weights = Distribution::OneHot { value: 0.14 };
    for (units, expected) in [(32_000, 0.14), (8000, 0.28), (10_000, 0.250_440), (32_000, 0.14)] {
        let mut spec = Spec::from(narrow.clone());
        spec.set_width(units);
        assert_eq!(
            spec.mlp().expect("feed-forward").readout.weights,
            Distribution::OneHot { value: expected }
        );
    }
    let signal = Io::Signal { signal: forecaster(), learned_state: true };
    assert!(signal.has_learned_state() && signal.images().is_err() && pixels.signal().is_err());
}

#[test]
fn weights_that_would_overflow_f16_are_refused() {
    let spec = spec(1, &[(5, r#"{ distribution = "rademacher", value = 1e4 }"#)], ONE_HOT);
    let error = Backbone::generate(&spec.into()).err().expect("24 inputs of 1e4").to_string();
    assert!(error.contains("f16 ends at 65504"), "{error}");
}

#[test]
fn hostile_recurrent_specs_are_errors_and_take_no_memory() {
    let check = |expected: &str, from: &str, to: &str| {
        let good = rnn_text(9, 1, 1);
        assert!(good.contains(from), "{from}");
        let error = Spec::from_toml(&good.replacen(from, to, 1)).expect_err(expected).to_string();
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
    check("unknown field `alpha`", r#""rnn""#, r#""mlp""#);
    check("unknown network family \"lstm\"", r#""rnn""#, r#""lstm""#);
    check("unknown variant `cubed`", "sqrt_units", "cubed");
    check("unknown variant `random`", r#""uniform", half_width = 0.5"#, r#""random""#);
    check("unknown field `note`", "seed = 1", "seed = 1\nnote = 1");
    check("only possible for the readout", r#""normal", std = 1.0"#, r#""one_hot", value = 1.0"#);
    let local = r#""local_normal", sigma = 1.0, norm = 1.0"#;
    check("only possible for the first layer", r#""uniform", half_width = 1.0"#, local);
    let huge = RnnSpec { units: 1 << 24, ..rnn(9, 1, 1) };
    assert!(Backbone::generate(&huge.into()).is_err());
}
