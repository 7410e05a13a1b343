//! Arguments, read as every program of ours reads them.

use std::ffi::OsString;
use std::io::IsTerminal;

use clap::builder::{OsStr, Resettable};
use clap::error::{ContextValue, ErrorKind};
use clap::{Arg, Command, Parser};
use console::{Term, measure_text_width};

use crate::foreign::{indented, printable};
use crate::printer::{Printer, has_colours, may_colour, width, write_out, write_words};

/// Reads the arguments, the first of which is the program's name, and the environment. A variable that is set to nothing, or to blanks, is not set. A number below 0 is a value, not
/// an option: then the message is about its range.
///
/// # Errors
/// What the program ends with, after help or an error was printed.
pub fn parse<C: Parser>(arguments: impl IntoIterator<Item = OsString>) -> Result<C, u8> {
    let mut command = adjusted(C::command());
    let read = command.try_get_matches_from_mut(arguments);
    read.and_then(|mut matches| {
        C::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
    })
    .map_err(|error| tell(&printable_values(error)))
}

fn adjusted(command: Command) -> Command {
    let is_empty = |arg: &Arg| arg.get_env().and_then(std::env::var_os).is_some_and(|value| is_blank(&value));
    let adjusted_arg = |arg: Arg| {
        let arg = if is_empty(&arg) { arg.env(Resettable::<OsStr>::Reset) } else { arg };
        if arg.get_action().takes_values() && !arg.is_allow_hyphen_values_set() {
            arg.allow_negative_numbers(true)
        } else {
            arg
        }
    };
    let examples = command.get_after_help().map(ToString::to_string);
    let command = match (examples, width(&Term::stdout())) {
        (Some(text), Some(width)) => command.after_help(narrowed(&text, width)),
        _ => command,
    };
    command.mut_args(adjusted_arg).mut_subcommands(adjusted)
}

/// Examples with their words beside them; where there is no room for that, below them.
fn narrowed(text: &str, width: usize) -> String {
    const INDENT: &str = "      ";
    const BESIDE: &str = "   ";
    if text.lines().all(|line| measure_text_width(line) <= width) {
        return text.to_owned();
    }
    let below = |line: &str| {
        let (start, rest) = line.split_at(line.len() - line.trim_start().len());
        match rest.split_once(BESIDE) {
            _ if start.len() > INDENT.len() => format!("{INDENT}{rest}"),
            Some((example, words)) => format!("{start}{example}\n{INDENT}{}", words.trim_start()),
            None => line.to_owned(),
        }
    };
    text.lines().map(below).collect::<Vec<_>>().join("\n")
}

/// Whether there is nothing to read.
pub(crate) fn is_blank(value: &std::ffi::OsStr) -> bool {
    value.to_str().is_some_and(|text| text.trim().is_empty())
}

/// An error quotes what was typed, and what stands in the environment.
fn printable_values(mut error: clap::Error) -> clap::Error {
    let safe = |text: &str| printable(text).into_owned();
    let values: Vec<_> = error
        .context()
        .filter_map(|(kind, value)| match value {
            ContextValue::String(text) => Some((kind, ContextValue::String(safe(text)))),
            ContextValue::Strings(texts) => {
                Some((kind, ContextValue::Strings(texts.iter().map(|text| safe(text)).collect())))
            }
            _ => None,
        })
        .collect();
    for (kind, value) in values {
        error.insert(kind, value);
    }
    error
}

fn tell(error: &clap::Error) -> u8 {
    let (plain, code) = (error.render().to_string(), error.exit_code());
    if error.use_stderr() {
        let quotes = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        let is_safe = printable(&quotes) == quotes && !matches!(error.kind(), ErrorKind::Format);
        let text =
            if has_colours() && is_safe { error.render().ansi().to_string() } else { safe_lines(&plain) };
        write_words(text.trim_end());
        return u8::try_from(code).unwrap_or(2);
    }
    let is_plain = !std::io::stdout().is_terminal() || !may_colour() || quotes_strangers();
    let text = if is_plain { safe_lines(&plain) } else { error.render().ansi().to_string() };
    if let Err(error) = write_out(text.trim_end()) {
        Printer::error(&error, None);
        return 2;
    }
    u8::try_from(code).unwrap_or(2)
}

/// Help shows what variables of the environment are set to.
fn quotes_strangers() -> bool {
    let own = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("BL_");
    let is_safe = |value: &std::ffi::OsStr| printable(&value.to_string_lossy()) == value.to_string_lossy();
    std::env::vars_os().any(|(name, value)| own(&name) && !is_safe(&value))
}

/// The lines are clap's own; what they quote is safe already but for an error's cause.
fn safe_lines(text: &str) -> String {
    text.lines().map(indented).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[arg(long, allow_hyphen_values = true)]
        name: Option<String>,
        #[arg(long)]
        number: Option<f64>,
    }

    fn read(args: &[&str]) -> Result<Cli, clap::Error> {
        let mut command = adjusted(<Cli as clap::CommandFactory>::command());
        let matches = command.try_get_matches_from_mut([&["x"], args].concat())?;
        <Cli as clap::FromArgMatches>::from_arg_matches(&matches)
    }

    #[test]
    fn a_negative_number_is_a_value() {
        assert_eq!(read(&["--number", "-1.5"]).expect("a number").number, Some(-1.5));
        assert!(read(&["--number", "-x"]).is_err());
    }

    #[test]
    fn words_beside_an_example_go_below_it_where_there_is_no_room() {
        let text = "Examples:\n  bl-adapt data list        list the tasks\n  bl-adapt train --task ./letters\n                            \
                    on a folder";
        assert_eq!(narrowed(text, 80), text);
        let below = "Examples:\n  bl-adapt data list\n      list the tasks\n  bl-adapt train --task ./letters\n      on a folder";
        assert_eq!(narrowed(text, 40), below);
    }

    #[test]
    fn blanks_are_nothing() {
        for (value, expected) in [("", true), (" \t", true), ("0", false)] {
            assert_eq!(is_blank(value.as_ref()), expected);
        }
    }

    #[test]
    fn an_error_quotes_no_escape() {
        for args in [&["--\u{1b}[2J\u{202e}x"][..], &["--number", "\u{9b}2J"]] {
            let error = printable_values(read(args).expect_err("no such option or value"));
            let text = error.render().ansi().to_string().replace("\u{1b}[", "");
            assert!(text.lines().all(|line| printable(line) == line), "{text:?}");
        }
    }
}
