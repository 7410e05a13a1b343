//! The files of a set that come in one archive: a gzipped tar, of which the wanted members are taken.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::DataFile;
use crate::error::Error;

/// Bytes of a header, and what every length is rounded up to.
const BLOCK: u64 = 512;

/// Takes the wanted files out of the archive at `path`, each into a file of its own beside it; returns those paths, in the
/// order of `wanted`. Folders inside the archive are no part of a name. What the files hold is for the caller to check.
pub(super) fn unpack(path: &Path, wanted: &[&DataFile]) -> Result<Vec<PathBuf>, Error> {
    let folder = path.parent().unwrap_or(path);
    let part = |file: &DataFile| folder.join(format!(".{}.part", file.name));
    let what = || path.display().to_string();
    let read = |source: io::Error| Error::Unpacked {
        what: what(),
        expected: "a gzipped tar archive".into(),
        found: source.to_string(),
    };
    let open = |source| Error::Read { path: path.to_owned(), source };
    let mut tar = BufReader::new(MultiGzDecoder::new(File::open(path).map_err(open)?));
    let mut missing: Vec<&DataFile> = wanted.to_vec();
    while let Some(Member { name, bytes }) = next(&mut tar).map_err(read)? {
        let place = missing.iter().position(|file| file.name == name && file.bytes == bytes);
        let mut content = tar.by_ref().take(bytes);
        match place.map(|place| missing.remove(place)) {
            Some(file) => {
                let write = |source| Error::Write { path: part(file), source };
                io::copy(&mut content, &mut File::create(part(file)).map_err(write)?).map_err(write)?;
            }
            None => {
                io::copy(&mut content, &mut io::sink()).map_err(read)?;
            }
        }
        let padding = bytes.next_multiple_of(BLOCK) - bytes;
        io::copy(&mut tar.by_ref().take(padding), &mut io::sink()).map_err(read)?;
        if missing.is_empty() {
            break;
        }
    }
    match missing.first() {
        None => Ok(wanted.iter().map(|file| part(file)).collect()),
        Some(file) => Err(Error::Unpacked {
            what: what(),
            expected: format!("`{}` of {} bytes", file.name, file.bytes),
            found: "an archive without it".into(),
        }),
    }
}

struct Member {
    /// Without folders.
    name: String,
    bytes: u64,
}

/// The next header; none at the end, which is a block of zeros or nothing.
fn next(tar: &mut impl Read) -> io::Result<Option<Member>> {
    let mut header = [0; BLOCK as usize];
    match tar.read_exact(&mut header) {
        Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    if header.iter().all(|&byte| byte == 0) {
        return Ok(None);
    }
    let text = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes.split(|&byte| byte == 0).next().unwrap_or_default()).trim().to_owned()
    };
    let name = text(&header[..100]);
    let name = name.rsplit('/').next().unwrap_or_default().to_owned();
    let bytes = u64::from_str_radix(&text(&header[124..136]), 8)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not a tar archive"))?;
    Ok(Some(Member { name, bytes }))
}
