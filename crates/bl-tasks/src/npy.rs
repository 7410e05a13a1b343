//! The array files of numpy, streamed: Afro-MNIST's 376 MB of `f64` become 47 MB of bytes without ever
//! being whole in memory.
//!
//! Pixels are numbers from 0 to 255, or from 0 to 1, which are multiplied by 255: the extent of a whole file decides.
//! Fractions are rounded to the nearest, halves up.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::Error;
use crate::foreign::Start;
use crate::grey::{Extent, Reading, Unclear};

mod element;
mod header;

pub use element::Element;
pub use header::Header;

/// More pixels than this are not read, whatever a header promises.
const LIMIT: u64 = 1 << 30;
/// Bytes read at a time: a multiple of every element's size.
const CHUNK: usize = 1 << 20;

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
}

impl Fault {
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

/// An open file whose header is read and whose length agrees with it.
#[derive(Debug)]
pub struct Npy {
    path: PathBuf,
    file: File,
    /// What the file says of its values.
    pub header: Header,
}

impl Npy {
    /// Opens a file and reads its header.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut file = File::open(path).map_err(|cause| Error::io(path, cause))?;
        let length = file.metadata().map_err(|cause| Error::io(path, cause))?.len();
        let header = Header::read(&mut file).map_err(|fault| Error::npy(path, fault))?;
        check_length(&header, length).map_err(|fault| Error::npy(path, fault))?;
        Ok(Self { path: path.to_owned(), file, header })
    }

    /// All values as pixels, row-major.
    pub fn pixels(&mut self) -> Result<Vec<u8>, Error> {
        self.grey().map(|(pixels, _)| pixels)
    }

    /// As [`Self::pixels`], with how the numbers were read.
    pub(crate) fn grey(&mut self) -> Result<(Vec<u8>, Reading), Error> {
        self.read_grey().map_err(|error| match error {
            Error::Npy { path, fault: Fault::Value { expected, found, index, .. } } if found.is_finite() => {
                let range = self.range();
                Error::Npy { path, fault: Fault::Value { expected, found, index, range } }
            }
            other => other,
        })
    }

    /// The smallest and the largest value.
    fn range(&mut self) -> Option<(f64, f64)> {
        let mut extent = Extent::NONE;
        self.each("", |value| {
            extent.take(value);
            true
        })
        .ok()?;
        Some((extent.least, extent.most))
    }

    fn read_grey(&mut self) -> Result<(Vec<u8>, Reading), Error> {
        const EXPECTED: &str = "a pixel from 0 to 255";
        let real = self.header.element.is_float();
        let mut extent = Extent::NONE;
        if real {
            self.each(EXPECTED, |value| {
                extent.take(value);
                Reading::may_be(value)
            })?;
        }
        let unclear = |unclear: Unclear| Error::npy(&self.path, unclear.into());
        let mut reading = if real { Reading::of(real, extent).map_err(unclear)? } else { Reading::Bytes };
        let mut pixels = Vec::with_capacity(self.header.shape.iter().product());
        self.each(EXPECTED, |value| {
            pixels.push(reading.grey(value));
            reading.takes(value)
        })?;
        if !real {
            reading = Reading::of_bytes(&pixels);
            reading.apply(&mut pixels);
        }
        if self.header.fortran_order {
            pixels = row_major(&pixels, &self.header.shape);
        }
        Ok((pixels, reading))
    }

    /// All values as labels.
    pub fn labels(&mut self) -> Result<Vec<u8>, Error> {
        if self.header.shape.len() != 1 {
            let (expected, found) = ("labels of shape [count]".into(), self.header.shape.clone());
            return Err(Error::npy(&self.path, Fault::Shape { expected, found }));
        }
        let mut labels = Vec::with_capacity(self.header.shape[0]);
        self.each("a whole number from 0 to 255", |value| {
            labels.push(value as u8);
            (0.0..=255.0).contains(&value) && value.fract() == 0.0
        })?;
        Ok(labels)
    }

    /// Hands all values in turn to `accept`; the first that it refuses is an error.
    fn each(&mut self, expected: &'static str, mut accept: impl FnMut(f64) -> bool) -> Result<(), Error> {
        let Self { path, file, header } = self;
        let result = values(file, header, |index, value| {
            if accept(value) {
                return Ok(());
            }
            Err(Fault::Value { expected, found: value, index: position(index, header), range: None })
        });
        result.map_err(|fault| Error::npy(path, fault))
    }
}

fn check_length(header: &Header, length: u64) -> Result<(), Fault> {
    let shape = || header.shape.clone();
    let count = header
        .shape
        .iter()
        .try_fold(1_u64, |product, &size| product.checked_mul(size as u64))
        .filter(|&count| count <= LIMIT)
        .ok_or_else(|| Fault::TooLarge { shape: shape() })?;
    if count == 0 {
        return Err(Fault::Shape { expected: "at least one value".into(), found: shape() });
    }
    let expected = count * header.element.size() as u64;
    let found = length.saturating_sub(header.offset);
    if found != expected {
        return Err(Fault::Length { expected, found });
    }
    Ok(())
}

fn values(
    file: &mut File,
    header: &Header,
    mut each: impl FnMut(usize, f64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    file.seek(SeekFrom::Start(header.offset)).map_err(Fault::Read)?;
    let total = header.shape.iter().product::<usize>() * header.element.size(); // equals the file's length
    let mut bytes = vec![0; CHUNK.min(total)];
    let mut numbers = Vec::new();
    let mut index = 0;
    let mut left = total;
    while left > 0 {
        let chunk = &mut bytes[..CHUNK.min(left)];
        file.read_exact(chunk).map_err(Fault::Read)?;
        header.element.decode(chunk, &mut numbers);
        for &number in &numbers {
            each(index, number)?;
            index += 1;
        }
        left -= chunk.len();
    }
    Ok(())
}

/// The place of the `index`th value of a file.
fn position(mut index: usize, header: &Header) -> Vec<usize> {
    let mut at = |&size: &usize| {
        let at = index % size;
        index /= size;
        at
    };
    if header.fortran_order {
        return header.shape.iter().map(at).collect();
    }
    let mut position: Vec<usize> = header.shape.iter().rev().map(&mut at).collect();
    position.reverse();
    position
}

/// Values whose first index is the fastest, with the last as the fastest.
fn row_major(values: &[u8], shape: &[usize]) -> Vec<u8> {
    let strides = shape.iter().scan(1, |next, &size| {
        let stride = *next;
        *next *= size;
        Some(stride)
    });
    let strides: Vec<usize> = strides.collect();
    let (mut index, mut from) = (vec![0; shape.len()], 0);
    let mut next = |_| {
        let value = values[from];
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            from += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            from -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
        value
    };
    (0..values.len()).map(&mut next).collect()
}
