//! Signals: what a recurrent network is given and what it says, step by step.

use serde::{Deserialize, Serialize};

use super::Trials;
use crate::error::Error;
use crate::spec::range;

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
    /// Values go in at each step of a trial, and scores of classes or values come out.
    Trials(Trials),
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
    /// Of a series from a file: what was seen of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned: Option<Learned>,
}

/// What a forecaster has seen of a file, so that another column, unit or spacing can be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// The column's name, if the file has names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The lowest value of the training part.
    pub low: f64,
    /// The highest.
    pub high: f64,
    /// `s` where the file has dates and `spacing` is in seconds; none where its unit is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spacing_unit: Option<String>,
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
    /// Values of `x_t` and of `y_t`; `classes` is how many there are, if any.
    pub fn widths(&self, classes: usize) -> (usize, usize) {
        match self {
            Self::Generate { .. } => (0, 1),
            Self::Forecast { .. } => (1, 1),
            Self::Reach { .. } => (2, 2),
            Self::Trials(trials) => trials.widths(classes),
        }
    }

    /// Whether scores of classes come out.
    pub fn has_classes(&self) -> bool {
        matches!(self, Self::Trials(trials) if trials.read().is_some())
    }

    /// Checks every number.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let positive = |what, x: f64| range(what, x, 1e-30, 1e30);
        let count = |what, n: usize, least: f64| range(what, n as f64, least, 1e9);
        let scaled = |scale: &SeriesScale| {
            range("scale.offset", scale.offset, -1e30, 1e30)?;
            positive("scale.unit", scale.unit)
        };
        match self {
            Self::Generate { steps, spacing, scale, .. } => {
                count("steps", *steps, 1.0)?;
                spacing.map_or(Ok(()), |spacing| positive("spacing", spacing))?;
                scaled(scale)
            }
            Self::Forecast(Forecast { horizon, washout, spacing, scale, lyapunov, learned, .. }) => {
                count("horizon", *horizon, 1.0)?;
                if let Some(Learned { low, high, .. }) = learned {
                    range("learned.low", *low, -1e30, 1e30)?;
                    range("learned.high", *high, *low, 1e30)?;
                }
                count("washout", *washout, 0.0)?;
                spacing.map_or(Ok(()), |spacing| positive("spacing", spacing))?;
                lyapunov.as_ref().map_or(Ok(()), |known| positive("lyapunov.exponent", known.exponent))?;
                scaled(scale)
            }
            Self::Reach(Reach { steps, dt, mass, lag, distance, unit }) => {
                range("steps", *steps as f64, 1.0, 1e6)?;
                positive("dt", *dt)?;
                positive("mass", *mass)?;
                positive("lag", *lag)?;
                positive("distance", *distance)?;
                positive("unit", *unit)
            }
            Self::Trials(trials) => trials.validate(),
        }
    }
}
