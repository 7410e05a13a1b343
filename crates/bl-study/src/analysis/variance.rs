//! Task variance: how much a hidden unit's activation varies over the test set of a task.

use super::{check_finite, check_length};
use crate::error::Error;

/// Added to the maximum that a unit's variances are divided by, so that a unit that is silent in every
/// task stays zero instead of becoming 0/0 (paper, Appendix C.1).
pub const NORMALISE_EPSILON: f64 = 1e-9;

/// Mean and population variance of every unit, one sample at a time.
///
/// Welford's recurrence, in f64: with the `n`-th sample `x`,
/// `δ = x − m`, `m ← m + δ/n`, `s ← s + δ (x − m)`, and the variance is `s/n`. Nothing large is
/// subtracted from anything large, so a unit that hovers around 10⁴ loses no digits.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitVariance {
    samples: u64,
    means: Vec<f64>,
    squares: Vec<f64>,
}

impl UnitVariance {
    /// Of `units` units, before the first sample.
    pub fn new(units: usize) -> Self {
        Self { samples: 0, means: vec![0.0; units], squares: vec![0.0; units] }
    }

    /// Takes in one sample: the activation of every unit.
    ///
    /// # Shapes
    /// - `activations`: `[units]`
    pub fn add(&mut self, activations: &[f32]) -> Result<(), Error> {
        check_length("activations of a sample", self.means.len(), activations.len())?;
        if let Some(index) = activations.iter().position(|x| !x.is_finite()) {
            let value = activations[index].into();
            return Err(Error::NotFinite { what: "activations of a sample", index, value });
        }
        self.samples += 1;
        let share = 1.0 / self.samples as f64;
        for ((mean, squares), &x) in self.means.iter_mut().zip(&mut self.squares).zip(activations) {
            let x = f64::from(x);
            let delta = x - *mean;
            *mean += delta * share;
            *squares += delta * (x - *mean);
        }
        Ok(())
    }

    /// Takes in the samples of another chunk (Chan, Golub and LeVeque 1979):
    /// `s ← s₁ + s₂ + δ² n₁n₂/n` with `δ = m₂ − m₁`.
    ///
    /// Chunks that are always merged in the same order give the same bits, whichever thread made them.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        check_length("units of the other chunk", self.means.len(), other.means.len())?;
        let samples = self.samples + other.samples;
        if other.samples == 0 {
            return Ok(());
        }
        let share = other.samples as f64 / samples as f64; // n₂/n
        let weight = self.samples as f64 * share; // n₁n₂/n
        let pairs = other.means.iter().zip(&other.squares);
        for ((mean, squares), (other_mean, other_squares)) in
            self.means.iter_mut().zip(&mut self.squares).zip(pairs)
        {
            let delta = other_mean - *mean;
            *mean += delta * share;
            *squares += other_squares + delta * delta * weight;
        }
        self.samples = samples;
        Ok(())
    }

    /// Number of samples so far.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Mean activation of every unit.
    pub fn means(&self) -> Result<&[f64], Error> {
        if self.samples == 0 { Err(Error::Empty { what: "samples" }) } else { Ok(&self.means) }
    }

    /// Population variance of every unit: the sum of squares over n, as NumPy's `var`.
    pub fn variances(&self) -> Result<Vec<f64>, Error> {
        if self.samples == 0 {
            return Err(Error::Empty { what: "samples" });
        }
        Ok(self.squares.iter().map(|squares| squares / self.samples as f64).collect())
    }
}

/// The vector of each unit's task variances, divided by its largest entry plus [`NORMALISE_EPSILON`]:
/// what is clustered and shown in the paper's Fig. 1C.
///
/// # Shapes
/// - `task_variances`: `[tasks][units]`
/// - returns: `[units][tasks]`
pub fn normalise(task_variances: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, Error> {
    let units = task_variances.first().ok_or(Error::Empty { what: "tasks" })?.len();
    for variances in task_variances {
        check_length("variances of a task", units, variances.len())?;
        check_finite("variances of a task", variances)?;
        if let Some(index) = variances.iter().position(|&variance| variance < 0.0) {
            return Err(Error::Negative { what: "variances of a task", index, value: variances[index] });
        }
    }
    Ok((0..units)
        .map(|unit| {
            let largest = task_variances.iter().map(|task| task[unit]).fold(0.0, f64::max);
            task_variances.iter().map(|task| task[unit] / (largest + NORMALISE_EPSILON)).collect()
        })
        .collect())
}
