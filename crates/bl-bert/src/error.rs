//! What can be wrong with an encoder or what it is given.

use std::io;
use std::path::{Path, PathBuf};

/// What is wrong, as facts; [`hint`](Error::hint) says what to do.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum Error {
    #[error("cannot read `{}`: {cause}", path.display())]
    Io { path: PathBuf, cause: io::Error },
    #[error("`{}` is not the configuration of a BERT encoder: {cause}", path.display())]
    Config { path: PathBuf, cause: serde_json::Error },
    #[error("`{what}` is `{found}`, expected `{expected}`")]
    Unlike { what: &'static str, expected: &'static str, found: String },
    #[error("`{what}` is {found}, expected 1 to {most}")]
    OutOfRange { what: &'static str, found: usize, most: usize },
    #[error("`hidden_size` {size} is not a multiple of {heads} heads")]
    Heads { size: usize, heads: usize },
    #[error("`layer_norm_eps` is {found}, expected 1e-30 to 1")]
    Epsilon { found: f64 },
    #[error("`{}` has no `model.safetensors`{}", folder.display(), if *pickle { ", only a pickle, which can run code and is never read" } else { "" })]
    NoWeights { folder: PathBuf, pickle: bool },
    #[error("`{}` is a Git LFS pointer, not the weights", path.display())]
    LfsPointer { path: PathBuf },
    #[error("`{}` is not a safetensors file: {cause}", path.display())]
    NotSafetensors { path: PathBuf, cause: String },
    #[error("the weights have no tensor `{name}`")]
    NoTensor { name: String },
    #[error("tensor `{name}` has shape {found:?}, the configuration says {expected:?}")]
    Shape { name: String, expected: Vec<usize>, found: Vec<usize> },
    #[error("tensor `{name}` is of {found}, expected F32, F16 or BF16")]
    Dtype { name: String, found: String },
    #[error("tensor `{name}` has a value that is not finite")]
    NotFinite { name: String },
    #[error("the encoder takes {needed} bytes, this process may have {limit}")]
    Memory { needed: u64, limit: u64 },
    #[error("text {text} has {found} tokens, expected 1 to {most}")]
    Length { text: usize, found: usize, most: usize },
    #[error("token {found} of text {text} is not one of {vocabulary}")]
    Token { text: usize, found: u32, vocabulary: usize },
    #[error("{found} sets of biases for {texts} texts")]
    Sets { texts: usize, found: usize },
    #[error("biases `{name}`: expected {expected} values, found {found}")]
    BiasWidth { name: String, expected: usize, found: usize },
    #[error("`{}` is not a tokenizer: {cause}", path.display())]
    NotATokenizer { path: PathBuf, cause: String },
    #[error("`{}` adds no special tokens to a text ([CLS], [SEP])", path.display())]
    NoSpecialTokens { path: PathBuf },
    #[error("the tokenizer has {found} tokens, the encoder knows {expected}")]
    Vocabulary { expected: usize, found: usize },
    #[error("nothing of the text is in the vocabulary")]
    NoTokens,
    #[error("{found} texts together, expected one or a pair")]
    Together { found: usize },
    #[error("the tokenizer failed: {cause}")]
    Tokens { cause: String },
    #[cfg(feature = "encoder")]
    #[error(transparent)]
    Kernel(#[from] bl_kernels::Error),
}

impl Error {
    pub(crate) fn io(path: &Path, cause: io::Error) -> Self {
        Self::Io { path: path.to_owned(), cause }
    }

    #[cfg(feature = "encoder")]
    #[expect(clippy::needless_pass_by_value, reason = "as `map_err` gives it")]
    pub(crate) fn tokens(cause: tokenizers::Error) -> Self {
        Self::Tokens { cause: cause.to_string() }
    }

    /// What to do about it, if there is something to say.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoWeights { pickle: true, .. } => {
                "save the model again: `model.save_pretrained(FOLDER, safe_serialization=True)`".into()
            }
            Self::NoWeights { .. } => "give a folder with `config.json` and `model.safetensors`".into(),
            Self::LfsPointer { .. } => {
                "run `git lfs pull` where it came from, or download the file itself".into()
            }
            Self::Shape { .. } | Self::NoTensor { .. } => {
                "do `config.json` and the weights belong to the same model?".into()
            }
            Self::NoSpecialTokens { .. } | Self::NotATokenizer { .. } => {
                "take the `tokenizer.json` of the model's own repository".into()
            }
            Self::Vocabulary { .. } => {
                "do `tokenizer.json` and `config.json` belong to the same model?".into()
            }
            Self::Unlike { .. } => {
                "encoders of the BERT kind are read: BERT, MiniLM and others of that layout".into()
            }
            _ => return None,
        })
    }
}
