//! k-means over the task-variance vectors of units: which groups of units serve which tasks.

use std::cmp::Ordering;

use linfa::DatasetBase;
use linfa::traits::{Fit, Predict, Transformer};
use linfa_clustering::KMeans;
use linfa_nn::distance::L2Dist;
use ndarray::Array2;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;

use super::{check_finite, check_length};
use crate::error::Error;

/// How long k-means looks for the smallest inertia.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KMeansOptions {
    /// Independent starts (k-means++), of which the best is kept.
    pub restarts: usize,
    /// Rounds of one start at most.
    pub max_iterations: u64,
    /// A start has converged when the centroids move less than this, together.
    pub tolerance: f64,
    /// Of the random starts: the same seed gives the same clusters.
    pub seed: u64,
}

impl Default for KMeansOptions {
    /// scikit-learn's 10 restarts and 300 rounds.
    fn default() -> Self {
        Self { restarts: 10, max_iterations: 300, tolerance: 1e-5, seed: 0 }
    }
}

/// Units in groups, in an order that does not depend on chance: by the feature (task) with the largest
/// entry of the centroid, then from the largest group to the smallest.
#[derive(Clone, Debug, PartialEq)]
pub struct Clustering {
    /// The mean vector of each cluster, `[clusters][features]`.
    pub centroids: Vec<Vec<f64>>,
    /// The cluster of each unit, `[units]`.
    pub assignment: Vec<usize>,
    /// Number of units in each cluster; 0 only if there are fewer distinct vectors than clusters.
    pub sizes: Vec<usize>,
    /// Sum over units of the squared distance to their centroid, as scikit-learn's `inertia_`.
    pub inertia: f64,
}

impl Clustering {
    /// The units of a cluster, in ascending order.
    pub fn members(&self, cluster: usize) -> Vec<usize> {
        (0..self.assignment.len()).filter(|&unit| self.assignment[unit] == cluster).collect()
    }
}

/// Groups `vectors` into `clusters` clusters of small inertia `Σᵢ min_k |vᵢ − c_k|²`.
///
/// # Shapes
/// - `vectors`: `[units][features]`
pub fn k_means(vectors: &[Vec<f64>], clusters: usize, options: &KMeansOptions) -> Result<Clustering, Error> {
    let records = matrix(vectors)?;
    check_clusters(clusters, vectors.len())?;
    let model = fit(&records, clusters, options)?;
    let assignment = model.predict(&records).to_vec();
    let inertia = model.transform(&records).sum();
    let centroids: Vec<Vec<f64>> = model.centroids().rows().into_iter().map(|row| row.to_vec()).collect();
    Ok(ordered(&centroids, &assignment, inertia))
}

pub(super) fn fit(
    records: &Array2<f64>,
    clusters: usize,
    options: &KMeansOptions,
) -> Result<KMeans<f64, L2Dist>, Error> {
    let data = DatasetBase::from(records.view());
    KMeans::params_with_rng(clusters, Xoshiro256Plus::seed_from_u64(options.seed))
        .n_runs(options.restarts)
        .max_n_iterations(options.max_iterations)
        .tolerance(options.tolerance)
        .fit(&data)
        .map_err(|cause| Error::KMeans { cause })
}

pub(super) fn matrix(vectors: &[Vec<f64>]) -> Result<Array2<f64>, Error> {
    let features = vectors.first().ok_or(Error::Empty { what: "units to cluster" })?.len();
    for vector in vectors {
        check_length("features of a unit", features, vector.len())?;
        check_finite("features of a unit", vector)?;
    }
    Ok(Array2::from_shape_fn((vectors.len(), features), |(unit, feature)| vectors[unit][feature]))
}

pub(super) fn check_clusters(clusters: usize, units: usize) -> Result<(), Error> {
    if (1..=units).contains(&clusters) { Ok(()) } else { Err(Error::Clusters { clusters, units }) }
}

/// Renames the clusters into the order that [`Clustering`] promises.
fn ordered(centroids: &[Vec<f64>], assignment: &[usize], inertia: f64) -> Clustering {
    let mut sizes = vec![0; centroids.len()];
    for &cluster in assignment {
        sizes[cluster] += 1;
    }
    let mut order: Vec<usize> = (0..centroids.len()).collect();
    order.sort_by(|&a, &b| {
        largest_entry(&centroids[a])
            .cmp(&largest_entry(&centroids[b]))
            .then(sizes[b].cmp(&sizes[a]))
            .then_with(|| descending(&centroids[a], &centroids[b]))
    });
    let mut renamed = vec![0; order.len()];
    for (new, &old) in order.iter().enumerate() {
        renamed[old] = new;
    }
    Clustering {
        centroids: order.iter().map(|&old| centroids[old].clone()).collect(),
        assignment: assignment.iter().map(|&old| renamed[old]).collect(),
        sizes: order.iter().map(|&old| sizes[old]).collect(),
        inertia,
    }
}

/// Index of the largest entry, the first of equals.
fn largest_entry(vector: &[f64]) -> usize {
    (0..vector.len()).rev().max_by(|&a, &b| vector[a].total_cmp(&vector[b])).unwrap_or(0)
}

/// By the first entries that differ: two clusters of one size and best task still have one order.
fn descending(a: &[f64], b: &[f64]) -> Ordering {
    b.iter().zip(a).map(|(b, a)| b.total_cmp(a)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
