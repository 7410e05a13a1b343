//! Texts as an adapter expects them.

mod ngrams;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::spec::{InputShape, MAX_INPUTS, range};

/// How a text, or a pair of texts, becomes the row of 8-bit values that a network takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum TextSchema {
    /// N-grams of words and of characters are counted at hashed places (FORMAT.md gives it to the bit).
    Ngrams(Ngrams),
}

/// Which n-grams are counted, and in how many places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ngrams {
    /// Values of the row.
    pub values: u32,
    /// Words of the longest word n-gram; 0 for none.
    pub words: u32,
    /// Characters of the shortest and of the longest character n-gram; `[0, 0]` for none.
    pub characters: [u32; 2],
    /// 1 for a text, 2 for a pair of texts.
    pub texts: u32,
}

impl TextSchema {
    /// Texts that make one row: 1, or 2 for pairs.
    pub fn texts(&self) -> usize {
        let Self::Ngrams(ngrams) = self;
        ngrams.texts as usize
    }

    /// The form of a row, as a backbone takes it.
    pub fn shape(&self) -> InputShape {
        let Self::Ngrams(ngrams) = self;
        InputShape { height: 1, width: ngrams.values, channels: 1 }
    }

    /// The row of a text, or of a pair.
    ///
    /// # Shapes
    /// - `texts`: `[texts]`
    /// - returns: `[values]`
    ///
    /// # Errors
    /// If there are more or fewer texts, or no word in any of them.
    pub fn row(&self, texts: &[impl AsRef<str>]) -> Result<Vec<u8>, Error> {
        let Self::Ngrams(ngrams) = self;
        if texts.len() != self.texts() {
            return Err(Error::TextCount { expected: self.texts(), found: texts.len() });
        }
        ngrams.row(texts).ok_or(Error::NoWords)
    }

    /// Whether the numbers make sense.
    pub fn validate(&self) -> Result<(), Error> {
        const LONGEST: f64 = 8.0;
        let Self::Ngrams(Ngrams { values, words, characters: [shortest, longest], texts }) = *self;
        range("text.values", values.into(), 1.0, MAX_INPUTS as f64)?;
        range("text.words", words.into(), 0.0, LONGEST)?;
        let least = if longest == 0 { 0.0 } else { 1.0 };
        range("text.characters (the shortest)", shortest.into(), least, longest.into())?;
        range("text.characters (the longest)", longest.into(), 0.0, LONGEST)?;
        range("text.words and text.characters, together", (words + longest).into(), 1.0, 2.0 * LONGEST)?;
        range("text.texts", texts.into(), 1.0, 2.0)
    }
}
