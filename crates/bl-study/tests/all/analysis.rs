//! Variance, correlation, overlap, thresholds and summaries.

use bl_study::analysis::{
    Correlation, MeanSd, NORMALISE_EPSILON, UnitVariance, histogram, independent, linear_edges, normalise,
    null_model, overlap, pearson, ranks, spearman, sweep,
};
use proptest::prelude::*;

use crate::reference::{assert_close, numbers, rows, section};

fn variance_of(rows: &[Vec<f32>]) -> UnitVariance {
    let mut variance = UnitVariance::new(rows[0].len());
    for row in rows {
        variance.add(row).unwrap();
    }
    variance
}

#[test]
fn variances_are_those_of_numpy() {
    // rows.astype(np.float64).var(0)
    let expected = section("variance");
    let samples: Vec<Vec<f32>> =
        rows(&expected["rows"]).iter().map(|row| row.iter().map(|&x| x as f32).collect()).collect();
    let variance = variance_of(&samples);
    for (&found, expected) in variance.means().unwrap().iter().zip(numbers(&expected["means"])) {
        assert_close(found, expected, 1e-13);
    }
    for (found, expected) in variance.variances().unwrap().iter().zip(numbers(&expected["variances"])) {
        assert!((found - expected).abs() <= 1e-9 * expected, "expected {expected}, found {found}");
    }
}

proptest! {
    #[test]
    fn chunks_merged_are_the_whole(
        samples in prop::collection::vec(prop::collection::vec(-1e3_f32..1e3, 3), 2..60),
        cut in 0.0..1.0_f64,
    ) {
        let cut = (cut * samples.len() as f64) as usize;
        let mut merged = UnitVariance::new(3);
        for chunk in [&samples[..cut], &samples[cut..]] {
            let mut variance = UnitVariance::new(3);
            for row in chunk {
                variance.add(row).unwrap();
            }
            merged.merge(&variance).unwrap();
        }
        let whole = variance_of(&samples);
        prop_assert_eq!(merged.samples(), whole.samples());
        for (merged, whole) in merged.variances().unwrap().iter().zip(whole.variances().unwrap()) {
            prop_assert!((merged - whole).abs() <= 1e-9 * whole.max(1.0));
        }
    }

    #[test]
    fn a_shift_changes_no_variance(
        samples in prop::collection::vec(prop::collection::vec(0_i16..100, 2), 2..40),
    ) {
        let shifted = |by: f32| -> Vec<f64> {
            let rows: Vec<Vec<f32>> = samples
                .iter()
                .map(|row| row.iter().map(|&x| f32::from(x) + by).collect())
                .collect();
            variance_of(&rows).variances().unwrap()
        };
        for (near, far) in shifted(0.0).iter().zip(shifted(8_000_000.0)) {
            prop_assert!((near - far).abs() <= 1e-6 * near.max(1.0));
        }
    }

    #[test]
    fn ranks_ignore_every_monotone_change(values in prop::collection::vec(-50_i32..50, 3..40)) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let changed: Vec<f64> = values.iter().map(|x| x.powi(3) + x).collect();
        prop_assert_eq!(ranks(&values).unwrap(), ranks(&changed).unwrap());
        if let Some(correlation) = spearman(&values, &changed).unwrap() {
            prop_assert!((correlation.r - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn overlaps_keep_the_laws_of_probability(
        masks in prop::collection::vec((any::<bool>(), any::<bool>()), 1..60),
    ) {
        let (a, b): (Vec<bool>, Vec<bool>) = masks.into_iter().unzip();
        let (ab, ba) = (overlap(&a, &b).unwrap(), overlap(&b, &a).unwrap());
        prop_assert_eq!((ab.on_both, ab.matching), (ba.on_both, ba.matching));
        prop_assert!(ab.on_both <= ab.on_a.min(ab.on_b));
        let off_both = 1.0 - ab.on_a - ab.on_b + ab.on_both;
        prop_assert!((ab.matching - ab.on_both - off_both).abs() < 1e-12);
        let by_condition = ab.on_a_given_on_b.unwrap_or(0.0) * ab.on_b;
        prop_assert!((by_condition - ab.on_both).abs() < 1e-12);
        prop_assert_eq!(overlap(&a, &a).unwrap().matching, 1.0);
    }

    #[test]
    fn every_value_is_counted_once(
        values in prop::collection::vec(-1.0..3.0_f64, 1..80),
        bins in 1_usize..20,
    ) {
        let counted = histogram(&values, &linear_edges(0.1, 2.0, bins).unwrap()).unwrap();
        let inside: u64 = counted.counts.iter().sum();
        prop_assert_eq!(inside + counted.below + counted.above, values.len() as u64);
        prop_assert_eq!(counted.below, values.iter().filter(|&&value| value < 0.1).count() as u64);
    }
}

#[test]
fn normalised_vectors_peak_at_one_and_silent_units_stay_silent() {
    let task_variances = vec![vec![4.0, 0.0, 1.0], vec![1.0, 0.0, 2.0]];
    let vectors = normalise(&task_variances).unwrap();
    assert_eq!(vectors[1], [0.0, 0.0]);
    for (unit, [first, second]) in [(0, [1.0, 0.25]), (2, [0.5, 1.0])] {
        assert_close(vectors[unit][0], first, NORMALISE_EPSILON);
        assert_close(vectors[unit][1], second, NORMALISE_EPSILON);
    }
}

#[test]
fn correlations_are_those_of_scipy() {
    // scipy.stats.rankdata, pearsonr, spearmanr
    let check = |found: Correlation, expected: Vec<f64>, n: usize| {
        assert_close(found.r, expected[0], 1e-12);
        assert_close(found.p, expected[1], 1e-8);
        assert_eq!(found.n, n);
    };
    for case in section("correlation").as_array().unwrap() {
        let (xs, ys) = (numbers(&case["xs"]), numbers(&case["ys"]));
        assert_eq!(ranks(&xs).unwrap(), numbers(&case["ranks"]));
        check(pearson(&xs, &ys).unwrap().unwrap(), numbers(&case["pearson"]), xs.len());
        check(spearman(&xs, &ys).unwrap().unwrap(), numbers(&case["spearman"]), xs.len());
    }
}

#[test]
fn a_constant_list_and_two_pairs_have_no_correlation() {
    assert_eq!(pearson(&[0.1; 4], &[1.0, 2.0, 3.0, 4.0]).unwrap(), None);
    assert_eq!(spearman(&[1.0, 2.0, 3.0], &[7.0; 3]).unwrap(), None);
    assert_eq!(spearman(&[1.0, 2.0], &[1.0, 2.0]).unwrap(), None);
}

#[test]
fn the_null_model_draws_what_independence_expects() {
    let (bias, mask) = (0.6226, 0.4527); // the paper's shares of ON units
    let drawn = null_model(bias, mask, 10_000, 1).unwrap();
    assert_eq!(drawn, null_model(bias, mask, 10_000, 1).unwrap());
    assert_ne!(drawn, null_model(bias, mask, 10_000, 2).unwrap());
    let exact = independent(bias, mask).unwrap();
    assert_close(exact.on_both, 0.281_851_02, 1e-12);
    let four_sigma = 4.0 * (0.25_f64 / 10_000.0).sqrt();
    assert_close(drawn.on_both, exact.on_both, four_sigma);
    assert_close(drawn.matching, exact.matching, four_sigma);
    assert_close(drawn.on_a_given_on_b.unwrap(), bias, 1.5 * four_sigma);
    assert_close(drawn.off_a_given_off_b.unwrap(), 1.0 - bias, 1.5 * four_sigma);
}

#[test]
fn conditions_that_never_hold_have_no_probability() {
    let found = overlap(&[true, false], &[false, false]).unwrap();
    assert_eq!((found.on_a_given_on_b, found.off_a_given_off_b), (None, Some(0.5)));
    assert_eq!(independent(0.3, 1.0).unwrap().off_a_given_off_b, None);
}

#[test]
fn a_unit_at_the_threshold_is_off() {
    let on = sweep(&[0.0, 0.1, 0.2], &[-1.0, 0.0, 0.1, 0.2]).unwrap();
    assert_eq!(on.iter().map(|on| on.count).collect::<Vec<_>>(), [3, 2, 1, 0]);
    assert_eq!(on[2].mask, [false, false, true]);
}

#[test]
fn counts_are_those_of_numpy() {
    // np.histogram(values, edges)[0]
    let expected = section("histogram");
    let found = histogram(&numbers(&expected["values"]), &numbers(&expected["edges"])).unwrap();
    let counts: Vec<f64> = found.counts.iter().map(|&count| count as f64).collect();
    assert_eq!(counts, numbers(&expected["counts"]));
}

#[test]
fn runs_are_summarised_as_numpy_and_scipy_do() {
    // np.mean, np.std(ddof=1), scipy.stats.sem
    let expected = section("summary");
    let found = MeanSd::of(&numbers(&expected["values"])).unwrap();
    assert_close(found.mean, expected["mean"].as_f64().unwrap(), 1e-15);
    assert_close(found.sd.unwrap(), expected["sd"].as_f64().unwrap(), 1e-15);
    assert_close(found.standard_error().unwrap(), expected["sem"].as_f64().unwrap(), 1e-15);
    assert_eq!(found.to_string(), "0.9340 ± 0.0011");
    assert_eq!(format!("{found:.2}"), "0.93 ± 0.00");
}

#[test]
fn a_single_run_has_no_deviation() {
    let single = MeanSd::of(&[0.93]).unwrap();
    assert_eq!((single.sd, single.standard_error()), (None, None));
    assert_eq!(single.to_string(), "0.9300");
    let json = serde_json::to_string(&single).unwrap();
    assert_eq!(json, r#"{"mean":0.93,"sd":null,"n":1}"#);
    assert_eq!(serde_json::from_str::<MeanSd>(&json).unwrap(), single);
}
