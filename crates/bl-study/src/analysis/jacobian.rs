//! The Jacobian of a recurrent rectified network: its effective connectivity at one state.

use super::{check_finite, check_length};
use crate::error::Error;

/// What `r_t = α r_{t−1} + β m ∘ φ(W r_{t−1} + h)` with `φ = ReLU` is made of, without the drive
/// `h = B x + b`.
///
/// # Shapes
/// - `weights`: `[units, units]`, row-major: row i is what unit i receives
/// - `gains`: `[units]`, or empty for all 1
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReluRecurrence<'a> {
    /// W.
    pub weights: &'a [f32],
    /// m.
    pub gains: &'a [f32],
    /// α, the share of its activity that a unit keeps.
    pub alpha: f32,
    /// β.
    pub beta: f32,
}

impl ReluRecurrence<'_> {
    /// `J = α I + β diag(m ∘ 1[active]) W`, exact wherever the active units (those with a
    /// pre-activation above 0) are these. All active, with α = 0, β = 1 and no gains, it is W.
    ///
    /// # Shapes
    /// - `active`: `[units]`
    /// - returns: `[units, units]`, row-major: row i is how unit i depends on the others
    pub fn jacobian(&self, active: &[bool]) -> Result<Vec<f64>, Error> {
        let units = active.len();
        self.check(units)?;
        let entry = |to: usize, from: usize| {
            let kept = if to == from { f64::from(self.alpha) } else { 0.0 };
            let taken = if active[to] { self.scale(to) * self.weight(units, to, from) } else { 0.0 };
            kept + taken
        };
        Ok((0..units).flat_map(|to| (0..units).map(move |from| entry(to, from))).collect())
    }

    /// Weights of as many units, all of them finite.
    pub(super) fn check(&self, units: usize) -> Result<(), Error> {
        check_length("recurrent weights", units * units, self.weights.len())?;
        check_finite("recurrent weights", self.weights)?;
        check_finite("alpha and beta", &[self.alpha, self.beta])?;
        if self.gains.is_empty() {
            return Ok(());
        }
        check_length("gains", units, self.gains.len())?;
        check_finite("gains", self.gains)
    }

    /// `W_ij`.
    pub(super) fn weight(&self, units: usize, to: usize, from: usize) -> f64 {
        f64::from(self.weights[to * units + from])
    }

    /// `β m_i`.
    pub(super) fn scale(&self, unit: usize) -> f64 {
        f64::from(self.beta) * f64::from(self.gains.get(unit).copied().unwrap_or(1.0))
    }
}
