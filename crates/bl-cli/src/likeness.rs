//! Data that are not like those that were learned from: the same words of both programs.

use bl_tasks::kinds::Likeness;

use crate::Printer;
use crate::words::printable;

impl Printer {
    /// Says what data are not like, loudly, and what cannot be compared.
    pub fn likeness(self, series: &str, likeness: &Likeness) {
        let series = printable(series);
        if let Some(found) = likeness.words() {
            self.warn(format!("{series} is not like what was learned from: {}", printable(&found)));
        }
        if let Some(found) = likeness.unknown_words() {
            self.say(format!("note         {series}: {}", printable(&found)));
        }
    }
}
