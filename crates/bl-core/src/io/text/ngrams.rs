//! The row of a text: n-grams at hashed places, to 8 bits. FORMAT.md, "Texts".

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

use super::Ngrams;
use crate::spec::InputShape;

/// The root of the sum of squares of a row, before values are rounded and those above 255 become 255.
const ROOT: u128 = 1024;

impl Ngrams {
    /// The form of a row, as a backbone takes it.
    pub fn shape(&self) -> InputShape {
        InputShape { height: 1, width: self.values, channels: 1 }
    }

    /// `None` without a word.
    pub(super) fn row(&self, texts: &[impl AsRef<str>]) -> Option<Vec<u8>> {
        let texts: Vec<Words> = texts.iter().map(|text| Words::of(text.as_ref())).collect();
        let mut counts = vec![0_u64; self.values as usize];
        let mut total = 0_u64;
        let mut count = |tag: u8, ngram: &str| {
            counts[place(tag, ngram, self.values)] += 1;
            total += 1;
        };
        for (text, [word, character]) in texts.iter().zip([*b"wc", *b"WC"]) {
            for n in 1..=self.words as usize {
                text.ngrams(n).for_each(|ngram| count(word, ngram));
            }
            for n in self.characters[0].max(1)..=self.characters[1] {
                text.characters(n as usize, |ngram| count(character, ngram));
            }
        }
        if let [first, second] = &*texts {
            // What both have in common: no sum of what each has alone can say it.
            let of_second: HashSet<&str> = second.ngrams(1).collect();
            first.ngrams(1).filter(|word| of_second.contains(word)).for_each(|word| count(b's', word));
        }
        (total > 0).then(|| counts.iter().map(|&count| eight_bits(count, total)).collect())
    }
}

/// `1024 √(count / total)`, rounded, at most 255.
fn eight_bits(count: u64, total: u64) -> u8 {
    let halves = (4 * ROOT * ROOT * u128::from(count) / u128::from(total)).isqrt(); // of twice the value
    halves.div_ceil(2).min(255) as u8
}

/// Words in lower case, one blank between two of them.
struct Words {
    text: String,
    /// Where each begins and ends.
    places: Vec<(usize, usize)>,
}

impl Words {
    fn of(text: &str) -> Self {
        let mut words = Self { text: String::with_capacity(text.len()), places: Vec::new() };
        let mut begin = None;
        for c in text.nfc() {
            if is_separator(c) {
                words.end(begin.take());
            } else {
                if begin.is_none() {
                    if !words.text.is_empty() {
                        words.text.push(' ');
                    }
                    begin = Some(words.text.len());
                }
                words.text.extend(c.to_lowercase());
            }
        }
        words.end(begin);
        words
    }

    fn end(&mut self, begin: Option<usize>) {
        self.places.extend(begin.map(|begin| (begin, self.text.len())));
    }

    fn ngrams(&self, n: usize) -> impl Iterator<Item = &str> {
        self.places.windows(n).map(move |words| &self.text[words[0].0..words[n - 1].1])
    }

    /// Of each word between `<` and `>`, which are in no word.
    fn characters(&self, n: usize, mut each: impl FnMut(&str)) {
        for &(begin, end) in &self.places {
            let word = format!("<{}>", &self.text[begin..end]);
            if word.chars().nth(n - 1).is_none() {
                continue; // it is shorter
            }
            let starts = || word.char_indices().map(|(at, _)| at);
            let ends = starts().skip(n).chain(std::iter::once(word.len()));
            starts().zip(ends).for_each(|(start, end)| each(&word[start..end]));
        }
    }
}

/// White space, control characters, and the punctuation of ASCII, Latin-1, and the blocks U+2000 and U+3000.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || c.is_ascii_punctuation()
        || matches!(c, '\u{a0}'..='\u{bf}' if !matches!(c, 'ª' | 'µ' | 'º'))
        || matches!(c, '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}')
}

/// FNV-1a of tag and n-gram with the finaliser of `MurmurHash3`, scaled to the number of places.
fn place(tag: u8, ngram: &str, values: u32) -> usize {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in std::iter::once(tag).chain(ngram.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^= hash >> 33;
    (((hash >> 32) * u64::from(values)) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        Words::of(text).ngrams(1).map(String::from).collect()
    }

    #[test]
    fn words_are_what_separators_leave_in_lower_case() {
        for (text, expected) in [
            ("Play some JAZZ!", &["play", "some", "jazz"][..]),
            ("  l'été,\u{a0}«déjà»…\n", &["l", "été", "déjà"]),
            ("e\u{301}te\u{301}", &["été"]), // composed as above
            ("あり、がとう。", &["あり", "がとう"]),
            ("a\0b\u{200b}c", &["a", "b", "c"]),
            ("İzmir ΣΑΣ", &["i\u{307}zmir", "σασ"]), // letter by letter, without regard to the others
            ("µm 5º", &["µm", "5º"]),
            (" \t\r\n…!", &[]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn ngrams_are_runs_of_words_and_of_characters_of_a_word() {
        let text = Words::of("Ab c, d");
        assert_eq!(text.ngrams(2).collect::<Vec<_>>(), ["ab c", "c d"]);
        assert_eq!(text.ngrams(4).count(), 0);
        let mut found = Vec::new();
        text.characters(3, |ngram| found.push(ngram.to_owned()));
        assert_eq!(found, ["<ab", "ab>", "<c>", "<d>"]);
    }

    /// As a reader in another language (`tests/all/other_language.rs`) has them.
    #[test]
    fn places_and_values_are_those_of_the_format() {
        let places: Vec<usize> = ["play", "some", "été"].map(|word| place(b'w', word, 4096)).into();
        assert_eq!(places, PLACES);
        let row =
            Ngrams { values: 32, words: 2, characters: [2, 3], texts: 1 }.row(&["Play some jazz"]).unwrap();
        assert_eq!(row, ROW);
        let pair =
            Ngrams { values: 16, words: 1, characters: [0, 0], texts: 2 }.row(&["a b", "b c"]).unwrap();
        assert_eq!(pair, PAIR);
    }

    const PLACES: [usize; 3] = [1343, 337, 3654];
    const ROW: [u8; 32] = [
        0, 0, 181, 255, 0, 181, 0, 181, 0, 255, 181, 181, 181, 0, 181, 181, 255, 255, 0, 181, 181, 255, 181,
        181, 255, 0, 181, 0, 0, 255, 255, 0,
    ];
    const PAIR: [u8; 16] = [0, 0, 255, 0, 0, 0, 0, 0, 255, 0, 255, 0, 255, 0, 0, 0];

    #[test]
    fn values_are_roots_of_shares() {
        for (count, total, expected) in [
            (0, 5, 0),
            (1, 1, 255),
            (1, 16, 255),
            (1, 17, 248),
            (4, 100, 205),
            (1, 1_000_000, 1),
            (1, 10_000_000, 0),
        ] {
            assert_eq!(eight_bits(count, total), expected, "{count} of {total}");
            let exact = (1024.0 * (count as f64 / total as f64).sqrt()).round().min(255.0);
            assert_eq!(eight_bits(count, total), exact as u8);
        }
    }
}
