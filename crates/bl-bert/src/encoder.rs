//! An encoder: its weights, frozen, and what identifies them.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::biases::Biases;
use crate::config::Config;
use crate::error::Error;
use crate::tensors::{Files, Tensors};

/// A pretrained encoder. It has no way to change its weights: the biases are an argument of every call.
pub struct Encoder {
    pub(crate) config: Config,
    pub(crate) words: Vec<f32>,
    pub(crate) positions: Vec<f32>,
    pub(crate) types: Vec<f32>,
    pub(crate) norm: Vec<f32>,
    pub(crate) layers: Vec<Layer>,
    biases: Biases,
    fingerprint: String,
}

/// The weights of a layer, `[outputs, inputs]` each.
pub(crate) struct Layer {
    pub(crate) query: Vec<f32>,
    pub(crate) key: Vec<f32>,
    pub(crate) value: Vec<f32>,
    pub(crate) attention: Vec<f32>,
    pub(crate) attention_norm: Vec<f32>,
    pub(crate) inner: Vec<f32>,
    pub(crate) outer: Vec<f32>,
    pub(crate) outer_norm: Vec<f32>,
}

/// Reads tensors and hashes what was read.
struct Reader<'a> {
    tensors: Tensors<'a>,
    hash: Sha256,
}

impl Reader<'_> {
    fn get(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        let values = self.tensors.get(name, shape)?;
        self.hash.update(name);
        self.hash.update([0]);
        for &size in shape {
            self.hash.update((size as u64).to_le_bytes());
        }
        for value in &values {
            self.hash.update(value.to_le_bytes());
        }
        Ok(values)
    }
}

impl Encoder {
    /// Reads a folder as the Hugging Face Hub has it: `config.json` and `model.safetensors` (or several with an index). An encoder
    /// that takes more than `limit` bytes is an error before any are taken.
    pub fn load(folder: &Path, limit: u64) -> Result<Self, Error> {
        let config = Config::from_file(&folder.join("config.json"))?;
        let needed = config.bytes();
        if needed > limit {
            return Err(Error::Memory { needed, limit });
        }
        let files = Files::read(folder)?;
        let mut reader = Reader { tensors: files.parse()?, hash: Sha256::new() };
        let (size, inner) = (config.hidden_size, config.intermediate_size);
        let words = reader.get("embeddings.word_embeddings.weight", &[config.vocab_size, size])?;
        let positions =
            reader.get("embeddings.position_embeddings.weight", &[config.max_position_embeddings, size])?;
        let types = reader.get("embeddings.token_type_embeddings.weight", &[config.type_vocab_size, size])?;
        let norm = reader.get("embeddings.LayerNorm.weight", &[size])?;
        let mut layers = Vec::new();
        for layer in 0..config.num_hidden_layers {
            let mut get = |name: &str, shape: &[usize]| {
                reader.get(&format!("encoder.layer.{layer}.{name}.weight"), shape)
            };
            layers.push(Layer {
                query: get("attention.self.query", &[size, size])?,
                key: get("attention.self.key", &[size, size])?,
                value: get("attention.self.value", &[size, size])?,
                attention: get("attention.output.dense", &[size, size])?,
                attention_norm: get("attention.output.LayerNorm", &[size])?,
                inner: get("intermediate.dense", &[inner, size])?,
                outer: get("output.dense", &[size, inner])?,
                outer_norm: get("output.LayerNorm", &[size])?,
            });
        }
        let names = Biases::names(&config).into_iter();
        let biases = names.map(|(name, width)| reader.get(&name, &[width])).collect::<Result<_, _>>()?;
        let biases = Biases::new(&config, biases)?;
        let fingerprint = format!("sha256:{}", hex(&reader.hash.finalize()));
        Ok(Self { config, words, positions, types, norm, layers, biases, fingerprint })
    }

    /// Its sizes.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The biases that it was pretrained with: where learning begins.
    pub fn biases(&self) -> &Biases {
        &self.biases
    }

    /// `sha256:` and the digest, in hex, of the names, shapes and values (as f32) of all tensors that are computed with, in a fixed order.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Values of a text's vector.
    pub fn size(&self) -> usize {
        self.config.hidden_size
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
