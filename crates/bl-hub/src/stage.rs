//! One file from the Hub to its place in the cache: fetched under a temporary name, checked, and kept only when the
//! whole of which it is a part was checked.

use std::path::PathBuf;

use tempfile::NamedTempFile;

use crate::cache::{Lock, RepoCache};
use crate::digest::{BlobId, Commit};
use crate::error::Error;
use crate::hub::{Facts, Hub, OnProgress, Progress};
use crate::name::{RepoName, Revision, Target};
use crate::transfer::{Transfer, digest_of};

/// A file that was checked and is about to be part of a snapshot.
pub(crate) struct Staged {
    file: &'static str,
    commit: Commit,
    id: BlobId,
    pub(crate) size: u64,
    new: Option<(NamedTempFile, Lock)>,
}

impl Staged {
    pub(crate) fn path(&self, cache: &RepoCache) -> PathBuf {
        let blob = || Some(cache.blob(self.id)).filter(|blob| blob.is_file());
        let there = || blob().unwrap_or_else(|| cache.pointer(self.commit, self.file));
        self.new.as_ref().map_or_else(there, |(file, _)| file.path().to_owned())
    }
}

impl Hub {
    /// What the Hub states of a file; a commit that was asked for must be the one that is answered.
    pub(crate) fn pinned(&self, target: &Target, file: &str) -> Result<Facts, Error> {
        let facts = self.head(&target.repo, &target.revision, file)?;
        match target.revision.commit() {
            Some(commit) if commit != facts.commit => {
                let (expected, found) = (format!("commit {commit}"), format!("commit {}", facts.commit));
                Err(Error::Changed { what: format!("{target}/{file}"), expected, found })
            }
            _ => Ok(facts),
        }
    }

    /// A file that a repository may lack.
    pub(crate) fn optional(
        &self,
        repo: &RepoName,
        commit: Commit,
        file: &'static str,
        max: u64,
        on_progress: OnProgress<'_>,
    ) -> Result<Option<Staged>, Error> {
        let at_commit = Target { repo: repo.clone(), revision: Revision::from(commit) };
        match self.pinned(&at_commit, file) {
            Ok(facts) => self.stage(repo, facts, file, max, on_progress).map(Some),
            Err(Error::NoFile { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches a file unless its content is there, and checks it.
    pub(crate) fn stage(
        &self,
        repo: &RepoName,
        facts: Facts,
        file: &'static str,
        max: u64,
        on_progress: OnProgress<'_>,
    ) -> Result<Staged, Error> {
        let what = format!("{repo}@{}/{file}", facts.commit.short());
        if facts.size > max {
            return Err(Error::TooLarge { what, found: facts.size, max });
        }
        let cache = self.cache(repo);
        let Facts { id, size, commit } = facts;
        if cache.has(commit, file, id) {
            return Ok(Staged { file, commit, id, size, new: None });
        }
        let client = self.client(&format!("`{what}`"))?;
        let lock = cache.lock(id)?;
        if cache.has_blob(id) {
            return Ok(Staged { file, commit, id, size, new: None }); // who held the lock has fetched it
        }
        // The commit, not the branch: what was stated is what is asked for.
        let transfer = Transfer {
            url: self.file_url(repo, &commit.to_string(), file),
            what: &what,
            size: Some(size),
            max,
            check: &|headers| facts.check(headers, &what),
        };
        let mut on_bytes = |done, total| on_progress(Progress { file, done, total });
        let fetched = client
            .fetch(&transfer, &cache.blobs(), &mut on_bytes)
            .map_err(|error| self.missing(error, repo, &Revision::from(commit), file))?;
        let found = digest_of(fetched.path(), id)?;
        if found != id {
            return Err(Error::Content { what, expected: id, found });
        }
        Ok(Staged { file, commit, id, size, new: Some((fetched, lock)) })
    }
}

/// Makes a checked file part of its snapshot.
pub(crate) fn keep(cache: &RepoCache, commit: Commit, staged: Staged) -> Result<PathBuf, Error> {
    let Staged { file, id, new, .. } = staged;
    let _lock = match new {
        Some((fetched, lock)) => {
            cache.keep(fetched, id)?;
            Some(lock)
        }
        None => None,
    };
    cache.point(commit, file, id)
}
