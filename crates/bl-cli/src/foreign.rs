//! Text of strangers, made safe to print: what is seen is what is there, and nothing else happens.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A character that does more than stand there: a control character, or one that nobody sees, or that turns the direction
/// of what follows.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// One line of text, safe to print: each character that is not is U+FFFD.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if text.contains(is_unprintable) { text.replace(is_unprintable, "\u{fffd}").into() } else { text.into() }
}

/// As [`printable`] of every line; every line but the first is indented, so that words of a file cannot begin a line of
/// their own.
pub(crate) fn indented(text: &str) -> String {
    text.trim_end_matches('\n').split('\n').map(printable).collect::<Vec<_>>().join("\n  ")
}

/// As [`printable`], but colours (`ESC [ … m`) stay.
pub(crate) fn coloured(line: &str) -> Cow<'_, str> {
    if !line.contains(is_unprintable) {
        return line.into();
    }
    let mut parts = line.split('\u{1b}');
    let mut text = printable(parts.next().unwrap_or_default()).into_owned();
    for part in parts {
        let style = part.strip_prefix('[').and_then(|rest| rest.split_once('m'));
        let is_style = style.is_some_and(|(style, _)| style.chars().all(|c| c.is_ascii_digit() || c == ';'));
        text.push(if is_style { '\u{1b}' } else { char::REPLACEMENT_CHARACTER });
        text.push_str(&printable(part));
    }
    text.into()
}

/// JSON with every such character in its strings as `\uXXXX`: the same value, safe to print. JSON has them in strings
/// alone, but for the ends of its lines.
pub(crate) fn escaped(json: &str) -> Cow<'_, str> {
    let is_to_escape = |c: char| is_unprintable(c) && c != '\n';
    if !json.contains(is_to_escape) {
        return json.into();
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
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_stranger_begins_no_line() {
        assert_eq!(indented("no task `x\nhint: y\u{7}`\n"), "no task `x\n  hint: y\u{fffd}`");
    }

    #[test]
    fn colours_stay_in_a_drawing_and_nothing_else_does() {
        let line = "\u{1b}[38;5;9mred\u{1b}[0m \u{1b}[2J\u{1b}]0;title\u{7}";
        assert_eq!(coloured(line), "\u{1b}[38;5;9mred\u{1b}[0m \u{fffd}[2J\u{fffd}]0;title\u{fffd}");
    }

    #[test]
    fn escaped_json_is_the_same_value() {
        let value = serde_json::json!({ "a\u{9b}": ["b\u{202e}\n\u{1b}", "\u{e0041}\u{200b}お"], "c": 1 });
        let text = serde_json::to_string_pretty(&value).expect("a value");
        let safe = escaped(&text);
        assert!(!safe.contains(|c| is_unprintable(c) && c != '\n'), "{safe}");
        assert!(safe.contains("\\u009b") && safe.contains("\\udb40\\udc41"), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).expect("JSON"), value);
    }
}
