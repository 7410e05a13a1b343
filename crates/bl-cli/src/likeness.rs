//! Series that are not like the one that was learned from: the same words of both programs.

use bl_tasks::kinds::Likeness;

use crate::Printer;
use crate::words::printable;

impl Printer {
    /// Says what a series is not like, loudly, and what cannot be compared.
    pub fn likeness(self, series: &str, likeness: &Likeness) {
        let series = printable(series);
        if let Some(found) = likeness.words() {
            self.warn(format!(
                "{series} is not like the series that was learned from: {}",
                printable(&found)
            ));
        }
        if let Some(found) = likeness.unknown_words() {
            self.say(format!("note         {series}: {}", printable(&found)));
        }
    }
}
