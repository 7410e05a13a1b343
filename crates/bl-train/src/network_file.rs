//! The file of a fully trained network: what `train --method full` writes and `eval` reads.

use std::path::Path;

use bl_core::container::{self, Tensor};
use bl_core::header::{Metric, TaskInfo, TrainingRecord};
use bl_core::schema::InputSchema;
use bl_core::{BackboneSpec, Preprocessing, files};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::network::Network;

pub(crate) const KEY: &str = "bl_network";
pub(crate) const FORMAT: &str = "bl-network";
pub(crate) const VERSION: u32 = 1;
pub(crate) const MAX_BYTES: u64 = 4 << 30;

/// What a network's file says about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in an adapter's header")]
pub struct NetworkHeader {
    pub format: String,
    pub version: u32,
    pub task: TaskInfo,
    pub input: InputSchema,
    pub preprocessing: Preprocessing,
    /// The architecture; its distributions and seed say nothing here.
    pub architecture: BackboneSpec,
    pub training: TrainingRecord,
    pub metrics: Vec<Metric>,
}

impl NetworkHeader {
    /// The header of a network of this task.
    pub fn new(
        task: TaskInfo,
        input: InputSchema,
        network: &Network,
        training: TrainingRecord,
        metrics: Vec<Metric>,
    ) -> Self {
        let (preprocessing, architecture) = (network.preprocessing(), network.spec().clone());
        let (format, version) = (FORMAT.to_owned(), VERSION);
        Self { format, version, task, input, preprocessing, architecture, training, metrics }
    }
}

/// A fully trained network with its header.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct NetworkFile {
    pub header: NetworkHeader,
    pub network: Network,
}

impl NetworkFile {
    /// Writes a file, whole or not at all.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let header = serde_json::to_value(&self.header).map_err(json)?;
        let tensors: Vec<_> = self
            .network
            .parameters()
            .map(|(name, shape, values)| (name, Tensor { shape, ..Tensor::vector(values) }))
            .collect();
        files::write_atomically(path, &container::write_sealed(KEY, header, &tensors)?)?;
        Ok(())
    }

    /// Reads and verifies a file; none if it is a file of another kind.
    pub fn load(path: &Path) -> Result<Option<Self>, Error> {
        let bytes = files::read_capped(path, MAX_BYTES)?;
        match Self::read(&bytes) {
            Err(bl_core::Error::NoMetadata { .. }) => Ok(None),
            result => result.map(Some).map_err(|error| error.in_file(path).into()),
        }
    }

    fn read(bytes: &[u8]) -> Result<Self, bl_core::Error> {
        let (mut value, tensors) = container::read(KEY, bytes)?;
        let header: NetworkHeader = serde_json::from_value(value.clone()).map_err(json)?;
        if header.version != VERSION {
            return Err(bl_core::Error::UnknownVersion { found: header.version.into(), known: VERSION });
        }
        header.architecture.validate()?;
        let shapes = Network::shapes(&header.architecture);
        let names: Vec<String> = shapes.iter().map(|(name, _)| name.clone()).collect();
        container::no_others(&tensors, &names)?;
        let parameters = shapes
            .iter()
            .map(|(name, shape)| container::values(&tensors, name, shape))
            .collect::<Result<_, _>>()?;
        container::check_seal(&mut value, &tensors, &names)?;
        let network = Network::new(header.architecture.clone(), header.preprocessing, parameters);
        Ok(Self { header, network })
    }
}

fn json(source: serde_json::Error) -> bl_core::Error {
    bl_core::Error::Json { what: "network header", source }
}
