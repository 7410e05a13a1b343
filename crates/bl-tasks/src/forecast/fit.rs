//! The fit of a forecast over all its samples.

use super::Fault;
use crate::series::mean_and_variance;

/// The share of the target's variance that a forecast explains, 1 at best:
///
/// ```text
/// R² = 1 − Σ (yₜ − ŷₜ)² / Σ (yₜ − ȳ)²
/// ```
///
/// The mean ȳ of these targets, forecast throughout, has 0; what is worse is below 0.
///
/// # Shapes
/// - `target` y, `forecast` ŷ: `[samples]`
pub fn r_squared(target: &[f64], forecast: &[f64]) -> Result<f64, Fault> {
    Ok(1.0 - unexplained(target, forecast)?)
}

/// The root of the mean squared error over the standard deviation of these targets (divided by n):
///
/// ```text
/// NRMSE = √(Σ (yₜ − ŷₜ)² / n) / √(Σ (yₜ − ȳ)² / n) = √(1 − R²)
/// ```
///
/// # Shapes
/// - `target` y, `forecast` ŷ: `[samples]`
pub fn nrmse(target: &[f64], forecast: &[f64]) -> Result<f64, Fault> {
    Ok(unexplained(target, forecast)?.sqrt())
}

/// `Σ (y − ŷ)² / Σ (y − ȳ)²`.
fn unexplained(target: &[f64], forecast: &[f64]) -> Result<f64, Fault> {
    if target.len() != forecast.len() {
        return Err(Fault::Length { expected: target.len(), found: forecast.len() });
    }
    if let Some(index) = forecast.iter().position(|y| !y.is_finite()) {
        return Err(Fault::NotFinite { index, found: forecast[index] });
    }
    let (_, variance) = mean_and_variance(target)?;
    let square = |(y, f): (&f64, &f64)| (y - f) * (y - f);
    Ok(target.iter().zip(forecast).map(square).sum::<f64>() / target.len() as f64 / variance)
}
