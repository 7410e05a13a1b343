//! What generates a feed-forward backbone.

use serde::{Deserialize, Serialize};

use super::{Activation, Distribution, Front, MAX_INPUTS, MAX_UNITS, Place, check_common, generator, range};
use crate::error::Error;

/// A feed-forward network: `y = A φ(B x + b)`, with one or more hidden layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MlpSpec {
    /// Version of the generator ([`GENERATOR`](crate::GENERATOR)).
    #[serde(default = "generator")]
    pub generator: u32,
    /// Always `mlp`.
    #[serde(default)]
    pub kind: MlpKind,
    /// Seed of all weights, below 2⁵³ so that every JSON reader keeps it.
    pub seed: u64,
    /// φ, of every hidden layer.
    #[serde(default)]
    pub activation: Activation,
    /// Whether layers after the first add their input: `h_l = h_{l−1} + φ(W_l h_{l−1} + b_l)`.
    #[serde(default)]
    pub residual: bool,
    /// The images that go in.
    pub input: InputShape,
    /// What stands between the images and the first hidden layer: nothing, or a front end f, so that `y = A φ(B f(x) + b)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub front: Option<Front>,
    /// Hidden layers, first to last.
    pub layers: Vec<LayerSpec>,
    /// The linear readout A.
    pub readout: ReadoutSpec,
}

/// The family of networks, as a file names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MlpKind {
    /// Feed-forward: hidden layers and a linear readout.
    #[default]
    Mlp,
}

/// Shape of the 8-bit images, flattened row by row.
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

impl MlpSpec {
    /// For messages.
    pub const FAMILY: &str = "feed-forward";

    /// Inputs of each hidden layer and of the readout.
    pub fn fan_ins(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.seen().values()).chain(self.layers.iter().map(|layer| layer.units as usize))
    }

    /// What the first hidden layer sees: the image, or what the front end makes of it.
    pub(crate) fn seen(&self) -> InputShape {
        self.front.as_ref().map_or(self.input, Front::outputs)
    }

    /// Output units.
    pub fn outputs(&self) -> usize {
        self.readout.outputs as usize
    }

    /// Checks every field but the number of weights.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        check_common(self.generator, self.seed)?;
        range("input values", self.input.values() as f64, 1.0, MAX_INPUTS as f64)?;
        self.front.as_ref().map_or(Ok(()), |front| front.validate(self.input))?;
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
        self.readout.weights.validate(Place::Readout)
    }
}
