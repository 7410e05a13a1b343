//! Small pieces of text that several crates print.

use std::fmt::Write;

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string does not fail");
        text
    })
}

/// A number with its digits in groups of three: `25,408,000`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The known name that somebody may have meant, for "did you mean".
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LIKE: f64 = 0.75; // a typo or two in a word of six letters
    let name = name.to_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&name, &known.to_lowercase());
    let near = known.into_iter().filter(|known| likeness(known) > LIKE);
    near.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_from_the_right() {
        for (number, expected) in [(0, "0"), (999, "999"), (1000, "1,000"), (25_408_000, "25,408,000")] {
            assert_eq!(grouped(number), expected);
        }
    }

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["mnist", "kmnist", "lorenz"];
        assert_eq!(nearest("Lorentz", known), Some("lorenz"));
        assert_eq!(nearest("mnst", known), Some("mnist"));
        assert_eq!(nearest("quicksort", known), None);
    }
}
