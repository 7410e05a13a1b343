//! A series from a text file: a line per sample, in one of its columns.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::clock::{self, Clock};
use super::mend::{Blank, Mend, Table, mend};
use super::{Fault, Recorded, Series, ends};
use crate::Error;

/// A larger file is not read.
const LARGEST: u64 = 256 << 20;
/// A longer line is not read.
const LONGEST: usize = 1 << 20;

/// Which column of a file to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column<'a> {
    /// The only one there is; a first line of names is optional.
    Only,
    /// The one of that name in the first line.
    Named(&'a str),
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
    let even = mend(table, rule).map_err(fault)?;
    let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let series = Series::new(column.clone().unwrap_or_else(stem), even.values).map_err(fault)?;
    let series =
        even.spacing.map_or(Ok(series.clone()), |spacing| series.with_spacing(spacing)).map_err(fault)?;
    Ok(series.recorded(Recorded { column, dated, mended: even.mended }))
}

#[derive(Debug)]
enum Failure {
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
    let mut lines = Lines { reader: reader.take(largest + 1), number: 0, largest };
    lines.check_encoding()?;
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
    };
    let mut clocks = clock::candidates(header.then_some(&*cells), cells.len(), place);
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
                return Err(Fault::Value { line: line.number, column: table.called.clone(), found: found() });
            }
        };
        written.add(cell);
        table.values.push(value);
        table.lines.push(line.number);
        clocks.retain_mut(|clock| clock.take(&row));
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
    Ok((name, table))
}

/// A cell as an error repeats it.
fn shown(cell: &str) -> String {
    cell.chars().take(40).collect()
}

/// Whether a cell says that there is no value.
fn is_missing(cell: &str) -> bool {
    let words =
        ["", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "missing", "-", "--", "?", ".", "..."];
    words.contains(&cell.to_lowercase().as_str())
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
    let asked_for = |cell: &String| column == Column::Named(cell);
    let is_value = |cell: &String| cell.parse::<f64>().is_ok() || clock::is_date(cell);
    let is_text = |cell: &String| !cell.is_empty() && !is_value(cell);
    let named = |(cell, below): (&String, &String)| is_text(cell) && is_value(below);
    cells.iter().any(asked_for)
        || (!cells.iter().any(is_value) && cells.iter().any(|cell| !cell.is_empty()))
        || below.is_some_and(|below| below.len() == cells.len() && cells.iter().zip(below).any(named))
}

/// The index of the column.
fn place(cells: &[String], below: Option<&[String]>, header: bool, column: Column) -> Result<usize, Fault> {
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
        Column::Named(column) => {
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

/// A line that is not blank.
struct Line {
    number: usize,
    text: String,
    /// How many blank ones are before it.
    blank: usize,
}

/// Lines that are not blank, with their numbers.
struct Lines<R> {
    reader: io::Take<R>,
    number: usize,
    largest: u64,
}

impl<R: BufRead> Lines<R> {
    /// Names what is no text of 8-bit units.
    fn check_encoding(&mut self) -> Result<(), Failure> {
        let start = self.reader.fill_buf().map_err(Failure::Read)?;
        let found = match *start {
            [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => "UTF-32",
            [0xff, 0xfe, ..] => "UTF-16LE",
            [0xfe, 0xff, ..] => "UTF-16BE",
            [0x1f, 0x8b, ..] => "gzip",
            [b'P', b'K', 3, 4, ..] => "a ZIP archive, as of a spreadsheet",
            [a, 0, b, 0, ..] if a != 0 && b != 0 => "UTF-16LE",
            [0, a, 0, b, ..] if a != 0 && b != 0 => "UTF-16BE",
            _ => return Ok(()),
        };
        Err(Fault::Encoding { found }.into())
    }

    fn next(&mut self) -> Result<Option<Line>, Failure> {
        let mut blank = 0;
        loop {
            let mut line = Vec::new();
            let read = self.reader.by_ref().take(LONGEST as u64 + 1).read_until(b'\n', &mut line);
            if read.map_err(Failure::Read)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            let number = self.number;
            if self.reader.limit() == 0 {
                return Err(Fault::TooLarge { expected: self.largest }.into());
            }
            if number == 1 && line.iter().filter(|byte| **byte == b'\r').nth(2).is_some() {
                return Err(Fault::LineEnds.into());
            }
            if line.len() > LONGEST {
                return Err(Fault::LongLine { line: number, expected: LONGEST }.into());
            }
            let line = String::from_utf8(line).map_err(|error| Fault::NotText {
                line: number,
                found: error.as_bytes()[error.utf8_error().valid_up_to()],
            })?;
            let line = line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
            if !line.trim().is_empty() {
                return Ok(Some(Line { number, text: line.to_owned(), blank }));
            }
            blank += 1;
        }
    }
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
