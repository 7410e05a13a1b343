//! Where weights are drawn from, and what becomes of a sum of them.

use serde::{Deserialize, Serialize};

use super::range;
use crate::error::Error;

/// φ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `max(x, 0)`
    #[default]
    Relu,
}

/// Where the weights of a matrix are drawn from; FORMAT.md gives each one's draws to the bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "distribution", rename_all = "snake_case", deny_unknown_fields)]
pub enum Distribution {
    /// U(−`half_width`, `half_width`)
    Uniform {
        /// Half the width of the interval.
        half_width: f64,
    },
    /// N(0, `std`²)
    Normal {
        /// Standard deviation.
        std: f64,
    },
    /// Two Gaussians at ±`mean`, each with probability a half.
    Mixture {
        /// Distance of each Gaussian from zero.
        mean: f64,
        /// Standard deviation of each.
        std: f64,
    },
    /// ±`value`, each with probability a half.
    Rademacher {
        /// The absolute value.
        value: f64,
    },
    /// N(0, `std`²) with probability `density`, else 0.
    Sparse {
        /// Probability of a weight that is not zero.
        density: f64,
        /// Standard deviation of those weights.
        std: f64,
    },
    /// A local receptive field: N(0, 1) times a Gaussian window of SD `sigma` pixels at a random place,
    /// every unit's weights scaled to the Euclidean norm `norm`. First layer only.
    LocalNormal {
        /// Standard deviation of the window in pixels.
        sigma: f64,
        /// Euclidean norm of each unit's weights.
        norm: f64,
    },
    /// Unit i feeds output `i mod outputs` alone, with ±`value`. Readout only.
    OneHot {
        /// The absolute value.
        value: f64,
    },
}

/// Which matrix a distribution is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    First,
    Deeper,
    Readout,
}

impl Distribution {
    /// Whether each unit feeds one output alone.
    pub(crate) fn is_one_hot(&self) -> bool {
        matches!(self, Self::OneHot { .. })
    }

    pub(crate) fn validate(&self, place: Place) -> Result<(), Error> {
        const MIN: f64 = 1e-30; // well inside f32, so that no scale is lost
        const MAX: f64 = 1e30;
        let size = |what, value| range(what, value, MIN, MAX);
        match *self {
            Self::Uniform { half_width } => size("half_width", half_width),
            Self::Normal { std } => size("std", std),
            Self::Mixture { mean, std } => size("mean", mean).and_then(|()| size("std", std)),
            Self::Sparse { density, std } => {
                range("density", density, 1.0 / 65_536.0, 1.0).and_then(|()| size("std", std))
            }
            Self::Rademacher { value } => size("value", value),
            Self::OneHot { value } if place == Place::Readout => size("value", value),
            Self::LocalNormal { sigma, norm } if place == Place::First => {
                range("sigma", sigma, 0.25, 1e6).and_then(|()| size("norm", norm))
            }
            Self::OneHot { .. } => {
                Err(Error::MisplacedDistribution { name: "one_hot", place: "the readout" })
            }
            Self::LocalNormal { .. } => {
                Err(Error::MisplacedDistribution { name: "local_normal", place: "the first layer" })
            }
        }
    }
}
