//! The start of an NPY file: magic, version, and a Python dictionary of three entries.

use std::io::{self, Read};

use super::{Element, Fault};
use crate::foreign::{ENOUGH, Start};

/// A real header is about a hundred bytes; version 2 allows 4 GiB of it.
const LONGEST: usize = 64 << 10;

/// What a file says of its values, with the name of their type as it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Raw {
    pub(crate) descr: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) fortran_order: bool,
    pub(crate) offset: u64,
}

/// What a file says of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The type of a value.
    pub element: Element,
    /// The sizes, as numpy shows them.
    pub shape: Vec<usize>,
    /// Whether the first index is the fastest in the file, and not the last.
    pub fortran_order: bool,
    /// Where the values begin, in bytes from the start of the file.
    pub offset: u64,
}

impl Raw {
    pub(crate) fn read(reader: &mut impl Read) -> Result<Self, Fault> {
        let mut start = Vec::new();
        reader.take(8).read_to_end(&mut start).map_err(Fault::Read)?; // magic (6), version (2)
        if !start.starts_with(b"\x93NUMPY") && !b"\x93NUMPY".starts_with(&start) {
            reader.take(ENOUGH as u64).read_to_end(&mut start).map_err(Fault::Read)?;
            return Err(Fault::Magic { found: Start::new(&start) });
        }
        if start.len() < 8 {
            return Err(Fault::TruncatedHeader);
        }
        let (length, offset) = match start[6] {
            1 => {
                let mut length = [0; 2];
                exactly(reader, &mut length)?;
                (usize::from(u16::from_le_bytes(length)), 10)
            }
            2 | 3 => {
                let mut length = [0; 4];
                exactly(reader, &mut length)?;
                (u32::from_le_bytes(length) as usize, 12)
            }
            found => return Err(Fault::Version { found }),
        };
        if length > LONGEST {
            return Err(Fault::LongHeader { expected: LONGEST, found: length });
        }
        let mut text = vec![0; length];
        exactly(reader, &mut text)?;
        let text = String::from_utf8(text).map_err(|_| Fault::NotADictionary)?;
        let dictionary = Dictionary::parse(&text).ok_or(Fault::NotADictionary)?;
        let Dictionary { descr, shape, fortran_order } = dictionary;
        Ok(Self { descr: descr.into(), shape, fortran_order, offset: offset + length as u64 })
    }
}

impl Header {
    pub(super) fn read(reader: &mut impl Read) -> Result<Self, Fault> {
        let Raw { descr, shape, fortran_order, offset } = Raw::read(reader)?;
        let element = Element::from_descr(&descr).ok_or(Fault::Element { found: descr })?;
        Ok(Self { element, shape, fortran_order, offset })
    }
}

fn exactly(reader: &mut impl Read, buffer: &mut [u8]) -> Result<(), Fault> {
    reader.read_exact(buffer).map_err(|cause| match cause.kind() {
        io::ErrorKind::UnexpectedEof => Fault::TruncatedHeader,
        _ => Fault::Read(cause),
    })
}

/// `{'descr': '<f8', 'fortran_order': False, 'shape': (60000, 28, 28), }`
struct Dictionary<'a> {
    descr: &'a str,
    fortran_order: bool,
    shape: Vec<usize>,
}

impl<'a> Dictionary<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
        while !rest.is_empty() {
            let (key, value) = rest.split_once(':')?;
            let value = value.trim_start();
            let end = value_end(value)?;
            let (value, after) = value.split_at(end);
            match unquote(key)? {
                "descr" => descr = Some(unquote(value).unwrap_or(value)), // a list: a record type
                "fortran_order" => fortran_order = Some(boolean(value)?),
                "shape" => shape = Some(tuple(value)?),
                _ => return None,
            }
            let after = after.trim_start();
            rest = match after.strip_prefix(',') {
                Some(after) => after.trim_start(),
                None if after.is_empty() => after,
                None => return None,
            };
        }
        Some(Self { descr: descr?, fortran_order: fortran_order?, shape: shape? })
    }
}

/// Length of the value that `text` begins with: up to a comma outside brackets and quotes.
fn value_end(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0_usize, None);
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.checked_sub(1)?,
            (None, ',') if depth == 0 => return Some(i),
            _ => {}
        }
    }
    (depth == 0 && quote.is_none()).then_some(text.len())
}

fn unquote(text: &str) -> Option<&str> {
    let text = text.trim();
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text.strip_prefix(quote)?.strip_suffix(quote)
}

fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "True" => Some(true),
        "False" => Some(false),
        _ => None,
    }
}

fn tuple(text: &str) -> Option<Vec<usize>> {
    let inside = text.trim().strip_prefix('(')?.strip_suffix(')')?.trim();
    let inside = inside.strip_suffix(',').unwrap_or(inside);
    if inside.is_empty() {
        return Some(Vec::new());
    }
    inside.split(',').map(|size| size.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_are_read_as_numpy_writes_them() {
        fn check(text: &str, expected: Option<(&str, bool, &[usize])>) {
            let found = Dictionary::parse(text);
            let found = found.as_ref().map(|d| (d.descr, d.fortran_order, d.shape.as_slice()));
            assert_eq!(found, expected, "{text}");
        }
        check(
            "{'descr': '<f8', 'fortran_order': False, 'shape': (60000, 28, 28), }     \n",
            Some(("<f8", false, &[60000, 28, 28])),
        );
        check("{'descr': '|u1', 'fortran_order': True, 'shape': (3,), }", Some(("|u1", true, &[3])));
        check("{\"shape\": (), \"fortran_order\": False, \"descr\": \">i4\"}", Some((">i4", false, &[])));
        check(
            "{'descr': [('x', '<f8'), ('y', '<f8')], 'fortran_order': False, 'shape': (1,)}",
            Some(("[('x', '<f8'), ('y', '<f8')]", false, &[1])),
        );
        check("", None);
        check("{", None);
        check("{}", None);
        check("{'descr': '<f8', 'fortran_order': False, 'shape': (1, -2)}", None);
        check("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}", None);
        check("{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}", None);
        check("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'more': 1}", None);
        check("{'descr': '<f8' 'fortran_order': False, 'shape': (1,)}", None);
        check("{'descr': '<f8', 'shape': (1,))}", None);
    }
}
