//! Finished runs on disk, each written whole or not at all, so that a study goes on where it stopped.

use std::path::{Path, PathBuf};

use bl_core::{BiasAdapter, canonical, files};
use bl_train::NetworkFile;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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

/// What identifies a run: its settings and the content of the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    pub(crate) run: Run,
    pub(crate) train_sha256: String,
    pub(crate) test_sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record<I, O> {
    format: String,
    version: u32,
    identity: I,
    outcome: O,
}

#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    format: String,
    #[serde(default)]
    version: u32,
}

/// The name that a run's files have: a function of all that identifies it.
fn key(identity: &impl Serialize) -> Result<String, StudyError> {
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

    fn path(&self, identity: &impl Serialize, extension: &str) -> Result<PathBuf, StudyError> {
        Ok(self.folder.join(format!("{}.{extension}", key(identity)?)))
    }

    /// Where a run keeps its checkpoint while it is under way.
    pub(crate) fn checkpoint(&self, identity: &impl Serialize) -> Result<PathBuf, StudyError> {
        self.path(identity, "checkpoint")
    }

    /// Where a run's adapter or network is.
    pub(crate) fn product(&self, identity: &impl Serialize) -> Result<PathBuf, StudyError> {
        self.path(identity, "safetensors")
    }

    /// The outcome of a run that is finished.
    pub(crate) fn load<I, O>(&self, identity: &I) -> Result<Option<O>, StudyError>
    where
        I: Serialize + DeserializeOwned + PartialEq,
        O: DeserializeOwned,
    {
        let path = self.path(identity, "json")?;
        if !path.exists() {
            return Ok(None);
        }
        let record: Record<I, O> = read_json(&path, FORMAT)?;
        if record.identity == *identity {
            Ok(Some(record.outcome))
        } else {
            Err(StudyError::OtherContent { path, what: "run" })
        }
    }

    pub(crate) fn save<I: Serialize, O: Serialize>(
        &self,
        identity: &I,
        outcome: &O,
    ) -> Result<(), StudyError> {
        let path = self.path(identity, "json")?;
        write_json(&path, &Record { format: FORMAT.to_owned(), version: VERSION, identity, outcome })
    }

    pub(crate) fn adapter(&self, identity: &Identity) -> Result<BiasAdapter, StudyError> {
        Ok(BiasAdapter::load(&self.product(identity)?)?)
    }

    pub(crate) fn network(&self, identity: &Identity) -> Result<NetworkFile, StudyError> {
        let path = self.product(identity)?;
        NetworkFile::load(&path)?.ok_or(StudyError::OtherContent { path, what: "kind of file" })
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
