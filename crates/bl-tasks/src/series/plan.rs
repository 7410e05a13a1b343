//! What the samples of a series are for.

use super::{Fault, Series};

/// How a forecast is learned and tested.
///
/// Both parts of a series begin with a washout, in which a network forgets its first state and is
/// not judged, and end with a horizon, whose samples are targets only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Samples before a network is judged.
    pub washout: usize,
    /// How many samples ahead is predicted.
    pub horizon: usize,
    /// Predictions to learn from, at least.
    pub learn: usize,
    /// Predictions to be judged by; with 0 nothing is held out.
    pub test: usize,
}

impl Plan {
    /// The shortest series that will do: `2 (washout + horizon) + learn + test`, or `washout + horizon + learn` if nothing is
    /// held out.
    pub fn samples(&self) -> usize {
        let train = self.washout.saturating_add(self.horizon).saturating_add(self.learn);
        train.saturating_add(self.held_out())
    }

    /// Samples in the held-out window: `washout + test + horizon`, or none.
    pub fn held_out(&self) -> usize {
        if self.test == 0 {
            return 0;
        }
        self.washout.saturating_add(self.test).saturating_add(self.horizon)
    }

    /// True samples before a free run, `washout + horizon`: the first values that are fed back were forecast at the
    /// last `horizon` of them, when the washout was over.
    pub fn first_free(&self) -> usize {
        self.washout.saturating_add(self.horizon)
    }
}

/// A series in two; no sample is in both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts<'a> {
    /// The beginning, to learn from.
    pub train: &'a [f64],
    /// The end: `[washout + test + horizon]`.
    pub held_out: &'a [f64],
}

impl Series {
    /// The last samples are held out, as many as the plan needs; the others are to learn from.
    pub fn split(&self, plan: &Plan) -> Result<Parts<'_>, Fault> {
        if plan.horizon == 0 || plan.learn == 0 {
            return Err(Fault::Plan { plan: plan.clone() });
        }
        if self.len() < plan.samples() {
            return Err(Fault::TooShort { plan: plan.clone(), found: self.len() });
        }
        let (train, held_out) = self.values().split_at(self.len() - plan.held_out());
        Ok(Parts { train, held_out })
    }
}
