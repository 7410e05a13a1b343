//! What a user wants of the rows that texts become.

use std::fmt;
use std::str::FromStr;

use bl_core::io::{Known, Ngrams, TextSchema, TokenSchema};
use serde::{Deserialize, Serialize};

use super::Wanted;

/// What a user wants of texts; what is not stated has the default.
#[derive(Clone, Debug, Default)]
pub struct TextForm {
    /// The form of the rows itself, as an adapter's header has it: nothing is left to choose.
    pub learned: Option<TextSchema>,
    /// Values of a row.
    pub values: Option<u32>,
    /// Words of the longest word n-gram.
    pub words: Option<u32>,
    /// Characters of the shortest and the longest character n-gram.
    pub characters: Option<Span>,
    /// Of a pretrained encoder, which reads them as tokens: those that it knows.
    pub known: Option<Known>,
    /// Tokens that a text may have.
    pub longest: Option<u32>,
    /// Of a table, which columns.
    pub columns: Wanted,
}

impl TextForm {
    /// Whether there is something in a text, or in a pair, to learn from or to judge by.
    pub(crate) fn has_words(&self, schema: &TextSchema, texts: &[String]) -> bool {
        match schema {
            TextSchema::Ngrams(_) => schema.row(texts).is_ok(),
            TextSchema::Tokens(_) => self.known.as_ref().is_none_or(|known| known.has(texts)),
        }
    }

    /// What becomes of so many texts together.
    pub(crate) fn schema(&self, texts: usize) -> TextSchema {
        const VALUES: u32 = 4096;
        const WORDS: u32 = 2;
        const CHARACTERS: Span = Span { shortest: 3, longest: 5 };
        const LONGEST: u32 = 128;
        let together = texts as u32;
        if let Some(learned) = self.learned {
            return learned;
        }
        if self.known.is_some() {
            let longest = self.longest.unwrap_or(LONGEST);
            return TextSchema::Tokens(TokenSchema { longest, texts: together });
        }
        let Span { shortest, longest } = self.characters.unwrap_or(CHARACTERS);
        TextSchema::Ngrams(Ngrams {
            values: self.values.unwrap_or(VALUES),
            words: self.words.unwrap_or(WORDS),
            characters: [shortest, longest],
            texts: together,
        })
    }
}

/// Lengths of character n-grams: `3-5`, `4`, or `0` for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    /// Of the shortest.
    pub shortest: u32,
    /// Of the longest.
    pub longest: u32,
}

/// What is no span.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected lengths from 1 to 8, such as `3-5` or `4`, or `0` for none, found `{found}`")]
pub struct BadSpan {
    found: String,
}

impl FromStr for Span {
    type Err = BadSpan;

    fn from_str(text: &str) -> Result<Self, BadSpan> {
        let length = |text: &str| text.trim().parse().ok().filter(|length| *length <= 8);
        let (shortest, longest) = text.split_once('-').unwrap_or((text, text));
        let span =
            length(shortest).zip(length(longest)).map(|(shortest, longest)| Self { shortest, longest });
        let is_span =
            |span: &Self| span.longest == span.shortest || (1..span.longest).contains(&span.shortest);
        span.filter(is_span).ok_or_else(|| BadSpan { found: text.to_owned() })
    }
}

impl TryFrom<String> for Span {
    type Error = BadSpan;

    fn try_from(text: String) -> Result<Self, BadSpan> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.shortest == self.longest {
            return write!(f, "{}", self.longest);
        }
        write!(f, "{}-{}", self.shortest, self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_they_are_written() {
        for text in ["3-5", "4", "0", "1-8"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        for text in ["", "5-3", "0-3", "1-9", "-1", "a-b", "9"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
