//! An array of an archive: numbers or texts, streamed.

use std::io::{self, Read};

use crate::npy::{Element, Fault, Raw, row_major};

/// Bytes read at a time: a multiple of every number's size.
const CHUNK: usize = 1 << 20;
/// Letters of a text, at most.
const LONGEST: usize = 4096;

/// An array, row-major.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Array {
    pub(super) shape: Vec<usize>,
    pub(super) values: Values,
}

/// What is in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Values {
    Numbers(Vec<f64>),
    Texts(Vec<String>),
}

/// The type of a value.
enum Type {
    Number(Element),
    /// `<U12`: so many letters of four bytes.
    Letters {
        count: usize,
        big_endian: bool,
    },
    /// `|S12`
    Bytes {
        count: usize,
    },
}

impl Type {
    fn of(descr: &str) -> Result<Self, Fault> {
        let unknown = || Fault::Element { found: descr.to_owned() };
        if descr.ends_with(['O', 'o']) && descr.len() <= 2 {
            return Err(Fault::Objects);
        }
        if let Some(element) = Element::from_descr(descr) {
            return Ok(Self::Number(element));
        }
        let (order, kind) = descr.split_at_checked(1).ok_or_else(unknown)?;
        let (kind, count) = kind.split_at_checked(1).ok_or_else(unknown)?;
        let count: usize =
            count.parse().ok().filter(|count| (1..=LONGEST).contains(count)).ok_or_else(unknown)?;
        match (kind, order) {
            ("U", "<" | ">") => Ok(Self::Letters { count, big_endian: order == ">" }),
            ("S", "|") => Ok(Self::Bytes { count }),
            _ => Err(unknown()),
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Number(element) => element.size(),
            Self::Letters { count, .. } => 4 * count,
            Self::Bytes { count } => *count,
        }
    }

    /// In memory.
    fn kept(&self) -> u64 {
        match self {
            Self::Number(_) => 8,
            Self::Letters { count, .. } | Self::Bytes { count } => (size_of::<String>() + count) as u64,
        }
    }
}

/// Reads an array of so many bytes, header included; what it takes of memory is taken from `room`.
pub(super) fn read(reader: &mut impl Read, length: u64, room: &mut u64) -> Result<Array, Fault> {
    let Raw { descr, shape, fortran_order, offset } = Raw::read(reader)?;
    let kind = Type::of(&descr)?;
    let count = shape.iter().try_fold(1_u64, |all, &size| all.checked_mul(size as u64));
    let needed = count.and_then(|count| count.checked_mul(kind.kept() * if fortran_order { 2 } else { 1 }));
    let (Some(count), Some(needed)) = (count, needed.filter(|needed| needed <= room)) else {
        return Err(Fault::Memory { shape, needed: needed.unwrap_or(u64::MAX), limit: *room });
    };
    if count == 0 {
        return Err(Fault::Shape { expected: "at least one value".into(), found: shape });
    }
    let (expected, found) = (count.saturating_mul(kind.size() as u64), length.saturating_sub(offset));
    if expected != found {
        return Err(Fault::Length { expected, found });
    }
    *room -= needed;
    let values = match kind {
        Type::Number(element) => {
            let (mut all, mut some) = (Vec::new(), Vec::new());
            each_part(reader, expected, CHUNK, |bytes| {
                element.decode(bytes, &mut some);
                all.extend_from_slice(&some);
            })?;
            Values::Numbers(if fortran_order { row_major(&all, &shape) } else { all })
        }
        Type::Letters { big_endian, .. } => {
            let letter = |bytes: &[u8; 4]| {
                let code = if big_endian { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) };
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            };
            let text = |bytes: &[u8]| bytes.as_chunks::<4>().0.iter().map(letter).collect::<String>();
            Values::Texts(texts(reader, expected, kind.size(), text, fortran_order, &shape)?)
        }
        Type::Bytes { count } => {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            Values::Texts(texts(reader, expected, count, text, fortran_order, &shape)?)
        }
    };
    Ok(Array { shape, values })
}

/// Texts of `size` bytes each, without the zeros that fill them up.
fn texts(
    reader: &mut impl Read,
    total: u64,
    size: usize,
    text: impl Fn(&[u8]) -> String,
    fortran_order: bool,
    shape: &[usize],
) -> Result<Vec<String>, Fault> {
    let mut all = Vec::new();
    each_part(reader, total, CHUNK / size * size, |bytes| {
        all.extend(bytes.chunks_exact(size).map(|bytes| text(bytes).trim_end_matches('\0').to_owned()));
    })?;
    Ok(if fortran_order { row_major(&all, shape) } else { all })
}

fn each_part(
    reader: &mut impl Read,
    total: u64,
    size: usize,
    mut take: impl FnMut(&[u8]),
) -> Result<(), Fault> {
    let mut bytes = vec![0; size.min(total as usize)];
    let mut left = total;
    while left > 0 {
        let part = &mut bytes[..(size as u64).min(left) as usize];
        reader.read_exact(part).map_err(|cause| match cause.kind() {
            io::ErrorKind::UnexpectedEof => Fault::Length { expected: total, found: total - left },
            _ => Fault::Read(cause),
        })?;
        take(part);
        left -= part.len() as u64;
    }
    Ok(())
}
