//! What the file of a recurrent adapter says about itself.

use serde::{Deserialize, Serialize};

use super::spec::RecurrentSpec;
use crate::base_bias::BaseBias;
use crate::error::Error;
use crate::fingerprint::Fingerprint;
use crate::header::{Kind, Metric, Mode, TrainingRecord};

/// The feature that marks a recurrent adapter: a reader of pictures alone must refuse it.
pub const FEATURE: &str = "recurrent";

/// The header of a recurrent adapter: enough to regenerate the backbone and to run the task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecurrentHeader {
    /// [`crate::header::FORMAT`]
    pub format: String,
    /// [`crate::header::VERSION`]
    pub version: u32,
    /// Features that a reader must know: [`FEATURE`].
    pub requires: Vec<String>,
    /// What was learned.
    pub kind: Kind,
    /// How it meets the backbone's own values.
    pub mode: Mode,
    /// Whether r₀ was learned too; else it is the backbone's.
    #[serde(default)]
    pub learned_state: bool,
    /// The biases, where they are drawn and not learned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_bias: Option<BaseBias>,
    /// The task.
    pub task: SignalTask,
    /// What goes in and what comes out.
    pub signal: Signal,
    /// The frozen weights.
    pub backbone: RecurrentRef,
    /// How it was learned. Counts are samples of a series, or targets of reaching.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<TrainingRecord>,
    /// How good it is.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// Licence of the adapter, an SPDX expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
}

/// The task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalTask {
    /// Short name, as in `--task`.
    pub name: String,
    /// Name for people.
    pub title: String,
}

/// The backbone an adapter belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecurrentRef {
    /// What identifies its weights.
    pub fingerprint: Fingerprint,
    /// What generates them.
    pub spec: RecurrentSpec,
}

/// What goes in and what comes out of a recurrent adapter, step by step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Signal {
    /// Nothing goes in: the network is a dynamical system of its own, and y is the variable over time.
    Generate {
        /// What comes out.
        variable: String,
        /// Steps that were learned.
        steps: usize,
        /// The time between two samples, if it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        spacing: Option<f64>,
        /// Between the variable and y.
        scale: SeriesScale,
    },
    /// A variable goes in, and what it will be some samples later comes out.
    Forecast(Forecast),
    /// The place of a target goes in at every step, and the forces that move a point mass to it come out.
    Reach(Reach),
}

/// A forecaster's input and output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// What is observed.
    pub variable: String,
    /// How many samples ahead y is.
    pub horizon: usize,
    /// Samples before a forecast is judged.
    pub washout: usize,
    /// The time between two samples, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spacing: Option<f64>,
    /// Between the variable and x or y.
    pub scale: SeriesScale,
    /// The largest Lyapunov exponent, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lyapunov: Option<Lyapunov>,
}

/// `(value − offset) / unit` is what the network sees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesScale {
    /// What becomes 0.
    pub offset: f64,
    /// What becomes 1 above it.
    pub unit: f64,
}

/// A largest Lyapunov exponent, per unit of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lyapunov {
    /// λ
    pub exponent: f64,
    /// Who says so.
    pub source: String,
}

/// The arm that is moved, in SI units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reach {
    /// Steps of a movement.
    pub steps: usize,
    /// Their duration, in s.
    pub dt: f64,
    /// In kg.
    pub mass: f64,
    /// Time constant of the force, in s.
    pub lag: f64,
    /// Distance of the targets, in m.
    pub distance: f64,
    /// x is the place of the target divided by this, in m.
    pub unit: f64,
}

impl Signal {
    /// Values of `x_t` and of `y_t`.
    pub fn widths(&self) -> (usize, usize) {
        match self {
            Self::Generate { .. } => (0, 1),
            Self::Forecast { .. } => (1, 1),
            Self::Reach { .. } => (2, 2),
        }
    }

    /// Checks every number.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let positive = |what, x: f64| crate::spec::range(what, x, 1e-30, 1e30);
        let count = |what, n: usize, least: f64| crate::spec::range(what, n as f64, least, 1e9);
        let scaled = |scale: &SeriesScale| {
            crate::spec::range("scale.offset", scale.offset, -1e30, 1e30)?;
            positive("scale.unit", scale.unit)
        };
        match self {
            Self::Generate { steps, spacing, scale, .. } => {
                count("steps", *steps, 1.0)?;
                spacing.map_or(Ok(()), |spacing| positive("spacing", spacing))?;
                scaled(scale)
            }
            Self::Forecast(Forecast { horizon, washout, spacing, scale, lyapunov, .. }) => {
                count("horizon", *horizon, 1.0)?;
                count("washout", *washout, 0.0)?;
                spacing.map_or(Ok(()), |spacing| positive("spacing", spacing))?;
                lyapunov.as_ref().map_or(Ok(()), |known| positive("lyapunov.exponent", known.exponent))?;
                scaled(scale)
            }
            Self::Reach(Reach { steps, dt, mass, lag, distance, unit }) => {
                crate::spec::range("steps", *steps as f64, 1.0, 1e6)?;
                positive("dt", *dt)?;
                positive("mass", *mass)?;
                positive("lag", *lag)?;
                positive("distance", *distance)?;
                positive("unit", *unit)
            }
        }
    }
}

impl RecurrentHeader {
    /// A metric by name and part.
    pub fn metric(&self, name: &str, split: &str) -> Option<f64> {
        self.metrics.iter().find(|m| m.name == name && m.split == split).map(|m| m.value)
    }
}
