//! A file that one program at a time writes, over hours.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// While it lives, no other program gets the lock of the same file. The system frees it when a program is killed.
#[derive(Debug)]
pub struct Lock(Option<(PathBuf, File)>);

impl Lock {
    /// Locks `path`, through a file beside it. Where there are no locks, or no room for that file, nothing is locked.
    pub fn of(path: &Path) -> Result<Self, Error> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        let beside = path.with_file_name(name);
        loop {
            let Ok(file) = File::options().create(true).truncate(false).write(true).open(&beside) else {
                return Ok(Self(None));
            };
            match file.try_lock() {
                Ok(()) if is_at(&beside, &file) => return Ok(Self(Some((beside, file)))),
                Ok(()) => {} // who had it has removed it in between
                Err(TryLockError::WouldBlock) => return Err(Error::InUse { path: path.to_owned() }),
                Err(TryLockError::Error(_)) => return Ok(Self(None)),
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some((path, _file)) = self.0.take() {
            let _ = std::fs::remove_file(path); // before the lock goes, so that nobody's new file is removed
        }
    }
}

/// Whether a file is still the one of that name.
#[cfg(unix)]
fn is_at(path: &Path, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same =
        |one: std::fs::Metadata, two: std::fs::Metadata| (one.dev(), one.ino()) == (two.dev(), two.ino());
    path.metadata().is_ok_and(|named| file.metadata().is_ok_and(|held| same(named, held)))
}

/// A file that is open cannot be removed here.
#[cfg(not(unix))]
fn is_at(path: &Path, _file: &File) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_nothing_is_left() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.safetensors");
        std::fs::write(folder.path().join("a.safetensors.lock"), "").expect("left by one that was killed");
        let first = Lock::of(&path).expect("nobody holds it");
        assert!(matches!(Lock::of(&path), Err(Error::InUse { .. })));
        assert!(Lock::of(&folder.path().join("b.safetensors")).is_ok());
        drop(first);
        assert!(!folder.path().join("a.safetensors.lock").exists());
        drop(Lock::of(&path).expect("it is free again"));
    }
}
