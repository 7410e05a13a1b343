//! Columns that are meant as times and are not understood: what is wrong with them cannot be seen.

use super::{calendar, clock, stamp};

/// Cells that are looked at.
const SEEN: usize = 20;
/// Names of the parts of a date that is in several columns, the year first.
const PARTS: [&[&str]; 5] = [
    &["year", "yr", "yyyy", "jahr", "année", "annee", "año", "anno"],
    &["month", "mon", "mo", "mm", "monat", "mois", "mes", "mese", "quarter", "qtr", "quartal"],
    &["week", "wk", "isoweek", "woche", "kw", "semaine", "semana"],
    &["day", "dd", "dom", "doy", "dayofyear", "yday", "tag", "jour", "día", "dia", "giorno"],
    &["hour", "hr", "hh", "stunde", "heure", "hora", "ora", "minute", "min"],
];

/// Columns that are meant as times, by their names or by what is in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Their names, or numbers.
    pub columns: Vec<String>,
    /// Their first cells.
    pub first: Vec<String>,
    /// What they are meant as.
    pub(crate) meant: Meant,
}

/// What a column is meant as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    Times,
    /// `2026-W05`
    Weeks,
    /// `202605`: a year and a month or week.
    Packed,
    /// A part of a date.
    Parts,
}

impl Unread {
    /// What is understood, and the way out.
    pub(super) fn hint(&self) -> String {
        let way_out = match self.meant {
            Meant::Times => "",
            Meant::Weeks => "write the first day of each week, as in `2026-01-26` for `2026-W05`; ",
            Meant::Packed => "write `2026-05` for the month `202605`, and the first day of a week; ",
            Meant::Parts => "put the parts into one column, as in `2026-01-31 08:00`; ",
        };
        format!("{way_out}understood are {}; a column that has no times needs another name", stamp::FORMATS)
    }
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (nouns, verb) = if self.columns.len() == 1 { ("column", "is") } else { ("columns", "are") };
        let first: Vec<String> = self.first.iter().map(|cell| format!("`{cell}`")).collect();
        let (columns, first) = (self.columns.join(", "), first.join(", "));
        write!(f, "{nouns} {columns} {verb} not understood as times, the first is {first}")?;
        f.write_str(match self.meant {
            Meant::Times => "",
            Meant::Weeks => " (an ISO week)",
            Meant::Packed => " (a year and a month or week in one number)",
            Meant::Parts => " (a date in parts)",
        })
    }
}

/// A column that may be meant as times.
pub(super) struct Suspect {
    place: usize,
    /// `None` if it has no name.
    name: Option<String>,
    /// Whether its name says so.
    named: bool,
    cells: Vec<String>,
}

/// Of these columns.
pub(super) fn suspects(names: Option<&[String]>, places: &[usize]) -> Vec<Suspect> {
    let suspect = |&place: &usize| {
        let name = names.map(|names| names[place].clone()).filter(|name| !name.is_empty());
        let named = name.as_ref().is_some_and(|name| clock::is_named(name, 1));
        Suspect { place, name, named, cells: Vec::new() }
    };
    places.iter().map(suspect).collect()
}

impl Suspect {
    pub(super) fn take(&mut self, row: &[String]) {
        if self.cells.len() < SEEN {
            self.cells.push(row[self.place].chars().take(40).collect());
        }
    }

    /// Whether nearly all of its cells are so.
    fn are(&self, is: impl Fn(&str) -> bool) -> bool {
        let count = self.cells.iter().filter(|cell| is(cell)).count();
        10 * count >= 9 * self.cells.len().max(1)
    }

    fn numbers(&self, least: i64, most: i64) -> bool {
        self.are(|cell| cell.parse().is_ok_and(|number| (least..=most).contains(&number)))
    }

    /// Which part of a date it is by its name.
    fn part(&self) -> Option<usize> {
        let name = self.name.as_ref()?.to_lowercase();
        let part = PARTS.iter().position(|names| names.contains(&&*name))?;
        let (least, most) = if part == 0 { (1600, 2200) } else { (0, 366) };
        self.numbers(least, most).then_some(part)
    }

    fn meant(&self) -> Option<Meant> {
        match () {
            () if self.are(is_week) => Some(Meant::Weeks),
            () if self.named && self.are(|cell| cell.parse().is_ok_and(clock::is_packed)) => {
                Some(Meant::Packed)
            }
            () if self.named || self.are(stamp::is_meant) => Some(Meant::Times),
            () => None,
        }
    }
}

/// The first that is meant as times; beside a counter at `place`, a name is not enough.
pub(super) fn unread(suspects: &[Suspect], counter: Option<usize>) -> Option<Unread> {
    let of = |meant: Meant, columns: &[&Suspect]| {
        let name = |of: &&Suspect| {
            of.name.as_ref().map_or_else(|| (of.place + 1).to_string(), |name| format!("`{name}`"))
        };
        let first = |of: &&Suspect| of.cells.first().cloned().unwrap_or_default();
        Unread {
            columns: columns.iter().map(name).collect(),
            first: columns.iter().map(first).collect(),
            meant,
        }
    };
    let parts = parts(suspects);
    if !parts.is_empty() && counter.is_none_or(|place| parts.iter().any(|part| part.place == place)) {
        return Some(of(Meant::Parts, &parts));
    }
    let others = suspects.iter().filter(|suspect| Some(suspect.place) != counter);
    let mut found = others.filter_map(|suspect| Some((suspect.meant()?, suspect)));
    let is = |(_, suspect): &(Meant, &Suspect)| counter.is_none() || suspect.are(stamp::is_meant);
    found.find(is).map(|(meant, suspect)| of(meant, &[suspect]))
}

/// The columns of a date in parts: a year and others by their names, or three beside each other that are dates in order.
fn parts(suspects: &[Suspect]) -> Vec<&Suspect> {
    let named: Vec<&Suspect> = suspects.iter().filter(|suspect| suspect.part().is_some()).collect();
    if named.len() > 1 && named.iter().any(|suspect| suspect.part() == Some(0)) {
        return named;
    }
    let dates = |three: &[Suspect]| {
        let row = |nth: usize| {
            let cell = |column: usize| three[column].cells[nth].parse().ok();
            let (first, middle, last): (i64, i64, i64) = (cell(0)?, cell(1)?, cell(2)?);
            let (year, day) = if first > 31 { (first, last) } else { (last, first) };
            calendar::seconds(year, middle, day).filter(|_| (1900..=2100).contains(&year))
        };
        let at: Option<Vec<f64>> = (0..three[0].cells.len()).map(row).collect();
        three[2].place == three[0].place + 2 && at.is_some_and(|at| at.is_sorted() && at.first() < at.last())
    };
    suspects.windows(3).find(|three| dates(three)).map_or(Vec::new(), |three| three.iter().collect())
}

/// `2026-W05`, `2026W05`, with or without a day
fn is_week(cell: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    cell.split_once(['W', 'w']).is_some_and(|(year, week)| {
        let (year, week) = (year.trim_end_matches('-'), week.replace('-', ""));
        year.len() == 4 && digits(year) && matches!(week.len(), 1..=3) && digits(&week)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a table with the values in the last column.
    fn said(names: &str, rows: &[&str], counter: Option<usize>) -> Option<String> {
        let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let names = cells(names);
        let others: Vec<usize> = (0..names.len() - 1).collect();
        let mut suspects = suspects(Some(&names), &others);
        for row in rows {
            let row = cells(row);
            for suspect in &mut suspects {
                suspect.take(&row);
            }
        }
        unread(&suspects, counter).map(|unread| unread.to_string())
    }

    #[test]
    fn times_that_are_not_read_are_named_for_what_they_are() {
        let days = ["2024,1,30,5", "2024,1,31,6", "2024,2,1,7"];
        for (names, rows, expected) in [
            (
                "year,month,day,load",
                &days[..],
                "columns `year`, `month`, `day` are not understood as times, the first is `2024`, `1`, `30` (a date in parts)",
            ),
            ("Jahr,Monat,Tag,load", &days, "columns `Jahr`, `Monat`, `Tag` are not"),
            ("a,b,c,load", &days, "columns `a`, `b`, `c` are not"),
            ("a,b,c,load", &["30,1,2024,5", "31,1,2024,6"], ", the first is `30`, `1`, `2024`"),
            ("year,week,load", &["2024,52,5", "2025,1,6"], "columns `year`, `week` are not"),
            ("year,doy,load", &["2024,366,5", "2025,1,6"], "columns `year`, `doy` are not"),
            (
                "x,load",
                &["2024-W52,5", "2025-W01,6"],
                "column `x` is not understood as times, the first is `2024-W52` (an ISO week)",
            ),
            ("x,load", &["2024W521,5", "2024W522,6"], "ISO week"),
            (
                "week,load",
                &["202452,5", "202501,6"],
                "the first is `202452` (a year and a month or week in one number)",
            ),
            ("month,load", &["202412,5", "202501,6"], "in one number"),
            ("hour,load", &["23,5", "0,6"], "column `hour` is not understood as times, the first is `23`"),
        ] {
            let found = said(names, rows, None).unwrap_or_default();
            assert!(found.contains(expected), "{names}: {found}");
        }
        for (names, rows) in [
            ("a,b,c,load", &["2024,1,31,5", "2024,1,30,6"][..]),
            ("a,b,c,load", &["2024,13,1,5", "2024,14,1,6"]),
            ("code,load", &["202452,5", "202501,6"]),
        ] {
            assert_eq!(said(names, rows, None), None, "{names} {rows:?}");
        }
    }

    #[test]
    fn beside_a_counter_a_name_is_not_enough() {
        assert_eq!(said("t,month,load", &["1,1,5", "2,2,6"], Some(0)), None);
        assert_eq!(said("t,year,month,load", &["1,2024,1,5", "2,2024,2,6"], Some(0)), None);
        let of_parts = said("year,month,load", &["2024,1,5", "2024,2,6"], Some(1)).unwrap_or_default();
        assert!(of_parts.contains("a date in parts"), "{of_parts}");
        assert!(said("t,when,load", &["1,2024-W01,5", "2,2024-W02,6"], Some(0)).is_some());
    }
}
