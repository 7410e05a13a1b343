//! Bad input is an error that says what was found, never a panic.

use bl_study::Error;
use bl_study::analysis::{
    CrossValidation, KMeansOptions, MeanSd, UnitVariance, cross_validate, histogram, independent, k_means,
    linear_edges, normalise, null_model, overlap, pearson, spearman, sweep,
};

#[track_caller]
fn check<T, E: std::fmt::Display>(result: Result<T, E>, expect: &str) {
    assert_eq!(result.err().map(|error| error.to_string()).as_deref(), Some(expect));
}

fn three_units() -> Vec<Vec<f64>> {
    vec![vec![0.0], vec![1.0], vec![2.0]]
}

fn cross_validated(clusters: &[usize], folds: usize) -> Result<usize, Error> {
    let options = CrossValidation {
        clusters: clusters.to_vec(),
        folds,
        least_gain: 0.01,
        k_means: KMeansOptions::default(),
    };
    cross_validate(&three_units(), &options).map(|held_out| held_out.chosen)
}

#[test]
fn empty_input() {
    check(UnitVariance::new(3).variances(), "expected at least one entry, found none: samples");
    check(normalise(&[]), "expected at least one entry, found none: tasks");
    check(MeanSd::of(&[]), "expected at least one entry, found none: runs");
    check(overlap(&[], &[]), "expected at least one entry, found none: mask");
    check(null_model(0.5, 0.5, 0, 1), "expected at least one entry, found none: mask");
    check(sweep(&[], &[0.1]), "expected at least one entry, found none: variances");
    check(linear_edges(0.0, 1.0, 0), "expected at least one entry, found none: bins");
    check(
        k_means(&[], 1, &KMeansOptions::default()),
        "expected at least one entry, found none: units to cluster",
    );
    check(spearman(&[], &[]), "expected at least one entry, found none: list to rank");
    check(cross_validated(&[], 3), "expected at least one entry, found none: numbers of clusters to try");
}

#[test]
fn unequal_lengths() {
    check(UnitVariance::new(3).add(&[1.0]), "activations of a sample: expected 3, found 1");
    let two = UnitVariance::new(2);
    check(UnitVariance::new(3).merge(&two), "units of the other chunk: expected 3, found 2");
    check(normalise(&[vec![1.0, 2.0], vec![1.0]]), "variances of a task: expected 2, found 1");
    check(pearson(&[1.0, 2.0], &[1.0]), "second list to correlate: expected 2, found 1");
    check(overlap(&[true, false], &[true]), "second mask: expected 2, found 1");
    let ragged = vec![vec![1.0, 2.0], vec![1.0]];
    check(k_means(&ragged, 1, &KMeansOptions::default()), "features of a unit: expected 2, found 1");
}

#[test]
fn numbers_that_are_not_finite() {
    let mut variance = UnitVariance::new(2);
    let nan = "activations of a sample: expected finite numbers, found NaN at index 1";
    check(variance.add(&[1.0, f32::NAN]), nan);
    assert_eq!(variance.samples(), 0);
    check(MeanSd::of(&[1.0, f64::INFINITY]), "runs: expected finite numbers, found inf at index 1");
    check(spearman(&[f64::NAN], &[1.0]), "list to rank: expected finite numbers, found NaN at index 0");
    check(
        k_means(&[vec![f64::NAN]], 1, &KMeansOptions::default()),
        "features of a unit: expected finite numbers, found NaN at index 0",
    );
    check(normalise(&[vec![-1.0]]), "variances of a task: expected no negative numbers, found -1 at index 0");
}

#[test]
fn settings_that_make_no_sense() {
    for clusters in [0, 4] {
        check(
            k_means(&three_units(), clusters, &KMeansOptions::default()),
            &format!("expected 1 to 3 clusters for 3 units, found {clusters}"),
        );
    }
    let no_restart = KMeansOptions { restarts: 0, ..KMeansOptions::default() };
    check(k_means(&three_units(), 1, &no_restart), "k-means: Invalid hyperparameter: n_runs cannot be 0");
    check(cross_validated(&[1], 4), "expected 2 to 3 folds for 3 units, found 4");
    check(cross_validated(&[1, 3], 3), "expected 1 to 2 clusters for 2 units, found 3");
    check(
        cross_validated(&[2, 1], 3),
        "numbers of clusters to try: expected each to be greater than the one before",
    );
    check(independent(1.5, 0.5), "share ON in a: expected a probability from 0 to 1, found 1.5");
    check(null_model(0.5, f64::NAN, 9, 1), "share ON in b: expected a probability from 0 to 1, found NaN");
    check(histogram(&[1.0], &[1.0]), "edges of bins, at least: expected 2, found 1");
    check(linear_edges(2.0, 1.0, 4), "edges of bins: expected each to be greater than the one before");
}
