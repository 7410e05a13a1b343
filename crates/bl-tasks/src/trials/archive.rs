//! Archives of arrays (`.npz`): the entries of a ZIP file, stored or deflated. Sizes are compared with each other and with the
//! length of the file before anything is unpacked.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Take};
use std::path::{Path, PathBuf};

use flate2::Crc;
use flate2::read::DeflateDecoder;

use crate::Error;
use crate::foreign::{ENOUGH, Start};

/// The end of an archive with the longest remark.
const LONGEST_END: u64 = 22 + 65_535;
/// More entries are no archive of arrays.
const MOST_ENTRIES: usize = 1000;
/// Deflated bytes become at most so many times as many.
const MOST_UNPACKED: u64 = 1032;

/// How an archive can be wrong.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum ArchiveFault {
    #[error("expected an archive of arrays (`.npz`), found {found}")]
    NotZip { found: Start },
    #[error("the archive is damaged: {what}")]
    Damaged { what: &'static str },
    #[error("expected at most {MOST_ENTRIES} arrays, found {found}")]
    Many { found: usize },
    #[error("`{name}` is encrypted")]
    Encrypted { name: String },
    #[error("`{name}` is packed by method {found}, expected 0 (stored) or 8 (deflated)")]
    Method { name: String, found: u16 },
    #[error("`{name}` has {packed} bytes and promises {size} of them unpacked, which cannot be")]
    Size { name: String, packed: u64, size: u64 },
    #[error("`{name}` is damaged: its checksum is not that of its content")]
    Checksum { name: String },
}

impl ArchiveFault {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotZip { .. } | Self::Encrypted { .. } | Self::Method { .. } => {
                Some("save the arrays with `numpy.savez_compressed(path, inputs=…, labels=…)`")
            }
            Self::Many { .. } => Some("keep the arrays of one set of trials in a file"),
            _ => Some("fetch the file again, or save it again"),
        }
    }
}

/// An open archive.
pub(super) struct Archive {
    path: PathBuf,
    file: File,
    entries: Vec<Entry>,
}

/// A file in an archive.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    is_deflated: bool,
    checksum: u32,
    packed: u64,
    pub(super) size: u64,
    /// Where its local header begins.
    at: u64,
}

impl Archive {
    /// Opens an archive and reads the list of its entries.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let mut file = File::open(path).map_err(|cause| Error::io(path, cause))?;
        let entries = entries(&mut file).map_err(|failure| failure.at(path))?;
        Ok(Self { path: path.to_owned(), file, entries })
    }

    /// In the order of the archive.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What an entry holds, unpacked.
    pub(super) fn unpack(&mut self, entry: &Entry) -> Result<Unpacked<'_>, Error> {
        let Self { path, file, .. } = self;
        let begin = content(file, entry).map_err(|failure| failure.at(path))?;
        file.seek(SeekFrom::Start(begin)).map_err(|cause| Error::io(path, cause))?;
        let packed = (&*file).take(entry.packed);
        let source = if entry.is_deflated {
            Packing::Deflated(DeflateDecoder::new(packed).take(entry.size))
        } else {
            Packing::Stored(packed)
        };
        Ok(Unpacked { source, sum: Crc::new() })
    }
}

/// The content of an entry, with the checksum of what was read.
pub(super) struct Unpacked<'a> {
    source: Packing<'a>,
    sum: Crc,
}

enum Packing<'a> {
    Stored(Take<&'a File>),
    Deflated(Take<DeflateDecoder<Take<&'a File>>>),
}

impl Unpacked<'_> {
    /// That all that was read is what was packed.
    pub(super) fn check(&self, entry: &Entry) -> Result<(), ArchiveFault> {
        if self.sum.sum() == entry.checksum {
            Ok(())
        } else {
            Err(ArchiveFault::Checksum { name: entry.name.clone() })
        }
    }
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.source {
            Packing::Stored(source) => source.read(buffer)?,
            Packing::Deflated(source) => source.read(buffer)?,
        };
        self.sum.update(&buffer[..read]);
        Ok(read)
    }
}

enum Failure {
    Read(io::Error),
    Fault(ArchiveFault),
}

impl Failure {
    fn at(self, path: &Path) -> Error {
        match self {
            Self::Read(cause) => Error::io(path, cause),
            Self::Fault(fault) => Error::Archive { path: path.to_owned(), fault },
        }
    }
}

impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::UnexpectedEof => damaged("it ends too early"),
            _ => Self::Read(cause),
        }
    }
}

fn damaged(what: &'static str) -> Failure {
    Failure::Fault(ArchiveFault::Damaged { what })
}

/// Numbers of a few bytes, little-endian, one after the other.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn next(&mut self, bytes: usize) -> Result<u64, Failure> {
        let (number, rest) =
            self.0.split_at_checked(bytes).ok_or_else(|| damaged("its list ends too early"))?;
        self.0 = rest;
        Ok(number.iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte)))
    }

    fn bytes(&mut self, count: u64) -> Result<Vec<u8>, Failure> {
        let cut =
            self.0.split_at_checked(count as usize).ok_or_else(|| damaged("its list ends too early"))?;
        self.0 = cut.1;
        Ok(cut.0.to_vec())
    }
}

/// The list at the end of an archive.
fn entries(file: &mut File) -> Result<Vec<Entry>, Failure> {
    let length = file.metadata()?.len();
    let mut start = Vec::new();
    file.take(ENOUGH as u64).read_to_end(&mut start)?;
    if !start.starts_with(b"PK") {
        return Err(Failure::Fault(ArchiveFault::NotZip { found: Start::new(&start) }));
    }
    let tail = LONGEST_END.min(length);
    file.seek(SeekFrom::Start(length - tail))?;
    let mut end = Vec::new();
    file.take(tail).read_to_end(&mut end)?;
    let at = end.windows(4).rposition(|window| window == b"PK\x05\x06");
    let at = at.ok_or_else(|| damaged("its list of entries is not there"))?;
    let mut fields = Fields(&end[at + 4..]);
    fields.next(4)?; // numbers of disks
    fields.next(2)?;
    let (mut count, mut size, mut begin) = (fields.next(2)?, fields.next(4)?, fields.next(4)?);
    if count == 0xffff || size == 0xffff_ffff || begin == 0xffff_ffff {
        (count, size, begin) = long_list(file, length - tail + at as u64)?;
    }
    if count as usize > MOST_ENTRIES {
        return Err(Failure::Fault(ArchiveFault::Many { found: count as usize }));
    }
    if size > length || begin > length - size || size > (MOST_ENTRIES as u64) << 18 {
        return Err(damaged("its list of entries is elsewhere than it says"));
    }
    file.seek(SeekFrom::Start(begin))?;
    let mut list = vec![0; size as usize];
    file.read_exact(&mut list)?;
    let mut fields = Fields(&list);
    (0..count).map(|_| entry(&mut fields, length)).collect()
}

/// Count, size and place of a list that 32 bits do not hold.
fn long_list(file: &mut File, end: u64) -> Result<(u64, u64, u64), Failure> {
    let read = |file: &mut File, at: u64, bytes: usize| {
        file.seek(SeekFrom::Start(at))?;
        let mut record = vec![0; bytes];
        file.read_exact(&mut record)?;
        Ok::<_, Failure>(record)
    };
    let locator = read(file, end.checked_sub(20).ok_or_else(|| damaged("it ends too early"))?, 20)?;
    let record = read(file, Fields(&locator[8..]).next(8)?, 56)?;
    if !locator.starts_with(b"PK\x06\x07") || !record.starts_with(b"PK\x06\x06") {
        return Err(damaged("its list of entries is not there"));
    }
    let mut fields = Fields(&record[32..]);
    Ok((fields.next(8)?, fields.next(8)?, fields.next(8)?))
}

fn entry(fields: &mut Fields<'_>, length: u64) -> Result<Entry, Failure> {
    if fields.next(4)? != 0x0201_4b50 {
        return Err(damaged("an entry of its list is none"));
    }
    fields.next(4)?; // versions
    let (flags, method) = (fields.next(2)?, fields.next(2)? as u16);
    fields.next(4)?; // when it was written
    let checksum = fields.next(4)? as u32;
    let (mut packed, mut size) = (fields.next(4)?, fields.next(4)?);
    let lengths = [fields.next(2)?, fields.next(2)?, fields.next(2)?];
    fields.next(8)?; // disk and attributes
    let mut at = fields.next(4)?;
    let name = String::from_utf8_lossy(&fields.bytes(lengths[0])?).into_owned();
    let more = fields.bytes(lengths[1])?;
    fields.bytes(lengths[2])?;
    let mut more = Fields(&more);
    while !more.0.is_empty() {
        let (kind, bytes) = (more.next(2)?, more.next(2)?);
        let own = more.bytes(bytes)?;
        let mut own = Fields(&own);
        if kind == 1 {
            for number in [&mut size, &mut packed, &mut at] {
                if *number == 0xffff_ffff {
                    *number = own.next(8)?;
                }
            }
        }
    }
    let fault = |fault| Err(Failure::Fault(fault));
    if flags & 1 == 1 {
        return fault(ArchiveFault::Encrypted { name });
    }
    if !matches!(method, 0 | 8) {
        return fault(ArchiveFault::Method { name, found: method });
    }
    let most = if method == 0 { packed } else { packed.saturating_mul(MOST_UNPACKED) };
    if packed > length || size > most || (method == 0 && size != packed) {
        return fault(ArchiveFault::Size { name, packed, size });
    }
    Ok(Entry { name, is_deflated: method == 8, checksum, packed, size, at })
}

/// Where the content of an entry begins.
fn content(file: &mut File, entry: &Entry) -> Result<u64, Failure> {
    file.seek(SeekFrom::Start(entry.at))?;
    let mut local = [0; 30];
    file.read_exact(&mut local)?;
    if !local.starts_with(b"PK\x03\x04") {
        return Err(damaged("an entry is elsewhere than its list says"));
    }
    let mut fields = Fields(&local[26..]);
    Ok(entry.at + 30 + fields.next(2)? + fields.next(2)?)
}
