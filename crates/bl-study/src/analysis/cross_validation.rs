//! How many clusters: by how much another cluster helps on units that were not clustered.

use linfa::traits::Transformer;
use ndarray::{Array2, Axis};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use super::cluster::{KMeansOptions, check_clusters, fit, matrix};
use super::summary::MeanSd;
use crate::error::Error;

/// What to try, and what another cluster must gain.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidation {
    /// Numbers of clusters to try, ascending.
    pub clusters: Vec<usize>,
    /// Parts that the units are cut into; each is held out once.
    pub folds: usize,
    /// Another cluster must explain at least this share of the held-out variance.
    pub least_gain: f64,
    /// How each fit is done. Fewer restarts than for the final clustering will do.
    pub k_means: KMeansOptions,
}

/// The curve and the choice.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldOut {
    /// Numbers of clusters that were tried.
    pub clusters: Vec<usize>,
    /// Mean squared distance of a held-out unit to the nearest centroid: mean and SD over folds.
    pub errors: Vec<MeanSd>,
    /// The same with a single centroid, the mean: the held-out variance.
    pub variance: f64,
    /// The smallest tried number that no further cluster improves on by [`CrossValidation::least_gain`].
    pub chosen: usize,
}

/// Clusters all folds but one and measures the distance of the held-out units to the nearest centroid.
///
/// That error falls almost monotonically with K, on held-out units as well: another centroid in a cloud
/// without structure still halves some distances. Its minimum, and the one-standard-error rule too
/// (with 10⁴ units the standard errors are tiny), would take the largest K on the list. So the rule is
/// by size of effect: the gain of the step from K to the next K′ is
/// `(E(K) − E(K′)) / ((K′ − K) E(1))`, the share of the held-out variance that one more cluster
/// explains, and the choice is the smallest K after which every step gains less than `least_gain`.
pub fn cross_validate(vectors: &[Vec<f64>], options: &CrossValidation) -> Result<HeldOut, Error> {
    let records = matrix(vectors)?;
    check(options, vectors.len())?;
    let fold_of = folds(vectors.len(), options);
    let errors_of = |clusters| held_out_errors(&records, &fold_of, clusters, options);
    let variance = MeanSd::of(&errors_of(1)?)?.mean;
    let errors = options
        .clusters
        .iter()
        .map(|&clusters| MeanSd::of(&errors_of(clusters)?))
        .collect::<Result<Vec<_>, _>>()?;
    let chosen = choose(&options.clusters, &errors, options.least_gain * variance);
    Ok(HeldOut { clusters: options.clusters.clone(), errors, variance, chosen })
}

fn check(options: &CrossValidation, units: usize) -> Result<(), Error> {
    let CrossValidation { clusters, folds, .. } = options;
    if !(2..=units).contains(folds) {
        return Err(Error::Folds { folds: *folds, units });
    }
    let kept = units - units.div_ceil(*folds);
    if clusters.is_empty() {
        return Err(Error::Empty { what: "numbers of clusters to try" });
    }
    if !clusters.is_sorted_by(|a, b| a < b) {
        return Err(Error::NotAscending { what: "numbers of clusters to try" });
    }
    clusters.iter().try_for_each(|&clusters| check_clusters(clusters, kept))
}

/// The fold of each unit: all sizes alike, shuffled by the seed.
fn folds(units: usize, options: &CrossValidation) -> Vec<usize> {
    let mut fold_of: Vec<usize> = (0..units).map(|unit| unit % options.folds).collect();
    let mut draw = ChaCha8Rng::seed_from_u64(options.k_means.seed);
    for last in (1..units).rev() {
        let at = (u64::from(draw.next_u32()) * (last as u64 + 1)) >> 32;
        fold_of.swap(last, at as usize);
    }
    fold_of
}

/// Mean squared distance to the nearest centroid, one number per fold.
fn held_out_errors(
    records: &Array2<f64>,
    fold_of: &[usize],
    clusters: usize,
    options: &CrossValidation,
) -> Result<Vec<f64>, Error> {
    (0..options.folds)
        .map(|fold| {
            let (held_out, kept): (Vec<usize>, Vec<usize>) =
                (0..fold_of.len()).partition(|&unit| fold_of[unit] == fold);
            let model = fit(&records.select(Axis(0), &kept), clusters, &options.k_means)?;
            let distances = model.transform(&records.select(Axis(0), &held_out));
            Ok(distances.sum() / held_out.len() as f64)
        })
        .collect()
}

fn choose(clusters: &[usize], errors: &[MeanSd], least: f64) -> usize {
    let gain = |step: usize| {
        let added = clusters[step + 1] - clusters[step];
        (errors[step].mean - errors[step + 1].mean) / added as f64
    };
    let last_worthwhile = (0..clusters.len() - 1).rev().find(|&step| gain(step) >= least);
    clusters[last_worthwhile.map_or(0, |step| step + 1)]
}
