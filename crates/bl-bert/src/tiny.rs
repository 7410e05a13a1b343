//! A tiny encoder with random weights and a vocabulary of some words, as a folder: for tests and for trying things where no
//! pretrained one can be had. It knows nothing, so what is learned on it says nothing about encoders.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use safetensors::tensor::{Dtype, TensorView, serialize_to_file};
use serde_json::{Value, json};

use crate::biases::Biases;
use crate::config::Config;

/// Words that it has tokens for, beside the letters.
pub const WORDS: [&str; 12] =
    ["play", "some", "jazz", "music", "will", "it", "rain", "tomorrow", "good", "bad", "film", "the"];
const SPECIAL: [&str; 3] = ["[CLS]", "[SEP]", "[UNK]"];
const SIZE: usize = 8;
const INNER: usize = 12;
const LONGEST: usize = 16;

/// The tokens, each at its place.
fn vocabulary() -> Vec<String> {
    let letters = ('a'..='z').flat_map(|letter| [letter.to_string(), format!("##{letter}")]);
    SPECIAL.iter().chain(&WORDS).map(|&word| word.to_owned()).chain(letters).collect()
}

/// Its `config.json`.
pub fn config() -> Value {
    json!({
        "model_type": "bert", "vocab_size": vocabulary().len(), "hidden_size": SIZE, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": INNER, "hidden_act": "gelu", "max_position_embeddings": LONGEST,
        "type_vocab_size": 2, "layer_norm_eps": 1e-12, "architectures": ["BertModel"]
    })
}

/// Its `tokenizer.json`.
pub fn tokenizer() -> Value {
    let vocabulary: BTreeMap<String, usize> = vocabulary().into_iter().zip(0..).collect();
    json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "decoder": null,
        "normalizer": {
            "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true
        },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": { "type": "BertProcessing", "sep": ["[SEP]", 1], "cls": ["[CLS]", 0] },
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
            "vocab": vocabulary
        }
    })
}

/// Names and shapes of its tensors.
pub fn tensors() -> Vec<(String, Vec<usize>)> {
    let words = vocabulary().len();
    let mut all = vec![
        ("embeddings.word_embeddings.weight".to_owned(), vec![words, SIZE]),
        ("embeddings.position_embeddings.weight".to_owned(), vec![LONGEST, SIZE]),
        ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, SIZE]),
        ("embeddings.LayerNorm.weight".to_owned(), vec![SIZE]),
    ];
    for layer in 0..2 {
        for (name, shape) in [
            ("attention.self.query", vec![SIZE, SIZE]),
            ("attention.self.key", vec![SIZE, SIZE]),
            ("attention.self.value", vec![SIZE, SIZE]),
            ("attention.output.dense", vec![SIZE, SIZE]),
            ("attention.output.LayerNorm", vec![SIZE]),
            ("intermediate.dense", vec![INNER, SIZE]),
            ("output.dense", vec![SIZE, INNER]),
            ("output.LayerNorm", vec![SIZE]),
        ] {
            all.push((format!("encoder.layer.{layer}.{name}.weight"), shape));
        }
    }
    let biases = serde_json::from_value::<Config>(config()).map(|config| Biases::names(&config));
    all.extend(biases.unwrap_or_default().into_iter().map(|(name, width)| (name, vec![width])));
    all
}

/// The values of a tensor: without pattern, the same for the same name, around 1 where vectors are scaled.
pub fn values(name: &str, count: usize) -> Vec<f32> {
    let mean = if name.contains("LayerNorm.weight") { 1.0 } else { 0.0 };
    let mut state = name.bytes().fold(7_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    };
    (0..count).map(|_| mean + draw()).collect()
}

/// Writes its three files into a folder.
pub fn write(folder: &Path) -> io::Result<()> {
    write_tensors(folder, tensors())?;
    std::fs::write(folder.join("config.json"), config().to_string())?;
    std::fs::write(folder.join("tokenizer.json"), tokenizer().to_string())
}

/// Writes tensors of these names and shapes as the weights of a folder.
pub fn write_tensors(folder: &Path, tensors: Vec<(String, Vec<usize>)>) -> io::Result<()> {
    let bytes = |(name, shape): (String, Vec<usize>)| {
        let values = values(&name, shape.iter().product());
        (name, shape, values.into_iter().flat_map(f32::to_le_bytes).collect::<Vec<u8>>())
    };
    let tensors: Vec<_> = tensors.into_iter().map(bytes).collect();
    let views: Result<BTreeMap<_, _>, _> = tensors
        .iter()
        .map(|(name, shape, bytes)| Ok((name.clone(), TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect();
    let written = views.and_then(|views| serialize_to_file(views, None, &folder.join("model.safetensors")));
    written.map_err(io::Error::other)
}
