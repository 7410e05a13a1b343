//! How fast an oscillation dies down.

use bl_tasks::series::{Period, period_of_peaks};

use super::check_finite;
use crate::error::Error;

/// `A ρ^t cos(ω t + φ) + c`, by its period and its turning points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecayingOscillation {
    /// `2π/ω`, with its deviation from cycle to cycle.
    pub period: Period,
    /// ρ, what is left of the amplitude after a step: that of the pair of eigenvalues behind it.
    pub decay: f64,
    /// c, where it comes to rest.
    pub rest: f64,
}

/// Swings shorter than this share of the range are ripples, as for [`period_of_peaks`].
const STANDS_OUT: f64 = 0.01;

impl DecayingOscillation {
    /// Of a series with at least two peaks; else none.
    ///
    /// Successive turning points lie on both sides of c and come nearer by `ρ^(period/2)` each. So c
    /// follows from the last three of them, `(e₀ e₂ − e₁²)/(e₀ + e₂ − 2 e₁)`, and ρ is the slope of
    /// `ln |e − c|` against time, by least squares.
    ///
    /// # Shapes
    /// - `values`: `[steps]`
    pub fn fit(values: &[f64]) -> Result<Option<Self>, Error> {
        check_finite("oscillation", values)?;
        let turns = turning_points(values);
        let (Some(period), Some(&[e0, e1, e2])) = (period_of_peaks(values), turns.last_chunk()) else {
            return Ok(None);
        };
        let (e0, e1, e2) = (e0.1, e1.1, e2.1);
        let rest = e1 + (e0 - e1) * (e2 - e1) / (e0 + e2 - 2.0 * e1);
        let logs: Vec<(f64, f64)> = turns.iter().map(|&(at, e)| (at, (e - rest).abs().ln())).collect();
        let decay = slope(&logs).exp();
        Ok(decay.is_finite().then_some(Self { period, decay, rest }))
    }
}

/// Time and value of each peak and trough in turn, each the top of a parabola.
fn turning_points(values: &[f64]) -> Vec<(f64, f64)> {
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), &v| (low.min(v), high.max(v)));
    let least = STANDS_OUT * (high - low);
    let mut turns = Vec::new();
    let mut upward = None; // not known before the first swing
    let (mut lowest, mut highest) = (0, 0);
    for (at, &value) in values.iter().enumerate() {
        lowest = if value < values[lowest] { at } else { lowest };
        highest = if value > values[highest] { at } else { highest };
        if upward != Some(true) && value - values[lowest] > least {
            turns.extend(vertex(values, lowest));
            (upward, highest) = (Some(true), at);
        } else if upward != Some(false) && values[highest] - value > least {
            turns.extend(vertex(values, highest));
            (upward, lowest) = (Some(false), at);
        }
    }
    turns
}

/// The top of the parabola through a sample and its neighbours; none at the first one.
fn vertex(values: &[f64], at: usize) -> Option<(f64, f64)> {
    let (left, middle, right) = (*values.get(at.checked_sub(1)?)?, values[at], *values.get(at + 1)?);
    let curvature = left - 2.0 * middle + right;
    let shift = if curvature == 0.0 { 0.0 } else { (left - right) / (2.0 * curvature) };
    Some((at as f64 + shift, middle - (left - right) * shift / 4.0))
}

fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / n, y + point.1 / n));
    let product: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    product / points.iter().map(|point| (point.0 - x).powi(2)).sum::<f64>()
}
