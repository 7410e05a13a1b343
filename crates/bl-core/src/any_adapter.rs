//! An adapter file of either kind.

use std::path::Path;

use crate::adapter::BiasAdapter;
use crate::adapter_file::MAX_BYTES;
use crate::error::Error;
use crate::files;
use crate::fingerprint::Fingerprint;
use crate::recurrent::RecurrentAdapter;

/// What an adapter file holds: a program that takes any need not know before it has looked.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyAdapter {
    /// Of a feed-forward network.
    Pictures(Box<BiasAdapter>),
    /// Of a recurrent network.
    Time(Box<RecurrentAdapter>),
}

impl AnyAdapter {
    /// Reads and verifies a file.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let bytes = files::read_capped(path, MAX_BYTES)?;
        Self::from_bytes(&bytes).map_err(|error| error.in_file(path))
    }

    /// Reads and verifies the bytes of a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        match BiasAdapter::from_bytes(bytes) {
            Ok(adapter) => Ok(Self::Pictures(Box::new(adapter))),
            Err(Error::OtherDomain { .. }) => Ok(Self::Time(Box::new(RecurrentAdapter::from_bytes(bytes)?))),
            Err(error) => Err(error),
        }
    }

    /// The bytes of its file.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Pictures(adapter) => adapter.to_bytes(),
            Self::Time(adapter) => adapter.to_bytes(),
        }
    }

    /// The backbone it belongs to.
    pub fn backbone(&self) -> Fingerprint {
        match self {
            Self::Pictures(adapter) => adapter.header.backbone.fingerprint,
            Self::Time(adapter) => adapter.header.backbone.fingerprint,
        }
    }

    /// Names of header fields that this program does not know, for a warning.
    pub fn unknown_fields(&self) -> Vec<String> {
        match self {
            Self::Pictures(adapter) => adapter.unknown_fields(),
            Self::Time(adapter) => adapter.unknown_fields(),
        }
    }
}
