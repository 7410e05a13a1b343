//! A series from a text file: a line per sample, in one of its columns.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::cell::{Cell, is_missing};
use super::clock::{self, Clock};
use super::lines::{Line, Lines};
use super::mend::{Blank, Mend, Table, mend};
use super::unread;
use super::{Fault, Recorded, Series, ends};
use crate::Error;

/// A larger file is not read.
const LARGEST: u64 = 256 << 20;

/// Which column of a file to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column<'a> {
    /// The only one there is; a first line of names is optional.
    Only,
    /// The one of that name in the first line.
    Named(&'a str),
    /// The one of that name, such as that which was learned from; without it, the only one there is.
    Preferred(&'a str),
}

impl<'a> Column<'a> {
    /// The one that is asked for, else the one that was learned from, else the only one.
    pub fn of(asked: Option<&'a str>, learned: Option<&'a str>) -> Self {
        asked.map(Self::Named).or(learned.map(Self::Preferred)).unwrap_or(Self::Only)
    }
}

/// Reads one column of a file. Cells are separated by tabs, semicolons or commas, whichever (in this
/// order) the first line has, and may be in double quotes. Samples must be equally far apart: by their times, if a column
/// has some, and without blank lines or empty cells in between.
pub fn read_csv(path: &Path, column: Column) -> Result<Series, Error> {
    read_csv_mended(path, column, Mend::default())
}

/// As [`read_csv`], of a file that is put in order by a rule first.
pub fn read_csv_mended(path: &Path, column: Column, rule: Mend) -> Result<Series, Error> {
    let file = File::open(path).map_err(|cause| Error::io(path, cause))?;
    let length = file.metadata().map_err(|cause| Error::io(path, cause))?.len();
    let failed = |failure| match failure {
        Failure::Read(cause) => Error::io(path, cause),
        Failure::Fault(fault) => Error::SeriesFile { path: path.to_owned(), fault },
    };
    let fault = |fault| failed(Failure::Fault(fault));
    if length > LARGEST {
        return Err(fault(Fault::TooLarge { expected: LARGEST })); // before anything is read
    }
    let (column, table) = parse(BufReader::new(file), LARGEST, column).map_err(failed)?;
    let dated = table.clock.as_ref().is_some_and(|clock| clock.dated);
    let either = table.clock.as_ref().is_some_and(|clock| clock.either);
    let unread = table.unread.clone();
    let even = mend(table, rule).map_err(fault)?;
    let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let series = Series::new(column.clone().unwrap_or_else(stem), even.values).map_err(fault)?;
    let series =
        even.spacing.map_or(Ok(series.clone()), |spacing| series.with_spacing(spacing)).map_err(fault)?;
    Ok(series.recorded(Recorded { column, dated, mended: even.mended, unread, either, far: even.far }))
}

/// Why a file is not read.
#[derive(Debug)]
pub(super) enum Failure {
    Read(io::Error),
    Fault(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The name of the column, if it has one, and what is in it.
fn parse(reader: impl BufRead, largest: u64, column: Column) -> Result<(Option<String>, Table), Failure> {
    let mut lines = Lines::new(reader, largest);
    lines.check_start()?;
    let Some(first) = lines.next()? else { return Err(Fault::Empty.into()) };
    let (delimiter, second) = (delimiter(&first.text), lines.next()?);
    let cells = split(&first.text, delimiter);
    let below = second.as_ref().map(|line| split(&line.text, delimiter));
    let header = is_header(&cells, below.as_deref(), column);
    let place = place(&cells, below.as_deref(), header, column)?;
    let name = header.then(|| cells[place].clone()).filter(|name| !name.is_empty());
    let called = name.as_ref().map_or_else(|| (place + 1).to_string(), |name| format!("`{name}`"));

    let mut table = Table {
        called,
        values: Vec::new(),
        lines: Vec::new(),
        missing: None,
        blank: Vec::new(),
        clock: None,
        unread: None,
    };
    let names = header.then_some(&*cells);
    let mut clocks = clock::candidates(names, cells.len(), place);
    let mut suspects = unread::suspects(names, cells.len(), place);
    let mut written = Written::default();
    let mut take = |line: &Line| {
        let row = split(&line.text, delimiter);
        if row.len() != cells.len() {
            return Err(Fault::Cells { line: line.number, expected: cells.len(), found: row.len() });
        }
        if line.blank > 0 {
            let (before, first) = (table.values.len(), line.number - line.blank);
            table.blank.push(Blank { before, line: first, count: line.blank });
        }
        let cell = &row[place];
        let found = || shown(cell);
        let value = match cell.parse::<f64>() {
            Ok(value) if value.is_finite() => value,
            _ if is_missing(cell) => {
                table.missing.get_or_insert_with(|| (line.number, found()));
                f64::NAN
            }
            _ => {
                let below = (header && table.values.is_empty()).then_some(&*row);
                let cell = Cell::of(cell, name.as_deref(), below);
                return Err(Fault::Value {
                    line: line.number,
                    column: table.called.clone(),
                    found: found(),
                    cell,
                });
            }
        };
        written.add(cell);
        table.values.push(value);
        table.lines.push(line.number);
        clocks.retain_mut(|clock| clock.take(&row));
        for suspect in &mut suspects {
            suspect.take(&row);
        }
        Ok(())
    };
    for line in [(!header).then_some(first), second].into_iter().flatten() {
        take(&line)?;
    }
    while let Some(line) = lines.next()? {
        take(&line)?;
    }
    if !header && cells.len() == 1 {
        written.check_first(&table.values, &cells[0])?;
    }
    table.clock = Clock::of(clocks);
    if table.values.len() >= clock::FEWEST && !table.clock.as_ref().is_some_and(|clock| clock.dated) {
        table.unread = unread::unread(&suspects, table.clock.as_ref().map(|clock| clock.place));
    }
    Ok((name, table))
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

/// Whether the first line has names: that which is looked for, no number or date at all, or text where the next line has
/// numbers or dates.
fn is_header(cells: &[String], below: Option<&[String]>, column: Column) -> bool {
    let asked_for =
        |cell: &String| matches!(column, Column::Named(name) | Column::Preferred(name) if name == cell);
    let is_value = |cell: &String| cell.parse::<f64>().is_ok() || clock::is_date(cell);
    let is_text = |cell: &String| !cell.is_empty() && !is_value(cell);
    let named = |(cell, below): (&String, &String)| is_text(cell) && is_value(below);
    cells.iter().any(asked_for)
        || (!cells.iter().any(is_value) && cells.iter().any(|cell| !cell.is_empty()))
        || below.is_some_and(|below| below.len() == cells.len() && cells.iter().zip(below).any(named))
}

/// The index of the column.
fn place(cells: &[String], below: Option<&[String]>, header: bool, column: Column) -> Result<usize, Fault> {
    let column = match column {
        Column::Preferred(name) if header && cells.iter().any(|cell| cell == name) => Column::Named(name),
        Column::Preferred(_) => Column::Only,
        column => column,
    };
    match column {
        Column::Only if cells.len() == 1 => Ok(0),
        Column::Only if is_pixels(cells, below, header) => Err(Fault::Pixels { columns: cells.len() }),
        Column::Only if header => {
            let is_series = |place: &usize| {
                let below = below.and_then(|below| below.get(*place));
                !clock::is_named(&cells[*place], *place) && below.is_none_or(|cell| !clock::is_date(cell))
            };
            let series = (0..cells.len()).filter(is_series).map(|place| cells[place].clone()).collect();
            Err(Fault::Choice { found: cells.to_vec(), series })
        }
        Column::Only => Err(Fault::Choice { found: vec![String::new(); cells.len()], series: Vec::new() }),
        Column::Named(column) if !header => Err(Fault::NoHeader { column: column.into() }),
        Column::Named(column) | Column::Preferred(column) => {
            let mut places = (0..cells.len()).filter(|&i| cells[i] == column);
            match (places.next(), places.next()) {
                (Some(place), None) => Ok(place),
                (Some(_), Some(_)) => Err(Fault::Twice { column: column.into() }),
                (None, _) => Err(Fault::NoColumn { column: column.into(), found: cells.to_vec() }),
            }
        }
    }
}

/// Whether a table has an image in each line: a class and pixels by their names, or a square of bytes without names.
fn is_pixels(cells: &[String], below: Option<&[String]>, header: bool) -> bool {
    const CLASSES: [&str; 4] = ["label", "labels", "class", "digit"];
    const FEW: usize = 16;
    let lower: Vec<String> = cells.iter().map(|cell| cell.to_lowercase()).collect();
    if header {
        let numbered = |name: &&String| name.ends_with(|c: char| c.is_ascii_digit());
        let class = lower.iter().any(|name| CLASSES.contains(&name.as_str()));
        let pixels = lower.iter().filter(|name| name.starts_with("pix") || name.starts_with("px")).count();
        return pixels > 1
            || (class && lower.len() > FEW && lower.iter().filter(numbered).count() + 1 == lower.len());
    }
    let square = |n: usize| n.isqrt() * n.isqrt() == n;
    let bytes = |row: &[String]| row.iter().all(|cell| cell.parse::<u8>().is_ok());
    cells.len() >= FEW
        && (square(cells.len()) || square(cells.len() - 1))
        && bytes(cells)
        && below.is_none_or(bytes)
}

fn delimiter(line: &str) -> char {
    ['\t', ';'].into_iter().find(|&delimiter| split(line, delimiter).len() > 1).unwrap_or(',')
}

/// The cells of a line, without quotes and the space around them. A doubled quote within quotes is a
/// quote.
fn split(line: &str, delimiter: char) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => cell.extend(characters.next()),
            '"' if quoted || cell.trim().is_empty() => quoted = !quoted,
            c if c == delimiter && !quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let text = "1\n2\n3\n4\n5\n";
        assert_eq!(parse(text.as_bytes(), 10, Column::Only).unwrap().1.values.len(), 5);
        let Err(Failure::Fault(fault)) = parse(text.as_bytes(), 9, Column::Only) else { panic!() };
        assert_eq!(fault.to_string(), "expected a file of at most 9 bytes, found more");
    }

    #[test]
    fn cells_may_be_quoted() {
        let cells = split(r#" "a, b" ,"say ""so""", 1.5,, 5" "#, ',');
        assert_eq!(cells, ["a, b", "say \"so\"", "1.5", "", "5\""]);
    }
}
