//! Pictures as text: one line each, a number per pixel, rows one after the other.
//!
//! A first line of names is optional. Only if its first name is `label` is the first column a
//! class and not a pixel.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use bl_core::io::InputSchema;

use super::{Each, NamedPicture, array};
use crate::grey::{Extent, Reading, Unclear};
use crate::{Error, picture};

/// Longest text of one number with its comma and generous spaces; names in the first line, too.
const LONGEST_CELL: usize = 64;
/// Pixels of a file: they are all in memory until it is known what they mean.
const MOST_PIXELS: usize = 1 << 29;

/// How a line can be wrong.
#[derive(Debug, PartialEq, thiserror::Error)]
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
    #[error("expected a number from 0 to 255 in column {column}, found `{found}`")]
    Value {
        /// Counted from 1.
        column: usize,
        /// The cell (its beginning).
        found: String,
    },
    /// A cell that is no label.
    #[error("expected a label, a whole number from 0 to 255, found `{found}`")]
    Label {
        /// The cell (its beginning).
        found: String,
    },
    /// Fractions of an unclear range.
    #[error(transparent)]
    Unclear(#[from] Unclear),
    /// A line that no picture can have.
    #[error("expected a line of at most {expected} bytes, found more")]
    LongLine {
        /// The longest that is read.
        expected: usize,
    },
    /// More than is ever read.
    #[error("expected a file of at most {expected} pixels, found more")]
    TooLarge {
        /// As many are read.
        expected: usize,
    },
    /// Bytes that are not text.
    #[error("expected UTF-8 text, found other bytes")]
    NotText,
    /// Text of two bytes a letter.
    #[error("expected UTF-8 text, found UTF-16")]
    Utf16,
    /// A carriage return without a line feed.
    #[error("expected lines that end in LF or CRLF, found CR alone")]
    OldLineEnds,
    /// No picture in the file.
    #[error("expected an image, found the end of the file")]
    Empty,
}

impl Fault {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Columns { expected, found } if *found == expected + 1 => {
                "a column of labels needs a first line of names that begins with `label`"
            }
            Self::Columns { found: 1, .. } => "the columns must be separated by commas",
            Self::Unclear(unclear) => return Some(unclear.hint()),
            Self::Utf16 => "save it again as UTF-8: `iconv -f UTF-16 -t UTF-8 OLD.csv > NEW.csv`",
            Self::OldLineEnds => {
                "save it again with the line ends of today: `tr '\\r' '\\n' < OLD.csv > NEW.csv`"
            }
            Self::NotText => "save it again as UTF-8 text",
            Self::TooLarge { .. } => "give it in several files",
            _ => return None,
        };
        Some(hint.into())
    }
}

/// The numbers of all lines, and how they are to be read.
pub(crate) struct Table {
    /// The number of each line that has an image, counted from 1.
    pub(crate) lines: Vec<usize>,
    /// A class for each image, if the file says it.
    pub(crate) labels: Option<Vec<u8>>,
    /// `[images, pixels]`
    pub(crate) pixels: Vec<u8>,
    pub(crate) reading: Reading,
}

/// Reads all pictures of a file.
pub(super) fn read(path: &Path, input: &InputSchema) -> Result<Vec<Each>, Error> {
    let table = table(path, Some(input.len()))?;
    picture::check_arrays(&table.pixels, input).map_err(|fault| Error::picture(path, fault))?;
    let images = table.pixels.chunks_exact(input.len()).zip(&table.lines).enumerate();
    let picture = |(i, (pixels, line)): (usize, (&[u8], &usize))| {
        let picture = array(path, &format!(":{line}"), pixels, input, table.reading)?;
        Ok(NamedPicture { label: table.labels.as_ref().map(|labels| labels[i]), ..picture })
    };
    Ok(images.map(picture).collect())
}

/// Reads a file of images that have so many pixels, or as many as the first line has.
pub(crate) fn table(path: &Path, pixels: Option<usize>) -> Result<Table, Error> {
    let file = File::open(path).map_err(|cause| Error::io(path, cause))?;
    let longest = pixels.unwrap_or(1 << 16).saturating_add(1).saturating_mul(LONGEST_CELL);
    let mut lines = Lines { reader: BufReader::new(file), longest, number: 0 };
    let mut columns: Option<Columns> = None;
    let (mut numbers, mut of_lines, mut labels) = (Vec::<f32>::new(), Vec::new(), Vec::new());
    let mut extent = Extent::NONE;
    while let Some(line) = lines.next(path)? {
        let failed = |fault| Error::Csv { path: path.to_owned(), line: lines.number, fault };
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let names = columns.is_none() && is_name(cells[0]);
        let known = *columns.get_or_insert_with(|| {
            let label = names && unquoted(cells[0]).eq_ignore_ascii_case("label");
            Columns { pixels: pixels.unwrap_or(cells.len() - usize::from(label)), label }
        });
        known.check(cells.len()).map_err(failed)?;
        if names {
            continue;
        }
        if numbers.len() + known.pixels > MOST_PIXELS {
            return Err(failed(Fault::TooLarge { expected: MOST_PIXELS }));
        }
        labels.extend(known.parse(&cells, &mut numbers, &mut extent).map_err(failed)?);
        of_lines.push(lines.number);
    }
    let failed = |line, fault| Error::Csv { path: path.to_owned(), line, fault };
    if of_lines.is_empty() {
        return Err(failed(lines.number + 1, Fault::Empty));
    }
    let place = |of: &dyn Fn(f32) -> bool| {
        let index = numbers.iter().position(|&number| of(number)).unwrap_or(0);
        let known = columns.unwrap_or(Columns { pixels: 1, label: false });
        (of_lines[index / known.pixels], index % known.pixels + 1 + usize::from(known.label))
    };
    let reading = Reading::of(!extent.whole, extent)
        .map_err(|unclear| failed(place(&|number| f64::from(number) >= unclear.most).0, unclear.into()))?;
    if numbers.iter().any(|&number| !reading.takes(number.into())) {
        let (line, column) = place(&|number| !reading.takes(number.into()));
        let found = numbers.iter().find(|&&number| !reading.takes(number.into())).map(f32::to_string);
        return Err(failed(line, Fault::Value { column, found: found.unwrap_or_default() }));
    }
    let pixels = numbers.iter().map(|&number| reading.grey(number.into())).collect();
    let labels = columns.is_some_and(|columns| columns.label).then_some(labels);
    Ok(Table { lines: of_lines, labels, pixels, reading })
}

/// A cell of the first line that is a column's name, and not a number, be it a wrong one.
fn is_name(cell: &str) -> bool {
    unquoted(cell).parse::<f64>().is_err() && !cell.is_empty()
}

fn unquoted(cell: &str) -> &str {
    cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell)
}

fn beginning(cell: &str) -> String {
    cell.chars().take(40).collect()
}

#[derive(Clone, Copy)]
struct Columns {
    pixels: usize,
    label: bool,
}

impl Columns {
    fn check(self, found: usize) -> Result<(), Fault> {
        let expected = self.pixels + usize::from(self.label);
        if found == expected { Ok(()) } else { Err(Fault::Columns { expected, found }) }
    }

    /// Appends the pixels of one line; returns the label, if there is one.
    fn parse(self, cells: &[&str], numbers: &mut Vec<f32>, extent: &mut Extent) -> Result<Option<u8>, Fault> {
        let (label, pixels) = cells.split_at(usize::from(self.label));
        for (i, cell) in pixels.iter().enumerate() {
            let number = cell.parse::<f32>().ok().filter(|&number| Reading::may_be(number.into()));
            let column = label.len() + i + 1;
            let number = number.ok_or_else(|| Fault::Value { column, found: beginning(cell) })?;
            extent.take(number.into());
            numbers.push(number);
        }
        let label = label.first().map(|cell| {
            let whole = cell.parse::<f64>().ok().filter(|x| (0.0..=255.0).contains(x) && x.fract() == 0.0);
            whole.map(|x| x as u8).ok_or_else(|| Fault::Label { found: beginning(cell) })
        });
        label.transpose()
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
            if let Some(fault) = other_text(&line) {
                return Err(failed(fault));
            }
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

/// Text that other programs write: in UTF-16, with or without its mark, or in lines that end in CR.
fn other_text(line: &[u8]) -> Option<Fault> {
    let half = |odd: usize| {
        let mut bytes = line.iter().skip(odd).step_by(2).take(32).peekable();
        bytes.peek().is_some() && bytes.all(|&byte| byte == 0)
    };
    if line.starts_with(b"\xff\xfe") || line.starts_with(b"\xfe\xff") || half(0) != half(1) {
        return Some(Fault::Utf16);
    }
    let content = line.strip_suffix(b"\n").unwrap_or(line);
    let content = content.strip_suffix(b"\r").unwrap_or(content).trim_ascii_end();
    content.contains(&b'\r').then_some(Fault::OldLineEnds)
}
