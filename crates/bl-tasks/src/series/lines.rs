//! Lines of a text file, numbered, and what is no text.

use std::io::{BufRead, Read, Take};

use super::Fault;
use super::rows::Failure;
use crate::foreign::Start;

/// A longer line is not read.
const LONGEST: usize = 1 << 20;

/// A line that is not blank.
pub(crate) struct Line {
    pub number: usize,
    pub text: String,
    /// How many blank ones are before it.
    pub blank: usize,
}

/// Lines that are not blank, with their numbers.
pub(crate) struct Lines<R> {
    reader: Take<R>,
    number: usize,
    largest: u64,
    longest: usize,
}

impl<R: BufRead> Lines<R> {
    /// Of a file of at most so many bytes.
    pub(crate) fn new(reader: R, largest: u64) -> Self {
        Self { reader: reader.take(largest + 1), number: 0, largest, longest: LONGEST }
    }

    /// Lines may have so many bytes.
    pub(crate) fn with_long_lines(self, longest: usize) -> Self {
        Self { longest, ..self }
    }

    /// Names what is no text of 8-bit units, and no table.
    pub(crate) fn check_start(&mut self) -> Result<(), Failure> {
        let start = self.reader.fill_buf().map_err(Failure::Read)?;
        let encoding = match *start {
            [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
            [0xff, 0xfe, ..] => Some("UTF-16LE"),
            [0xfe, 0xff, ..] => Some("UTF-16BE"),
            [a, 0, b, 0, ..] if a != 0 && b != 0 => Some("UTF-16LE"),
            [0, a, 0, b, ..] if a != 0 && b != 0 => Some("UTF-16BE"),
            _ => None,
        };
        if let Some(found) = encoding {
            return Err(Fault::Encoding { found }.into());
        }
        let start = Start::new(start);
        if start.known().is_some() && !start.bytes().is_empty() {
            return Err(Fault::Foreign { start }.into());
        }
        Ok(())
    }

    pub(crate) fn next(&mut self) -> Result<Option<Line>, Failure> {
        let mut blank = 0;
        loop {
            let mut line = Vec::new();
            let read = self.reader.by_ref().take(self.longest as u64 + 1).read_until(b'\n', &mut line);
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
            if line.len() > self.longest {
                return Err(Fault::LongLine { line: number, expected: self.longest }.into());
            }
            if line.contains(&0) {
                return Err(Fault::NotText { line: number, found: 0 }.into());
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
