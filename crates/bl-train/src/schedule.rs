//! How the learning rate changes during the run.

use serde::{Deserialize, Serialize};

/// How the learning rate changes during the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// It does not.
    Constant,
    /// Half a cosine, from `lr` at the first step to 0 after the last.
    Cosine,
}

impl Schedule {
    /// The rate of step `step` (from 0) of `steps`.
    pub fn rate(self, lr: f64, step: u64, steps: u64) -> f64 {
        match self {
            Self::Constant => lr,
            Self::Cosine => {
                lr * 0.5 * (1.0 + libm::cos(std::f64::consts::PI * step as f64 / steps.max(1) as f64))
            }
        }
    }
}
