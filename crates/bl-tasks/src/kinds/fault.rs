//! How a network can fail at a task.

/// What is wrong, as facts.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A state beyond all numbers.
    #[error("the network's state exploded at step {step}: its output is not finite")]
    Exploded {
        /// Counted from 0, where the trajectory begins.
        step: usize,
    },
    /// Too little past to go on from.
    #[error("expected at least {expected} samples to start a free run from, found {found}")]
    Past {
        /// The washout, and no less than the horizon.
        expected: usize,
        /// What there is.
        found: usize,
    },
    /// A network of another shape.
    #[error(transparent)]
    Network(#[from] bl_core::Error),
    /// What cannot be judged.
    #[error(transparent)]
    Forecast(#[from] crate::forecast::Fault),
    /// Controls that the plant cannot follow.
    #[error(transparent)]
    Reaching(#[from] crate::reaching::Fault),
}

/// A metric that these data do not have, since their true values do not vary, is no number; other faults stay faults.
pub(super) fn if_any(metric: Result<f64, crate::forecast::Fault>) -> Result<f64, crate::forecast::Fault> {
    match metric {
        Err(crate::forecast::Fault::Target(_)) => Ok(f64::NAN),
        other => other,
    }
}

/// The outputs before the first that is no number; `trajectories · outputs` of them are a step.
pub(super) fn before_explosion(mut y: Vec<f32>, per_step: usize) -> Vec<f32> {
    if let Some(at) = y.iter().position(|y| !y.is_finite()) {
        y.truncate(at / per_step * per_step);
    }
    y
}

/// Outputs that are all numbers; `trajectories · outputs` of them are a step.
pub(super) fn finite(y: Vec<f32>, per_step: usize, first: usize) -> Result<Vec<f32>, Fault> {
    match y.iter().position(|y| !y.is_finite()) {
        Some(at) => Err(Fault::Exploded { step: first + at / per_step }),
        None => Ok(y),
    }
}
