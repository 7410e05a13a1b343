//! The only place that prints. What is printed quotes files of strangers, so characters that do more than stand there are
//! replaced here, whoever has forgotten to: one in a title could rewrite the screen. And words never end a program: who does
//! not read them any more, or has no room for them, still gets the result.

use std::io::{IsTerminal, Write};

use console::Term;
use serde::Serialize;

use crate::foreign::{coloured, escaped, indented, printable};
use crate::wrap::wrapped;

/// Prints results on standard output and words on standard error.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    quiet: bool,
    json: bool,
}

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
            write_words(&wrapped(&indented(words.as_ref()), width(&Term::stderr())));
        }
    }

    /// Something that must not be overlooked; printed even when quiet.
    pub fn warn(self, words: impl AsRef<str>) {
        headed("warning", "1;33", words.as_ref());
    }

    /// A line of the result.
    pub fn result(self, line: impl AsRef<str>) -> anyhow::Result<()> {
        self.results([line])
    }

    /// Lines of the result, written at once.
    pub fn results<T: AsRef<str>>(self, lines: impl IntoIterator<Item = T>) -> anyhow::Result<()> {
        let width = width(&Term::stdout());
        let lines: Vec<String> =
            lines.into_iter().map(|line| wrapped(&printable(line.as_ref()), width).into_owned()).collect();
        write_out(&lines.join("\n"))
    }

    /// Lines of the result in the program's own colours.
    pub fn drawing(self, lines: &[String]) -> anyhow::Result<()> {
        let lines: Vec<_> = lines.iter().map(|line| coloured(line)).collect();
        write_out(&lines.join("\n"))
    }

    /// The result as one JSON object.
    pub fn json<T: Serialize>(self, value: &T) -> anyhow::Result<()> {
        write_out(&escaped(serde_json::to_string_pretty(value)?))
    }

    /// An error and what to do about it.
    pub fn error(error: &anyhow::Error, hint: Option<&str>) {
        headed("error", "1;31", &chain(error));
        if let Some(hint) = hint {
            headed("hint", "1;36", hint);
        }
    }
}

/// Words under a heading. Every line but the first is indented, so that words of a file cannot begin a line of their own.
fn headed(heading: &str, style: &str, words: &str) {
    let text = indented(&format!("{heading}: {words}"));
    let text = wrapped(&text, width(&Term::stderr()));
    let rest = text.strip_prefix(heading).unwrap_or_default();
    write_words(&format!("{}{rest}", paint(heading, style)));
}

/// Standard error may be full, or a pipe whose reader has gone: then there is nobody to tell.
pub(crate) fn write_words(text: &str) {
    let _ = std::io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}

/// Standard output may be a pipe whose reader has had enough: that is not an error.
pub(crate) fn write_out(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(anyhow::Error::new(error).context("cannot write to standard output")),
        Ok(()) => Ok(()),
    }
}

/// Characters of a line, if this is a terminal.
pub(crate) fn width(term: &Term) -> Option<usize> {
    let named = || std::env::var("COLUMNS").ok().and_then(|width| width.parse().ok());
    let asked = || term.size_checked().map(|(_, width)| usize::from(width));
    term.is_term().then(|| asked().or_else(named)).flatten().filter(|&width| width > 0)
}

/// The message and its causes, each once: many messages end with their cause already.
fn chain(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text.trim_end().to_owned()
}

/// Whether words may be in colours: on a terminal, unless `NO_COLOR` is set.
pub(crate) fn has_colours() -> bool {
    may_colour() && std::io::stderr().is_terminal()
}

/// Whether the user has nothing against colours.
pub(crate) fn may_colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn paint(word: &str, style: &str) -> String {
    if has_colours() { format!("\u{1b}[{style}m{word}\u{1b}[0m") } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_causes_of_an_error_are_named_once() {
        let error = anyhow::anyhow!("no task `x`").context("cannot open").context("cannot open: no task `x`");
        assert_eq!(chain(&error), "cannot open: no task `x`");
    }
}
