//! k-means and the choice of K.

use std::collections::BTreeMap;

use bl_study::analysis::{Clustering, CrossValidation, HeldOut, KMeansOptions, cross_validate, k_means};

use crate::reference::{assert_close, numbers, rows, section};

fn fit(name: &str) -> (Vec<Vec<f64>>, Clustering, f64, Vec<usize>) {
    let expected = section(name);
    let vectors = rows(&expected["vectors"]);
    let k = expected["k"].as_u64().unwrap() as usize;
    let options = KMeansOptions { restarts: 40, ..KMeansOptions::default() };
    let found = k_means(&vectors, k, &options).unwrap();
    let labels = numbers(&expected["labels"]).iter().map(|&label| label as usize).collect();
    (vectors, found, expected["inertia"].as_f64().unwrap(), labels)
}

fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

#[test]
fn separated_groups_are_found_as_scikit_learn_finds_them() {
    // KMeans(5, n_init=50).fit(vectors)
    let (_, found, inertia, labels) = fit("separated");
    assert_close(found.inertia, inertia, 1e-6);
    let mut renamed = BTreeMap::new();
    for (&found, &label) in found.assignment.iter().zip(&labels) {
        assert_eq!(*renamed.entry(label).or_insert(found), found);
    }
    let mut names: Vec<usize> = renamed.into_values().collect();
    names.sort_unstable();
    assert_eq!(names, [0, 1, 2, 3, 4]);
}

#[test]
fn a_cloud_is_cut_about_as_well_as_by_the_best_of_500_restarts() {
    // KMeans(8, n_init=500).fit(vectors).inertia_
    let (_, found, inertia, _) = fit("overlapping");
    let excess = found.inertia / inertia - 1.0;
    assert!((-1e-6..0.02).contains(&excess), "inertia {} against {inertia}", found.inertia);
}

#[test]
fn every_unit_is_in_the_nearest_cluster_and_every_centroid_is_the_mean() {
    for name in ["separated", "overlapping"] {
        let (vectors, found, ..) = fit(name);
        let mut inertia = 0.0;
        for (vector, &cluster) in vectors.iter().zip(&found.assignment) {
            let distances: Vec<f64> =
                found.centroids.iter().map(|centroid| squared_distance(vector, centroid)).collect();
            assert!(distances.iter().all(|&distance| distances[cluster] <= distance));
            inertia += distances[cluster];
        }
        assert_close(found.inertia, inertia, 1e-12);
        for (cluster, centroid) in found.centroids.iter().enumerate() {
            let members = found.members(cluster);
            assert_eq!(members.len(), found.sizes[cluster]);
            for (feature, &entry) in centroid.iter().enumerate() {
                let sum: f64 = members.iter().map(|&unit| vectors[unit][feature]).sum();
                assert_close(entry, sum / members.len() as f64, 1e-4);
            }
        }
    }
}

#[test]
fn clusters_are_ordered_by_task_then_size_and_come_again() {
    let (vectors, found, ..) = fit("overlapping");
    let best_task = |centroid: &Vec<f64>| {
        (0..centroid.len()).max_by(|&a, &b| centroid[a].total_cmp(&centroid[b])).unwrap()
    };
    let order: Vec<_> = found
        .centroids
        .iter()
        .zip(&found.sizes)
        .map(|(centroid, &size)| (best_task(centroid), std::cmp::Reverse(size)))
        .collect();
    assert!(order.is_sorted(), "{order:?}");
    let options = KMeansOptions { restarts: 40, ..KMeansOptions::default() };
    assert_eq!(k_means(&vectors, 8, &options).unwrap(), found);
}

fn held_out(name: &str, least_gain: f64) -> HeldOut {
    let options = CrossValidation {
        clusters: (1..=9).collect(),
        folds: 5,
        least_gain,
        k_means: KMeansOptions::default(),
    };
    cross_validate(&rows(&section(name)["vectors"]), &options).unwrap()
}

#[test]
fn cross_validation_counts_the_groups() {
    for least_gain in [0.01, 0.05, 0.1] {
        assert_eq!(held_out("separated", least_gain).chosen, 5);
    }
}

#[test]
fn the_plain_minimum_would_cut_a_cloud_without_groups_most_finely() {
    let cloud = held_out("overlapping", 0.2);
    assert!(cloud.errors.iter().all(|error| error.mean >= cloud.errors[8].mean));
    assert_close(cloud.errors[0].mean, cloud.variance, 1e-12);
    assert_eq!(cloud.chosen, 1); // half of one of seven sides is 3/4 of 1/7 of the variance
}

#[test]
fn fewer_distinct_vectors_than_clusters_leave_clusters_empty() {
    let found = k_means(&vec![vec![1.0, 2.0]; 6], 3, &KMeansOptions::default()).unwrap();
    assert_eq!(found.sizes, [6, 0, 0]);
    assert_eq!(found.inertia, 0.0);
}
