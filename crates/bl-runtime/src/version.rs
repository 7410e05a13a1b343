//! An adapter that is ready to run, named by its content.

use bl_core::Model;

use crate::id::VersionId;

/// One adapter, verified and on its backbone. Nothing changes it; another content is another version.
pub struct Version {
    id: VersionId,
    model: Model,
    resident: usize,
}

impl Version {
    /// `file` are the bytes that `model` was read from.
    pub(crate) fn new(id: VersionId, model: Model, file: &[u8]) -> Self {
        Self { id, resident: model.bytes() + header_bytes(file), model }
    }

    /// What identifies its content.
    pub fn id(&self) -> VersionId {
        self.id
    }

    /// What runs: its header, its half, and the backbone that it shares.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Approximate memory beside the backbone: its values, and its header as long as in the file.
    pub fn resident_bytes(&self) -> usize {
        self.resident
    }
}

/// Length of the JSON that a safetensors file begins with.
fn header_bytes(file: &[u8]) -> usize {
    file.first_chunk::<8>().map_or(0, |len| u64::from_le_bytes(*len) as usize)
}
