//! The folder of adapters: nothing outside it is read.
//!
//! A name is resolved first, links and all, and must end inside. What is opened then is the resolved name, one part after
//! the other below the folder itself, and no part may be a link: who exchanges a part meanwhile gets an error, never a
//! file from elsewhere.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

use axum::http::StatusCode;
use bl_core::{MAX_ADAPTER_BYTES, files};
use bl_runtime::check_name;

use crate::failure::Failure;
use crate::names::MIXED;

/// The folder, without symbolic links in its own path.
pub(crate) struct Folder(PathBuf);

/// What a folder has that ends in `.safetensors`.
#[derive(Default)]
pub(crate) struct Listing {
    /// Files by the name of their adapter, relative to the folder.
    pub(crate) files: BTreeMap<String, PathBuf>,
    /// What cannot be served, by name as far as it can be shown, and why.
    pub(crate) others: BTreeMap<String, String>,
}

/// Why something of the folder is not read. Says nothing of where the folder is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    #[error("`{}` is not in the folder of adapters", .0.display())]
    Outside(PathBuf),
    #[error("there is no file `{}` in the folder of adapters", .0.display())]
    Missing(PathBuf),
    #[error(transparent)]
    Core(#[from] bl_core::Error),
}

impl From<Unread> for Failure {
    fn from(unread: Unread) -> Self {
        let words = unread.to_string();
        match unread {
            Unread::Outside(_) => Self::new(StatusCode::FORBIDDEN, "outside_root", words),
            Unread::Missing(_) => Self::new(StatusCode::NOT_FOUND, "no_such_file", words),
            Unread::Core(error) => error.into(),
        }
    }
}

impl Folder {
    pub(crate) fn new(path: &Path) -> io::Result<Self> {
        path.canonicalize().map(Self)
    }

    /// The adapter files, `NAME.safetensors`, and what is named like one and cannot be served.
    pub(crate) fn list(&self) -> io::Result<Listing> {
        let mut listing = Listing::default();
        for entry in std::fs::read_dir(&self.0)?.flatten() {
            let file = PathBuf::from(entry.file_name());
            let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            match files::ending(&file).filter(|_| !is_hidden) {
                None => continue,
                Some(Err(why)) => {
                    listing.others.insert(file.to_string_lossy().into_owned(), why.to_owned());
                    continue;
                }
                Some(Ok(())) => {}
            }
            let stem = file.file_stem().unwrap_or_default();
            let shown = stem.to_string_lossy().into_owned();
            let why = match stem.to_str() {
                None => Some("it has a name that is not UTF-8; rename the file".to_owned()),
                Some(name) => bad_name(name).or_else(|| self.why_not(&file).map(str::to_owned)),
            };
            match why {
                Some(why) => listing.others.insert(shown, why).map(drop),
                None => listing.files.insert(shown, file).map(drop),
            };
        }
        Ok(listing)
    }

    /// Why an entry is no file that may be read, if so.
    fn why_not(&self, file: &Path) -> Option<&'static str> {
        let is_link = self.0.join(file).is_symlink();
        match self.resolve(file) {
            Ok(real) => match self.0.join(real).metadata() {
                Ok(about) if about.is_file() => None,
                Ok(about) if about.is_dir() => Some("it is a folder"),
                Ok(_) => Some("it is not a plain file"),
                Err(_) => Some("it cannot be looked at"),
            },
            Err(Unread::Outside(_)) => {
                Some("it is a link that leads outside the folder of adapters; put the file itself there")
            }
            Err(_) if is_link => Some("it is a link that leads nowhere"),
            Err(_) => Some("it cannot be looked at"),
        }
    }

    /// Where a name of the folder leads to, links followed: again a name of the folder.
    fn resolve(&self, relative: &Path) -> Result<PathBuf, Unread> {
        if !relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(Unread::Outside(relative.to_owned()));
        }
        let real = self.0.join(relative).canonicalize();
        let real = real.map_err(|_| Unread::Missing(relative.to_owned()))?;
        real.strip_prefix(&self.0).map(Path::to_owned).map_err(|_| Unread::Outside(relative.to_owned()))
    }

    /// Reads a file of the folder, unless it is larger than any adapter.
    pub(crate) fn read(&self, relative: &Path) -> Result<Vec<u8>, Unread> {
        let file = self.open(relative)?;
        Ok(files::read_open(file, relative, MAX_ADAPTER_BYTES)?)
    }

    fn open(&self, relative: &Path) -> Result<File, Unread> {
        let missing = || Unread::Missing(relative.to_owned());
        let real = self.resolve(relative)?;
        let opened = open_below(&self.0, &real).map_err(|source| match source.kind() {
            io::ErrorKind::PermissionDenied => {
                Unread::Core(bl_core::Error::Read { path: relative.to_owned(), source })
            }
            _ => missing(), // exchanged since it was resolved, say
        })?;
        // What is not a plain file would be waited for without end (a pipe), or is none of ours.
        let is_file = opened.metadata().is_ok_and(|about| about.is_file());
        if is_file { Ok(opened) } else { Err(missing()) }
    }

    /// What the system says of a file.
    pub(crate) fn look(&self, relative: &Path) -> Option<std::fs::Metadata> {
        self.open(relative).ok()?.metadata().ok()
    }
}

/// Why no adapter can have a name, and what to do about it.
fn bad_name(name: &str) -> Option<String> {
    let why = match check_name(name) {
        Ok(()) if name == MIXED => "it is the address of mixed batches",
        Ok(()) => return None,
        Err(bl_runtime::Error::BadName { why, .. }) => why,
        Err(_) => "it cannot be one",
    };
    Some(format!("it is not a valid adapter name: {why}; rename the file"))
}

/// Opens a file below a folder, part by part, and follows no link on the way.
#[cfg(unix)]
fn open_below(root: &Path, relative: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open, openat};
    let folder_flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file_flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut at = open(root, folder_flags, Mode::empty())?;
    let mut parts = relative.components().peekable();
    while let Some(part) = parts.next() {
        let flags = if parts.peek().is_some() { folder_flags } else { file_flags };
        at = openat(&at, part.as_os_str(), flags, Mode::empty())?;
    }
    Ok(File::from(at))
}

/// Without handles of folders, the resolved name is opened.
#[cfg(not(unix))]
fn open_below(root: &Path, relative: &Path) -> io::Result<File> {
    File::open(root.join(relative))
}
