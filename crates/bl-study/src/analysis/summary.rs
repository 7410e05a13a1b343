//! Repeated runs in two numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::check_finite;
use crate::error::Error;

/// Mean and sample standard deviation of repeated runs.
///
/// Displayed as `0.9340 ± 0.0010`, with four decimals unless the format asks for others; a single run
/// has no deviation and is displayed as `0.9340`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanSd {
    /// The mean.
    pub mean: f64,
    /// `√(Σ (x − mean)² / (n − 1))`; none for a single run.
    pub sd: Option<f64>,
    /// Number of runs.
    pub n: usize,
}

impl MeanSd {
    /// Of the results of repeated runs.
    pub fn of(values: &[f64]) -> Result<Self, Error> {
        check_finite("runs", values)?;
        let n = values.len();
        let mean = values.iter().sum::<f64>() / n as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let sd = (n > 1).then(|| (squares / (n - 1) as f64).sqrt());
        Ok(Self { mean, sd, n })
    }

    /// Standard error of the mean, `sd / √n`; none for a single run.
    pub fn standard_error(&self) -> Option<f64> {
        self.sd.map(|sd| sd / (self.n as f64).sqrt())
    }
}

impl fmt::Display for MeanSd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = out.precision().unwrap_or(4);
        write!(out, "{:.decimals$}", self.mean)?;
        self.sd.map_or(Ok(()), |sd| write!(out, " ± {sd:.decimals$}"))
    }
}
