//! An adapter that is ready to run, named by its content.

use std::fmt;
use std::sync::Arc;

use bl_core::recurrent::{Adapted, RecurrentAdapter, RecurrentBackbone};
use bl_core::{Backbone, Fingerprint, Header, Prepared};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::Error;

/// SHA-256 of an adapter's file: what `sha256sum` prints of it. The same bytes are the same generation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(into = "String")]
pub struct GenerationId([u8; 32]);

impl GenerationId {
    pub(crate) fn of(file: &[u8]) -> Self {
        Self(Sha256::digest(file).into())
    }

    /// The first 16 hex digits: enough to tell generations apart in an address.
    pub fn short(&self) -> String {
        self.to_string()[..16].to_owned()
    }
}

impl fmt::Display for GenerationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for GenerationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<GenerationId> for String {
    fn from(id: GenerationId) -> Self {
        id.to_string()
    }
}

/// One adapter, verified and on its backbone. Nothing changes it; another content is another generation.
pub struct Generation {
    id: GenerationId,
    model: Model,
    resident: usize,
}

/// What an adapter does.
pub enum Model {
    /// Class scores of a picture.
    Pictures(PictureModel),
    /// A trajectory.
    Time(TimeModel),
}

/// A feed-forward adapter on its backbone. Its biases are kept once, as the kernels take them.
pub struct PictureModel {
    /// What the file says about itself.
    pub header: Header,
    /// The frozen weights, shared.
    pub backbone: Arc<Backbone>,
    /// The adapter half.
    pub prepared: Prepared,
}

/// A recurrent adapter on its backbone.
pub struct TimeModel {
    /// The adapter and its header.
    pub adapter: RecurrentAdapter,
    /// The frozen weights, shared.
    pub backbone: Arc<RecurrentBackbone>,
}

impl Generation {
    /// `file` are the bytes that `model` was read from.
    pub(crate) fn new(id: GenerationId, model: Model, file: &[u8]) -> Self {
        let values = match &model {
            Model::Pictures(model) => model.prepared.bytes(),
            Model::Time(model) => model.adapter.resident_bytes(),
        };
        Self { id, resident: values + header_bytes(file), model }
    }

    /// What identifies its content.
    pub fn id(&self) -> GenerationId {
        self.id
    }

    /// What it does.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Memory that it holds beside the backbone, nearly: its values, and its header as long as in the file.
    pub fn resident_bytes(&self) -> usize {
        self.resident
    }

    /// The frozen weights it runs on.
    pub fn backbone(&self) -> Fingerprint {
        match &self.model {
            Model::Pictures(model) => model.backbone.fingerprint(),
            Model::Time(model) => model.backbone.fingerprint(),
        }
    }

    /// Short name of its task.
    pub fn task(&self) -> &str {
        match &self.model {
            Model::Pictures(model) => &model.header.task.name,
            Model::Time(model) => &model.adapter.header.task.name,
        }
    }

    /// Name of its task for people.
    pub fn title(&self) -> &str {
        match &self.model {
            Model::Pictures(model) => &model.header.task.title,
            Model::Time(model) => &model.adapter.header.task.title,
        }
    }

    /// As one that tells pictures apart.
    pub fn pictures(&self) -> Result<&PictureModel, Error> {
        match &self.model {
            Model::Pictures(model) => Ok(model),
            Model::Time(_) => Err(Error::OtherKind { expected: "pictures", found: "a task in time" }),
        }
    }

    /// As one of a task in time.
    pub fn time(&self) -> Result<&TimeModel, Error> {
        match &self.model {
            Model::Time(model) => Ok(model),
            Model::Pictures(_) => Err(Error::OtherKind { expected: "a task in time", found: "pictures" }),
        }
    }
}

impl TimeModel {
    /// The network.
    pub fn net(&self) -> Result<Adapted<'_>, Error> {
        Ok(self.adapter.on(&self.backbone)?)
    }
}

/// Length of the JSON that a safetensors file begins with.
fn header_bytes(file: &[u8]) -> usize {
    file.first_chunk::<8>().map_or(0, |len| u64::from_le_bytes(*len) as usize)
}
