//! The file of a fully trained network: what `train --method full` writes and `eval` reads.

use std::path::Path;

use bl_core::adapter::task_fields::TaskFields;
use bl_core::container::{self, Tensor};
use bl_core::header::{Metric, TaskInfo, TrainingRecord};
use bl_core::{Io, Spec, files};
use bl_tasks::Trained;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::network::FullNetwork;

const KEY: &str = "bl_network";
const FORMAT: &str = "bl-network";
const VERSION: u32 = 1;
const MAX_BYTES: u64 = 4 << 30;

/// What a network's file says about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawHeader", into = "RawHeader")]
#[expect(missing_docs, reason = "as in an adapter's header")]
pub struct NetworkHeader {
    pub version: u32,
    pub requires: Vec<String>,
    pub task: TaskInfo,
    pub io: Io,
    /// The architecture; its distributions and seed say at most what the weights started from.
    pub architecture: Spec,
    pub training: TrainingRecord,
    pub metrics: Vec<Metric>,
}

/// The header as a file has it.
#[derive(Serialize, Deserialize)]
struct RawHeader {
    format: String,
    version: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    requires: Vec<String>,
    #[serde(flatten)]
    task: TaskFields,
    architecture: Spec,
    training: TrainingRecord,
    metrics: Vec<Metric>,
}

impl TryFrom<RawHeader> for NetworkHeader {
    type Error = String;

    fn try_from(raw: RawHeader) -> Result<Self, String> {
        let RawHeader { version, requires, task, architecture, training, metrics, .. } = raw;
        let (task, io) = task.parse()?;
        Ok(Self { version, requires, task, io, architecture, training, metrics })
    }
}

impl From<NetworkHeader> for RawHeader {
    fn from(header: NetworkHeader) -> Self {
        let NetworkHeader { version, requires, task, io, architecture, training, metrics } = header;
        let task = TaskFields::new(task, io).without_learned_state();
        Self { format: FORMAT.to_owned(), version, requires, task, architecture, training, metrics }
    }
}

/// A fully trained network with its header.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct NetworkFile {
    pub header: NetworkHeader,
    pub network: FullNetwork,
}

impl NetworkFile {
    /// A network of a task.
    pub fn new(
        task: TaskInfo,
        io: Io,
        network: FullNetwork,
        training: TrainingRecord,
        metrics: Vec<Metric>,
    ) -> Self {
        let architecture = network.spec();
        let requires = architecture.features(&io).into_iter().map(str::to_owned).collect();
        let header = NetworkHeader { version: VERSION, requires, task, io, architecture, training, metrics };
        Self { header, network }
    }

    /// What it was trained for.
    pub fn trained(&self) -> Trained<'_> {
        let NetworkHeader { task, io, training, metrics, .. } = &self.header;
        Trained { task, io, training: Some(training), metrics, encoder: None }
    }

    /// The bytes of a file.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let header = serde_json::to_value(&self.header).map_err(json)?;
        let named = self.network.named().into_iter();
        let tensors: Vec<_> =
            named.map(|(name, shape, values)| (name, Tensor { shape, ..Tensor::vector(values) })).collect();
        Ok(container::write_sealed(KEY, header, &tensors)?)
    }

    /// Writes a file, whole or not at all.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        Ok(files::write_atomically(path, &self.to_bytes()?)?)
    }

    /// Reads and verifies a file; none if it is a file of another kind.
    pub fn load(path: &Path) -> Result<Option<Self>, Error> {
        let bytes = files::read_capped(path, MAX_BYTES.min(bl_core::memory::limit()))?;
        let in_file = |error: Error| match error {
            Error::Core(error) => Error::Core(error.in_file(path)),
            other => other,
        };
        match Self::from_bytes(&bytes) {
            Err(Error::Core(bl_core::Error::NoMetadata { .. } | bl_core::Error::OtherKind { .. })) => {
                Ok(None)
            }
            result => result.map(Some).map_err(in_file),
        }
    }

    /// Reads and verifies the bytes of a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (mut value, tensors) = container::read(KEY, bytes)?;
        let found = value.get("version").and_then(Value::as_u64).unwrap_or(0);
        if found != u64::from(VERSION) {
            return Err(bl_core::Error::UnknownVersion { found, known: VERSION }.into());
        }
        let header: NetworkHeader = serde_json::from_value(value.clone()).map_err(json)?;
        header.architecture.validate()?;
        header.io.validate()?;
        let requires = header.architecture.features(&header.io);
        if header.requires != requires {
            let found = header.requires.join(", ");
            return Err(Error::NetworkRequires { found, expected: requires.join(", ") });
        }
        header.architecture.check_fits(&header.io, header.task.labels.len())?;
        let shapes = FullNetwork::shapes(&header.architecture);
        let names: Vec<String> = shapes.iter().map(|(name, _)| name.clone()).collect();
        container::no_others(&tensors, &names)?;
        let parameters = shapes
            .iter()
            .map(|(name, shape)| container::values(&tensors, name, shape))
            .collect::<Result<_, _>>()?;
        container::check_seal(&mut value, &tensors, &names)?;
        let network = FullNetwork::new(&header.architecture, &header.io, parameters)?;
        Ok(Self { header, network })
    }
}

fn json(source: serde_json::Error) -> bl_core::Error {
    bl_core::Error::Json { what: "network header", source }
}
