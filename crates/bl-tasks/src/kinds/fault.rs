//! How a network can fail at a task.

use super::run::Cost;

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
    /// More than there is room for.
    #[error("{cost} take {} GiB, at most {} GiB are taken for a run", gib(cost.bytes), gib(*budget))]
    Memory {
        /// What was asked for.
        cost: Cost,
        /// Bytes.
        budget: u64,
    },
    /// More than anybody waits for.
    #[error("{cost} are {:.1e} products, at most {budget:.0e} are computed for a run whose length is the file's", cost.products)]
    Products {
        /// What was asked for.
        cost: Cost,
        /// Products.
        budget: f64,
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

fn gib(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / f64::from(1 << 30))
}
