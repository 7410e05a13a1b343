//! An encoder with the tokenizer that it was pretrained with.

use std::path::Path;
use std::sync::Arc;

use crate::config::Config;
use crate::encoder::Encoder;
use crate::error::Error;
use crate::tokenizer::Tokenizer;

/// What a folder of a pretrained model holds.
pub struct Pretrained {
    encoder: Encoder,
    tokenizer: Arc<Tokenizer>,
}

impl Pretrained {
    /// Reads `config.json`, `model.safetensors` (or several with an index) and `tokenizer.json`. An encoder that takes more than
    /// `limit` bytes is an error before any are taken.
    pub fn load(folder: &Path, limit: u64) -> Result<Self, Error> {
        Config::from_file(&folder.join("config.json"))?; // first of all: a folder without one is something else
        let tokenizer = Tokenizer::load(folder)?;
        let encoder = Encoder::load(folder, limit)?;
        let (expected, found) = (encoder.config().vocab_size, tokenizer.vocabulary());
        if found > expected {
            return Err(Error::Vocabulary { expected, found });
        }
        Ok(Self { encoder, tokenizer: Arc::new(tokenizer) })
    }

    /// The weights.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// What makes tokens of texts.
    pub fn tokenizer(&self) -> &Arc<Tokenizer> {
        &self.tokenizer
    }
}
