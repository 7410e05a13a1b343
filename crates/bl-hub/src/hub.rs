//! The Hub as this crate's functions see it: an environment, and a client that is made when it is needed.

use std::cell::OnceCell;

use reqwest::header::HeaderMap;

use crate::ask::{Ask, text};
use crate::cache::RepoCache;
use crate::client::{Answered, Client, Retry};
use crate::digest::{BlobId, Commit};
use crate::environment::Environment;
use crate::error::Error;
use crate::name::{RepoName, Revision};

/// A hub and a cache. Making one opens no connection, nor does anything that the cache can answer.
pub struct Hub {
    pub(crate) environment: Environment,
    pub(crate) retry: Retry,
    client: OnceCell<Client>,
}

/// How far a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The file.
    pub file: &'a str,
    /// Bytes that are there.
    pub done: u64,
    /// Bytes in all, if that is known.
    pub total: Option<u64>,
}

/// Called as a transfer goes on.
pub(crate) type OnProgress<'a> = &'a mut dyn FnMut(Progress<'_>);

/// What the Hub states of a file before it is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) commit: Commit,
    pub(crate) id: BlobId,
    pub(crate) size: u64,
}

impl Hub {
    /// With the default retries.
    pub fn new(environment: Environment) -> Self {
        Self::with_retry(environment, Retry::default())
    }

    /// With other retries.
    pub fn with_retry(environment: Environment, retry: Retry) -> Self {
        Self { environment, retry, client: OnceCell::new() }
    }

    /// Where it is and what it may do.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    pub(crate) fn cache(&self, repo: &RepoName) -> RepoCache {
        RepoCache::new(&self.environment.cache, repo)
    }

    /// The client, if connections are allowed; `what` would need one.
    pub(crate) fn client(&self, what: &str) -> Result<&Client, Error> {
        if let Some(variable) = self.environment.offline {
            let cache = self.environment.cache.clone();
            return Err(Error::Offline { variable, what: what.to_owned(), cache });
        }
        if self.client.get().is_none() {
            let client = Client::new(&self.environment, self.retry)?;
            let _ = self.client.set(client); // it was empty
        }
        Ok(self.client.get().expect("just set"))
    }

    /// The address of a file.
    pub(crate) fn file_url(&self, repo: &RepoName, revision: &str, file: &str) -> url::Url {
        let (org, name) = repo.parts();
        self.environment.endpoint.url(&[org, name, "resolve", revision, file])
    }

    /// The address of a part of the API.
    pub(crate) fn api_url(&self, segments: &[&str]) -> url::Url {
        self.environment.endpoint.url(&[&["api"], segments].concat())
    }

    /// What the Hub states of a file.
    pub(crate) fn head(&self, repo: &RepoName, revision: &Revision, file: &str) -> Result<Facts, Error> {
        let what = format!("{repo}@{revision}/{file}");
        let client = self.client(&format!("`{what}`"))?;
        let ask = Ask::head(self.file_url(repo, revision.as_str(), file), &what);
        let answered = client
            .attempts(|| client.send(&ask))
            .map_err(|error| self.missing(error, repo, revision, file))?;
        facts(&answered, &what)
    }

    /// A 404 in words: of the repository, the revision, or the file.
    pub(crate) fn missing(&self, error: Error, repo: &RepoName, revision: &Revision, file: &str) -> Error {
        let Error::Status { status: 404, message, .. } = &error else { return error };
        let (repo, revision) = (repo.to_string(), revision.to_string());
        match message.as_str() {
            "RepoNotFound" => {
                Error::NoRepo { repo, host: self.environment.endpoint.to_string(), message: String::new() }
            }
            "RevisionNotFound" => Error::NoRevision { repo, revision },
            "EntryNotFound" => Error::NoFile { repo, revision, file: file.to_owned() },
            _ => error,
        }
    }
}

/// Reads what is stated; of several answers the first that states it counts, for the others are of a copy elsewhere.
fn facts(answered: &Answered, what: &str) -> Result<Facts, Error> {
    let answers: Vec<&HeaderMap> = answered.on_the_way.iter().chain([answered.response.headers()]).collect();
    let first = |name: &'static str| answers.iter().find_map(|headers| text(headers, name));
    let last = |name: &'static str| answers.iter().rev().find_map(|headers| text(headers, name));
    let wrong = |header, expected, found: Option<String>| Error::Header {
        what: what.to_owned(),
        header,
        expected,
        found: found.map_or("nothing".into(), |text| format!("`{text}`")),
    };
    let stated = first("x-repo-commit");
    let commit = stated.as_deref().and_then(|text| text.parse().ok());
    let commit = commit.ok_or_else(|| wrong("X-Repo-Commit", "40 hex digits", stated))?;
    let stated = first("x-linked-etag").or_else(|| last("etag"));
    let id = stated.as_deref().and_then(etag);
    let id = id.ok_or_else(|| wrong("ETag", "40 or 64 hex digits", stated))?;
    let stated = first("x-linked-size").or_else(|| last("content-length"));
    let size = stated.as_deref().and_then(|text| text.parse().ok());
    let size = size.ok_or_else(|| wrong("Content-Length", "a number of bytes", stated))?;
    Ok(Facts { commit, id, size })
}

/// `"0123…"`, or weak: `W/"0123…"`
fn etag(text: &str) -> Option<BlobId> {
    text.strip_prefix("W/").unwrap_or(text).trim_matches('"').parse().ok()
}

impl Facts {
    /// That the answer which brings the file speaks of the same one.
    pub(crate) fn check(&self, headers: &HeaderMap, what: &str) -> Result<(), Error> {
        let changed =
            |expected: String, found: String| Error::Changed { what: what.to_owned(), expected, found };
        if let Some(commit) = text(headers, "x-repo-commit")
            && commit.parse() != Ok(self.commit)
        {
            return Err(changed(format!("commit {}", self.commit), format!("commit `{commit}`")));
        }
        match text(headers, "etag") {
            Some(tag) if etag(&tag) != Some(self.id) => {
                Err(changed(format!("ETag {}", self.id), format!("ETag `{tag}`")))
            }
            _ => Ok(()),
        }
    }
}
