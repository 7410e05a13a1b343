//! Finished runs on disk, each written whole or not at all, so that a study goes on where it stopped.

use std::path::{Path, PathBuf};

use bl_core::{Adapter, canonical, files};
use bl_train::NetworkFile;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::data::OpenedTask;
use crate::outcome::Outcome;
use crate::run::Run;
use crate::study_error::StudyError;

const FORMAT: &str = "bl-study-run";
/// Of every file that a study writes.
pub(crate) const VERSION: u32 = 1;
const MAX_BYTES: u64 = 16 << 20;

/// The folder `runs/` of a results folder, shared by all studies: figures that show the same runs train them once.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    folder: PathBuf,
}

/// What identifies a run: its settings and the content of the data. Its digest is the name of the run's files, so its JSON
/// is what version 0.1 wrote: a run that says which images it learns from is a `run`, another a `time_run`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    run: Option<Run>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    time_run: Option<Run>,
    train_sha256: String,
    test_sha256: String,
}

impl Identity {
    pub(crate) fn new(run: &Run, data: &OpenedTask) -> Self {
        let (train_sha256, test_sha256) = (data.parts.train_sha256.clone(), data.parts.test_sha256.clone());
        let (run, time_run) = match run.data {
            Some(_) => (Some(run.clone()), None),
            None => (None, Some(run.clone())),
        };
        Self { run, time_run, train_sha256, test_sha256 }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    format: String,
    version: u32,
    identity: Identity,
    outcome: Outcome,
}

#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    format: String,
    #[serde(default)]
    version: u32,
}

/// The name that a run's files have: a function of all that identifies it.
fn key(identity: &Identity) -> Result<String, StudyError> {
    let text =
        canonical::to_string(identity).map_err(|source| bl_core::Error::Json { what: "run", source })?;
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    Ok(format!("{:016x}", u64::from_be_bytes(digest[..8].try_into().unwrap_or_default())))
}

impl Store {
    /// The store in a results folder.
    pub(crate) fn new(results: &Path) -> Self {
        Self { folder: results.join("runs") }
    }

    fn path(&self, identity: &Identity, extension: &str) -> Result<PathBuf, StudyError> {
        Ok(self.folder.join(format!("{}.{extension}", key(identity)?)))
    }

    /// Where a run keeps its checkpoint while it is under way.
    pub(crate) fn checkpoint(&self, identity: &Identity) -> Result<PathBuf, StudyError> {
        self.path(identity, "checkpoint")
    }

    /// Where a run's adapter or network is.
    pub(crate) fn product(&self, identity: &Identity) -> Result<PathBuf, StudyError> {
        self.path(identity, "safetensors")
    }

    /// The outcome of a run that is finished.
    pub(crate) fn load(&self, identity: &Identity) -> Result<Option<Outcome>, StudyError> {
        let path = self.path(identity, "json")?;
        if !path.exists() {
            return Ok(None);
        }
        let record: Record = read_json(&path, FORMAT)?;
        if record.identity == *identity {
            Ok(Some(record.outcome))
        } else {
            Err(StudyError::OtherContent { path, what: "run" })
        }
    }

    pub(crate) fn save(&self, identity: &Identity, outcome: &Outcome) -> Result<(), StudyError> {
        let (identity, outcome) = (identity.clone(), outcome.clone());
        let record = Record { format: FORMAT.to_owned(), version: VERSION, identity, outcome };
        write_json(&self.path(&record.identity, "json")?, &record)
    }

    pub(crate) fn adapter(&self, identity: &Identity) -> Result<Adapter, StudyError> {
        Ok(Adapter::load(self.product(identity)?)?)
    }

    /// The network of a run; none of a run that learned an adapter.
    pub(crate) fn network(&self, identity: &Identity) -> Result<Option<NetworkFile>, StudyError> {
        Ok(NetworkFile::load(&self.product(identity)?)?)
    }
}

/// Reads a file that this program wrote: of this format, and of this version.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path, format: &'static str) -> Result<T, StudyError> {
    let bytes = files::read_capped(path, MAX_BYTES)?;
    let damaged = |source| StudyError::Damaged { path: path.to_owned(), source };
    let head: Head = serde_json::from_slice(&bytes).map_err(damaged)?;
    if head.format != format {
        return Err(StudyError::OtherFormat { path: path.to_owned(), expected: format, found: head.format });
    }
    if head.version != VERSION {
        return Err(StudyError::OtherVersion {
            path: path.to_owned(),
            expected: VERSION,
            found: head.version,
        });
    }
    serde_json::from_slice(&bytes).map_err(damaged)
}

pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), StudyError> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|source| bl_core::Error::Json { what: "result", source })?;
    text.push('\n');
    files::write_atomically(path, text.as_bytes())?;
    Ok(())
}
