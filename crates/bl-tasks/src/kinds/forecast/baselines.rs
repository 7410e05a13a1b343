//! What a forecast is worth without a network: the last value, and a linear autoregression.
//!
//! ```text
//! persistence    ŷ(t + h) = x(t)
//! linear         ŷ(t + h) = a₀ + Σ aₖ x(t − k),  k = 0 … lags − 1,  with  Σ (y − ŷ)² + λ Σ aₖ²  least
//! ```
//!
//! The autoregression sees a washout of samples and the one it forecasts from, as many as the network has seen before it is
//! judged, and no more than a quarter of the training part. λ is the best of a few on the last quarter of the training part, and then all of that part is learned from.

use super::{Fault, ForecastTask};
use crate::forecast::r_squared;
use crate::kinds::fault::if_any;

/// λ per sample; the values have a variance near 1.
const PENALTIES: [f64; 5] = [1e-8, 1e-6, 1e-4, 1e-2, 1.0];
/// Values that go in, at most.
const LAGS: usize = 128;

/// R² of the two forecasts that cost nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Baselines {
    /// Of the last known value.
    pub persistence_r2: f64,
    /// Of a linear autoregression; none if there is too little to learn from.
    pub linear_r2: Option<f64>,
    /// Values that it sees.
    pub lags: usize,
}

impl Baselines {
    /// Learned from the training part of a task, judged on its held-out part.
    pub fn of(task: &ForecastTask) -> Result<Self, Fault> {
        let (washout, horizon) = (task.plan.washout, task.plan.horizon);
        let held_out = task.held_out();
        let target = &held_out[washout + horizon..];
        let persistence_r2 = if_any(r_squared(target, &held_out[washout..held_out.len() - horizon]))?;
        let lags = (washout + 1).min(LAGS).min(task.train().len() / 4).max(1);
        let linear = || {
            let train = task.scale.apply_all(task.train());
            let weights = learned(&train, lags, horizon)?;
            let seen = task.scale.apply_all(held_out);
            let ends = washout..held_out.len() - horizon;
            let forecast: Vec<f64> = ends.map(|t| task.scale.invert(weights.forecast(&seen, t))).collect();
            r_squared(target, &forecast).ok()
        };
        Ok(Self { persistence_r2, linear_r2: linear(), lags })
    }
}

/// The best of the penalties, learned from all of `x`.
fn learned(x: &[f64], lags: usize, horizon: usize) -> Option<Weights> {
    let part = x.len() - x.len() / 4;
    let tried = |penalty: f64| {
        let weights = Weights::of(&x[..part], lags, horizon, penalty)?;
        let wrong = |t: usize| x[t + horizon] - weights.forecast(x, t);
        let squares: f64 =
            (part.max(lags - 1)..x.len().saturating_sub(horizon)).map(|t| wrong(t) * wrong(t)).sum();
        Some((squares, penalty))
    };
    let best = PENALTIES.into_iter().filter_map(tried).min_by(|a, b| a.0.total_cmp(&b.0))?;
    Weights::of(x, lags, horizon, best.1)
}

/// a₁ … and a₀.
struct Weights {
    of_lags: Vec<f64>,
    constant: f64,
}

impl Weights {
    /// By the normal equations. The sums of products are those of one lag earlier but for their ends, so they take
    /// `samples · lags` steps and not `samples · lags²`.
    fn of(x: &[f64], lags: usize, horizon: usize, penalty: f64) -> Option<Self> {
        let (first, end) = (lags - 1, x.len().checked_sub(horizon)?);
        let rows = end.checked_sub(first).filter(|&rows| rows > 1)? as f64;
        let sum = |from: usize| x[from..from + end - first].iter().sum::<f64>();
        let means: Vec<f64> = (0..lags).map(|k| sum(first - k) / rows).collect();
        let mean = sum(first + horizon) / rows;
        let product = |a: usize, b: usize| (first..end).map(|t| x[t - a] * x[t - b]).sum::<f64>();
        let mut g = vec![0.0; lags * lags];
        g[..lags].iter_mut().enumerate().for_each(|(k, g)| *g = product(0, k));
        for i in 1..lags {
            for j in i..lags {
                let ends = x[first - i] * x[first - j] - x[end - i] * x[end - j];
                g[i * lags + j] = g[(i - 1) * lags + j - 1] + ends;
            }
        }
        let target: Vec<f64> = (0..lags)
            .map(|k| (first..end).map(|t| x[t - k] * x[t + horizon]).sum::<f64>() - rows * means[k] * mean)
            .collect();
        for i in 0..lags {
            for j in i..lags {
                g[i * lags + j] -= rows * means[i] * means[j];
                g[j * lags + i] = g[i * lags + j];
            }
            g[i * lags + i] += penalty * rows;
        }
        let of_lags = solved(g, target)?;
        let constant = mean - of_lags.iter().zip(&means).map(|(a, m)| a * m).sum::<f64>();
        Some(Self { of_lags, constant })
    }

    /// What is said at t of t + horizon.
    fn forecast(&self, x: &[f64], t: usize) -> f64 {
        self.constant + self.of_lags.iter().enumerate().map(|(k, a)| a * x[t - k]).sum::<f64>()
    }
}

/// `G a = b` by Cholesky's factors; none if G is not positive definite.
pub(in crate::kinds) fn solved(mut g: Vec<f64>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| g[i * n + k] * g[j * n + k]).sum();
            let rest = g[i * n + j] - sum;
            if i == j {
                g[i * n + i] = Some(rest.sqrt()).filter(|root| root.is_finite() && *root > 0.0)?;
            } else {
                g[i * n + j] = rest / g[j * n + j];
            }
        }
    }
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| g[i * n + k] * b[k]).sum();
        b[i] = (b[i] - sum) / g[i * n + i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| g[k * n + i] * b[k]).sum();
        b[i] = (b[i] - sum) / g[i * n + i];
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_two_waves_is_found_exactly() {
        // x(t) = sin(at) + sin(bt) obeys a recurrence of order 4, so 4 lags forecast any horizon.
        let x: Vec<f64> =
            (0..200).map(|t| (0.3 * f64::from(t)).sin() + (0.71 * f64::from(t)).sin() + 5.0).collect();
        let weights = Weights::of(&x, 4, 7, 1e-12).unwrap();
        for t in 3..193 {
            assert!((weights.forecast(&x, t) - x[t + 7]).abs() < 1e-5);
        }
    }

    #[test]
    fn the_sums_of_products_are_those_of_the_definition() {
        let x: Vec<f64> = (0..40).map(|t| f64::from(t * t % 17)).collect();
        let ridge = Weights::of(&x, 3, 2, 0.5).unwrap();
        // At the least, the gradient is 0: Σ (y − ŷ) (x(t − k) − mean) = λ aₖ.
        let rows: Vec<usize> = (2..38).collect();
        for k in 0..3 {
            let mean = rows.iter().map(|t| x[t - k]).sum::<f64>() / 36.0;
            let slope: f64 =
                rows.iter().map(|&t| (x[t + 2] - ridge.forecast(&x, t)) * (x[t - k] - mean)).sum();
            assert!((slope - 0.5 * 36.0 * ridge.of_lags[k]).abs() < 1e-8, "{k}");
        }
    }

    #[test]
    fn too_little_to_learn_from_has_no_weights() {
        assert!(learned(&[1.0, 2.0, 3.0], 51, 1).is_none());
        assert!(learned(&[], 1, 1).is_none());
    }
}
