//! The format MNIST came in: `00 00 <type> <dimensions>`, each size as a big-endian `u32`, then
//! the values; plain or gzipped.
//!
//! Strict: a file holds exactly what its header says, or it is an error that says where it differs.

use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::Error;
use crate::foreign::{ENOUGH, Start};

mod gzip;

/// Unsigned bytes, the only element type of picture sets.
const UNSIGNED_BYTE: u8 = 0x08;
/// More than this is not read, whatever a header promises.
const LIMIT: u64 = 1 << 30;
/// Reserved at once, at most: whatever is promised, memory grows with what has come.
const RESERVED: u64 = 64 << 20;

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
    #[error(
        "expected an IDX file (plain or gzip) that starts with `00 00 08`, found {}{}",
        start(found),
        if *packed { " in the gzip file" } else { "" }
    )]
    Magic {
        /// The first bytes.
        found: Start,
        /// Whether these are the bytes after unpacking.
        packed: bool,
    },
    /// Another element type than bytes.
    #[error("expected IDX values of type `08` (unsigned bytes), found type `{found:02x}`")]
    Type {
        /// The type code.
        found: u8,
    },
    /// Labels where images should be, or the reverse.
    #[error("expected {} dimensions ({}), found {found}", if *expected == 1 { "1" } else { "3 or 4" }, kind(*expected))]
    Dimensions {
        /// Three for images (four in colour), one for labels.
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
    /// Neither grey nor colour.
    #[error("expected images of 1 or 3 channels, found the shape {shape:?}")]
    Channels {
        /// The sizes in the header.
        shape: Vec<usize>,
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
            Self::Magic { packed: true, .. } => {
                Some("unpack it first: `gunzip`, or `tar xzf` if it holds several files".into())
            }
            Self::Magic { found, .. } => found.hint().map(String::from),
            Self::Type { .. } => Some("save the values as unsigned bytes, from 0 to 255".into()),
            Self::TooLarge { .. } => Some("give it in several files".into()),
            Self::Trailing { .. } => Some("the file is not what its header says: fetch it again".into()),
            Self::Dimensions { expected, found: found @ (1 | 3 | 4) }
                if (*expected == 1) != (*found == 1) =>
            {
                Some(format!("is this the file of {}?", kind(*found)))
            }
            Self::Channels { shape } if matches!(**shape, [_, 1 | 3, _, _]) => {
                Some("put the colours last: the shape is [count, height, width, 3]".into())
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

/// What it is, or its first bytes: an IDX file's would be no text.
fn start(found: &Start) -> String {
    let hex = || found.bytes().iter().take(4).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    found.known().map_or_else(|| format!("`{}`", hex()), |(name, _)| name.into())
}

/// Reads images: `[count, height, width]`, or `[count, height, width, channels]`.
pub fn images(path: &Path) -> Result<Array, Error> {
    read(path, 3, parse)
}

/// Reads labels: `[count]`.
pub fn labels(path: &Path) -> Result<Array, Error> {
    read(path, 1, parse)
}

/// The sizes in the header of images, before anything else of the file is read.
pub(crate) fn shape_of_images(path: &Path) -> Result<Vec<usize>, Error> {
    read(path, 3, |file, _, dimensions| {
        let (mut reader, packed) = unpacked(file)?;
        header(&mut reader, dimensions, packed)
    })
}

fn read<T>(
    path: &Path,
    dimensions: usize,
    parse: impl Fn(File, Option<u64>, usize) -> Result<T, Fault>,
) -> Result<T, Error> {
    let file = File::open(path).map_err(|cause| Error::io(path, cause))?;
    let about = file.metadata().map_err(|cause| Error::io(path, cause))?;
    let length = about.is_file().then_some(about.len());
    parse(file, length, dimensions).map_err(|fault| match fault {
        Fault::Read(cause) => Error::io(path, cause),
        fault => Error::Idx { path: path.to_owned(), fault },
    })
}

/// What follows the packing, if there is one, and whether there is.
fn unpacked<'a>(mut reader: impl Read + 'a) -> Result<(Box<dyn Read + 'a>, bool), Fault> {
    let mut start = [0; 2];
    let found = fill(&mut reader, &mut start).map_err(Fault::Read)?;
    let whole: Chain<_, _> = Cursor::new(start).take(found as u64).chain(reader);
    let packed = start == [0x1f, 0x8b];
    let reader: Box<dyn Read> = if packed {
        Box::new(gzip::Members::new(BufReader::with_capacity(64 << 10, whole)))
    } else {
        Box::new(whole)
    };
    Ok((reader, packed))
}

/// Reads an array from `reader`, which holds `length` bytes if that is known: what a plain file promises is compared with
/// it before memory is taken.
pub fn parse(reader: impl Read, length: Option<u64>, dimensions: usize) -> Result<Array, Fault> {
    let (mut reader, packed) = unpacked(reader)?;
    let failed = |after: usize, cause| if packed { Fault::Gzip { after, cause } } else { Fault::Read(cause) };
    let shape = header(&mut reader, dimensions, packed)?;
    let expected = shape
        .iter()
        .try_fold(1_u64, |product, &size| product.checked_mul(size as u64))
        .filter(|&bytes| bytes <= LIMIT)
        .ok_or_else(|| Fault::TooLarge { shape: shape.clone() })?;
    if expected == 0 {
        return Err(Fault::Empty { shape });
    }

    let header = 4 + 4 * shape.len() as u64;
    match length.filter(|_| !packed).map(|length| length.saturating_sub(header)) {
        Some(found) if found < expected => return Err(Fault::Truncated { expected, found }),
        Some(found) if found > expected => return Err(Fault::Trailing { expected }),
        _ => {}
    }

    let mut values = Vec::new();
    values
        .try_reserve_exact(expected.min(RESERVED) as usize)
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

/// A gzip file of unsigned bytes; the same bytes whenever it is written.
pub fn packed(shape: &[usize], values: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&[0, 0, UNSIGNED_BYTE, shape.len() as u8])?;
    for &size in shape {
        packed.write_all(&(size as u32).to_be_bytes())?;
    }
    packed.write_all(values)?;
    packed.finish()
}

fn header(reader: &mut impl Read, dimensions: usize, packed: bool) -> Result<Vec<usize>, Fault> {
    let failed = |cause| if packed { Fault::Gzip { after: 0, cause } } else { Fault::Read(cause) };
    let mut magic = [0; 4];
    let found = fill(reader, &mut magic).map_err(failed)?;
    if found < 4 {
        return Err(Fault::Header { expected: 4 + 4 * dimensions, found });
    }
    if magic[..2] != [0, 0] {
        let mut start = magic.to_vec();
        reader.take(ENOUGH as u64).read_to_end(&mut start).map_err(failed)?;
        return Err(Fault::Magic { found: Start::new(&start), packed });
    }
    if magic[2] != UNSIGNED_BYTE {
        return Err(Fault::Type { found: magic[2] });
    }
    let is_colour = dimensions == 3 && magic[3] == 4;
    if usize::from(magic[3]) != dimensions && !is_colour {
        return Err(Fault::Dimensions { expected: dimensions, found: magic[3].into() });
    }
    let dimensions = usize::from(magic[3]);
    let mut sizes = vec![0; 4 * dimensions];
    let found = fill(reader, &mut sizes).map_err(failed)?;
    if found < sizes.len() {
        return Err(Fault::Header { expected: 4 + sizes.len(), found: 4 + found });
    }
    let (sizes, _) = sizes.as_chunks();
    let shape: Vec<usize> = sizes.iter().map(|&size| u32::from_be_bytes(size) as usize).collect();
    if is_colour && !matches!(shape[3], 1 | 3) { Err(Fault::Channels { shape }) } else { Ok(shape) }
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
