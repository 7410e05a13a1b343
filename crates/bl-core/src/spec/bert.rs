//! What identifies a pretrained encoder with a readout behind it.

use bl_bert::{Biases, Config};
use serde::{Deserialize, Serialize};

use super::{Place, ReadoutSpec, check_common, generator, range};
use crate::error::Error;
use crate::fingerprint::Fingerprint;

/// A pretrained encoder of the BERT kind, frozen, and a readout of the mean of its last layer. The encoder's weights come from
/// nowhere but its own files, so they are identified by content; the readout is drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BertSpec {
    /// Version of the generator ([`GENERATOR`](crate::GENERATOR)).
    #[serde(default = "generator")]
    pub generator: u32,
    /// Always `bert`.
    pub kind: BertKind,
    /// Seed of the readout, below 2⁵³.
    pub seed: u64,
    /// SHA-256 of the encoder's tensors (FORMAT.md says over what).
    pub encoder: Fingerprint,
    /// SHA-256 of its `tokenizer.json`.
    pub tokenizer: Fingerprint,
    /// Its sizes, under the names of `config.json`.
    pub config: Config,
    /// A
    pub readout: ReadoutSpec,
}

/// The family of networks, as a file names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BertKind {
    /// An encoder of the BERT kind.
    #[serde(rename = "bert")]
    Bert,
}

impl BertSpec {
    /// For messages.
    pub const FAMILY: &str = "pretrained encoder";

    /// Names and widths of all biases that can be learned, in the order of files.
    pub fn biases(&self) -> Vec<(String, usize)> {
        Biases::names(&self.config)
    }

    /// Classes, and values of a text's vector.
    pub fn head(&self) -> (usize, usize) {
        (self.outputs(), self.config.hidden_size)
    }

    /// Number of classes.
    pub fn outputs(&self) -> usize {
        self.readout.outputs as usize
    }

    /// Checks every field but the number of weights.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        check_common(self.generator, self.seed)?;
        self.config.validate().map_err(|source| Error::Encoder { source: Box::new(source) })?;
        range("outputs", self.readout.outputs.into(), 1.0, 65_536.0)?;
        self.readout.weights.validate(Place::Deeper)
    }
}
