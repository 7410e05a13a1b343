//! A fully trained recurrent network on disk: a sealed container as an adapter's, so that `eval` can measure it again.

use std::path::Path;

use bl_core::container::{self, Tensor};
use bl_core::files;
use bl_core::header::{Metric, TrainingRecord};
use bl_core::recurrent::{FEATURE, RecurrentSpec, Signal, SignalTask};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::network::RecurrentNetwork;
use crate::error::Error;
use crate::network_file::{FORMAT, KEY, MAX_BYTES, VERSION};

/// What a recurrent network's file says about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in an adapter's header")]
pub struct RecurrentNetworkHeader {
    pub format: String,
    pub version: u32,
    pub requires: Vec<String>,
    pub task: SignalTask,
    pub signal: Signal,
    /// The size and the leak; its distributions and seed are what the weights started from.
    pub architecture: RecurrentSpec,
    pub training: TrainingRecord,
    pub metrics: Vec<Metric>,
}

/// A fully trained recurrent network with its header.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct RecurrentNetworkFile {
    pub header: RecurrentNetworkHeader,
    pub network: RecurrentNetwork,
}

impl RecurrentNetworkFile {
    pub(crate) fn new(
        task: SignalTask,
        signal: Signal,
        network: RecurrentNetwork,
        training: TrainingRecord,
        metrics: Vec<Metric>,
    ) -> Self {
        let header = RecurrentNetworkHeader {
            format: FORMAT.to_owned(),
            version: VERSION,
            requires: vec![FEATURE.to_owned()],
            task,
            signal,
            architecture: network.spec().clone(),
            training,
            metrics,
        };
        Self { header, network }
    }

    /// Writes a file, whole or not at all.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let header = serde_json::to_value(&self.header).map_err(json)?;
        let initial = self.network.initial_state();
        let state = ("state.0", vec![initial.len()], initial);
        let tensors: Vec<_> = self
            .network
            .parameters()
            .chain([state])
            .map(|(name, shape, values)| (name.to_owned(), Tensor { shape, ..Tensor::vector(values) }))
            .collect();
        files::write_atomically(path, &container::write_sealed(KEY, header, &tensors)?)?;
        Ok(())
    }

    /// Reads and verifies a file; none if it is a file of another kind.
    pub fn load(path: &Path) -> Result<Option<Self>, Error> {
        let bytes = files::read_capped(path, MAX_BYTES)?;
        match Self::read(&bytes) {
            Err(bl_core::Error::NoMetadata { .. }) => Ok(None),
            result => result.map_err(|error| error.in_file(path).into()),
        }
    }

    fn read(bytes: &[u8]) -> Result<Option<Self>, bl_core::Error> {
        let (mut value, tensors) = container::read(KEY, bytes)?;
        let features = value.get("requires").and_then(Value::as_array).into_iter().flatten();
        if !features.filter_map(Value::as_str).any(|feature| feature == FEATURE) {
            return Ok(None);
        }
        let header: RecurrentNetworkHeader = serde_json::from_value(value.clone()).map_err(json)?;
        if header.version != VERSION {
            return Err(bl_core::Error::UnknownVersion { found: header.version.into(), known: VERSION });
        }
        header.architecture.validate()?;
        let units = header.architecture.units as usize;
        let shapes = RecurrentNetwork::shapes(&header.architecture);
        let names: Vec<String> =
            shapes.iter().map(|(name, _)| (*name).to_owned()).chain(["state.0".to_owned()]).collect();
        container::no_others(&tensors, &names)?;
        let parameters = shapes
            .iter()
            .map(|(name, shape)| container::values(&tensors, name, shape))
            .collect::<Result<_, _>>()?;
        let initial = container::vector(&tensors, "state.0", units)?;
        container::check_seal(&mut value, &tensors, &names)?;
        let network = RecurrentNetwork::new(header.architecture.clone(), parameters, initial);
        Ok(Some(Self { header, network }))
    }
}

fn json(source: serde_json::Error) -> bl_core::Error {
    bl_core::Error::Json { what: "network header", source }
}
