//! Correlation of two lists: of their values (Pearson) or of their ranks (Spearman).

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{check_finite, check_length};
use crate::error::Error;

/// A correlation coefficient and how surprising it would be without correlation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// From −1 to 1.
    pub r: f64,
    /// Two-sided, from Student's t with n − 2 degrees of freedom: `t = r √((n − 2)/(1 − r²))`.
    pub p: f64,
    /// Number of pairs.
    pub n: usize,
}

/// Pearson's correlation; `None` if a list is constant or has fewer than three entries.
pub fn pearson(xs: &[f64], ys: &[f64]) -> Result<Option<Correlation>, Error> {
    check_finite("first list to correlate", xs)?;
    check_finite("second list to correlate", ys)?;
    check_length("second list to correlate", xs.len(), ys.len())?;
    Ok(coefficient(xs, ys).map(|r| Correlation { r, p: p_value(r, xs.len()), n: xs.len() }))
}

/// Spearman's correlation, Pearson's of the [`ranks`]; `None` if a list is constant or has fewer than
/// three entries.
pub fn spearman(xs: &[f64], ys: &[f64]) -> Result<Option<Correlation>, Error> {
    pearson(&ranks(xs)?, &ranks(ys)?)
}

/// Ranks from 1; equal values share the average of their ranks.
pub fn ranks(values: &[f64]) -> Result<Vec<f64>, Error> {
    check_finite("list to rank", values)?;
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    #[expect(clippy::float_cmp, reason = "ties are equal values, zeros of both signs among them")]
    for ties in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let shared = before as f64 + (ties.len() + 1) as f64 / 2.0;
        for &index in ties {
            ranks[index] = shared;
        }
        before += ties.len();
    }
    Ok(ranks)
}

fn coefficient(xs: &[f64], ys: &[f64]) -> Option<f64> {
    let constant = |values: &[f64]| values.windows(2).all(|pair| pair[0].total_cmp(&pair[1]).is_eq());
    if xs.len() < 3 || constant(xs) || constant(ys) {
        return None;
    }
    let deviations = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let deviations: Vec<f64> = values.iter().map(|value| value - mean).collect();
        let largest = deviations.iter().fold(0.0, |largest: f64, d| largest.max(d.abs()));
        deviations.into_iter().map(|d| d / largest).collect::<Vec<_>>() // no square over- or underflows
    };
    let (xs, ys) = (deviations(xs), deviations(ys));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let r = product(&xs, &ys) / (product(&xs, &xs) * product(&ys, &ys)).sqrt();
    r.is_finite().then(|| r.clamp(-1.0, 1.0))
}

fn p_value(r: f64, n: usize) -> f64 {
    let freedom = (n - 2) as f64;
    let t = r.abs() * (freedom / ((1.0 - r) * (1.0 + r))).sqrt(); // infinite at r = ±1: p = 0
    if t.is_infinite() {
        return 0.0;
    }
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |student| 2.0 * student.sf(t))
}
