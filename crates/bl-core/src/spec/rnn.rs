//! What generates a recurrent backbone.

use serde::{Deserialize, Serialize};

use super::{Activation, Distribution, MAX_UNITS, Place, check_common, generator, range};
use crate::error::Error;

/// A recurrent network: `r_t = α r_{t−1} + β φ(W r_{t−1} + B x_t + b)`, `y_t = C r_t`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RnnSpec {
    /// Version of the generator ([`GENERATOR`](crate::GENERATOR)).
    #[serde(default = "generator")]
    pub generator: u32,
    /// Always `rnn`.
    pub kind: RnnKind,
    /// Seed of all weights, below 2⁵³ so that every JSON reader keeps it.
    pub seed: u64,
    /// φ
    #[serde(default)]
    pub activation: Activation,
    /// α, what is left of a state after a step: 0 unless there is a leak.
    #[serde(default)]
    pub alpha: f64,
    /// β, what a step adds.
    #[serde(default = "one")]
    pub beta: f64,
    /// Hidden units N.
    pub units: u32,
    /// W
    pub recurrent: RecurrentLayer,
    /// B
    pub input: InputSpec,
    /// C
    pub readout: RnnReadout,
    /// r₀, unless an adapter has learned its own.
    #[serde(default)]
    pub initial_state: InitialState,
}

/// The family of networks, as a file names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RnnKind {
    /// One recurrent layer.
    #[serde(rename = "rnn")]
    Rnn,
}

fn one() -> f64 {
    1.0
}

/// The recurrent weights W, `[units, units]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecurrentLayer {
    /// g: drawn weights are multiplied by g / √units, so a distribution of variance 1 has a spectral radius near g.
    pub gain: f64,
    /// Where the weights are drawn from, before that.
    pub weights: Distribution,
}

/// The input weights B, `[units, values]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// Values of `x_t`; 0 for a network without input.
    pub values: u32,
    /// Where the weights are drawn from.
    pub weights: Distribution,
}

/// The readout C, `[outputs, units]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RnnReadout {
    /// Values of `y_t`.
    pub outputs: u32,
    /// What drawn weights are divided by, so that the scale of y does not depend on the width.
    pub divided_by: DividedBy,
    /// Where the weights are drawn from, before that.
    pub weights: Distribution,
}

/// A factor that depends on the width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DividedBy {
    /// 1
    One,
    /// √units
    SqrtUnits,
    /// units
    Units,
}

impl DividedBy {
    /// The divisor at a width.
    pub(crate) fn at(self, units: u32) -> f64 {
        match self {
            Self::One => 1.0,
            Self::SqrtUnits => f64::from(units).sqrt(),
            Self::Units => units.into(),
        }
    }
}

/// The state before the first step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case", deny_unknown_fields)]
pub enum InitialState {
    /// 0
    #[default]
    Zero,
    /// Uniform in [−`half_width`, `half_width`), drawn once, the same for every task.
    Uniform {
        /// Half the width of the interval.
        half_width: f64,
    },
}

impl RnnSpec {
    /// For messages.
    pub const FAMILY: &str = "recurrent";

    /// Values of `x_t` and of `y_t`.
    pub fn widths(&self) -> (usize, usize) {
        (self.input.values as usize, self.readout.outputs as usize)
    }

    /// Checks every field but the number of weights.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        check_common(self.generator, self.seed)?;
        range("alpha", self.alpha, 0.0, 1.0)?;
        range("beta", self.beta, 1e-6, 1e6)?;
        range("width (hidden units)", self.units.into(), 1.0, MAX_UNITS.into())?;
        range("gain", self.recurrent.gain, 1e-6, 1e6)?;
        range("input values", self.input.values.into(), 0.0, 65_536.0)?;
        range("outputs", self.readout.outputs.into(), 1.0, 65_536.0)?;
        for weights in [&self.recurrent.weights, &self.input.weights, &self.readout.weights] {
            weights.validate(Place::Deeper)?;
        }
        match self.initial_state {
            InitialState::Zero => Ok(()),
            InitialState::Uniform { half_width } => range("half_width", half_width, 1e-30, 1e30),
        }
    }
}
