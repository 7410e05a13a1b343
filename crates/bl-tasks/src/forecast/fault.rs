//! How a forecast can be impossible to judge.

use crate::series;

/// What is wrong, as facts.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// A forecast of another length than its target.
    #[error("expected a forecast of {expected} samples, found {found}")]
    Length {
        /// Samples of the target.
        expected: usize,
        /// Samples of the forecast.
        found: usize,
    },
    /// A target that no forecast can be judged by.
    #[error("in the target: {0}")]
    Target(#[from] series::Fault),
    /// A forecast that is no number.
    #[error("expected a forecast of finite numbers, found {found} at index {index}")]
    NotFinite {
        /// Counted from 0.
        index: usize,
        /// The value.
        found: f64,
    },
    /// A threshold or a unit of the error that is none.
    #[error("expected a threshold and a deviation above 0, found {threshold} and {deviation}")]
    Criterion {
        /// The threshold.
        threshold: f64,
        /// The standard deviation.
        deviation: f64,
    },
}
