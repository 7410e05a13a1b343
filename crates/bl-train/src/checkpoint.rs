//! A run on its way: parameters and optimiser state, enough to go on to the very same bytes.

use std::path::{Path, PathBuf};

use bl_core::container::{self, Dtype, Tensor};
use bl_core::{Fingerprint, canonical, files};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::adam::Adam;
use crate::error::Error;
use crate::method::ANY_ISA;
use crate::objective::Initial;

const KEY: &str = "bl_checkpoint";
const VERSION: u32 = 4; // 1 had biases alone, 2 the epochs in its header, which may not hold 20,000 of them
/// Its sums were taken in an order of the instruction set.
const BEFORE: u32 = 3;
/// The metrics of each epoch: three little-endian f64.
const EPOCHS: &str = "epochs";
const MAX_BYTES: u64 = 4 << 30;

/// What identifies a run: only the same run may be resumed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunIdentity {
    pub(crate) config: Value,
    pub(crate) backbone: Fingerprint,
    pub(crate) train_sha256: String,
    /// The instruction set that results depend on.
    pub(crate) isa: String,
}

impl RunIdentity {
    pub(crate) fn new(
        config: &impl Serialize,
        backbone: Fingerprint,
        train_sha256: String,
        isa: String,
    ) -> Result<Self, Error> {
        // As a file has it, where 1.0 is `1`: values are compared.
        let config =
            canonical::to_string(config).and_then(|text| serde_json::from_str(&text)).map_err(json)?;
        Ok(Self { config, backbone, train_sha256, isa })
    }
}

/// The state between two epochs; everything random is a function of the seed and the epoch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    /// Those that are done.
    pub(crate) epochs: Vec<EpochMetrics>,
    pub(crate) steps_done: u64,
    pub(crate) parameters: Vec<Vec<f32>>,
    pub(crate) adam: Vec<Adam>,
}

/// What an epoch came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochMetrics {
    /// Mean loss over the epoch, as the parameters moved.
    pub loss: f64,
    /// Accuracy over the epoch, as the parameters moved; 0 of a task without classes.
    pub accuracy: f64,
    /// Duration.
    pub seconds: f64,
}

impl EpochMetrics {
    fn to_bytes(self) -> Vec<u8> {
        [self.loss, self.accuracy, self.seconds].iter().flat_map(|metric| metric.to_le_bytes()).collect()
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let mut metrics = bytes.chunks_exact(8).map(|f| f64::from_le_bytes(f.try_into().unwrap_or_default()));
        let [loss, accuracy, seconds] = std::array::from_fn(|_| metrics.next().unwrap_or_default());
        Self { loss, accuracy, seconds }
    }
}

#[derive(Serialize, Deserialize)]
struct Metadata {
    version: u32,
    run: RunIdentity,
    epochs: usize,
    steps_done: u64,
}

/// Where the checkpoint of an adapter file lies: beside it.
pub fn checkpoint_path(adapter: &Path) -> PathBuf {
    let mut name = adapter.file_name().unwrap_or_default().to_owned();
    name.push(".checkpoint");
    adapter.with_file_name(name)
}

/// Gives a checkpoint that is there another name, one that is free.
pub(crate) fn set_aside(path: &Path) -> Result<Option<PathBuf>, Error> {
    if !path.exists() {
        return Ok(None);
    }
    let numbered = |nth: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{nth}"));
        PathBuf::from(name)
    };
    let free = (1..=u32::MAX).map(numbered).find(|path| !path.exists()).unwrap_or_else(|| numbered(0));
    let written = std::fs::rename(path, &free);
    written.map_err(|source| bl_core::Error::Write { path: free.clone(), source })?;
    Ok(Some(free))
}

impl State {
    pub(crate) fn epochs_done(&self) -> u32 {
        self.epochs.len() as u32
    }

    /// The state before the first step.
    pub(crate) fn new(initial: &[Initial]) -> Self {
        Self {
            epochs: Vec::new(),
            steps_done: 0,
            parameters: initial.iter().map(|initial| initial.values.clone()).collect(),
            adam: initial.iter().map(|initial| Adam::new(initial.values.len())).collect(),
        }
    }

    pub(crate) fn save(&self, path: &Path, run: &RunIdentity, initial: &[Initial]) -> Result<(), Error> {
        let metadata = Metadata {
            version: VERSION,
            run: run.clone(),
            epochs: self.epochs.len(),
            steps_done: self.steps_done,
        };
        let metadata = serde_json::to_value(&metadata).map_err(json)?;
        let mut tensors = Vec::new();
        for (initial, (parameter, adam)) in initial.iter().zip(self.parameters.iter().zip(&self.adam)) {
            for (name, values) in names(initial).into_iter().zip([parameter, &adam.m, &adam.v]) {
                tensors.push((name, Tensor::vector(values)));
            }
        }
        let bytes: Vec<u8> = self.epochs.iter().flat_map(|epoch| epoch.to_bytes()).collect();
        tensors.push((EPOCHS.to_owned(), Tensor { dtype: Dtype::U8, shape: vec![bytes.len()], bytes }));
        files::write_atomically(path, &container::write_sealed(KEY, metadata, &tensors)?)?;
        Ok(())
    }

    /// Reads a checkpoint of this very run, and whether it ends in other bits than one from the beginning, for an earlier version
    /// began it.
    pub(crate) fn load(path: &Path, run: &RunIdentity, initial: &[Initial]) -> Result<(Self, bool), Error> {
        if !path.exists() {
            return Err(Error::NoCheckpoint { path: path.to_owned() });
        }
        let bytes = files::read_capped(path, MAX_BYTES)?;
        let in_file = |error: bl_core::Error| error.in_file(path);
        let (mut value, tensors) = container::read(KEY, &bytes).map_err(in_file)?;
        let all: Vec<String> = initial.iter().flat_map(names).chain([EPOCHS.to_owned()]).collect();
        // First of all, for a checkpoint of another version need not parse as this one's.
        let found = value.get("version").and_then(Value::as_u64).unwrap_or(0);
        if ![VERSION, BEFORE].map(u64::from).contains(&found) {
            return Err(in_file(bl_core::Error::UnknownVersion { found, known: VERSION }).into());
        }
        let mut metadata: Metadata = serde_json::from_value(value.clone()).map_err(json).map_err(in_file)?;
        let before = found == u64::from(BEFORE);
        let any = run.isa == ANY_ISA;
        if before && any {
            metadata.run.isa.clone_from(&run.isa);
        }
        let other_bits = before && (any || run.config["method"] == "full");
        check_same_run(path, &metadata.run, run)?;
        container::no_others(&tensors, &all).map_err(in_file)?;
        let (mut parameters, mut adam) = (Vec::new(), Vec::new());
        for initial in initial {
            let len = initial.values.len();
            let [values, m, v] = names(initial).map(|name| container::vector(&tensors, &name, len));
            parameters.push(values.map_err(in_file)?);
            adam.push(Adam { m: m.map_err(in_file)?, v: v.map_err(in_file)? });
        }
        let shape = [metadata.epochs.saturating_mul(size_of::<[f64; 3]>())];
        let bytes = container::tensor(&tensors, EPOCHS, Dtype::U8, &shape).map_err(in_file)?;
        let epochs = bytes.chunks_exact(size_of::<[f64; 3]>()).map(EpochMetrics::from_bytes).collect();
        container::check_seal(&mut value, &tensors, &all).map_err(in_file)?;
        Ok((Self { epochs, steps_done: metadata.steps_done, parameters, adam }, other_bits))
    }
}

fn names(initial: &Initial) -> [String; 3] {
    ["", ".adam.m", ".adam.v"].map(|what| format!("{}{what}", initial.name))
}

fn json(source: serde_json::Error) -> bl_core::Error {
    bl_core::Error::Json { what: "checkpoint", source }
}

/// Names the first setting in which two runs differ.
fn check_same_run(path: &Path, found: &RunIdentity, expected: &RunIdentity) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    let flat = |run: &RunIdentity| -> Result<Vec<(String, Value)>, Error> {
        let mut fields = Vec::new();
        if let Value::Object(map) = serde_json::to_value(run).map_err(json)? {
            for (key, value) in map {
                match value {
                    Value::Object(inner) => fields.extend(inner),
                    value => fields.push((key, value)),
                }
            }
        }
        Ok(fields)
    };
    let (found, expected) = (flat(found)?, flat(expected)?);
    let of = |fields: &[(String, Value)], key: &str| {
        fields.iter().find(|(k, _)| k == key).map_or("not set".to_owned(), |(_, value)| value.to_string())
    };
    let keys = expected.iter().chain(&found).map(|(key, _)| key);
    let what = keys.into_iter().find(|key| of(&found, key) != of(&expected, key));
    let what = what.cloned().unwrap_or_default();
    let (expected, found) = (of(&expected, &what), of(&found, &what));
    Err(Error::OtherRun { path: path.to_owned(), what, expected, found })
}
