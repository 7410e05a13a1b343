//! Texts as tokens, laid end to end.

use crate::config::Config;
use crate::error::Error;

/// A text as its tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Places in the vocabulary, special tokens included.
    pub ids: Vec<u32>,
    /// 0, and 1 in the second text of a pair.
    pub types: Vec<u32>,
}

impl Tokens {
    /// A single text.
    pub fn single(ids: Vec<u32>) -> Self {
        Self { types: vec![0; ids.len()], ids }
    }

    pub(crate) fn check(&self, config: &Config, text: usize) -> Result<(), Error> {
        let (found, most) = (self.ids.len(), config.max_position_embeddings);
        if found == 0 || found > most || self.types.len() != found {
            return Err(Error::Length { text, found, most });
        }
        let outside = |ids: &[u32], vocabulary: usize| {
            let found = ids.iter().copied().find(|&id| id as usize >= vocabulary)?;
            Some(Error::Token { text, found, vocabulary })
        };
        let outside =
            outside(&self.ids, config.vocab_size).or_else(|| outside(&self.types, config.type_vocab_size));
        outside.map_or(Ok(()), Err)
    }
}
