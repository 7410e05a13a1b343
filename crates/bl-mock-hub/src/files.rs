//! `/{org}/{name}/resolve/{revision}/{file}`: files and what identifies them.

use crate::answer::Answer;
use crate::request::Request;
use crate::store::{Store, etag, is_large};

/// The repository, the revision and the file of a path.
pub(crate) fn parts(path: &str) -> Option<(String, &str, &str)> {
    let (repo, rest) = path.trim_start_matches('/').split_once("/resolve/")?;
    let (revision, file) = rest.rsplit_once('/')?;
    Some((repo.to_owned(), revision, file))
}

pub(crate) fn answer(store: &Store, cdn: Option<&str>, request: &Request) -> Option<Answer> {
    if let Some(digest) = request.path.strip_prefix("/cdn/") {
        return Some(ranged(request, store.large_file(digest)?.clone()));
    }
    let (repo, revision, file) = parts(&request.path)?;
    let missing = |what: &str, code: &str| Answer::error(404, what).with("x-error-code", code);
    if store.repo(&repo).is_none() {
        return Some(missing("Repository not found", "RepoNotFound"));
    }
    let Some(commit) = store.resolve(&repo, revision) else {
        return Some(missing(&format!("Invalid rev id: {revision}"), "RevisionNotFound"));
    };
    let Some(bytes) = store.file(&repo, commit, file) else {
        return Some(missing("Entry not found", "EntryNotFound").with("x-repo-commit", commit));
    };
    let (tag, size) = (etag(file, bytes), bytes.len().to_string());
    if let Some(cdn) = cdn.filter(|_| is_large(file)) {
        let redirect = Answer::new(302, "Found. Redirecting")
            .with("location", format!("{cdn}/cdn/{tag}"))
            .with("x-repo-commit", commit)
            .with("x-linked-etag", format!("\"{tag}\""))
            .with("x-linked-size", size);
        return Some(redirect);
    }
    Some(ranged(request, bytes.clone()).with("etag", format!("\"{tag}\"")).with("x-repo-commit", commit))
}

/// A file, or the rest of it from where the request says.
pub(crate) fn ranged(request: &Request, bytes: Vec<u8>) -> Answer {
    match request.range {
        None => Answer::new(200, bytes),
        Some(first) if first < bytes.len() => {
            let range = format!("bytes {first}-{}/{}", bytes.len() - 1, bytes.len());
            Answer::new(206, &bytes[first..]).with("content-range", range)
        }
        Some(_) => Answer::new(416, ""),
    }
}
