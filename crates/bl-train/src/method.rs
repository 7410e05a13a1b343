//! What is learned.

use bl_core::Backbone;
use bl_core::header::AdapterKind;
use serde::{Deserialize, Serialize};

/// What files name where results do not depend on the instruction set.
pub(crate) const ANY_ISA: &str = "any";

/// What is learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The biases of the hidden units.
    Bias,
    /// Which units are ON: `φ(p + b₀) · sigmoid(g / τ)` with fixed b₀ and annealed τ, 0 or 1 in the end.
    Mask,
    /// A factor on each unit: `m φ(p + b₀)` with fixed b₀.
    Gain,
    /// Both: `m φ(p + b)`.
    #[serde(alias = "bias+gain")] // as the command line has it
    BiasGain,
    /// Of a pretrained encoder: its biases and the readout.
    #[serde(alias = "bias+head")]
    BiasHead,
    /// Of a pretrained encoder: the readout alone.
    Head,
    /// All weights and the hidden biases: the baseline.
    Full,
}

impl Method {
    /// Those of random networks.
    pub const ALL: [Self; 5] = [Self::Bias, Self::Mask, Self::Gain, Self::BiasGain, Self::Full];
    /// Those of pretrained encoders.
    pub const OF_ENCODERS: [Self; 3] = [Self::Bias, Self::BiasHead, Self::Head];

    /// As it is written in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bias => "bias",
            Self::Mask => "mask",
            Self::Gain => "gain",
            Self::BiasGain => "bias_gain",
            Self::BiasHead => "bias_head",
            Self::Head => "head",
            Self::Full => "full",
        }
    }

    /// The kind of adapter that it makes; none where everything is learned.
    pub fn kind(self) -> Option<AdapterKind> {
        match self {
            Self::Bias => Some(AdapterKind::Bias),
            Self::Mask => Some(AdapterKind::Mask),
            Self::Gain => Some(AdapterKind::Gain),
            Self::BiasGain => Some(AdapterKind::BiasGain),
            Self::BiasHead => Some(AdapterKind::BiasHead),
            Self::Head => Some(AdapterKind::Head),
            Self::Full => None,
        }
    }

    /// What it learns, in words.
    pub fn learns(self) -> &'static str {
        match self {
            Self::Bias => "biases",
            Self::Mask => "mask bits",
            Self::Gain => "unit gains",
            Self::BiasGain => "biases and unit gains",
            Self::BiasHead => "biases and a readout",
            Self::Head => "a readout",
            Self::Full => "weights and biases",
        }
    }

    /// The instruction set that its results depend on, as files have it. Our own kernels give the same bits on `any`; products of
    /// matrices, of which whole networks, several layers and encoders are made, do not.
    pub(crate) fn isa(self, backbone: &Backbone) -> String {
        let is_ours = self != Self::Full
            && !backbone.spec().has_head()
            && backbone.mlp().map_or(true, bl_core::Mlp::is_shallow);
        if is_ours { ANY_ISA.to_owned() } else { backbone.isa().to_string() }
    }

    /// Whether the biases are drawn and stay so.
    pub(crate) fn draws_bias(self) -> bool {
        matches!(self, Self::Mask | Self::Gain)
    }

    /// Whether the biases are learned.
    pub(crate) fn learns_bias(self) -> bool {
        matches!(self, Self::Bias | Self::BiasGain | Self::BiasHead | Self::Full)
    }

    /// Whether something is learned that multiplies the units' activations.
    pub(crate) fn learns_gain(self) -> bool {
        matches!(self, Self::Mask | Self::Gain | Self::BiasGain)
    }

    /// Whether a readout is learned with frozen weights before it.
    pub(crate) fn learns_head(self) -> bool {
        matches!(self, Self::BiasHead | Self::Head)
    }

    /// Whether units end ON or OFF.
    pub(crate) fn is_mask(self) -> bool {
        self == Self::Mask
    }

    /// Whether no weight is frozen.
    pub fn is_full(self) -> bool {
        self == Self::Full
    }
}
