//! Texts with labels: what they are, where they are read from, and how they become rows of 8-bit values.

mod columns;
mod fault;
mod folder;
mod form;
mod given;
mod halves;
pub(crate) mod records;

use bl_core::io::TextSchema;
use bl_core::text::hex;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::{Error, Split};

pub use columns::Wanted;
pub use fault::Fault;
pub use form::{Span, TextForm};
pub use given::{Given, given};

pub(crate) use folder::is_of_texts;
pub(crate) use halves::{open_file, open_folder, open_named, tables, words};
pub(crate) use records::is_text_table;

/// Texts, or pairs of texts, with a label each, in a fixed order.
///
/// # Shapes
/// - `texts`: `[count][1 or 2]`
/// - `labels`: `[count]`, each the index of a class
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corpus {
    /// Each a text, or the two texts of a pair.
    pub texts: Vec<Vec<String>>,
    /// The class of each.
    pub labels: Vec<u8>,
}

impl Corpus {
    /// Number of texts.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// What identifies the content: sha256, in hex, over the count (little-endian `u32`), the labels, and for each text the number
    /// of its bytes (little-endian `u32`) and those.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        hash.update((self.len() as u32).to_le_bytes());
        hash.update(&self.labels);
        for text in self.texts.iter().flatten() {
            hash.update((text.len() as u32).to_le_bytes());
            hash.update(text);
        }
        hex(&hash.finalize())
    }

    /// The rows that a network takes.
    ///
    /// # Errors
    /// If they need more memory than this process may have, or there is no word in one of them.
    pub(crate) fn rows(&self, schema: &TextSchema) -> Result<Split, Error> {
        let values = schema.ngrams()?.shape().values();
        let (needed, limit) = (self.len().saturating_mul(values), bl_core::memory::limit() as usize);
        if needed > limit {
            return Err(Fault::Memory { texts: self.len(), values, needed, limit }.into());
        }
        let mut images = vec![0; needed];
        images.par_chunks_mut(values.max(1)).zip(&self.texts).try_for_each(|(row, texts)| {
            row.copy_from_slice(&schema.row(texts)?);
            Ok::<_, bl_core::Error>(())
        })?;
        Ok(Split { images, labels: self.labels.clone(), height: 1, width: values, channels: 1 })
    }

    /// The texts with a word in them, and how many have none.
    pub(crate) fn with_words(mut self, form: &TextForm, schema: &TextSchema) -> (Self, usize) {
        let before = self.len();
        let has_words = |texts: &Vec<String>| form.has_words(schema, texts);
        let keep: Vec<bool> = self.texts.par_iter().map(has_words).collect();
        let mut kept = keep.iter();
        self.texts.retain(|_| kept.next() == Some(&true));
        let mut kept = keep.iter();
        self.labels.retain(|_| kept.next() == Some(&true));
        let left_out = before - self.len();
        (self, left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corpus(texts: &[&str]) -> Corpus {
        let texts: Vec<Vec<String>> = texts.iter().map(|text| vec![(*text).to_owned()]).collect();
        Corpus { labels: (0..texts.len() as u8).collect(), texts }
    }

    #[test]
    fn texts_without_a_word_are_left_out_with_their_labels() {
        let form = TextForm::default();
        let (kept, left_out) = corpus(&["a", " \u{200b}", "b!", "…"]).with_words(&form, &form.schema(1));
        assert_eq!((kept.labels, left_out), (vec![0, 2], 2));
        assert_eq!(kept.texts.concat(), ["a", "b!"]);
    }

    #[test]
    fn the_digest_covers_labels_texts_and_where_they_end() {
        // python: sha256(struct.pack("<I", 2) + bytes([0, 1]) + b"\x02\0\0\0ab" + b"\x01\0\0\0c")
        let known = corpus(&["ab", "c"]);
        assert_eq!(known.sha256(), "c8e74268ed83aa8b0184dcdfbb83a6986e3f44091fb28de53ccfeed65c133538");
        for other in
            [corpus(&["a", "bc"]), corpus(&["ab", "d"]), Corpus { labels: vec![1, 0], ..known.clone() }]
        {
            assert_ne!(other.sha256(), known.sha256());
        }
    }
}
