//! The rows of a text file, as columns of numbers with the times that stand beside them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::cell::{Cell, is_missing};
use super::clock::{self, Candidate, Clock};
use super::head::{Head, delimiter, split};
use super::lines::{Line, Lines};
use super::mend::{Blank, Table, Values};
use super::unread::{self, Suspect};
use super::{Fault, ends};
use crate::Error;

/// A larger file is not read.
const LARGEST: u64 = 256 << 20;
/// More series are not told apart by a column.
const MOST_SERIES: usize = 10_000;

/// Why a file is not read.
#[derive(Debug)]
pub(crate) enum Failure {
    Read(io::Error),
    Fault(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Failure {
    pub(crate) fn at(self, path: &Path) -> Error {
        match self {
            Self::Read(cause) => Error::io(path, cause),
            Self::Fault(fault) => Error::SeriesFile { path: path.to_owned(), fault },
        }
    }
}

/// Which columns are read.
pub(super) struct Chosen {
    pub(super) places: Vec<Place>,
    /// The column that tells several series apart.
    pub(super) group: Option<usize>,
}

/// A column that is read.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) place: usize,
    /// Whether every sample needs its value.
    pub(super) needed: bool,
}

/// One series of a file.
pub(super) struct Rows {
    /// What the column says that tells series apart.
    pub(super) group: String,
    pub(super) table: Table,
}

/// Names of columns, and the series of a file in the order of their first lines.
pub(super) type Parsed = (Vec<Option<String>>, Vec<Rows>);

/// Reads some columns of a file: those of these names, or others that are chosen by its first lines.
pub(super) fn parse_file(
    path: &Path,
    names: &[&str],
    choose: impl FnOnce(&Head) -> Result<Chosen, Fault>,
) -> Result<Parsed, Error> {
    let file = File::open(path).map_err(|cause| Error::io(path, cause))?;
    let length = file.metadata().map_err(|cause| Error::io(path, cause))?.len();
    if length > LARGEST {
        return Err(Failure::from(Fault::TooLarge { expected: LARGEST }).at(path)); // before anything is read
    }
    parse(BufReader::new(file), LARGEST, names, choose).map_err(|failure| failure.at(path))
}

fn parse(
    reader: impl BufRead,
    largest: u64,
    names: &[&str],
    choose: impl FnOnce(&Head) -> Result<Chosen, Fault>,
) -> Result<Parsed, Failure> {
    let mut lines = Lines::new(reader, largest);
    lines.check_start()?;
    let Some(first) = lines.next()? else { return Err(Fault::Empty.into()) };
    let (delimiter, second) = (delimiter(&first.text), lines.next()?);
    let cells = split(&first.text, delimiter);
    let below = second.as_ref().map(|line| split(&line.text, delimiter));
    let head = Head::new(cells, below, names);
    let chosen = choose(&head)?;
    let mut reading = Reading { chosen: &chosen, head: &head, of_group: BTreeMap::new(), series: Vec::new() };
    let mut written = Written::default();
    let is_bare = !head.header && head.cells.len() == 1;
    let mut take = |line: &Line| {
        let row = split(&line.text, delimiter);
        if is_bare {
            written.add(&row[0]);
        }
        reading.take(line, &row)
    };
    for line in [(!head.header).then_some(first), second].into_iter().flatten() {
        take(&line)?;
    }
    while let Some(line) = lines.next()? {
        take(&line)?;
    }
    if let (true, [only]) = (is_bare, &*reading.series) {
        written.check_first(&only.table.columns[0].values, &head.cells[0])?;
    }
    let names = chosen.places.iter().map(|of| head.name(of.place)).collect();
    Ok((names, reading.series.into_iter().map(One::rows).collect()))
}

/// The series of a file as its lines are read.
struct Reading<'a> {
    chosen: &'a Chosen,
    head: &'a Head,
    /// Their places among the series.
    of_group: BTreeMap<String, usize>,
    series: Vec<One>,
}

impl Reading<'_> {
    fn take(&mut self, line: &Line, row: &[String]) -> Result<(), Fault> {
        let expected = self.head.cells.len();
        if row.len() != expected {
            return Err(Fault::Cells { line: line.number, expected, found: row.len() });
        }
        let group = self.chosen.group.map_or("", |group| &*row[group]);
        let place = match self.of_group.get(group) {
            Some(place) => *place,
            None if self.series.len() == MOST_SERIES => return Err(Fault::Series { expected: MOST_SERIES }),
            None => {
                self.of_group.insert(group.to_owned(), self.series.len());
                self.series.push(One::new(self.head, self.chosen, group.to_owned()));
                self.series.len() - 1
            }
        };
        let is_first = self.head.header && self.series.len() == 1;
        self.series[place].take(line, row, is_first, self.head)
    }
}

/// One series as its lines are read.
struct One {
    group: String,
    table: Table,
    places: Vec<usize>,
    clocks: Vec<Candidate>,
    suspects: Vec<Suspect>,
}

impl One {
    fn new(head: &Head, chosen: &Chosen, group: String) -> Self {
        let values = |of: &Place| Values {
            called: head
                .name(of.place)
                .map_or_else(|| (of.place + 1).to_string(), |name| format!("`{name}`")),
            values: Vec::new(),
            missing: None,
            needed: of.needed,
        };
        let columns = chosen.places.iter().map(values).collect();
        let table = Table { columns, lines: Vec::new(), blank: Vec::new(), clock: None, unread: None };
        let places: Vec<usize> = chosen.places.iter().map(|of| of.place).collect();
        let others: Vec<usize> = (0..head.cells.len())
            .filter(|place| !places.contains(place) && Some(*place) != chosen.group)
            .collect();
        let names = head.header.then_some(&*head.cells);
        let (clocks, suspects) = (clock::candidates(names, &others), unread::suspects(names, &others));
        Self { group, table, places, clocks, suspects }
    }

    /// A sample; `may_be_units` if it is the line below the names.
    fn take(&mut self, line: &Line, row: &[String], may_be_units: bool, head: &Head) -> Result<(), Fault> {
        let table = &mut self.table;
        let before = table.lines.len();
        if line.blank > 0 {
            table.blank.push(Blank { before, line: line.number - line.blank, count: line.blank });
        }
        for (column, &place) in table.columns.iter_mut().zip(&self.places) {
            let cell = &row[place];
            let value = match cell.parse::<f64>() {
                Ok(value) if value.is_finite() => value,
                _ if is_missing(cell) => {
                    column.missing.get_or_insert_with(|| (line.number, shown(cell)));
                    f64::NAN
                }
                _ => {
                    let below = (may_be_units && before == 0).then_some(row);
                    return Err(Fault::Value {
                        line: line.number,
                        column: column.called.clone(),
                        found: shown(cell),
                        cell: Cell::of(cell, head.name(place).as_deref(), below),
                    });
                }
            };
            column.values.push(value);
        }
        table.lines.push(line.number);
        self.clocks.retain_mut(|clock| clock.take(row));
        for suspect in &mut self.suspects {
            suspect.take(row);
        }
        Ok(())
    }

    fn rows(self) -> Rows {
        let Self { group, mut table, clocks, suspects, .. } = self;
        table.clock = Clock::of(clocks);
        if table.lines.len() >= clock::FEWEST && !table.clock.as_ref().is_some_and(|clock| clock.dated) {
            table.unread = unread::unread(&suspects, table.clock.as_ref().map(|clock| clock.place));
        }
        Rows { group, table }
    }
}

/// A cell as an error repeats it.
fn shown(cell: &str) -> String {
    cell.chars().take(40).collect()
}

/// How values are written, as far as that tells a name from a number.
#[derive(Default)]
struct Written {
    samples: usize,
    whole: usize,
}

impl Written {
    fn add(&mut self, cell: &str) {
        self.samples += 1;
        self.whole += usize::from(!cell.contains(['.', 'e', 'E']));
    }

    /// Refuses a first line that looks like a name: a whole number three ranges beyond all others, or the only whole one
    /// that could be a year.
    fn check_first(&self, values: &[f64], cell: &str) -> Result<(), Fault> {
        const FEW: usize = 10;
        let rest: Vec<f64> = values.iter().skip(1).copied().filter(|value| value.is_finite()).collect();
        if rest.len() < FEW || !cell.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(());
        }
        let (low, high) = ends(&rest);
        let room = 3.0 * (high - low);
        let far = values[0] < low - room || values[0] > high + room;
        let year = (1900.0..=2100.0).contains(&values[0]) && self.whole == 1 && self.samples > FEW;
        if far || year { Err(Fault::NumberName { line: 1, found: shown(cell), low, high }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let text = "1\n2\n3\n4\n5\n";
        let only = |_: &Head| Ok(Chosen { places: vec![Place { place: 0, needed: true }], group: None });
        let (_, series) = parse(text.as_bytes(), 10, &[], only).unwrap();
        assert_eq!(series[0].table.columns[0].values.len(), 5);
        let Err(Failure::Fault(fault)) = parse(text.as_bytes(), 9, &[], only) else { panic!() };
        assert_eq!(fault.to_string(), "expected a file of at most 9 bytes, found more");
    }
}
