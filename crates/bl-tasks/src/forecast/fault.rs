//! How a forecast can be impossible to judge.

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
    /// Nothing to judge by.
    #[error("expected a target that varies, found a deviation of {found} over {samples} samples")]
    Flat {
        /// The standard deviation of the target.
        found: f64,
        /// Its length.
        samples: usize,
    },
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
