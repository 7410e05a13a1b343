//! Pictures as text: one line each, a number from 0 to 255 per pixel, rows one after the other.
//!
//! A first line of names is optional. Only if its first name is `label` is the first column a
//! class and not a pixel.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use bl_core::io::InputSchema;

use super::{NamedPicture, as_it_is, file_name};
use crate::Error;

/// Longest text of one number with its comma and generous spaces; names in the first line, too.
const LONGEST_CELL: usize = 64;

/// How a line can be wrong.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Another number of columns than pixels (and label).
    #[error("expected {expected} columns, found {found}")]
    Columns {
        /// One per pixel, and one for the label if there is one.
        expected: usize,
        /// Cells in the line.
        found: usize,
    },
    /// A cell that is no pixel.
    #[error("expected a whole number from 0 to 255 in column {column}, found `{found}`")]
    Value {
        /// Counted from 1.
        column: usize,
        /// The cell (its beginning).
        found: String,
    },
    /// A line that no picture can have.
    #[error("expected a line of at most {expected} bytes, found more")]
    LongLine {
        /// The longest that is read.
        expected: usize,
    },
    /// Bytes that are not text.
    #[error("expected UTF-8 text, found other bytes")]
    NotText,
    /// No picture in the file.
    #[error("expected an image, found the end of the file")]
    Empty,
}

impl Fault {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Columns { expected, found } if *found == expected + 1 => {
                Some("a column of labels needs a first line of names that begins with `label`".into())
            }
            Self::Columns { found: 1, .. } => Some("the columns must be separated by commas".into()),
            _ => None,
        }
    }
}

/// Reads all pictures of a file.
pub(super) fn read(path: &Path, input: &InputSchema) -> Result<Vec<NamedPicture>, Error> {
    let file = File::open(path).map_err(|cause| Error::io(path, cause))?;
    let mut lines =
        Lines { reader: BufReader::new(file), longest: (input.len() + 1) * LONGEST_CELL, number: 0 };
    let (name, how) = (file_name(path), as_it_is(input));
    let mut columns = Columns { pixels: input.len(), label: false };
    let mut pictures = Vec::new();
    let mut first = true;
    while let Some(line) = lines.next(path)? {
        let failed = |fault| Error::Csv { path: path.to_owned(), line: lines.number, fault };
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        if std::mem::take(&mut first) && is_name(cells[0]) {
            columns.label = unquoted(cells[0]).eq_ignore_ascii_case("label");
            columns.check(cells.len()).map_err(failed)?;
            continue;
        }
        let (label, pixels) = columns.parse(&cells).map_err(failed)?;
        pictures.push(NamedPicture {
            name: format!("{name}:{}", lines.number),
            pixels,
            how: how.clone(),
            label,
        });
    }
    if pictures.is_empty() {
        return Err(Error::Csv { path: path.to_owned(), line: lines.number + 1, fault: Fault::Empty });
    }
    Ok(pictures)
}

/// A cell of the first line that is a column's name, and not a number, be it a wrong one.
fn is_name(cell: &str) -> bool {
    unquoted(cell).parse::<f64>().is_err() && !cell.is_empty()
}

fn unquoted(cell: &str) -> &str {
    cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell)
}

struct Columns {
    pixels: usize,
    label: bool,
}

impl Columns {
    fn check(&self, found: usize) -> Result<(), Fault> {
        let expected = self.pixels + usize::from(self.label);
        if found == expected { Ok(()) } else { Err(Fault::Columns { expected, found }) }
    }

    /// The label, if there is one, and the pixels of one line.
    fn parse(&self, cells: &[&str]) -> Result<(Option<u8>, Vec<u8>), Fault> {
        self.check(cells.len())?;
        let mut values = Vec::with_capacity(cells.len());
        for (i, cell) in cells.iter().enumerate() {
            let value = cell.parse::<u8>();
            values.push(
                value.map_err(|_| Fault::Value { column: i + 1, found: cell.chars().take(40).collect() })?,
            );
        }
        let label = self.label.then(|| values.remove(0));
        Ok((label, values))
    }
}

/// Lines that are not blank, with their numbers; a line without an end cannot fill the memory.
struct Lines<R> {
    reader: R,
    longest: usize,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self, path: &Path) -> Result<Option<String>, Error> {
        loop {
            let mut line = Vec::new();
            let longest = self.longest as u64;
            let read = self.reader.by_ref().take(longest + 1).read_until(b'\n', &mut line);
            if read.map_err(|cause| Error::io(path, cause))? == 0 {
                return Ok(None);
            }
            self.number += 1;
            let failed = |fault| Error::Csv { path: path.to_owned(), line: self.number, fault };
            if line.len() > self.longest {
                return Err(failed(Fault::LongLine { expected: self.longest }));
            }
            let text = String::from_utf8(line).map_err(|_| failed(Fault::NotText))?;
            let text = text.trim_start_matches('\u{feff}').trim(); // spreadsheets write a byte order mark
            if !text.is_empty() {
                return Ok(Some(text.to_owned()));
            }
        }
    }
}
