//! Texts to tokens, by the `tokenizer.json` of a model.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokenizers::utils::truncation::{TruncationParams, truncate_encodings};
use tokenizers::{Encoding, PostProcessor};

use crate::encoder::hex;
use crate::error::Error;
use crate::tokens::Tokens;

/// The tokenizer of a model. Truncation and padding that the file asks for are switched off: how long texts may be is the adapter's.
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    /// The token of what is not in the vocabulary.
    unknown: Option<u32>,
    fingerprint: String,
}

impl Tokenizer {
    /// Reads the `tokenizer.json` of a folder.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("tokenizer.json");
        let bytes = std::fs::read(&path).map_err(|cause| Error::io(&path, cause))?;
        Self::from_bytes(&bytes, path)
    }

    fn from_bytes(bytes: &[u8], path: PathBuf) -> Result<Self, Error> {
        if bytes.starts_with(b"version https://git-lfs") {
            return Err(Error::LfsPointer { path });
        }
        let mut inner = match tokenizers::Tokenizer::from_bytes(bytes) {
            Ok(inner) => inner,
            Err(cause) => return Err(Error::NotATokenizer { path, cause: cause.to_string() }),
        };
        inner.with_padding(None);
        inner.with_truncation(None).map_err(Error::tokens)?;
        let added = inner.get_post_processor().map_or(0, |post| post.added_tokens(false));
        if added == 0 {
            return Err(Error::NoSpecialTokens { path });
        }
        let unknown = inner.token_to_id("[UNK]");
        Ok(Self { inner, unknown, fingerprint: fingerprint(bytes) })
    }

    /// `sha256:` and the digest of the file, in hex.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The digest of the `tokenizer.json` of a folder, to compare before anything else is read.
    pub fn fingerprint_of(folder: &Path) -> Result<String, Error> {
        let path = folder.join("tokenizer.json");
        let bytes = std::fs::read(&path).map_err(|cause| Error::io(&path, cause))?;
        Ok(fingerprint(&bytes))
    }

    /// Number of tokens, special ones included.
    pub fn vocabulary(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// Whether the vocabulary has anything of a text, or of a pair of texts.
    pub fn knows(&self, texts: &[impl AsRef<str>]) -> bool {
        !matches!(self.tokens(texts, usize::MAX), Err(Error::NoTokens))
    }

    /// The tokens of a text, or of a pair of texts, special ones included: at most `longest`, of a pair by taking the last of the longer
    /// text away.
    ///
    /// # Errors
    /// If the vocabulary has nothing of the text.
    pub fn tokens(&self, texts: &[impl AsRef<str>], longest: usize) -> Result<Tokens, Error> {
        let mut encoded = Vec::new();
        for text in texts {
            encoded.push(self.inner.encode(text.as_ref(), false).map_err(Error::tokens)?);
        }
        let is_known = |id: &u32| Some(*id) != self.unknown;
        if !encoded.iter().flat_map(Encoding::get_ids).any(is_known) {
            return Err(Error::NoTokens);
        }
        let texts = encoded.len();
        let mut encoded = encoded.into_iter();
        let (Some(first), second, None) = (encoded.next(), encoded.next(), encoded.next()) else {
            return Err(Error::Together { found: texts });
        };
        let post = self.inner.get_post_processor();
        let added = post.map_or(0, |post| post.added_tokens(second.is_some()));
        let max_length = longest.saturating_sub(added).max(1);
        let cut = TruncationParams { max_length, ..TruncationParams::default() };
        let (first, second) = truncate_encodings(first, second, &cut).map_err(Error::tokens)?;
        let whole = self.inner.post_process(first, second, true).map_err(Error::tokens)?;
        Ok(Tokens { ids: whole.get_ids().to_vec(), types: whole.get_type_ids().to_vec() })
    }
}

fn fingerprint(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokenizer(post_processor: &serde_json::Value) -> Result<Tokenizer, Error> {
        let file = serde_json::json!({
            "version": "1.0",
            "truncation": { "direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0 },
            "padding": null, "added_tokens": [],
            "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true },
            "pre_tokenizer": { "type": "BertPreTokenizer" },
            "post_processor": post_processor, "decoder": null,
            "model": {
                "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                "vocab": { "[CLS]": 0, "[SEP]": 1, "[UNK]": 2, "play": 3, "##ing": 4, "jazz": 5 }
            }
        });
        Tokenizer::from_bytes(file.to_string().as_bytes(), PathBuf::from("tokenizer.json"))
    }

    #[test]
    fn texts_become_tokens_up_to_a_length() {
        let bert = serde_json::json!({ "type": "BertProcessing", "cls": ["[CLS]", 0], "sep": ["[SEP]", 1] });
        let of = tokenizer(&bert).unwrap();
        let tokens =
            |texts: &[&str], longest| of.tokens(texts, longest).map(|tokens| (tokens.ids, tokens.types));
        assert_eq!(tokens(&["Playing JAZZ"], 9).unwrap(), (vec![0, 3, 4, 5, 1], vec![0; 5]));
        assert_eq!(tokens(&["playing jazz"], 4).unwrap().0, [0, 3, 4, 1], "the last are taken away");
        let pair = tokens(&["jazz", "playing playing ☃"], 7).unwrap();
        assert_eq!(pair, (vec![0, 5, 1, 3, 4, 3, 1], vec![0, 0, 0, 1, 1, 1, 1]), "of the longer of a pair");
        assert_eq!(tokens(&["play \0\u{feff}☃"], 9).unwrap().0, [0, 3, 2, 1]);
        for nothing in ["", " \t\n", "☃", "\0"] {
            assert!(matches!(tokens(&[nothing], 9), Err(Error::NoTokens)), "{nothing:?}");
            assert!(!of.knows(&[nothing]) && of.knows(&[nothing, "jazz"]), "{nothing:?}");
        }
        assert_eq!(tokens(&["jazz ".repeat(20_000).as_str()], 9).unwrap().0.len(), 9);
    }

    #[test]
    fn a_tokenizer_without_special_tokens_is_refused() {
        assert!(matches!(tokenizer(&serde_json::Value::Null), Err(Error::NoSpecialTokens { .. })));
    }
}
