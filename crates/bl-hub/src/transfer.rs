//! Files into a temporary place: resumed where they broke off, and checked before they get a name.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use bl_core::files::check_plain;
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderMap};
use tempfile::NamedTempFile;
use url::Url;

use crate::ask::{Ask, text};
use crate::client::{Answered, Client};
use crate::digest::{BlobHash, BlobId};
use crate::error::Error;

/// What is to be fetched.
pub(crate) struct Transfer<'a> {
    pub(crate) url: Url,
    /// Of what messages and progress speak.
    pub(crate) what: &'a str,
    /// Its size, if it is known.
    pub(crate) size: Option<u64>,
    /// More is refused.
    pub(crate) max: u64,
    /// What the final answer's headers must say, if it is the endpoint's own.
    pub(crate) check: &'a dyn Fn(&HeaderMap) -> Result<(), Error>,
}

/// Called with the bytes that are there and, if known, those that are to come.
pub(crate) type OnBytes<'a> = &'a mut dyn FnMut(u64, Option<u64>);

/// Where a transfer stands between two attempts.
struct Stand<'a> {
    file: &'a mut File,
    have: u64,
    total: Option<u64>,
}

impl Client {
    /// Fetches into a new file in `folder`, which is deleted unless the caller keeps it.
    pub(crate) fn fetch(
        &self,
        transfer: &Transfer<'_>,
        folder: &Path,
        on_bytes: OnBytes<'_>,
    ) -> Result<NamedTempFile, Error> {
        let write = |source| Error::Write { path: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(write)?;
        let mut temporary =
            tempfile::Builder::new().prefix(".").suffix(".incomplete").tempfile_in(folder).map_err(write)?;
        let mut stand = Stand { file: temporary.as_file_mut(), have: 0, total: transfer.size };
        self.attempts(|| self.fetch_on(transfer, &mut stand, on_bytes, folder))?;
        temporary.as_file().sync_all().map_err(write)?;
        Ok(temporary)
    }

    /// Fetches into the file at `path`, from where an earlier run ended. What came is kept if more could come, for the next
    /// run; the caller checks it.
    pub(crate) fn fetch_on_disk(
        &self,
        transfer: &Transfer<'_>,
        path: &Path,
        on_bytes: OnBytes<'_>,
    ) -> Result<(), Error> {
        let folder = path.parent().unwrap_or(path);
        let write = |source| Error::Write { path: path.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(write)?;
        check_plain(path).map_err(write)?;
        let mut file = File::options().create(true).truncate(false).write(true).open(path).map_err(write)?;
        let have = file.metadata().map_err(write)?.len();
        let mut stand = Stand { file: &mut file, have, total: transfer.size };
        let fetched = self.attempts(|| self.fetch_on(transfer, &mut stand, on_bytes, folder));
        let has_begun = stand.have > 0;
        match fetched {
            Ok(()) => file.sync_all().map_err(write),
            Err(error) => {
                let is_worth_it = error.is_transient() || matches!(error, Error::TooSlow { .. });
                if !(is_worth_it && has_begun) {
                    let _ = std::fs::remove_file(path);
                }
                Err(error)
            }
        }
    }

    /// One attempt, from where the last one ended.
    fn fetch_on(
        &self,
        transfer: &Transfer<'_>,
        stand: &mut Stand<'_>,
        on_bytes: OnBytes<'_>,
        folder: &Path,
    ) -> Result<(), Error> {
        let write = |source| Error::Write { path: folder.to_owned(), source };
        let what = || transfer.what.to_owned();
        let ask = Ask { from: stand.have, ..Ask::get(transfer.url.clone(), transfer.what) };
        let answer = match self.send(&ask) {
            // The server has less than we have: it is not the same file any more.
            Err(Error::Status { status: 416, .. }) => {
                stand.have = 0;
                self.send(&Ask { from: 0, ..ask })?
            }
            other => other?,
        };
        let Answered { mut response, is_from_endpoint, .. } = answer;
        let headers = response.headers();
        let status = response.status().as_u16();
        if text(headers, CONTENT_TYPE.as_str()).is_some_and(|kind| kind.starts_with("text/html")) {
            return Err(Error::Page { what: what(), status });
        }
        if is_from_endpoint {
            (transfer.check)(headers)?;
        }
        if status != 206 || !continues(headers, stand) {
            stand.have = 0;
        }
        stand.file.set_len(stand.have).map_err(write)?;
        stand.file.seek(SeekFrom::Start(stand.have)).map_err(write)?;
        let announced = text(headers, CONTENT_LENGTH.as_str()).and_then(|length| length.parse::<u64>().ok());
        if let Some(found) = announced.map(|length| stand.have + length) {
            match stand.total {
                Some(expected) if expected != found => {
                    return Err(Error::Size { what: what(), expected, found });
                }
                _ => stand.total = Some(found),
            }
        }
        let max = transfer.max;
        if let Some(found) = stand.total.filter(|total| *total > max) {
            return Err(Error::TooLarge { what: what(), found, max });
        }
        let mut pace = self.pace();
        loop {
            on_bytes(stand.have, stand.total);
            let chunk = match self.next_chunk(&mut response, &mut pace, &transfer.url) {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(Error::Connect { .. }) => {
                    let expected = stand.total.unwrap_or(stand.have + 1);
                    return Err(Error::Truncated { what: what(), expected, found: stand.have });
                }
                Err(error) => return Err(error),
            };
            stand.file.write_all(&chunk).map_err(write)?;
            stand.have += chunk.len() as u64;
            if stand.have > stand.total.unwrap_or(max) {
                return Err(Error::TooLarge {
                    what: what(),
                    found: stand.have,
                    max: stand.total.unwrap_or(max),
                });
            }
        }
        match stand.total {
            Some(expected) if expected != stand.have => {
                Err(Error::Truncated { what: what(), expected, found: stand.have })
            }
            _ => Ok(()),
        }
    }
}

/// Whether an answer goes on where the last one ended.
fn continues(headers: &HeaderMap, stand: &Stand<'_>) -> bool {
    let range = text(headers, CONTENT_RANGE.as_str()).unwrap_or_default();
    let numbers = range.strip_prefix("bytes ").and_then(|range| range.split_once('/'));
    let Some((range, total)) = numbers else { return false };
    let first = range.split_once('-').and_then(|(first, _)| first.parse::<u64>().ok());
    let same_total = stand.total.is_none_or(|expected| total.parse() == Ok(expected));
    first == Some(stand.have) && same_total
}

/// The digest of a file's content, of the kind of `expected`.
pub(crate) fn digest_of(path: &Path, expected: BlobId) -> Result<BlobId, Error> {
    let read = |source| Error::Read { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(read)?;
    let mut hash = BlobHash::new(expected, file.metadata().map_err(read)?.len());
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(read)? {
            0 => return Ok(hash.finish()),
            count => hash.update(&buffer[..count]),
        }
    }
}
