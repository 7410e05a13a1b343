//! The cache on disk, shared with Python's `huggingface_hub`:
//!
//! ```text
//! models--org--name/blobs/<digest>              content, named after its digest
//!                  /refs/<revision>             the commit that a branch or tag stood for
//!                  /snapshots/<commit>/<file>   a link to ../../blobs/<digest>
//!                  /.no_exist/<commit>/<file>   empty: the commit has no such file
//! .locks/models--org--name/<digest>.lock        held while a blob is fetched
//! ```

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use bl_core::files::{check_plain, readable_by_others, write_atomically};
use tempfile::NamedTempFile;

use crate::digest::{BlobId, Commit};
use crate::error::Error;
use crate::name::{RepoName, Revision};
use crate::transfer::digest_of;

/// One repository's part of the cache.
pub(crate) struct RepoCache {
    folder: PathBuf,
    locks: PathBuf,
}

/// Held until it is dropped.
pub(crate) struct Lock(#[expect(dead_code, reason = "the lock goes with the file")] File);

impl RepoCache {
    pub(crate) fn new(root: &Path, repo: &RepoName) -> Self {
        let (org, name) = repo.parts();
        let name = format!("models--{org}--{name}");
        Self { folder: root.join(&name), locks: root.join(".locks").join(name) }
    }

    pub(crate) fn blobs(&self) -> PathBuf {
        self.folder.join("blobs")
    }

    pub(crate) fn blob(&self, id: BlobId) -> PathBuf {
        self.blobs().join(id.to_string())
    }

    /// Where a file of a commit is, or would be.
    pub(crate) fn pointer(&self, commit: Commit, file: &str) -> PathBuf {
        self.folder.join("snapshots").join(commit.to_string()).join(file)
    }

    /// The commit that a revision stood for when it was last fetched.
    pub(crate) fn read_ref(&self, revision: &Revision) -> Option<Commit> {
        const ENOUGH: u64 = 256;
        let path = self.folder.join("refs").join(revision.as_str());
        check_plain(&path).ok()?;
        let mut text = String::new();
        File::open(path).ok()?.take(ENOUGH).read_to_string(&mut text).ok()?;
        text.trim().parse().ok()
    }

    /// Revisions and their commits, by name; those in sub-folders such as `refs/pr` are left out.
    pub(crate) fn refs(&self) -> Vec<(String, Commit)> {
        let entries = std::fs::read_dir(self.folder.join("refs")).into_iter().flatten().flatten();
        let mut refs: Vec<(String, Commit)> = entries
            .filter_map(|entry| {
                let name = entry.file_name().to_str()?.to_owned();
                let commit = self.read_ref(&name.parse().ok()?)?;
                Some((name, commit))
            })
            .collect();
        refs.sort();
        refs
    }

    /// A file of a commit, if it is there with the content that its blob's name states.
    pub(crate) fn find(&self, commit: Commit, file: &str) -> Result<Option<PathBuf>, Error> {
        let pointer = self.pointer(commit, file);
        if !pointer.is_file() {
            return Ok(None);
        }
        // Without links, as on some systems, there is a plain file that states nothing.
        let target = std::fs::read_link(&pointer).ok();
        let name = target.as_deref().and_then(Path::file_name).and_then(|name| name.to_str());
        if let Some(expected) = name.and_then(|name| name.parse().ok()) {
            let found = digest_of(&pointer, expected)?;
            if found != expected {
                return Err(Error::DamagedCache { path: self.blob(expected), expected, found });
            }
        }
        Ok(Some(pointer))
    }

    /// Whether a blob is there with the content that its name states.
    pub(crate) fn has_blob(&self, id: BlobId) -> bool {
        let path = self.blob(id);
        is_content(&path, id)
    }

    /// Waits until nobody else fetches this blob.
    pub(crate) fn lock(&self, id: BlobId) -> Result<Lock, Error> {
        let path = self.locks.join(format!("{id}.lock"));
        let write = |source| Error::Write { path: path.clone(), source };
        std::fs::create_dir_all(&self.locks).map_err(write)?;
        check_plain(&path).map_err(write)?;
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(write)?;
        match file.lock() {
            // Some network file systems have no locks; then two may fetch at a time, each under a name of its own.
            Err(error) if error.kind() != ErrorKind::Unsupported => Err(write(error)),
            _ => Ok(Lock(file)),
        }
    }

    /// Gives a fetched and checked file its name.
    pub(crate) fn keep(&self, file: NamedTempFile, id: BlobId) -> Result<(), Error> {
        let path = self.blob(id);
        readable_by_others(file.as_file());
        match file.persist(&path) {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::Write { path, source: error.error }),
        }
    }

    /// Whether a commit has a file with this content, as a blob or, where there are no links, as itself.
    pub(crate) fn has(&self, commit: Commit, file: &str, id: BlobId) -> bool {
        self.has_blob(id) || is_content(&self.pointer(commit, file), id)
    }

    /// Makes a blob the file of a commit. A cache that has it already is not written to: it may be read-only.
    pub(crate) fn point(&self, commit: Commit, file: &str, id: BlobId) -> Result<PathBuf, Error> {
        let pointer = self.pointer(commit, file);
        let is_linked = std::fs::read_link(&pointer).is_ok_and(|to| to.ends_with(id.to_string()));
        let is_copy = !pointer.is_symlink() && is_content(&pointer, id);
        if (is_linked && pointer.is_file()) || is_copy {
            return Ok(pointer);
        }
        let write = |source| Error::Write { path: pointer.clone(), source };
        let folder = pointer.parent().expect("it is in a folder");
        std::fs::create_dir_all(folder).map_err(write)?;
        // Linked under another name and renamed, so that there is a whole file at any time.
        let temporary = folder.join(format!(".{file}.{}", std::process::id()));
        let _ = std::fs::remove_file(&temporary);
        link(&Path::new("../../blobs").join(id.to_string()), &self.blob(id), &temporary).map_err(write)?;
        std::fs::rename(&temporary, &pointer).map_err(write)?;
        Ok(pointer)
    }

    /// Notes that a commit has no such file, where notes can be made.
    pub(crate) fn note_missing(&self, commit: Commit, file: &str) -> Result<(), Error> {
        let path = self.folder.join(".no_exist").join(commit.to_string()).join(file);
        if path.is_file() { Ok(()) } else { unless_read_only(Self::note(&path)) }
    }

    fn note(path: &Path) -> Result<(), Error> {
        let write = |source| Error::Write { path: path.to_owned(), source };
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).map_err(write)?;
        check_plain(path).map_err(write)?;
        File::create(path).map_err(write)?;
        Ok(())
    }

    /// Notes which commit a revision stands for, where notes can be made.
    pub(crate) fn write_ref(&self, revision: &Revision, commit: Commit) -> Result<(), Error> {
        if self.read_ref(revision) == Some(commit) {
            return Ok(());
        }
        let path = self.folder.join("refs").join(revision.as_str());
        let written = write_atomically(&path, commit.to_string().as_bytes());
        unless_read_only(written.map_err(|error| match error {
            bl_core::Error::Write { source, .. } => Error::Write { path, source },
            error => Error::Write { path, source: std::io::Error::other(error) },
        }))
    }

    /// After a failure: takes away the folders that have nothing in them.
    pub(crate) fn tidy(&self) {
        let _ = std::fs::remove_dir(self.blobs());
        let _ = std::fs::remove_dir(&self.folder);
    }
}

fn is_content(path: &Path, id: BlobId) -> bool {
    path.is_file() && digest_of(path, id).is_ok_and(|found| found == id)
}

/// A note is a convenience: a cache that may only be read does without.
fn unless_read_only(noted: Result<(), Error>) -> Result<(), Error> {
    match noted {
        Err(Error::Write { source, .. })
            if matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) =>
        {
            Ok(())
        }
        other => other,
    }
}

/// Some file systems have no links (exFAT, some network drives): whatever the system calls that, the content is copied, as
/// `huggingface_hub` does.
#[cfg(unix)]
fn link(relative: &Path, blob: &Path, at: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(relative, at).or_else(|_| std::fs::copy(blob, at).map(drop))
}

/// Links need a privilege elsewhere; `huggingface_hub` copies then, too.
#[cfg(not(unix))]
fn link(_relative: &Path, blob: &Path, at: &Path) -> std::io::Result<()> {
    std::fs::copy(blob, at).map(drop)
}
