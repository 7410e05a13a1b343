//! A series from a text file: a line per sample, in one of its columns.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::{Fault, Series};
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
/// order) the first line has, and may be in double quotes; blank lines are skipped.
pub fn read_csv(path: &Path, column: Column) -> Result<Series, Error> {
    let file = File::open(path).map_err(|cause| Error::io(path, cause))?;
    let failed = |failure| match failure {
        Failure::Read(cause) => Error::io(path, cause),
        Failure::Fault(fault) => Error::SeriesFile { path: path.to_owned(), fault },
    };
    let (name, values) = parse(BufReader::new(file), LARGEST, column).map_err(failed)?;
    let name = name.unwrap_or_else(|| path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
    Series::new(name, values).map_err(|fault| failed(Failure::Fault(fault)))
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

/// The name of the column, if it has one, and its values: `[samples]`.
fn parse(reader: impl BufRead, largest: u64, column: Column) -> Result<(Option<String>, Vec<f64>), Failure> {
    let mut lines = Lines { reader: reader.take(largest + 1), number: 0, largest };
    let Some(first) = lines.next()? else { return Err(Fault::Empty.into()) };
    let delimiter = delimiter(&first);
    let cells = split(&first, delimiter);
    let header = is_header(&cells, column);
    let place = place(&cells, header, column)?;
    let name = header.then(|| cells[place].clone()).filter(|name| !name.is_empty());
    let called = name.as_ref().map_or_else(|| (place + 1).to_string(), |name| format!("`{name}`"));

    let mut values = Vec::new();
    let mut take = |line: usize, row: &[String]| {
        if row.len() != cells.len() {
            return Err(Fault::Cells { line, expected: cells.len(), found: row.len() });
        }
        let value = row[place].parse::<f64>().ok().filter(|value| value.is_finite());
        let found = || row[place].chars().take(40).collect();
        values.push(value.ok_or_else(|| Fault::Value { line, column: called.clone(), found: found() })?);
        Ok(())
    };
    if !header {
        take(lines.number, &cells)?;
    }
    while let Some(line) = lines.next()? {
        take(lines.number, &split(&line, delimiter))?;
    }
    Ok((name, values))
}

/// Whether the first line has names: that which is looked for, or no number at all.
fn is_header(cells: &[String], column: Column) -> bool {
    let asked_for = |cell: &String| column == Column::Named(cell);
    let is_number = |cell: &String| cell.parse::<f64>().is_ok();
    cells.iter().any(asked_for) || (!cells.iter().any(is_number) && cells.iter().any(|cell| !cell.is_empty()))
}

/// The index of the column.
fn place(cells: &[String], header: bool, column: Column) -> Result<usize, Fault> {
    match column {
        Column::Only if cells.len() == 1 => Ok(0),
        Column::Only if header => Err(Fault::Choice { found: cells.to_vec() }),
        Column::Only => Err(Fault::Choice { found: vec![String::new(); cells.len()] }),
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

/// Lines that are not blank, with their numbers.
struct Lines<R> {
    reader: io::Take<R>,
    number: usize,
    largest: u64,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<String>, Failure> {
        loop {
            let mut line = Vec::new();
            let read = self.reader.by_ref().take(LONGEST as u64 + 1).read_until(b'\n', &mut line);
            if read.map_err(Failure::Read)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.reader.limit() == 0 {
                return Err(Fault::TooLarge { expected: self.largest }.into());
            }
            if line.len() > LONGEST {
                return Err(Fault::LongLine { line: self.number, expected: LONGEST }.into());
            }
            let line = String::from_utf8(line).map_err(|_| Fault::NotText { line: self.number })?;
            let line = line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
            if !line.trim().is_empty() {
                return Ok(Some(line.to_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let text = "1\n2\n3\n4\n5\n";
        assert_eq!(parse(text.as_bytes(), 10, Column::Only).unwrap().1.len(), 5);
        let Err(Failure::Fault(fault)) = parse(text.as_bytes(), 9, Column::Only) else { panic!() };
        assert_eq!(fault.to_string(), "expected a file of at most 9 bytes, found more");
    }

    #[test]
    fn cells_may_be_quoted() {
        let cells = split(r#" "a, b" ,"say ""so""", 1.5,, 5" "#, ',');
        assert_eq!(cells, ["a, b", "say \"so\"", "1.5", "", "5\""]);
    }
}
