//! What a task adds to a backbone: the biases of its hidden units.

use std::path::Path;

use crate::adapter_file;
use crate::error::Error;
use crate::files;
use crate::header::{Header, UnknownField};

/// One task's biases, with everything that is needed to run them.
#[derive(Clone, Debug, PartialEq)]
pub struct BiasAdapter {
    /// What the file says about itself.
    pub header: Header,
    /// One vector for each hidden layer.
    pub biases: Vec<Vec<f32>>,
    /// Header fields that this program does not know: kept when the adapter is written again.
    pub(crate) unknown: Vec<UnknownField>,
}

impl BiasAdapter {
    /// A new adapter; the header and the biases must fit each other and be finite.
    pub fn new(header: Header, biases: Vec<Vec<f32>>) -> Result<Self, Error> {
        let adapter = Self { header, biases, unknown: Vec::new() };
        adapter_file::check(&adapter)?;
        Ok(adapter)
    }

    /// Reads and verifies a file.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let bytes = files::read_capped(path, adapter_file::MAX_BYTES)?;
        Self::from_bytes(&bytes).map_err(|error| error.in_file(path))
    }

    /// Reads and verifies the bytes of a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        adapter_file::read(bytes)
    }

    /// Writes a file: to a temporary name first, so that an existing one is replaced whole or not at all.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        files::write_atomically(path, &self.to_bytes()?)
    }

    /// The bytes of a file; the same adapter gives the same bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        adapter_file::write(self)
    }

    /// Number of learned parameters.
    pub fn parameters(&self) -> usize {
        self.biases.iter().map(Vec::len).sum()
    }

    /// Names of header fields that this program does not know, for a warning.
    pub fn unknown_fields(&self) -> Vec<String> {
        self.unknown.iter().map(UnknownField::name).collect()
    }
}
