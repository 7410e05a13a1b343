//! The official files of data sets: each with the addresses that have it, and the digest of what it holds.
//!
//! gzip can pack one content in many ways, and mirrors differ: what counts is what a file holds once it is unpacked.

mod archive;
mod sets;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use bl_core::text::hex;
use bl_tasks::{DataDir, find_task};
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use url::Url;

use crate::client::Client;
use crate::error::Error;
use crate::hub::{Hub, OnProgress, Progress};
use crate::transfer::Transfer;
use sets::SETS;
pub use sets::{DataFile, OfficialSet};

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Where it is.
    pub path: PathBuf,
    /// The address that had it; none if a valid one was here.
    pub from: Option<String>,
}

/// The set of a task.
pub fn official_set(task: &str) -> Result<&'static OfficialSet, Error> {
    let no_files = |why| Error::NoOfficialFiles { task: task.to_owned(), why };
    match SETS.iter().find(|set| set.task == task) {
        Some(set) => Ok(set),
        None if find_task(task).is_some() => Err(no_files("its data are simulated")),
        None => Err(no_files("it is not a data set that this program knows")),
    }
}

impl Hub {
    /// Fetches the files of a set into `<data>/<task>/`, one after the other; valid ones that are there
    /// stay. A `mirror` is a folder with one sub-folder per task, and is the only one that is asked.
    pub fn fetch_data(
        &self,
        set: &OfficialSet,
        data: &DataDir,
        mirror: Option<&str>,
        on_progress: OnProgress<'_>,
    ) -> Result<Vec<Fetched>, Error> {
        let folder = data.folder(set.task);
        let is_there = |file: &&DataFile| {
            let path = folder.join(file.name);
            path.is_file() && file.check(&path).is_ok()
        };
        let missing: Vec<&DataFile> = set.files.iter().filter(|file| !is_there(file)).collect();
        let mut came: Vec<(&str, String)> = Vec::new();
        if !missing.is_empty() {
            self.client(&format!("the data of `{}`", set.task))?; // connections must be allowed
            let client = Client::without_token(&self.environment, self.retry)?;
            let place = Place { client: &client, set, folder: &folder, mirror };
            match set.archive {
                Some(archive) => {
                    let from = place.take_archive(archive, &missing, on_progress)?;
                    came.extend(missing.iter().map(|file| (file.name, from.clone())));
                }
                None => {
                    for file in missing {
                        came.push((file.name, place.take_file(file, on_progress)?));
                    }
                }
            }
        }
        let from = |name: &str| came.iter().find(|(came, _)| *came == name).map(|(_, from)| from.clone());
        let fetched =
            set.files.iter().map(|file| Fetched { path: folder.join(file.name), from: from(file.name) });
        Ok(fetched.collect())
    }
}

/// Where files come from, and where they go.
struct Place<'a> {
    client: &'a Client,
    set: &'a OfficialSet,
    folder: &'a Path,
    mirror: Option<&'a str>,
}

impl Place<'_> {
    /// Fetches one file; returns the address.
    fn take_file(&self, file: &DataFile, on_progress: OnProgress<'_>) -> Result<String, Error> {
        // Packed it is hardly ever larger, and never by much.
        let max = file.bytes + file.bytes / 100 + 4096;
        let check = |part: &Path| file.check(part);
        let (from, part) = self.of_mirrors(&Wanted { name: file.name, max, check: &check }, on_progress)?;
        self.keep(file, &part)?;
        Ok(from)
    }

    /// Fetches the archive, and takes the missing files out of it; returns the address.
    fn take_archive(
        &self,
        (name, bytes): (&str, u64),
        missing: &[&DataFile],
        on_progress: OnProgress<'_>,
    ) -> Result<String, Error> {
        let check = |part: &Path| {
            let parts = archive::unpack(part, missing)?;
            missing.iter().zip(&parts).try_for_each(|(file, part)| file.check(part))
        };
        let wanted = Wanted { name, max: bytes + bytes / 100 + 4096, check: &check };
        let taken = self.of_mirrors(&wanted, on_progress);
        let parts = missing.iter().map(|file| (file, self.folder.join(format!(".{}.part", file.name))));
        let (from, archive) = match taken {
            Ok(taken) => taken,
            Err(error) => {
                parts.for_each(|(_, part)| drop(std::fs::remove_file(part)));
                let _ = std::fs::remove_dir(self.folder); // if there is nothing in it
                return Err(error);
            }
        };
        for (file, part) in parts {
            self.keep(file, &part)?;
        }
        let _ = std::fs::remove_file(archive);
        Ok(from)
    }

    fn keep(&self, file: &DataFile, part: &Path) -> Result<(), Error> {
        let path = self.folder.join(file.name);
        std::fs::rename(part, &path).map_err(|source| Error::Write { path, source })
    }

    /// The first mirror that serves a valid copy.
    fn of_mirrors(
        &self,
        wanted: &Wanted<'_>,
        on_progress: OnProgress<'_>,
    ) -> Result<(String, PathBuf), Error> {
        let set = self.set;
        let addresses: Vec<Result<Url, Error>> = match self.mirror {
            Some(mirror) => vec![address(mirror, &[set.task, wanted.name])],
            None => set.mirrors.iter().map(|mirror| address(mirror, &[wanted.name])).collect(),
        };
        let mut failures = Vec::new();
        for url in addresses {
            let url = url?;
            match fetch(self.client, &url, wanted, self.folder, on_progress) {
                Ok(content) => return Ok((url.into(), content)),
                Err(error @ (Error::Write { .. } | Error::Read { .. })) => return Err(error),
                Err(error) => failures.push(error),
            }
        }
        let _ = std::fs::remove_dir(self.folder); // if there is nothing in it
        let only = failures.len() == 1;
        match failures.pop() {
            Some(failure) if only => Err(failure),
            last => {
                failures.extend(last);
                Err(Error::NoMirror { file: wanted.name.to_owned(), failures })
            }
        }
    }
}

/// A file on a mirror.
struct Wanted<'a> {
    name: &'a str,
    /// Bytes, at most.
    max: u64,
    /// That it holds what it should.
    check: &'a dyn Fn(&Path) -> Result<(), Error>,
}

fn address(mirror: &str, segments: &[&str]) -> Result<Url, Error> {
    let (name, expected, found) = ("--mirror", "an http or https address", mirror.to_owned());
    let url = Url::parse(mirror).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let mut url = url.ok_or(Error::Variable { name, expected, found })?;
    url.path_segments_mut().expect("http has a path").pop_if_empty().extend(segments);
    Ok(url)
}

/// Fetches a file beside its place, or the rest of it if an earlier run broke off, and checks it.
fn fetch(
    client: &Client,
    url: &Url,
    wanted: &Wanted<'_>,
    folder: &Path,
    on_progress: OnProgress<'_>,
) -> Result<PathBuf, Error> {
    let max = wanted.max;
    let transfer = Transfer { url: url.clone(), what: url.as_str(), size: None, max, check: &|_| Ok(()) };
    let mut on_bytes = |done, total| on_progress(Progress { file: wanted.name, done, total });
    let part = folder.join(format!(".{}.part", wanted.name));
    let mut is_rest = std::fs::metadata(&part).is_ok_and(|part| part.len() > 0);
    loop {
        client.fetch_on_disk(&transfer, &part, &mut on_bytes)?;
        let Err(error) = (wanted.check)(&part) else { return Ok(part) };
        let _ = std::fs::remove_file(&part);
        // The beginning may be from another mirror, which packs otherwise.
        if !std::mem::take(&mut is_rest) {
            return Err(match error {
                Error::Unpacked { expected, found, .. } => {
                    Error::Unpacked { what: url.to_string(), expected, found }
                }
                error => error,
            });
        }
    }
}

impl DataFile {
    /// That a file holds what it should.
    pub fn check(&self, path: &Path) -> Result<(), Error> {
        let read = |source| Error::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(read)?;
        let wrong = |expected: String, found: String| Error::Unpacked {
            what: path.display().to_string(),
            expected,
            found,
        };
        let is_packed = Path::new(self.name).extension().is_some_and(|extension| extension == "gz");
        let unpacked: &mut dyn Read = if is_packed { &mut MultiGzDecoder::new(file) } else { &mut { file } };
        let mut unpacked = unpacked.take(self.bytes + 1);
        let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
        loop {
            match unpacked.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    hash.update(&buffer[..count]);
                    bytes += count as u64;
                }
                Err(error) => {
                    return Err(wrong(format!("{} bytes", self.bytes), format!("{bytes}, then {error}")));
                }
            }
        }
        if bytes != self.bytes {
            let more = if bytes > self.bytes { "more" } else { "fewer" };
            return Err(wrong(format!("{} bytes", self.bytes), format!("{more} ({bytes})")));
        }
        let found = hex(&hash.finalize());
        if found == self.sha256 { Ok(()) } else { Err(wrong(format!("sha256 {}", self.sha256), found)) }
    }
}
