//! The content of a folder, sorted, without what file managers leave behind.

use std::path::{Path, PathBuf};

use bl_core::files;

use crate::Error;

/// Files and folders that nobody put there on purpose (hidden ones aside).
const JUNK: [&str; 4] = ["Thumbs.db", "desktop.ini", "__MACOSX", "Icon\r"];

pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) is_folder: bool,
}

impl Entry {
    /// Its path, unless it is something that a program would wait for without end, such as a pipe.
    pub(crate) fn plain(&self) -> Result<&Path, Error> {
        files::check_plain(&self.path).map_err(|cause| Error::io(&self.path, cause))?;
        Ok(&self.path)
    }
}

/// All entries by name, hidden ones and junk left out.
pub(crate) fn list(folder: &Path) -> Result<Vec<Entry>, Error> {
    if folder.is_file() {
        return Err(Error::NotAFolder { path: folder.to_owned() });
    }
    let failed = |cause| Error::io(folder, cause);
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || JUNK.iter().any(|junk| junk.eq_ignore_ascii_case(&name)) {
            continue;
        }
        let path = entry.path();
        let is_folder = path.is_dir(); // follows links
        entries.push(Entry { name, path, is_folder });
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

/// The entries of a folder that should hold nothing but pictures; that it holds nothing but folders is an error.
pub(crate) fn files(folder: &Path) -> Result<Vec<Entry>, Error> {
    let entries = list(folder)?;
    if let [first, ..] = &*entries
        && entries.iter().all(|entry| entry.is_folder)
    {
        return Err(Error::NestedFolder { path: first.path.clone() });
    }
    if entries.is_empty() {
        return Err(Error::NoPictures { folder: folder.to_owned() });
    }
    Ok(entries)
}
