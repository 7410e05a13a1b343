//! The adapters in the cache.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use bl_core::Adapter;
use bl_core::files::check_plain;

use crate::agreement;
use crate::cache::RepoCache;
use crate::digest::Commit;
use crate::error::Error;
use crate::files::{ADAPTER, ADAPTER_CONFIG, MAX_CONFIG};
use crate::hub::Hub;
use crate::name::RepoName;

/// An adapter in the cache.
#[derive(Debug)]
pub struct Cached {
    /// The repository.
    pub repo: RepoName,
    /// The commit.
    pub commit: Commit,
    /// Branches and tags that stood for it when they were last seen.
    pub revisions: Vec<String>,
    /// The adapter's file.
    pub path: PathBuf,
    /// What it holds, or why it does not verify.
    pub content: Result<CachedAdapter, bl_core::Error>,
}

/// What a table says of an adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct CachedAdapter {
    pub task: String,
    pub title: String,
    pub kind: String,
    pub backbone: bl_core::Fingerprint,
    pub bytes: u64,
}

impl Hub {
    /// All adapters of this program in the cache, by repository and commit. Those of other programs, which have the
    /// same file name, are skipped.
    pub fn list(&self) -> Result<Vec<Cached>, Error> {
        let root = &self.environment.cache;
        let mut all = Vec::new();
        for repo in folders(root)?.iter().filter_map(|name| repo_of(name)) {
            let cache = RepoCache::new(root, &repo);
            let refs = cache.refs();
            let snapshots = cache.blobs().with_file_name("snapshots");
            // A repository that cannot be looked at hides no other.
            for commit in
                folders(&snapshots).unwrap_or_default().iter().filter_map(|name| name.parse::<Commit>().ok())
            {
                let path = cache.pointer(commit, ADAPTER);
                if !is_ours(&path) && !says_ours(&cache.pointer(commit, ADAPTER_CONFIG)) {
                    continue;
                }
                let revisions = refs.iter().filter(|(_, stood)| *stood == commit);
                all.push(Cached {
                    repo: repo.clone(),
                    commit,
                    revisions: revisions.map(|(name, _)| name.clone()).collect(),
                    content: content(&path),
                    path,
                });
            }
        }
        Ok(all)
    }
}

/// Names of the sub-folders, sorted; none of a folder that is not there.
fn folders(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(Error::Read { path: folder.to_owned(), source }),
    };
    let names = entries.flatten().filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = names.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

/// `models--org--name`
fn repo_of(folder: &str) -> Option<RepoName> {
    folder.strip_prefix("models--")?.replacen("--", "/", 1).parse().ok()
}

fn open(path: &Path) -> std::io::Result<File> {
    check_plain(path)?;
    File::open(path)
}

/// Whether a file begins as this program's adapters do.
fn is_ours(path: &Path) -> bool {
    const ENOUGH: u64 = 64;
    let mut start = Vec::new();
    let read = open(path).and_then(|file| file.take(ENOUGH).read_to_end(&mut start));
    let mark = br#"{"__metadata__":{"bl_adapter":"#;
    read.is_ok() && start.get(8..).is_some_and(|json| json.starts_with(mark))
}

/// Whether the config beside a file says that it is an adapter of this program: one that is damaged at its beginning, or
/// cannot be read, is named and not passed over.
fn says_ours(config: &Path) -> bool {
    let mut text = Vec::new();
    let read = open(config).and_then(|file| file.take(MAX_CONFIG).read_to_end(&mut text));
    let config = || serde_json::from_slice::<serde_json::Value>(&text).ok();
    read.is_ok() && config().is_some_and(|config| config["peft_type"] == agreement::PEFT_TYPE)
}

fn content(path: &Path) -> Result<CachedAdapter, bl_core::Error> {
    check_plain(path).map_err(|source| bl_core::Error::Read { path: path.to_owned(), source })?;
    let header = Adapter::load(path)?.header;
    Ok(CachedAdapter {
        task: header.task.name,
        title: header.task.title,
        kind: header.kind.to_string(),
        backbone: header.backbone.fingerprint,
        bytes: std::fs::metadata(path).map_or(0, |about| about.len()),
    })
}
