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

/// A number as people read it: with an exponent where it would be a row of zeros.
pub fn number(x: f64) -> String {
    const LONG: usize = 17; // 2^53 is not, nor is anything that people type
    let (plain, exponent) = (x.to_string(), format!("{x:e}"));
    if plain.len() > LONG && exponent.len() < plain.len() { exponent } else { plain }
}

/// What an unknown key was meant to be, from the message of a parser that lists those it knows:
/// "unknown field `a`, expected one of `b`, `c`".
pub fn meant(message: &str) -> Option<&str> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let found =
        quoted.next().filter(|_| message.contains("unknown field") || message.contains("unknown variant"))?;
    nearest(found, quoted)
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
    fn a_number_is_no_row_of_zeros() {
        for (x, expected) in [
            (0.0, "0"),
            (0.9, "0.9"),
            (-1e6, "-1000000"),
            (1e38, "1e38"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (1e-5, "0.00001"),
            (-1e30, "-1e30"),
            (9_007_199_254_740_992.0, "9007199254740992"),
            (0.1 + 0.2, "0.30000000000000004"),
        ] {
            assert_eq!(number(x), expected);
        }
    }

    #[test]
    fn an_unknown_key_was_meant_to_be_one() {
        let message = "TOML parse error: unknown field `epoch`, expected one of `lr`, `epochs`, `seed`";
        assert_eq!(meant(message), Some("epochs"));
        assert_eq!(meant("unknown field `quicksort`, expected `lr`"), None);
        assert_eq!(meant("missing field `lr`"), None);
    }

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["mnist", "kmnist", "lorenz"];
        assert_eq!(nearest("Lorentz", known), Some("lorenz"));
        assert_eq!(nearest("mnst", known), Some("mnist"));
        assert_eq!(nearest("quicksort", known), None);
    }
}
