//! The only place that prints. What is printed quotes files of strangers, so control characters are replaced here, whoever
//! has forgotten to: one in a title could rewrite the screen.

use std::borrow::Cow;
use std::io::{IsTerminal, Write};

use serde::Serialize;

use crate::words::is_unprintable;

/// Prints results on standard output and words on standard error.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    quiet: bool,
    json: bool,
}

#[expect(clippy::print_stderr, reason = "this is the printer")]
impl Printer {
    /// A printer; `quiet` leaves out the words, `json` makes the result one JSON object.
    pub fn new(quiet: bool, json: bool) -> Self {
        Self { quiet, json }
    }

    /// Whether the result is to be one JSON object.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// Whether to suppress messages and progress bars.
    pub fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Whether a person watches the words.
    pub fn is_terminal(self) -> bool {
        std::io::stderr().is_terminal()
    }

    /// A line of words.
    pub fn say(self, words: impl AsRef<str>) {
        if !self.quiet {
            eprintln!("{}", printable(words.as_ref()));
        }
    }

    /// Something that must not be overlooked; printed even when quiet.
    pub fn warn(self, words: impl AsRef<str>) {
        eprintln!("{}: {}", paint("warning", "1;33"), indented(words.as_ref()));
    }

    /// A line of the result.
    pub fn result(self, line: impl AsRef<str>) -> anyhow::Result<()> {
        write_out(&printable(line.as_ref()))
    }

    /// Lines of the result in the program's own colours: captions in them are the caller's to make [`printable`].
    ///
    /// [`printable`]: crate::words::printable
    pub fn drawing(self, lines: &[String]) -> anyhow::Result<()> {
        write_out(&lines.join("\n"))
    }

    /// The result as one JSON object.
    pub fn json<T: Serialize>(self, value: &T) -> anyhow::Result<()> {
        write_out(&serde_json::to_string_pretty(value)?)
    }

    /// An error and what to do about it.
    pub fn error(error: &anyhow::Error, hint: Option<&str>) {
        eprintln!("{}: {}", paint("error", "1;31"), chain(error));
        if let Some(hint) = hint {
            eprintln!("{}: {}", paint("hint", "1;36"), indented(hint));
        }
    }
}

/// Standard output may be a pipe whose reader has had enough: that is not an error.
fn write_out(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// The message and its causes, each once: many messages end with their cause already.
fn chain(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    indented(text.trim_end())
}

/// As [`printable`]; every line but the first is indented, so that words of a file cannot begin a line of their own.
fn indented(text: &str) -> String {
    printable(text).replace('\n', "\n  ")
}

/// As [`crate::words::printable`] of every line.
fn printable(text: &str) -> Cow<'_, str> {
    let replaced = |c: char| is_unprintable(c) && c != '\n';
    if text.contains(replaced) { text.replace(replaced, "\u{fffd}").into() } else { text.into() }
}

/// Colour on a terminal, unless `NO_COLOR` is set.
fn paint(word: &str, style: &str) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if plain || !std::io::stderr().is_terminal() {
        word.to_owned()
    } else {
        format!("\u{1b}[{style}m{word}\u{1b}[0m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_and_other_control_characters_are_replaced() {
        assert_eq!(printable("two\nlines, お"), "two\nlines, お");
        assert_eq!(
            printable("a\u{1b}[2J\r\n\u{9b}31m\u{7f}\0"),
            "a\u{fffd}[2J\u{fffd}\n\u{fffd}31m\u{fffd}\u{fffd}"
        );
        let error = anyhow::anyhow!("no task `x\nhint: y`");
        assert_eq!(chain(&error), "no task `x\n  hint: y`");
        let error = anyhow::anyhow!("no task `\u{7}`").context("cannot open\u{1b}[31m");
        assert_eq!(chain(&error), "cannot open\u{fffd}[31m: no task `\u{fffd}`");
    }
}
