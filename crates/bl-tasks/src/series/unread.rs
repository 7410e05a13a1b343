//! Columns that are meant as times and are not understood: what is wrong with them cannot be seen.

use super::clock;
use super::stamp;

/// Cells that are looked at.
const SEEN: usize = 20;

/// A column that is meant as times, by its name or by what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its name, or its number.
    pub column: String,
    /// Its first cell.
    pub first: String,
}

impl Unread {
    /// What is understood, and the way out.
    pub(super) fn hint() -> String {
        format!("understood are {}; a column that has no times needs another name", stamp::FORMATS)
    }
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { column, first } = self;
        write!(f, "column {column} is not understood as times, the first is `{first}`")
    }
}

/// A column that may be meant as times.
pub(super) struct Suspect {
    place: usize,
    /// `None` if it has no name.
    name: Option<String>,
    /// Whether its name says so.
    named: bool,
    first: String,
    meant: usize,
    seen: usize,
}

/// Every column but that of the values.
pub(super) fn suspects(names: Option<&[String]>, columns: usize, values: usize) -> Vec<Suspect> {
    let suspect = |place: usize| {
        let name = names.map(|names| names[place].clone()).filter(|name| !name.is_empty());
        let named = name.as_ref().is_some_and(|name| clock::is_named(name, 1));
        Suspect { place, name, named, first: String::new(), meant: 0, seen: 0 }
    };
    (0..columns).filter(|&place| place != values).map(suspect).collect()
}

impl Suspect {
    pub(super) fn take(&mut self, row: &[String]) {
        if self.seen == SEEN {
            return;
        }
        let cell = &row[self.place];
        if self.seen == 0 {
            self.first = cell.chars().take(40).collect();
        }
        self.seen += 1;
        self.meant += usize::from(stamp::is_meant(cell));
    }

    fn is_meant(&self) -> bool {
        10 * self.meant >= 9 * self.seen.max(1)
    }
}

/// The first that is meant as times; beside a counter at `place`, a name is not enough.
pub(super) fn unread(suspects: Vec<Suspect>, counter: Option<usize>) -> Option<Unread> {
    let is = |of: &Suspect| of.is_meant() || (of.named && counter.is_none());
    let found = suspects.into_iter().filter(|of| Some(of.place) != counter).find(is)?;
    let column = found.name.map_or_else(|| (found.place + 1).to_string(), |name| format!("`{name}`"));
    Some(Unread { column, first: found.first })
}
