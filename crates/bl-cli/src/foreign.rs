//! Text of strangers, made safe to print: what is seen is what is there, and nothing else happens.

use std::borrow::Cow;

use bl_core::text::is_unprintable;
pub(crate) use bl_core::text::{escaped, printable};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_begins_no_line() {
        assert_eq!(indented("no task `x\nhint: y\u{7}`\n"), "no task `x\n  hint: y\u{fffd}`");
    }

    #[test]
    fn colours_stay_in_a_drawing_and_nothing_else_does() {
        let line = "\u{1b}[38;5;9mred\u{1b}[0m \u{1b}[2J\u{1b}]0;title\u{7}";
        assert_eq!(coloured(line), "\u{1b}[38;5;9mred\u{1b}[0m \u{fffd}[2J\u{fffd}]0;title\u{fffd}");
    }
}
