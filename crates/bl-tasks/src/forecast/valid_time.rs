//! How long a free run stays near the truth.

use super::Fault;
use crate::dynamics::Lyapunov;

/// The usual threshold: four tenths of a standard deviation.
pub const THRESHOLD: f64 = 0.4;

/// When a forecast is lost, and in which units that is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Criterion {
    /// The largest normalised error that is still valid; usually [`THRESHOLD`].
    pub threshold: f64,
    /// The standard deviation that errors are divided by. It should be that of the whole series, or
    /// of the part learned from: over a short run, the target's own says little.
    pub deviation: f64,
    /// The time between two samples, if it is known.
    pub spacing: Option<f64>,
    /// The exponent of the system, if it is known.
    pub lyapunov: Option<Lyapunov>,
}

/// How long a free run was valid.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidTime {
    /// Samples before the first that is lost.
    pub samples: usize,
    /// Whether no sample was lost: then this is a lower bound, as long as the run.
    pub whole_run: bool,
    /// What it was measured by.
    pub criterion: Criterion,
}

impl ValidTime {
    /// In the unit of the spacing.
    pub fn time(&self) -> Option<f64> {
        self.criterion.spacing.map(|spacing| self.samples as f64 * spacing)
    }

    /// In Lyapunov times: the time multiplied by the exponent, whose source is in
    /// [`criterion`](Self::criterion).
    pub fn lyapunov_times(&self) -> Option<f64> {
        Some(self.time()? * self.criterion.lyapunov.as_ref()?.exponent)
    }
}

/// The time before the first t with `|yₜ − ŷₜ| / SD > threshold`. A forecast that is not a number is
/// lost, too.
///
/// # Shapes
/// - `target` y, `forecast` ŷ: `[samples]`, from the first sample that was predicted
pub fn valid_time(target: &[f64], forecast: &[f64], criterion: &Criterion) -> Result<ValidTime, Fault> {
    let &Criterion { threshold, deviation, .. } = criterion;
    let positive = |x: f64| x.is_finite() && x > 0.0;
    if !(positive(threshold) && positive(deviation)) {
        return Err(Fault::Criterion { threshold, deviation });
    }
    if target.len() != forecast.len() {
        return Err(Fault::Length { expected: target.len(), found: forecast.len() });
    }
    let valid = |(y, f): (&f64, &f64)| (y - f).abs() / deviation <= threshold;
    let samples = target.iter().zip(forecast).take_while(|&pair| valid(pair)).count();
    Ok(ValidTime { samples, whole_run: samples == target.len(), criterion: criterion.clone() })
}
