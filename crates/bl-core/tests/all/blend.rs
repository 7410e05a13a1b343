//! What holds of blends: their ends, their sums, and what cannot be blended.

use crate::support::{
    LOCAL_NORMAL, ONE_HOT, adapter, bytes, check_error, every_kind, generate, read, recurrent,
    set_preprocessing, shallow, small_backbone, spec,
};
use bl_core::adapter::blend::Part;
use bl_core::io::Signal;
use bl_core::{Adapter, BaseBias, Encoding, Error, Io, UnitGains};

fn blend(a: &Adapter, to: f64, b: &Adapter, too: f64) -> Result<Adapter, Error> {
    Adapter::blend(&[Part { name: "a", adapter: a, weight: to }, Part { name: "b", adapter: b, weight: too }])
}

fn bits(adapter: &Adapter) -> Vec<u32> {
    let parameters = &adapter.parameters;
    let gains = parameters.gains.factors();
    let learned = parameters.biases.iter().flatten().chain(&gains).chain(parameters.initial.iter().flatten());
    learned.map(|x| x.to_bits()).collect()
}

/// Two adapters of a kind with other values, preprocessing and names.
fn pairs() -> Vec<(Adapter, Adapter)> {
    let twice = |adapter: Adapter| (adapter.clone(), adapter);
    let [bias, _, gain, both] = every_kind(&shallow(9)); // a mask cannot be blended
    let mut pairs: Vec<_> = [bias, gain, both].map(twice).into();
    let [bias, _, gain, both] = every_kind(&recurrent(9));
    pairs.extend([bias, gain, both].map(twice));
    pairs.push((adapter(&small_backbone(), 1), adapter(&small_backbone(), 2)));
    for (a, b) in &mut pairs {
        if b.header.base_bias.is_none() {
            b.parameters.biases.iter_mut().flatten().for_each(|bias| *bias = 0.75 - *bias);
            a.parameters.biases[0][0] = -0.0;
        }
        if let UnitGains::Learned(gains) = &mut b.parameters.gains {
            for gain in gains {
                *gain *= -2.0;
            }
        }
        b.parameters.initial.iter_mut().flatten().for_each(|r| *r = 1.0 - *r);
        if b.header.io.images().is_ok() {
            set_preprocessing(&mut b.header, 0.1, 0.7);
        }
        b.header.task.labels.reverse();
        b.header.license = None;
    }
    pairs
}

#[test]
fn a_weight_of_1_gives_the_adapter_again_to_the_bit() {
    for (a, b) in pairs() {
        for (blended, end) in
            [(blend(&a, 1.0, &b, 0.0), &a), (blend(&a, 0.0, &b, 1.0), &b), (blend(&b, 0.0, &a, 1.0), &a)]
        {
            let blended = blended.expect("of one backbone");
            assert_eq!(bits(&blended), bits(end));
            assert_eq!(blended.header.io, end.header.io);
            assert_eq!(blended.header.task.labels, end.header.task.labels);
        }
    }
}

#[test]
fn a_blend_is_the_weighted_sum_and_says_what_it_is() {
    for (a, b) in pairs() {
        for (to, too) in [(0.7, 0.3), (0.5, 0.5), (2.0, -0.5), (1.0, 1.0)] {
            let blended = blend(&a, to, &b, too).expect("of one backbone");
            let sum = |(a, b): (u32, u32)| {
                let [a, b] = [a, b].map(|x| f64::from(f32::from_bits(x)));
                (to * a + too * b) as f32
            };
            if a.header.base_bias.is_none() {
                let expected: Vec<u32> =
                    bits(&a).into_iter().zip(bits(&b)).map(|pair| sum(pair).to_bits()).collect();
                assert_eq!(bits(&blended), expected);
            } else {
                assert_eq!(blended.parameters.biases, a.parameters.biases, "drawn ones are everyone's");
            }
            if let Ok((_, preprocessing)) = blended.header.io.images() {
                let mean = (to * 0.4 + too * 0.1) / (to + too);
                assert!((preprocessing.mean - mean).abs() < 1e-12);
            }
            assert_eq!(blended.header.task.labels, a.header.task.labels);
            assert_eq!(blended.header.task.title, format!("Blend of {to} × a + {too} × b"));
            assert!(blended.header.metrics.is_empty() && blended.header.training.is_none());
            assert!(blended.header.license.is_none());
            assert_eq!(blended.header.requires, a.header.requires);
            assert_eq!(read(&bytes(&blended)), blended);
        }
    }
}

#[test]
fn forms_are_blended_where_they_have_the_same_units() {
    let (a, b) = pairs().swap_remove(0);
    let keep: Vec<bool> = (0..9).map(|unit| unit % 2 == 0).collect();
    let half = a.encoded(Encoding::F16).expect("within range");
    let whole = blend(&half, 1.0, &b, 0.0).expect("of one backbone");
    assert_eq!((whole.encoding(), bits(&whole)), (Encoding::F32, bits(&half)));
    let [few_a, few_b] = [&half, &b].map(|adapter| adapter.pruned(&keep).expect("one layer"));
    let few = blend(&few_a, 0.5, &few_b, 0.5).expect("the same units");
    assert_eq!((few.kept(), &few.header.requires[..]), (Some(&*keep), &["pruned".to_owned()][..]));
    assert_eq!(few, read(&bytes(&few)));
    let error = blend(&few_a, 0.5, &b, 0.5).expect_err("other units").to_string();
    assert!(error.contains("different units left by pruning: 5 of 9 and 9 of 9"), "{error}");
}

#[test]
fn what_cannot_be_blended_is_refused_by_name() {
    let (a, b) = pairs().swap_remove(0);
    let check = |result: Result<Adapter, Error>, expected: &str| {
        check_error(&result.expect_err(expected), expected);
    };
    for (to, too) in [(1.0, -1.0), (0.0, 0.0), (f64::NAN, 1.0), (f64::INFINITY, 1.0)] {
        check(blend(&a, to, &b, too), "expected a finite one other than 0");
    }
    check(Adapter::blend(&[]), "nothing to blend");
    let other = adapter(&generate(&spec(2, &[(9, LOCAL_NORMAL)], ONE_HOT)), 1);
    let error = blend(&a, 0.5, &other, 0.5).expect_err("another backbone");
    let [one, two] = [&a, &other].map(|adapter| adapter.header.backbone.fingerprint);
    let expected = format!("`a` and `b` cannot be blended: they have different backbones: {one} and {two}");
    assert_eq!(error.to_string(), expected);
    assert!(error.hint().is_some());
    let [_, mask, gain, both] = every_kind(&shallow(9));
    check(blend(&a, 0.5, &both, 0.5), "different kinds: bias and bias_gain");
    check(blend(&mask, 0.5, &mask, 0.5), "there is nothing between to blend");
    let base = BaseBias { half_width: 0.5, mean: 0.0, seed: 1 };
    let mut redrawn = gain.clone();
    (redrawn.header.base_bias, redrawn.parameters.biases) = (Some(base), vec![base.draw(0, 9)]);
    check(blend(&gain, 0.5, &redrawn, 0.5), "different drawn biases");
    let mut huge = a.clone();
    huge.parameters.biases[0][1] = f32::MAX;
    check(blend(&huge, 2.0, &b, 1.0), "`hidden.0.bias` is inf at unit 1");

    let [bias, mask, _, both] = every_kind(&recurrent(9));
    check(blend(&mask, 0.5, &mask, 0.5), "there is nothing between to blend");
    check(blend(&a, 0.5, &bias, 0.5), "different backbones");
    let mut other = bias.clone();
    let Io::Signal { signal: Signal::Forecast(forecast), .. } = &mut other.header.io else {
        panic!("a forecaster")
    };
    forecast.horizon += 1;
    check(blend(&bias, 0.5, &other, 0.5), "different signals");
    let mut own_state = bias.clone();
    crate::support::set_learned_state(&mut own_state.header, true);
    own_state.parameters.initial.clone_from(&both.parameters.initial);
    check(blend(&bias, 0.5, &own_state, 0.5), "different values of `learned_state`: false and true");
}
