//! A progress bar on a terminal, nothing elsewhere: lines of words say what happened there.

use indicatif::{ProgressBar, ProgressStyle};

use crate::foreign::printable;
use crate::printer::Printer;

/// A bar from 0 to 1.
pub struct Bar(Option<ProgressBar>);

impl Bar {
    /// A bar for some work, if a person watches.
    pub fn new(printer: Printer, label: &str) -> Self {
        const TICKS: u64 = 1000;
        if printer.is_quiet() || !printer.is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new(TICKS);
        if let Ok(style) =
            ProgressStyle::with_template("{prefix:>12} [{bar:30}] {percent:>3}% {eta:>4} {wide_msg}")
        {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(printable(label).into_owned());
        Self(Some(bar))
    }

    /// Moves the bar to a share of the work.
    pub fn set(&self, share: f64) {
        if let Some(bar) = &self.0 {
            bar.set_position((share.clamp(0.0, 1.0) * 1000.0) as u64);
        }
    }

    /// Words at the end of the bar.
    pub fn message(&self, words: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(printable(words).into_owned());
        }
    }

    /// A line above the bar.
    pub fn print(&self, line: &str) {
        if let Some(bar) = &self.0 {
            bar.println(printable(line));
        }
    }

    /// Whether there is a bar to see.
    pub fn is_visible(&self) -> bool {
        self.0.is_some()
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
