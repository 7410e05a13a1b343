//! Where a network comes to rest: by letting it run, and exactly for one whose units are rectified.

use faer::Mat;
use faer::linalg::solvers::Solve;

use super::jacobian::ReluRecurrence;
use super::spectrum::{Eigenvalue, eigenvalues, spectral_radius};
use super::{check_finite, check_length};
use crate::error::Error;

/// How long a map is followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patience {
    /// Steps at most.
    pub steps: usize,
    /// It rests when a step is no longer than this share of the state: `‖F(r) − r‖ ≤ tolerance ‖r‖`.
    pub tolerance: f64,
}

/// A state and whether it is one of rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// r, the first at rest or else the last one: `[units]`.
    pub state: Vec<f32>,
    /// `‖F(r) − r‖`.
    pub residual: f64,
    /// Steps from the start.
    pub steps: usize,
    /// Whether the residual is within the tolerance.
    pub at_rest: bool,
}

/// Follows `r ← F(r)` from `start` until it rests. States that are not finite are an error.
///
/// # Shapes
/// - `start`: `[units]`, as what `map` takes and returns
pub fn settle(
    mut map: impl FnMut(&[f32]) -> Vec<f32>,
    start: &[f32],
    patience: Patience,
) -> Result<Settled, Error> {
    check_finite("state", start)?;
    let mut state = start.to_vec();
    let mut steps = 0;
    loop {
        let next = map(&state);
        check_length("state after a step", state.len(), next.len())?;
        check_finite("state after a step", &next)?;
        let residual = norm(next.iter().zip(&state).map(|(&next, &now)| f64::from(next) - f64::from(now)));
        let at_rest = residual <= patience.tolerance * norm(state.iter().copied().map(f64::from));
        if at_rest || steps == patience.steps {
            return Ok(Settled { state, residual, steps, at_rest });
        }
        state = next;
        steps += 1;
    }
}

/// A fixed point of the linear map that a rectified network is while the same units stay active.
#[derive(Clone, Debug, PartialEq)]
pub struct FixedPoint {
    /// r: `[units]`.
    pub state: Vec<f64>,
    /// The units whose linear map it is the fixed point of: `[units]`.
    pub active: Vec<bool>,
    /// Whether just these units are active at r: else r is no fixed point of the network.
    pub consistent: bool,
    /// `‖F(r) − r‖` of the network itself.
    pub residual: f64,
    /// Eigenvalues of the Jacobian with these units active, the largest first: `[units]`.
    pub spectrum: Vec<Eigenvalue>,
}

impl FixedPoint {
    /// The largest modulus of an eigenvalue.
    pub fn spectral_radius(&self) -> f64 {
        spectral_radius(&self.spectrum)
    }

    /// Whether the network comes back to it from nearby.
    pub fn is_stable(&self) -> bool {
        self.consistent && self.spectral_radius() < 1.0
    }
}

impl ReluRecurrence<'_> {
    /// The state after one step, `α r + β m ∘ φ(W r + h)`.
    ///
    /// # Shapes
    /// - `drive`: h, `[units]`; `state`: r, `[units]`
    pub fn step(&self, drive: &[f64], state: &[f64]) -> Result<Vec<f64>, Error> {
        self.check_states(drive, state)?;
        Ok(self.after(state, &self.preactivations(drive, state)))
    }

    /// Newton's method from `start`. While the same units are active the network is linear, so one step
    /// solves `r = J r + c` exactly; if other units are active at the solution, it is repeated with
    /// those, `rounds` times in all at most (at least once).
    ///
    /// Unlike [`settle`] it finds unstable fixed points too, such as the one inside a limit cycle.
    ///
    /// # Shapes
    /// - `drive`: h, `[units]`; `start`: `[units]`
    pub fn fixed_point(&self, drive: &[f64], start: &[f64], rounds: usize) -> Result<FixedPoint, Error> {
        self.check_states(drive, start)?;
        let mut active = positive(&self.preactivations(drive, start));
        for round in 1.. {
            let state = self.solve(drive, &active)?;
            let preactivations = self.preactivations(drive, &state);
            let found = positive(&preactivations);
            let consistent = found == active;
            if consistent || round >= rounds {
                let after = self.after(&state, &preactivations);
                let residual = norm(after.iter().zip(&state).map(|(after, now)| after - now));
                let spectrum = eigenvalues(&self.jacobian(&active)?, active.len())?;
                return Ok(FixedPoint { state, active, consistent, residual, spectrum });
            }
            active = found;
        }
        unreachable!("the last round returns")
    }

    /// The fixed point with these units active. The others have `r = α r`, so they are silent, and
    /// among the active ones `((1 − α) I − β diag(m) W) r = β m ∘ h`.
    fn solve(&self, drive: &[f64], active: &[bool]) -> Result<Vec<f64>, Error> {
        let units = active.len();
        let on: Vec<usize> = (0..units).filter(|&unit| active[unit]).collect();
        let lost = 1.0 - f64::from(self.alpha);
        let singular = Error::Singular { active: on.len(), units };
        if lost == 0.0 {
            return Err(singular);
        }
        let left = Mat::from_fn(on.len(), on.len(), |row, column| {
            let kept = if row == column { lost } else { 0.0 };
            kept - self.scale(on[row]) * self.weight(units, on[row], on[column])
        });
        let right = Mat::from_fn(on.len(), 1, |row, _| self.scale(on[row]) * drive[on[row]]);
        let solution = left.partial_piv_lu().solve(&right);
        let mut state = vec![0.0; units];
        for (row, &unit) in on.iter().enumerate() {
            state[unit] = solution[(row, 0)];
        }
        if state.iter().all(|r| r.is_finite()) { Ok(state) } else { Err(singular) }
    }

    /// `W r + h`.
    fn preactivations(&self, drive: &[f64], state: &[f64]) -> Vec<f64> {
        let units = state.len();
        let sum = |to: usize| {
            drive[to] + (0..units).map(|from| self.weight(units, to, from) * state[from]).sum::<f64>()
        };
        (0..units).map(sum).collect()
    }

    fn after(&self, state: &[f64], preactivations: &[f64]) -> Vec<f64> {
        let unit = |unit: usize| {
            f64::from(self.alpha) * state[unit] + self.scale(unit) * preactivations[unit].max(0.0)
        };
        (0..state.len()).map(unit).collect()
    }

    fn check_states(&self, drive: &[f64], state: &[f64]) -> Result<(), Error> {
        check_finite("drive", drive)?;
        check_length("state", drive.len(), state.len())?;
        check_finite("state", state)?;
        self.check(drive.len())
    }
}

fn positive(preactivations: &[f64]) -> Vec<bool> {
    preactivations.iter().map(|&h| h > 0.0).collect()
}

fn norm(entries: impl Iterator<Item = f64>) -> f64 {
    entries.map(|entry| entry * entry).sum::<f64>().sqrt()
}
