//! Texts as an adapter expects them.

mod known;
mod ngrams;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::spec::{MAX_INPUTS, range};

pub use known::Known;

/// How a text, or a pair of texts, becomes what a network takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum TextSchema {
    /// N-grams of words and of characters are counted at hashed places (FORMAT.md gives it to the bit).
    Ngrams(Ngrams),
    /// The tokenizer of a pretrained encoder makes tokens of them.
    Tokens(TokenSchema),
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

/// How many tokens a text may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TokenSchema {
    /// Tokens, special ones included; what comes after is not read.
    pub longest: u32,
    /// 1 for a text, 2 for a pair of texts.
    pub texts: u32,
}

impl TextSchema {
    /// Texts that are classified together: 1, or 2 for pairs.
    pub fn texts(&self) -> usize {
        match self {
            Self::Ngrams(Ngrams { texts, .. }) | Self::Tokens(TokenSchema { texts, .. }) => *texts as usize,
        }
    }

    /// How texts become rows; an error where they become tokens.
    pub fn ngrams(&self) -> Result<&Ngrams, Error> {
        match self {
            Self::Ngrams(ngrams) => Ok(ngrams),
            Self::Tokens(_) => Err(Error::OtherInput { expected: "texts as rows", found: "texts as tokens" }),
        }
    }

    /// An error if there are more or fewer texts than go together.
    pub fn check_count(&self, found: usize) -> Result<(), Error> {
        let expected = self.texts();
        if expected == found { Ok(()) } else { Err(Error::TextCount { expected, found }) }
    }

    /// The row of a text, or of a pair.
    ///
    /// # Shapes
    /// - `texts`: `[texts]`
    /// - returns: `[values]`
    ///
    /// # Errors
    /// If there are more or fewer texts, no word in any of them, or texts become tokens.
    pub fn row(&self, texts: &[impl AsRef<str>]) -> Result<Vec<u8>, Error> {
        self.check_count(texts.len())?;
        self.ngrams()?.row(texts).ok_or(Error::NoWords)
    }

    /// Whether the numbers make sense.
    pub fn validate(&self) -> Result<(), Error> {
        const LONGEST: f64 = 8.0;
        let Ngrams { values, words, characters: [shortest, longest], texts } = match *self {
            Self::Ngrams(ngrams) => ngrams,
            Self::Tokens(TokenSchema { longest, texts }) => {
                range("text.longest", longest.into(), 4.0, 65_536.0)?;
                return range("text.texts", texts.into(), 1.0, 2.0);
            }
        };
        range("text.values", values.into(), 1.0, MAX_INPUTS as f64)?;
        range("text.words", words.into(), 0.0, LONGEST)?;
        let least = if longest == 0 { 0.0 } else { 1.0 };
        range("text.characters (the shortest)", shortest.into(), least, longest.into())?;
        range("text.characters (the longest)", longest.into(), 0.0, LONGEST)?;
        range("text.words and text.characters, together", (words + longest).into(), 1.0, 2.0 * LONGEST)?;
        range("text.texts", texts.into(), 1.0, 2.0)
    }
}
