//! What standard output can show.

use console::Term;

/// How a grey can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Any shade, two pixels in a character.
    TrueColour,
    /// 26 shades, two pixels in a character.
    Colours256,
    /// Characters of more or less ink.
    Plain,
}

/// Where images go.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// What it can show.
    pub ink: Ink,
    /// Characters of a line.
    pub width: usize,
    /// Whether a person watches.
    pub is_terminal: bool,
}

impl Screen {
    /// Standard output.
    pub fn of_stdout() -> Self {
        const USUAL_WIDTH: usize = 80;
        let term = Term::stdout();
        let features = term.features();
        let ink = match (features.colors_supported(), features.true_colors_supported()) {
            (_, true) => Ink::TrueColour,
            (true, false) => Ink::Colours256,
            (false, false) => Ink::Plain,
        };
        let named =
            std::env::var("COLUMNS").ok().and_then(|width| width.parse().ok()).filter(|&width| width > 0);
        let asked = || term.size_checked().map(|(_, width)| usize::from(width)).filter(|&width| width > 0);
        Self { ink, width: named.or_else(asked).unwrap_or(USUAL_WIDTH), is_terminal: term.is_term() }
    }

    /// Puts words into a colour of the palette, where there are colours.
    pub fn paint(self, words: &str, style: &str) -> String {
        match self.ink {
            Ink::Plain => words.to_owned(),
            _ => format!("\u{1b}[{style}m{words}\u{1b}[0m"),
        }
    }
}
