//! Small pieces of text that several crates print.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::path::Path;

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
pub fn number(x: impl Copy + fmt::Display + fmt::LowerExp) -> String {
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

/// A word of a command line that can be pasted: in quotes if a shell would read it otherwise.
pub fn pasted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "./_-+,@%:=".contains(c);
    let is_plain = !word.is_empty() && word.chars().all(plain);
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// A path that can be pasted, and is no option: every hint names paths so.
pub fn pasted_path(path: impl AsRef<Path>) -> String {
    let path = path.as_ref().to_string_lossy();
    if path.starts_with('-') { pasted(&format!("./{path}")) } else { pasted(&path) }
}

/// A measure in some five digits, with an exponent where it is large: `0.1235`, `12.3457`, `1234.57`, `-4.7757e11`.
pub fn decimal(number: f64) -> String {
    match number.abs() {
        size if size < 100.0 => format!("{number:.4}"),
        size if size < 1e4 => format!("{number:.2}"),
        size if size < 1e6 => format!("{number:.0}"),
        _ => format!("{number:.4e}"),
    }
}

/// The known name that somebody may have meant, for "did you mean".
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LIKE: f64 = 0.75; // a typo or two in a word of six letters
    let name = name.to_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&name, &known.to_lowercase());
    let near = known.into_iter().filter(|known| likeness(known) > LIKE);
    near.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

/// Whether a character does more than stand there: a control character, or one that nobody sees, or that turns the direction
/// of what follows.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// One line of a stranger's text, safe to print: each character that is not is U+FFFD.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.contains(is_unprintable) { text.replace(is_unprintable, "\u{fffd}").into() } else { text.into() }
}

/// JSON with every such character in its strings as `\uXXXX`: the same value, safe to show. JSON has them in strings alone,
/// but for the ends of its lines.
pub fn escaped(json: String) -> String {
    let is_plain = |byte: u8| (b' '..0x7f).contains(&byte) || byte == b'\n';
    let is_to_escape = |c: char| is_unprintable(c) && c != '\n';
    if json.bytes().all(is_plain) || !json.contains(is_to_escape) {
        return json;
    }
    let mut text = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if !is_to_escape(c) {
            text.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(text, "\\u{unit:04x}"); // to a string: it cannot fail
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_can_be_pasted() {
        for (word, expected) in [
            ("load.csv", "load.csv"),
            ("./lo ad.csv", "'./lo ad.csv'"),
            ("$HOME", "'$HOME'"),
            ("it's", r"'it'\''s'"),
            ("~x", "'~x'"),
            ("-d.st", "./-d.st"),
            ("- d", "'./- d'"),
            ("", "''"),
        ] {
            assert_eq!(pasted_path(word), expected);
        }
    }

    #[test]
    fn numbers_that_diverge_stay_short() {
        for (number, expected) in [
            (0.12345, "0.1235"),
            (-12.0, "-12.0000"),
            (-1234.567, "-1234.57"),
            (999_999.4, "999999"),
            (-1e6, "-1.0000e6"),
            (1.234_56e38, "1.2346e38"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(decimal(number), expected);
        }
    }

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

    #[test]
    fn what_does_more_than_stand_there_is_replaced() {
        for (text, expected) in [
            ("lines, お, é, ±", "lines, お, é, ±"),
            ("a\u{1b}[2Jお\r\n", "a\u{fffd}[2Jお\u{fffd}\u{fffd}"),
            ("\u{9b}31m\u{7f}\0\t", "\u{fffd}31m\u{fffd}\u{fffd}\u{fffd}"),
            ("a\u{202e}b\u{2066}c\u{61c}", "a\u{fffd}b\u{fffd}c\u{fffd}"),
            (
                "a\u{200b}b\u{200d}c\u{feff}d\u{2060}e\u{e0041}",
                "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}",
            ),
        ] {
            assert_eq!(printable(text), expected);
        }
    }

    #[test]
    fn escaped_json_is_the_same_value() {
        let value = serde_json::json!({ "a\u{9b}": ["b\u{202e}\n\u{1b}", "\u{e0041}\u{200b}お\u{2028}"], "c\u{7f}": 1 });
        let safe = escaped(serde_json::to_string_pretty(&value).unwrap());
        assert!(!safe.contains(|c| is_unprintable(c) && c != '\n'), "{safe}");
        assert!(safe.contains("\\u009b") && safe.contains("\\udb40\\udc41"), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }
}
