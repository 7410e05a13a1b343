//! Repositories in memory.

use std::collections::BTreeMap;

use sha1::Sha1;
use sha2::{Digest, Sha256};

type Files = BTreeMap<String, Vec<u8>>;

#[derive(Default)]
pub(crate) struct Store {
    repos: BTreeMap<String, Repo>,
    /// Large files that were uploaded and that no commit has named yet, by SHA-256.
    pub(crate) uploads: BTreeMap<String, Vec<u8>>,
    /// Files that are no part of the Hub, by path.
    pub(crate) plain: BTreeMap<String, Vec<u8>>,
}

#[derive(Default)]
pub(crate) struct Repo {
    pub(crate) private: bool,
    /// Commits by branch.
    pub(crate) refs: BTreeMap<String, String>,
    commits: BTreeMap<String, Files>,
}

impl Store {
    pub(crate) fn repo(&self, name: &str) -> Option<&Repo> {
        self.repos.get(name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.repos.keys()
    }

    /// Makes a repository with a first commit; false if it is there.
    pub(crate) fn create(&mut self, name: &str, private: bool) -> bool {
        if self.repos.contains_key(name) {
            return false;
        }
        self.commit(
            name,
            "main",
            vec![(".gitattributes".into(), Some(b"*.safetensors filter=lfs\n".to_vec()))],
        );
        self.repos.entry(name.to_owned()).or_default().private = private;
        true
    }

    pub(crate) fn commits(&self, name: &str) -> usize {
        self.repos.get(name).map_or(0, |repo| repo.commits.len())
    }

    /// The commit that a branch or a commit's own name stands for.
    pub(crate) fn resolve(&self, repo: &str, revision: &str) -> Option<&String> {
        let repo = self.repos.get(repo)?;
        repo.refs.get(revision).or_else(|| repo.commits.get_key_value(revision).map(|(commit, _)| commit))
    }

    pub(crate) fn files(&self, repo: &str, revision: &str) -> Option<&Files> {
        let commit = self.resolve(repo, revision)?;
        self.repos.get(repo)?.commits.get(commit)
    }

    pub(crate) fn file(&self, repo: &str, revision: &str, path: &str) -> Option<&Vec<u8>> {
        self.files(repo, revision)?.get(path)
    }

    /// A file by its SHA-256, wherever it is.
    pub(crate) fn large_file(&self, digest: &str) -> Option<&Vec<u8>> {
        let commits = self.repos.values().flat_map(|repo| repo.commits.values());
        commits.flat_map(BTreeMap::values).find(|bytes| sha256(bytes) == digest)
    }

    /// Adds, replaces or (none) deletes files on top of `main`, as a new commit of a branch.
    pub(crate) fn commit(
        &mut self,
        repo: &str,
        branch: &str,
        changes: Vec<(String, Option<Vec<u8>>)>,
    ) -> String {
        let repo = self.repos.entry(repo.to_owned()).or_default();
        let parent = repo.refs.get(branch).or_else(|| repo.refs.get("main")).cloned().unwrap_or_default();
        let mut files = repo.commits.get(&parent).cloned().unwrap_or_default();
        for (path, content) in changes {
            match content {
                Some(bytes) => files.insert(path, bytes),
                None => files.remove(&path),
            };
        }
        let mut hash = Sha1::new_with_prefix(format!("{parent} {}", repo.commits.len()));
        for (path, bytes) in &files {
            hash.update(path);
            hash.update(bytes);
        }
        let commit = hex(&hash.finalize());
        repo.commits.insert(commit.clone(), files);
        repo.refs.insert(branch.to_owned(), commit.clone());
        commit
    }
}

/// Whether a file is one of those that git keeps elsewhere.
pub(crate) fn is_large(path: &str) -> bool {
    [".safetensors", ".png"].iter().any(|extension| path.ends_with(extension))
}

/// What identifies a file's content: of a large one its SHA-256, else that of a git blob.
pub(crate) fn etag(path: &str, bytes: &[u8]) -> String {
    if is_large(path) { sha256(bytes) } else { git_blob_sha1(bytes) }
}

/// SHA-256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// What git calls a file with this content.
pub fn git_blob_sha1(bytes: &[u8]) -> String {
    let hash = Sha1::new_with_prefix(format!("blob {}\0", bytes.len()));
    hex(&hash.chain_update(bytes).finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
