//! Lines that fit a terminal, broken between words. A line that a script may read is never broken: it goes to no terminal.

use std::borrow::Cow;

use console::measure_text_width;

/// A heading such as `backbone   ` is no wider than this: what continues its line begins where its words did.
const HEADING: usize = 18;

/// The text with lines of at most `width` characters, if there is a width; words that are longer stay whole.
pub fn wrapped(text: &str, width: Option<usize>) -> Cow<'_, str> {
    match width {
        Some(width) if text.lines().any(|line| measure_text_width(line) > width) => {
            text.split('\n').map(|line| broken(line, width)).collect::<Vec<_>>().join("\n").into()
        }
        _ => text.into(),
    }
}

fn broken(line: &str, width: usize) -> String {
    let indent = " ".repeat(hanging(line).min(width / 3));
    let mut text = String::new();
    let mut filled = 0;
    let mut rest = line;
    while !rest.is_empty() {
        let start = rest.find(|c| c != ' ').unwrap_or(rest.len());
        let end = rest[start..].find(' ').map_or(rest.len(), |space| start + space);
        let (piece, word) = (&rest[..end], &rest[start..end]);
        rest = &rest[end..];
        if filled > 0 && filled + measure_text_width(piece) > width {
            text.push('\n');
            text.push_str(&indent);
            text.push_str(word);
            filled = indent.len() + measure_text_width(word);
        } else {
            text.push_str(piece);
            filled += measure_text_width(piece);
        }
    }
    text
}

/// Where the words after a heading begin; else two characters further in than the line.
fn hanging(line: &str) -> usize {
    let start = line.len() - line.trim_start_matches(' ').len();
    let gap = line[start..].find("  ").map(|gap| start + gap);
    let after = gap.map(|gap| line.len() - line[gap..].trim_start_matches(' ').len());
    after.map(|after| measure_text_width(&line[..after])).filter(|&at| at <= HEADING).unwrap_or(start + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "trainable  2,000 biases, 0.127 % of 1,576,000 parameters; 30 epochs, seed 1";

    #[test]
    fn lines_are_broken_between_words_under_their_first() {
        assert_eq!(
            wrapped(LINE, Some(40)),
            "trainable  2,000 biases, 0.127 % of\n           1,576,000 parameters; 30\n           epochs, seed 1"
        );
        assert_eq!(wrapped("warning: a b c\n  d e f g", Some(9)), "warning:\n  a b c\n  d e f g");
    }

    #[test]
    fn at_any_width_words_are_whole_and_none_is_lost() {
        for width in 1..100 {
            let text = wrapped(LINE, Some(width));
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&text), words(LINE), "{width}");
            let too_long = |line: &&str| measure_text_width(line) > width;
            assert!(text.lines().filter(too_long).all(|line| words(line).len() == 1), "{width}: {text}");
        }
    }

    #[test]
    fn a_pipe_and_a_line_that_fits_are_left_alone() {
        assert_eq!(wrapped(LINE, None), LINE);
        assert_eq!(wrapped("a  b   c", Some(8)), "a  b   c");
        assert_eq!(wrapped("お お お", Some(5)), "お お\n お", "wide characters take two places");
    }
}
