//! What holds of blends: their ends, their sums, and what cannot be blended.

use crate::recurrent::support as in_time;
use crate::support::{LOCAL_NORMAL, ONE_HOT, adapter, every_kind, generate, small_backbone, spec};
use bl_core::blend::Part;
use bl_core::recurrent::RecurrentAdapter;
use bl_core::{BaseBias, BiasAdapter, Encoding, Error, Preprocessing, UnitGains};

fn part<'a, A>(name: &'a str, adapter: &'a A, weight: f64) -> Part<'a, A> {
    Part { name, adapter, weight }
}

fn blend(a: &BiasAdapter, to: f64, b: &BiasAdapter, too: f64) -> Result<BiasAdapter, Error> {
    BiasAdapter::blend(&[part("a", a, to), part("b", b, too)])
}

fn bits(adapter: &BiasAdapter) -> Vec<u32> {
    let gains = match &adapter.gains {
        UnitGains::Learned(gains) => gains.clone(),
        _ => Vec::new(),
    };
    adapter.biases.iter().flatten().chain(&gains).map(|x| x.to_bits()).collect()
}

/// Two adapters of a kind with other values, preprocessing and names.
fn pairs() -> Vec<(BiasAdapter, BiasAdapter)> {
    let shallow = generate(&spec(1, &[(9, LOCAL_NORMAL)], ONE_HOT));
    let mut pairs: Vec<_> = every_kind(&shallow).map(|adapter| (adapter.clone(), adapter)).into();
    pairs.remove(1); // the mask
    pairs.push((adapter(&small_backbone(), 1), adapter(&small_backbone(), 2)));
    for (a, b) in &mut pairs {
        if b.header.base_bias.is_none() {
            b.biases.iter_mut().flatten().for_each(|bias| *bias = 0.75 - *bias);
            a.biases[0][0] = -0.0;
        }
        if let UnitGains::Learned(gains) = &mut b.gains {
            for gain in gains {
                *gain *= -2.0;
            }
        }
        b.header.preprocessing = Preprocessing { mean: 0.1, std: 0.7 };
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
            assert_eq!(blended.header.preprocessing, end.header.preprocessing);
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
                assert_eq!(blended.biases, a.biases, "drawn ones are everyone's");
            }
            let mean = (to * 0.4 + too * 0.1) / (to + too);
            assert!((blended.header.preprocessing.mean - mean).abs() < 1e-12);
            assert_eq!(blended.header.task.labels, a.header.task.labels);
            assert_eq!(blended.header.task.title, format!("Blend of {to} × a + {too} × b"));
            assert!(blended.header.metrics.is_empty() && blended.header.training.is_none());
            assert!(blended.header.license.is_none());
            let read = BiasAdapter::from_bytes(&blended.to_bytes().expect("finite")).expect("its own file");
            assert_eq!(read, blended);
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
    assert_eq!(few, BiasAdapter::from_bytes(&few.to_bytes().expect("finite")).expect("its own file"));
    let error = blend(&few_a, 0.5, &b, 0.5).expect_err("other units").to_string();
    assert!(error.contains("different units left by pruning: 5 of 9 and 9 of 9"), "{error}");
}

#[test]
fn what_cannot_be_blended_is_refused_by_name() {
    let (a, b) = pairs().swap_remove(0);
    let check = |result: Result<BiasAdapter, Error>, expected: &str| {
        let error = result.expect_err(expected).to_string();
        assert!(error.contains(expected), "expected `{expected}`, found `{error}`");
    };
    for (to, too) in [(1.0, -1.0), (0.0, 0.0), (f64::NAN, 1.0), (f64::INFINITY, 1.0)] {
        check(blend(&a, to, &b, too), "expected a finite one other than 0");
    }
    check(BiasAdapter::blend(&[]), "nothing to blend");
    let other = adapter(&generate(&spec(2, &[(9, LOCAL_NORMAL)], ONE_HOT)), 1);
    let error = blend(&a, 0.5, &other, 0.5).expect_err("another backbone");
    let [one, two] = [&a, &other].map(|adapter| adapter.header.backbone.fingerprint);
    let expected =
        format!("`a` and `b` cannot be blended, for they have different backbones: {one} and {two}");
    assert_eq!(error.to_string(), expected);
    assert!(error.hint().is_some());
    let [_, mask, gain, both] = every_kind(&generate(&spec(1, &[(9, LOCAL_NORMAL)], ONE_HOT)));
    check(blend(&a, 0.5, &both, 0.5), "different kinds: bias and bias_gain");
    check(blend(&mask, 0.5, &mask, 0.5), "there is nothing between to blend");
    let base = BaseBias { half_width: 0.5, mean: 0.0, seed: 1 };
    let mut redrawn = gain.clone();
    (redrawn.header.base_bias, redrawn.biases) = (Some(base), vec![base.draw(0, 9)]);
    check(blend(&gain, 0.5, &redrawn, 0.5), "different drawn biases");
    let mut huge = a.clone();
    huge.biases[0][1] = f32::MAX;
    check(blend(&huge, 2.0, &b, 1.0), "`hidden.0.bias` is inf at unit 1");
}

#[test]
fn recurrent_adapters_with_equal_signals_are_blended_too() {
    let backbone = in_time::generate(&in_time::spec(9, 1, 1));
    for (nth, a) in in_time::every_kind(&backbone).into_iter().enumerate() {
        let mut b = a.clone();
        b.header.task.title = "Other waves".into();
        b.initial = b.initial.map(|state| state.iter().map(|r| 1.0 - r).collect());
        let blend = |to, too| RecurrentAdapter::blend(&[part("a", &a, to), part("b", &b, too)]);
        if nth == 1 {
            assert!(blend(0.5, 0.5).expect_err("a mask").to_string().contains("kind `mask`"));
            continue;
        }
        for (blended, end) in [(blend(1.0, 0.0), &a), (blend(0.0, 1.0), &b)] {
            let blended = blended.expect("of one backbone");
            assert_eq!(
                (&blended.biases, &blended.gains, &blended.initial),
                (&end.biases, &end.gains, &end.initial)
            );
        }
        let half = blend(0.5, 0.5).expect("of one backbone");
        assert!(half.initial.iter().flatten().all(|r| (r - 0.5).abs() < 1e-6));
        assert_eq!(half, RecurrentAdapter::from_bytes(&half.to_bytes().expect("finite")).expect("its own"));
    }
    let [bias, ..] = in_time::every_kind(&backbone);
    let mut other = bias.clone();
    if let bl_core::recurrent::Signal::Forecast(forecast) = &mut other.header.signal {
        forecast.horizon += 1;
    }
    let error = RecurrentAdapter::blend(&[part("a", &bias, 0.5), part("b", &other, 0.5)]);
    assert!(error.expect_err("another signal").to_string().contains("different signals"));
}
