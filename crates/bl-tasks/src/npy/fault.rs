//! How an array file can be wrong, and what to do about it.

use std::io;

use super::{Element, LIMIT};
use crate::foreign::Start;
use crate::grey::Unclear;

/// How a file can be wrong.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Not an NPY file.
    #[error("expected an NPY file that starts with `\\x93NUMPY`, found {found}")]
    Magic {
        /// The first bytes.
        found: Start,
    },
    /// A version of the format that this program does not know.
    #[error("expected NPY version 1, 2 or 3, found {found}")]
    Version {
        /// The major version.
        found: u8,
    },
    /// A header of unreasonable length.
    #[error("expected a header of at most {expected} bytes, found {found}")]
    LongHeader {
        /// The longest that is read.
        expected: usize,
        /// The length in the file.
        found: usize,
    },
    /// The file ends within the header.
    #[error("truncated in the header")]
    TruncatedHeader,
    /// The header cannot be understood.
    #[error("the header is not a dictionary of `descr`, `fortran_order` and `shape`")]
    NotADictionary,
    /// Not a plain number.
    #[error("expected values of type {}, found `{found}`", Element::KNOWN)]
    Element {
        /// The `descr` entry.
        found: String,
    },
    /// Objects of Python, which would have to be unpickled.
    #[error(
        "expected numbers or texts, found Python objects (dtype `object`), as in a list of arrays of several lengths"
    )]
    Objects,
    /// Values of an archive take more memory than is allowed.
    #[error("the shape {shape:?} takes {needed} bytes of memory, {limit} are left of the limit")]
    Memory {
        /// The shape in the header.
        shape: Vec<usize>,
        /// With all values in memory.
        needed: u64,
        /// What may still be taken.
        limit: u64,
    },
    /// Fractions of an unclear range.
    #[error(transparent)]
    Unclear(#[from] Unclear),
    /// A shape that is neither pictures nor labels.
    #[error("expected {expected}, found the shape {found:?}")]
    Shape {
        /// What was wanted.
        expected: String,
        /// The shape in the header.
        found: Vec<usize>,
    },
    /// More than is ever read.
    #[error("the shape {shape:?} is more than the {} Gi values that are read at most", LIMIT >> 30)]
    TooLarge {
        /// The shape in the header.
        shape: Vec<usize>,
    },
    /// The file's length is not what the header promises.
    #[error("the header promises {expected} bytes of values, found {found}")]
    Length {
        /// From type and shape.
        expected: u64,
        /// From the length of the file.
        found: u64,
    },
    /// A value that is neither a pixel nor a label.
    #[error("expected {expected}, found `{found}` at {index:?}")]
    Value {
        /// What was wanted.
        expected: &'static str,
        /// The value.
        found: f64,
        /// Where it is, as in numpy.
        index: Vec<usize>,
        /// The smallest and the largest value of the file, if they are known.
        range: Option<(f64, f64)>,
    },
    /// The operating system could not read.
    #[error("{0}")]
    Read(io::Error),
}

impl Fault {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Magic { found } if found.bytes().starts_with(b"PK") => {
                "an .npz archive holds several arrays: save the one you want with `numpy.save`"
            }
            Self::Magic { found } => found.hint()?,
            Self::Element { .. } => "save it again with `numpy.save(path, array.astype(\"float32\"))`",
            Self::Objects => {
                "fill the shorter ones up to one length (`numpy.zeros([trials, longest, channels])`), and say in `lengths` how many \
                 steps each trial has"
            }
            Self::Memory { .. } => "BL_MAX_MEMORY=8GiB raises the limit; or give fewer trials",
            Self::TruncatedHeader | Self::Length { .. } => "the file is damaged: fetch it again",
            Self::Unclear(unclear) => return Some(unclear.hint()),
            Self::Value { range: Some((least, most)), .. } => return Some(to_grey(*least, *most)),
            Self::TooLarge { .. } => "give it in several files",
            Self::Shape { found, .. } if matches!(**found, [_, 1 | 3, _, _]) => {
                "put the colours last: `numpy.save(path, array.transpose(0, 2, 3, 1))`"
            }
            Self::Shape { found, .. } if matches!(**found, [_, _, _, 2 | 4]) => {
                "leave out the alpha channel: `numpy.save(path, array[..., :-1])`"
            }
            _ => return None,
        };
        Some(hint.into())
    }

    /// An array that is not of images.
    pub(crate) fn images(found: Vec<usize>) -> Self {
        Self::Shape {
            expected: "images of shape [count, height, width] or [count, height, width, 3]".into(),
            found,
        }
    }
}

/// How pixels of another range are brought to 0 to 255, or 0 to 1.
fn to_grey(least: f64, most: f64) -> String {
    match (least, most) {
        (0.0.., 255.0..65_536.0) => {
            let bits = (most as u64).ilog2() + 1; // above 255: 8 at least
            let largest = (1_u32 << bits) - 1;
            format!(
                "values to {largest} ({bits} bits) are brought to 0..255 with `(array / {largest} * 255).round().astype(\"uint8\")`"
            )
        }
        (-1.01..=-0.99, ..=1.01) => "values from -1 to 1 are brought to 0..1 with `(array + 1) / 2`".into(),
        (-128.0..=-64.0, ..=127.0) => {
            "values from -128 to 127 are brought to 0..255 with `(array.astype(\"int16\") + 128).astype(\"uint8\")`"
                .into()
        }
        (..0.0, _) => format!(
            "the values are {least} to {most}: undo the standardisation, as in `array * std + mean` with those of the pixels \
             from 0 to 1"
        ),
        _ => "bring the values to 0..1, as in `array / array.max()`".into(),
    }
}
