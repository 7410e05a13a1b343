//! Reading with a limit, and writing so that a file is there whole or not at all.

mod leftovers;
mod lock;

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::container;
use crate::error::Error;
use crate::foreign::Foreign;

pub use lock::Lock;

/// Reads a file into memory unless it is larger than `max` bytes.
pub fn read_capped(path: &Path, max: u64) -> Result<Vec<u8>, Error> {
    let file = File::open(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    read_open(file, path, max)
}

/// As [`read_capped`], of a file that is open; `path` is for messages.
pub fn read_open(file: File, path: &Path, max: u64) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let len = file.metadata().map_err(failed)?.len();
    let too_large = |found| Err(Error::TooLarge { path: path.to_owned(), found, max });
    if len > max {
        return too_large(len); // before anything is read
    }
    let mut bytes = Vec::with_capacity(len as usize);
    // One byte more than allowed, for the file may grow while it is read.
    file.take(max + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > max {
        return too_large(bytes.len() as u64);
    }
    Ok(bytes)
}

/// That a name which a folder has may be opened: a program would wait without end for what is no plain file, such as a pipe.
/// What is not there is for whoever opens it.
pub fn check_plain(path: &Path) -> std::io::Result<()> {
    match path.metadata() {
        Ok(about) if !about.is_file() => Err(std::io::Error::other("it is not a plain file")),
        _ => Ok(()),
    }
}

/// Writes to a temporary file beside `path`, flushes it to the disk and renames it. Whatever goes wrong,
/// an existing file is left as it was and no part of the new one remains.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    let mut file = temporary_beside(path)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    readable_by_others(file.as_file());
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Finds out now, before hours of work, whether `path` could be written.
pub fn check_writable(path: &Path) -> Result<(), Error> {
    temporary_beside(path).map(drop)
}

/// As [`check_writable`], and whether an existing file may be replaced: one that this program has not written is somebody's.
pub fn check_out(path: &Path) -> Result<(), Error> {
    check_writable(path)?;
    let mut start = Vec::new();
    if let Ok(file) = File::open(path) {
        let _ = file.take(64).read_to_end(&mut start); // what cannot be read cannot be told
    }
    if start.is_empty() || start.get(8..).is_some_and(|json| json.starts_with(container::OWN_START)) {
        return Ok(());
    }
    Err(Error::NotOurs { path: path.to_owned(), found: Foreign::of(&start) })
}

/// What programs that were killed have left of theirs is removed.
fn temporary_beside(path: &Path) -> Result<tempfile::NamedTempFile, Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    if path.is_dir() {
        return Err(failed(std::io::ErrorKind::IsADirectory.into()));
    }
    // Renaming over a device such as `/dev/null` would put a plain file in its place.
    if path.exists() && !path.is_file() {
        return Err(failed(std::io::Error::other("it is neither a file nor new")));
    }
    let folder = folder_of(path);
    std::fs::create_dir_all(&folder).map_err(failed)?;
    leftovers::remove(&folder);
    let file = tempfile::Builder::new().prefix(&leftovers::prefix()).tempfile_in(&folder).map_err(failed)?;
    let _ = file.as_file().try_lock(); // says that its writer is there; some file systems have no locks
    Ok(file)
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Temporary files are private; what replaces a user's file should be as readable as one they made. File systems without
/// permissions (FAT) refuse to set any, and need none.
#[cfg(unix)]
pub fn readable_by_others(file: &File) {
    use std::os::unix::fs::PermissionsExt;
    let _ = file.set_permissions(std::fs::Permissions::from_mode(0o644));
}

/// Temporary files are as readable as others here.
#[cfg(not(unix))]
pub fn readable_by_others(_file: &File) {}

/// What a folder has that is named as files of this program are.
pub struct Listing {
    /// Files, by name.
    pub files: Vec<PathBuf>,
    /// What is named like one and is none, and why: a folder, a pipe, a link that leads nowhere.
    pub others: Vec<(PathBuf, &'static str)>,
}

/// Whether a name ends as those of this program's files do; an error says why it is not taken all the same.
pub fn ending(path: &Path) -> Option<Result<(), &'static str>> {
    let extension = path.extension()?;
    if extension == "safetensors" {
        return Some(Ok(()));
    }
    let why = "its name ends in other letters than `.safetensors`; rename the file";
    extension.eq_ignore_ascii_case("safetensors").then_some(Err(why))
}

/// The `.safetensors` files of a folder; nothing is opened. An entry that cannot be looked at does not hide the others.
pub fn list_folder(folder: &Path) -> Result<Listing, Error> {
    let entries =
        std::fs::read_dir(folder).map_err(|source| Error::Read { path: folder.to_owned(), source })?;
    let mut listing = Listing { files: Vec::new(), others: Vec::new() };
    for path in entries.flatten().map(|entry| entry.path()) {
        match ending(&path) {
            None => continue,
            Some(Err(why)) => {
                listing.others.push((path, why));
                continue;
            }
            Some(Ok(())) => {}
        }
        match path.metadata() {
            Ok(about) if about.is_file() => listing.files.push(path),
            Ok(about) if about.is_dir() => listing.others.push((path, "it is a folder")),
            Ok(_) => listing.others.push((path, "it is not a plain file")),
            Err(_) if path.is_symlink() => listing.others.push((path, "it is a link that leads nowhere")),
            Err(_) => listing.others.push((path, "it cannot be looked at")),
        }
    }
    // `mnist` before `mnist-mask`
    listing.files.sort_by_key(|path| path.file_stem().map(std::ffi::OsStr::to_owned));
    listing.others.sort();
    Ok(listing)
}
