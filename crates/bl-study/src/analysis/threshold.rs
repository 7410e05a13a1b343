//! Which units count as ON at a threshold of variance, and how variances are distributed.

use super::check_finite;
use crate::error::Error;

/// The units that are ON at one threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct OnUnits {
    /// A unit is ON if its variance is above this.
    pub threshold: f64,
    /// `true` for ON, `[units]`.
    pub mask: Vec<bool>,
    /// Number of units ON.
    pub count: usize,
}

/// Units ON at each threshold: `variance > threshold`, so that at 0 a unit that never moves is OFF.
///
/// # Shapes
/// - `variances`: `[units]`
pub fn sweep(variances: &[f64], thresholds: &[f64]) -> Result<Vec<OnUnits>, Error> {
    check_finite("variances", variances)?;
    check_finite("thresholds", thresholds)?;
    let on = |&threshold: &f64| {
        let mask: Vec<bool> = variances.iter().map(|&variance| variance > threshold).collect();
        let count = mask.iter().filter(|&&on| on).count();
        OnUnits { threshold, mask, count }
    };
    Ok(thresholds.iter().map(on).collect())
}

/// Counts between edges; what lies outside is counted too, not lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Ascending, one more than counts.
    pub edges: Vec<f64>,
    /// Values in `[edges[i], edges[i + 1])`; the last bin has its upper edge too, as in NumPy.
    pub counts: Vec<u64>,
    /// Values below the first edge: the lower cut (0.1 in the paper's Fig. 2C).
    pub below: u64,
    /// Values above the last edge.
    pub above: u64,
}

/// Counts `values` between `edges`.
pub fn histogram(values: &[f64], edges: &[f64]) -> Result<Histogram, Error> {
    check_finite("values to count", values)?;
    check_edges(edges)?;
    let bins = edges.len() - 1;
    let mut counted = Histogram { edges: edges.to_vec(), counts: vec![0; bins], below: 0, above: 0 };
    for &value in values {
        match edges.partition_point(|&edge| edge <= value) {
            0 => counted.below += 1,
            after if after <= bins => counted.counts[after - 1] += 1,
            _ if value <= edges[bins] => counted.counts[bins - 1] += 1,
            _ => counted.above += 1,
        }
    }
    Ok(counted)
}

/// The edges of `bins` bins of one width from `low` to `high`.
pub fn linear_edges(low: f64, high: f64, bins: usize) -> Result<Vec<f64>, Error> {
    if bins == 0 {
        return Err(Error::Empty { what: "bins" });
    }
    let edges: Vec<f64> = (0..=bins)
        .map(|edge| edge as f64 / bins as f64)
        .map(|share| low * (1.0 - share) + high * share)
        .collect();
    check_edges(&edges)?;
    Ok(edges)
}

fn check_edges(edges: &[f64]) -> Result<(), Error> {
    check_finite("edges of bins", edges)?;
    if edges.len() < 2 {
        return Err(Error::Length { what: "edges of bins, at least", expected: 2, found: edges.len() });
    }
    if edges.is_sorted_by(|a, b| a < b) { Ok(()) } else { Err(Error::NotAscending { what: "edges of bins" }) }
}
