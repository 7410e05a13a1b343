//! What an encoder is like: `config.json` of its repository.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Sizes of an encoder, under the names that `transformers` gives them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in `transformers`")]
pub struct Config {
    pub model_type: String,
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub intermediate_size: usize,
    pub hidden_act: String,
    pub max_position_embeddings: usize,
    pub type_vocab_size: usize,
    pub layer_norm_eps: f64,
    #[serde(default = "absolute", skip_serializing)]
    pub position_embedding_type: String,
}

fn absolute() -> String {
    "absolute".to_owned()
}

impl Config {
    /// Reads and validates a file.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(|cause| Error::io(path, cause))?;
        let config: Self =
            serde_json::from_slice(&bytes).map_err(|cause| Error::Config { path: path.to_owned(), cause })?;
        config.validate()?;
        Ok(config)
    }

    /// Whether this crate computes such an encoder, and the sizes make sense.
    pub fn validate(&self) -> Result<(), Error> {
        let unlike = |what: &'static str, expected: &'static str, found: &str| {
            (found != expected).then(|| Error::Unlike { what, expected, found: found.to_owned() })
        };
        let unlike = unlike("model_type", "bert", &self.model_type)
            .or_else(|| unlike("hidden_act", "gelu", &self.hidden_act))
            .or_else(|| unlike("position_embedding_type", "absolute", &self.position_embedding_type));
        if let Some(error) = unlike {
            return Err(error);
        }
        for (what, found, most) in [
            ("vocab_size", self.vocab_size, 1 << 24),
            ("hidden_size", self.hidden_size, 1 << 14),
            ("num_hidden_layers", self.num_hidden_layers, 256),
            ("num_attention_heads", self.num_attention_heads, 1 << 10),
            ("intermediate_size", self.intermediate_size, 1 << 16),
            ("max_position_embeddings", self.max_position_embeddings, 1 << 16),
            ("type_vocab_size", self.type_vocab_size, 1 << 8),
        ] {
            if !(1..=most).contains(&found) {
                return Err(Error::OutOfRange { what, found, most });
            }
        }
        if !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return Err(Error::Heads { size: self.hidden_size, heads: self.num_attention_heads });
        }
        if !(1e-30..=1.0).contains(&self.layer_norm_eps) {
            return Err(Error::Epsilon { found: self.layer_norm_eps });
        }
        Ok(())
    }

    /// Values of a head.
    #[cfg(feature = "encoder")]
    pub(crate) fn head(&self) -> usize {
        self.hidden_size / self.num_attention_heads
    }

    /// Number of values of all tensors.
    pub fn weights(&self) -> usize {
        let (size, inner) = (self.hidden_size, self.intermediate_size);
        let tables = self.vocab_size + self.max_position_embeddings + self.type_vocab_size;
        let layer = size.saturating_mul(4 * size + 2 * inner + 9) + inner;
        let all = size.saturating_mul(tables + 2);
        all.saturating_add(self.num_hidden_layers.saturating_mul(layer))
    }

    /// Memory of the weights, as f32.
    pub fn bytes(&self) -> u64 {
        (self.weights() as u64).saturating_mul(4)
    }
}
