//! The format MNIST came in: `00 00 <type> <dimensions>`, each size as a big-endian `u32`, then
//! the values; plain or gzipped.
//!
//! Strict: a file holds exactly what its header says, or it is an error that says where it differs.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::Error;

/// Unsigned bytes, the only element type of picture sets.
const UNSIGNED_BYTE: u8 = 0x08;
/// More than this is not read, whatever a header promises.
const LIMIT: u64 = 4 << 30;
/// Deflate cannot expand more than 1032-fold, so a small file cannot make us reserve much.
const DEFLATE_RATIO: u64 = 1032;

/// The content of a file.
///
/// # Shapes
/// - `values`: as `shape`, row-major; images are `[count, height, width]`, labels `[count]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// The sizes in the header.
    pub shape: Vec<usize>,
    /// The bytes after the header.
    pub values: Vec<u8>,
}

/// How a file can be wrong.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Not an IDX file at all.
    #[error("expected an IDX file (plain or gzip) that starts with `00 00 08`, found `{}`", hex(found))]
    Magic {
        /// The first bytes.
        found: [u8; 4],
    },
    /// Another element type than bytes.
    #[error("expected IDX values of type `08` (unsigned bytes), found type `{found:02x}`")]
    Type {
        /// The type code.
        found: u8,
    },
    /// Labels where images should be, or the reverse.
    #[error("expected {expected} dimensions ({}), found {found}", kind(*expected))]
    Dimensions {
        /// Three for images, one for labels.
        expected: usize,
        /// The number in the header.
        found: usize,
    },
    /// The file ends within the header.
    #[error("truncated in the header: expected {expected} bytes, found {found}")]
    Header {
        /// Length of the header.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// A size of zero.
    #[error("the shape {shape:?} holds nothing")]
    Empty {
        /// The sizes in the header.
        shape: Vec<usize>,
    },
    /// More than is ever read.
    #[error("the shape {shape:?} is more than the {} GiB that are read at most", LIMIT >> 30)]
    TooLarge {
        /// The sizes in the header.
        shape: Vec<usize>,
    },
    /// The file ends too early.
    #[error("truncated: the header promises {expected} bytes of values, found {found}")]
    Truncated {
        /// The product of the shape.
        expected: u64,
        /// Bytes there are.
        found: u64,
    },
    /// The file goes on.
    #[error("the header promises {expected} bytes of values, but more follow")]
    Trailing {
        /// The product of the shape.
        expected: u64,
    },
    /// The gzip stream is damaged.
    #[error("the gzip stream is damaged after {after} bytes of values: {cause}")]
    Gzip {
        /// Values that could be read.
        after: usize,
        /// What the decoder says.
        cause: io::Error,
    },
    /// The operating system could not read.
    #[error("{0}")]
    Read(io::Error),
}

impl Fault {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Magic { found: [b'v', b'e', b'r', b's'] } => {
                Some("the file looks like a Git LFS pointer: run `git lfs pull` where it came from".into())
            }
            Self::Dimensions { expected, .. } => {
                Some(format!("is this the file of {}?", kind(4 - *expected)))
            }
            Self::Truncated { .. } | Self::Header { .. } | Self::Gzip { .. } => {
                Some("the file is damaged: fetch it again".into())
            }
            _ => None,
        }
    }
}

fn kind(dimensions: usize) -> &'static str {
    if dimensions == 1 { "labels" } else { "images" }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// Reads images: `[count, height, width]`.
pub fn images(path: &Path) -> Result<Array, Error> {
    read(path, 3)
}

/// Reads labels: `[count]`.
pub fn labels(path: &Path) -> Result<Array, Error> {
    read(path, 1)
}

fn read(path: &Path, dimensions: usize) -> Result<Array, Error> {
    let file = File::open(path).map_err(|cause| Error::io(path, cause))?;
    let stored = file.metadata().map_err(|cause| Error::io(path, cause))?.len();
    parse(file, stored, dimensions).map_err(|fault| match fault {
        Fault::Read(cause) => Error::io(path, cause),
        fault => Error::Idx { path: path.to_owned(), fault },
    })
}

/// Reads an array from `reader`, which holds about `stored` bytes (used only to bound what is
/// reserved up front).
pub fn parse(mut reader: impl Read, stored: u64, dimensions: usize) -> Result<Array, Fault> {
    let mut start = [0; 2];
    let found = fill(&mut reader, &mut start).map_err(Fault::Read)?;
    let whole: Chain<_, _> = Cursor::new(start).take(found as u64).chain(reader);
    if start == [0x1f, 0x8b] {
        parse_plain(
            MultiGzDecoder::new(whole),
            stored.saturating_mul(DEFLATE_RATIO),
            dimensions,
            |after, cause| Fault::Gzip { after, cause },
        )
    } else {
        parse_plain(whole, stored, dimensions, |_, cause| Fault::Read(cause))
    }
}

fn parse_plain(
    mut reader: impl Read,
    bound: u64,
    dimensions: usize,
    failed: impl Fn(usize, io::Error) -> Fault,
) -> Result<Array, Fault> {
    let shape = header(&mut reader, dimensions, &failed)?;
    let expected = shape
        .iter()
        .try_fold(1_u64, |product, &size| product.checked_mul(size as u64))
        .filter(|&bytes| bytes <= LIMIT)
        .ok_or_else(|| Fault::TooLarge { shape: shape.clone() })?;
    if expected == 0 {
        return Err(Fault::Empty { shape });
    }

    let mut values = Vec::new();
    values
        .try_reserve_exact(expected.min(bound) as usize)
        .map_err(|_| Fault::Read(io::ErrorKind::OutOfMemory.into()))?;
    let done = reader.by_ref().take(expected).read_to_end(&mut values);
    done.map_err(|cause| failed(values.len(), cause))?;
    if (values.len() as u64) < expected {
        return Err(Fault::Truncated { expected, found: values.len() as u64 });
    }
    // One byte more: there must be none, and asking makes gzip compare its checksum.
    match fill(&mut reader, &mut [0]) {
        Ok(0) => Ok(Array { shape, values }),
        Ok(_) => Err(Fault::Trailing { expected }),
        Err(cause) => Err(failed(values.len(), cause)),
    }
}

fn header(
    reader: &mut impl Read,
    dimensions: usize,
    failed: &impl Fn(usize, io::Error) -> Fault,
) -> Result<Vec<usize>, Fault> {
    let mut magic = [0; 4];
    let found = fill(reader, &mut magic).map_err(|cause| failed(0, cause))?;
    if found < 4 {
        return Err(Fault::Header { expected: 4 + 4 * dimensions, found });
    }
    if magic[..2] != [0, 0] {
        return Err(Fault::Magic { found: magic });
    }
    if magic[2] != UNSIGNED_BYTE {
        return Err(Fault::Type { found: magic[2] });
    }
    if usize::from(magic[3]) != dimensions {
        return Err(Fault::Dimensions { expected: dimensions, found: magic[3].into() });
    }
    let mut sizes = vec![0; 4 * dimensions];
    let found = fill(reader, &mut sizes).map_err(|cause| failed(0, cause))?;
    if found < sizes.len() {
        return Err(Fault::Header { expected: 4 + sizes.len(), found: 4 + found });
    }
    let (sizes, _) = sizes.as_chunks();
    Ok(sizes.iter().map(|&size| u32::from_be_bytes(size) as usize).collect())
}

/// Reads until `buffer` is full or the input ends; returns how much there was.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(filled)
}
