//! The array files of numpy, streamed: Afro-MNIST's 376 MB of `f64` become 47 MB of bytes without ever
//! being whole in memory.
//!
//! Pixels are numbers from 0 to 255, or from 0 to 1, which are multiplied by 255: the extent of a whole file decides.
//! Fractions are rounded to the nearest, halves up.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::Error;
use crate::grey::{Extent, Reading, Unclear};

mod element;
mod fault;
mod header;

pub use element::Element;
pub use fault::Fault;
pub use header::Header;
pub(crate) use header::Raw;

/// More pixels than this are not read, whatever a header promises.
const LIMIT: u64 = 1 << 30;
/// Bytes read at a time: a multiple of every element's size.
const CHUNK: usize = 1 << 20;

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
pub(crate) fn row_major<T: Clone>(values: &[T], shape: &[usize]) -> Vec<T> {
    let strides = shape.iter().scan(1, |next, &size| {
        let stride = *next;
        *next *= size;
        Some(stride)
    });
    let strides: Vec<usize> = strides.collect();
    let (mut index, mut from) = (vec![0; shape.len()], 0);
    let mut next = |_| {
        let value = values[from].clone();
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
