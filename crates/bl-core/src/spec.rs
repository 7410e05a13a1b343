//! What generates a backbone: everything that its weights are a function of.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The generator this program has. Another number means other weights from the same spec.
pub const GENERATOR: u32 = 1;

/// Far beyond any use, far below any overflow.
pub(crate) const MAX_UNITS: u32 = 1 << 24;
/// 4 GiB: a file from anywhere must not take all memory.
pub(crate) const MAX_WEIGHTS: usize = 1 << 32;
/// 2⁵³ − 1: every JSON reader keeps integers up to this.
pub(crate) const MAX_EXACT: f64 = 9_007_199_254_740_991.0;

/// A backbone's architecture, distributions and seed. Its weights are a pure function of this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackboneSpec {
    /// Version of the generator ([`GENERATOR`]).
    #[serde(default = "generator")]
    pub generator: u32,
    /// The family of networks.
    #[serde(default)]
    pub kind: Kind,
    /// Seed of all weights, below 2⁵³ so that every JSON reader keeps it.
    pub seed: u64,
    /// φ, of every hidden layer.
    #[serde(default)]
    pub activation: Activation,
    /// Whether layers after the first add their input: `h_l = h_{l−1} + φ(W_l h_{l−1} + b_l)`.
    #[serde(default)]
    pub residual: bool,
    /// The pictures that go in.
    pub input: InputShape,
    /// Hidden layers, first to last.
    pub layers: Vec<LayerSpec>,
    /// The linear readout A.
    pub readout: ReadoutSpec,
}

pub(crate) fn generator() -> u32 {
    GENERATOR
}

/// The family of networks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Feed-forward: hidden layers and a linear readout.
    #[default]
    Mlp,
}

/// φ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `max(x, 0)`
    #[default]
    Relu,
}

/// Shape of the 8-bit pictures, flattened row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputShape {
    /// Rows of pixels.
    pub height: u32,
    /// Columns of pixels.
    pub width: u32,
    /// Values per pixel.
    #[serde(default = "one")]
    pub channels: u32,
}

fn one() -> u32 {
    1
}

impl InputShape {
    /// Number of input values d; saturates, for a spec may come from anywhere.
    pub fn values(&self) -> usize {
        (self.height as usize).saturating_mul(self.width as usize).saturating_mul(self.channels as usize)
    }
}

/// One hidden layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerSpec {
    /// Hidden units.
    pub units: u32,
    /// Where the incoming weights are drawn from.
    pub weights: Distribution,
}

/// The linear readout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadoutSpec {
    /// Output units, the classes of an image task.
    pub outputs: u32,
    /// Where the weights are drawn from.
    pub weights: Distribution,
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

impl BackboneSpec {
    /// Reads a spec from TOML and validates it.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let spec: Self =
            toml::from_str(text).map_err(|source| Error::SpecSyntax { source: Box::new(source) })?;
        spec.validate()?;
        Ok(spec)
    }

    /// The spec as TOML, for people.
    pub fn to_toml(&self) -> Result<String, Error> {
        toml::to_string(self).map_err(|source| Error::SpecUnprintable { source })
    }

    /// Inputs of each hidden layer and of the readout.
    pub fn fan_ins(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.input.values()).chain(self.layers.iter().map(|layer| layer.units as usize))
    }

    /// Number of hidden units of all layers: the parameters of a bias adapter.
    pub fn hidden_units(&self) -> usize {
        self.layers.iter().map(|layer| layer.units as usize).sum()
    }

    /// Number of frozen weights.
    pub fn frozen_weights(&self) -> usize {
        let widths =
            self.layers.iter().map(|layer| layer.units as usize).chain([self.readout.outputs as usize]);
        self.fan_ins().zip(widths).map(|(from, to)| from * to).sum()
    }

    /// Checks every field; whatever holds a spec has passed this.
    pub fn validate(&self) -> Result<(), Error> {
        const MAX_INPUTS: usize = 65_536;
        if self.generator != GENERATOR {
            return Err(Error::UnknownGenerator { found: self.generator });
        }
        range("seed", self.seed as f64, 0.0, MAX_EXACT)?;
        range("input values", self.input.values() as f64, 1.0, MAX_INPUTS as f64)?;
        range("number of hidden layers", self.layers.len() as f64, 1.0, 64.0)?;
        for (depth, layer) in self.layers.iter().enumerate() {
            range("width (hidden units)", layer.units.into(), 1.0, MAX_UNITS.into())?;
            layer.weights.validate(if depth == 0 { Place::First } else { Place::Deeper })?;
            if self.residual && depth > 0 && layer.units != self.layers[depth - 1].units {
                return Err(Error::ResidualWidths {
                    depth,
                    from: self.layers[depth - 1].units,
                    to: layer.units,
                });
            }
        }
        range("outputs", self.readout.outputs.into(), 1.0, 65_536.0)?;
        self.readout.weights.validate(Place::Readout)?;
        range("number of weights", self.frozen_weights() as f64, 1.0, MAX_WEIGHTS as f64)
    }
}

/// Which matrix a distribution is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    First,
    Deeper,
    Readout,
}

impl Distribution {
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

/// A number within bounds.
pub(crate) fn range(what: &'static str, found: f64, min: f64, max: f64) -> Result<(), Error> {
    if found >= min && found <= max { Ok(()) } else { Err(Error::OutOfRange { what, found, min, max }) }
}
