//! What an adapter file says about itself.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::base_bias::BaseBias;
pub use super::check::check_labels;
use super::task_fields::TaskFields;
pub use super::task_fields::TaskInfo;
use crate::backbone::Backbone;
use crate::error::Error;
use crate::fingerprint::Fingerprint;
use crate::io::Io;
use crate::spec::Spec;

/// The format this program writes and reads.
pub const FORMAT: &str = "bl-adapter";
/// Its version.
pub const VERSION: u32 = 1;

/// The header of an adapter file: enough to regenerate the backbone and to run the task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawHeader", into = "RawHeader")]
pub struct Header {
    /// [`FORMAT`]
    pub format: String,
    /// [`VERSION`]
    pub version: u32,
    /// Features that a reader must know; a reader that does not refuses the file.
    pub requires: Vec<String>,
    /// What was learned.
    pub kind: AdapterKind,
    /// How it meets the backbone's own values.
    pub mode: Mode,
    /// The biases, where they are drawn and not learned: of the kinds `mask` and `gain` alone.
    pub base_bias: Option<BaseBias>,
    /// The task.
    pub task: TaskInfo,
    /// What goes in and what comes out.
    pub io: Io,
    /// The frozen weights.
    pub backbone: BackboneRef,
    /// How it was learned.
    pub training: Option<TrainingRecord>,
    /// How good it is.
    pub metrics: Vec<Metric>,
    /// Licence of the adapter, an SPDX expression.
    pub license: Option<String>,
}

/// What was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdapterKind {
    /// The biases of the hidden units.
    Bias,
    /// Which hidden units are ON; the biases are drawn.
    Mask,
    /// A factor on each unit's activation; the biases are drawn.
    Gain,
    /// Biases and factors.
    BiasGain,
    /// Of an encoder: its biases and the readout.
    BiasHead,
    /// Of an encoder: the readout alone; the biases are those that it was pretrained with.
    Head,
}

impl AdapterKind {
    /// Whether the biases are drawn from `base_bias`.
    pub(crate) fn draws_biases(self) -> bool {
        matches!(self, Self::Mask | Self::Gain)
    }

    /// Whether a readout was learned.
    pub fn has_head(self) -> bool {
        matches!(self, Self::BiasHead | Self::Head)
    }

    /// Whether there are biases of its own, learned or drawn.
    pub(crate) fn has_biases(self) -> bool {
        self != Self::Head
    }

    /// Number of learned parameters of `units` hidden units and an initial state of `state` values.
    pub fn count(self, units: usize, state: usize) -> usize {
        let per_unit = if self == Self::BiasGain { 2 } else { 1 };
        per_unit * units + state
    }

    /// What was learned, for a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Bias => "the biases of its hidden units",
            Self::Mask => "which of its hidden units are ON",
            Self::Gain => "a gain for each of its hidden units",
            Self::BiasGain => "the biases and gains of its hidden units",
            Self::BiasHead => "its biases and a readout",
            Self::Head => "a readout",
        }
    }
}

impl std::fmt::Display for AdapterKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bias => "bias",
            Self::Mask => "mask",
            Self::Gain => "gain",
            Self::BiasGain => "bias_gain",
            Self::BiasHead => "bias_head",
            Self::Head => "head",
        })
    }
}

/// How the tensors meet the backbone's own values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// They are the values, not something to add.
    Replace,
}

/// The backbone an adapter belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BackboneRef {
    /// What identifies its weights.
    pub fingerprint: Fingerprint,
    /// What generates them.
    pub spec: Spec,
}

/// How an adapter was trained. Nothing here depends on when or where: the same run writes the same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingRecord {
    /// `bias`, `mask`, `gain` or `bias_gain`
    pub method: String,
    /// The resolved configuration.
    pub config: Value,
    /// Seed of the bias initialisation and of the data order.
    pub seed: u64,
    /// What it was trained on.
    pub dataset: DatasetRecord,
    /// The instruction set that the bytes depend on: `any`, or the one that made them.
    pub isa: String,
    /// Program and version.
    pub code: String,
}

/// The data that an adapter was trained on. Counts are images, samples of a series, or targets of reaching.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetRecord {
    /// Name.
    pub name: String,
    /// `official`, `sample`, `generated`, `folder`, `simulated`, `file` or `own`.
    pub source: String,
    /// Samples trained on.
    pub train: usize,
    /// Samples of the training set held out for choosing settings.
    pub validation: usize,
    /// Samples of the test set.
    pub test: usize,
    /// SHA-256 of the decoded training set.
    pub train_sha256: String,
    /// SHA-256 of the decoded test set.
    pub test_sha256: String,
}

/// One metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// What was measured, such as `accuracy`.
    pub name: String,
    /// The part of the data: `train`, `validation` or `test`.
    pub split: String,
    /// Its value.
    pub value: f64,
}

impl Header {
    /// The header of a new adapter of a backbone.
    pub fn new(kind: AdapterKind, task: TaskInfo, io: Io, backbone: &Backbone) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            requires: Vec::new(),
            kind,
            mode: Mode::Replace,
            base_bias: None,
            task,
            io,
            backbone: BackboneRef { fingerprint: backbone.fingerprint(), spec: backbone.spec().clone() },
            training: None,
            metrics: Vec::new(),
            license: None,
        }
    }

    /// A metric by name and part.
    pub fn metric(&self, name: &str, split: &str) -> Option<f64> {
        self.metrics.iter().find(|m| m.name == name && m.split == split).map(|m| m.value)
    }

    /// Values of each bias that an adapter of this header holds.
    pub(crate) fn bias_widths(&self) -> Vec<usize> {
        if self.kind.has_biases() { self.backbone.spec.layers() } else { Vec::new() }
    }

    /// Features that the network and what goes into it require of a reader.
    pub(crate) fn features(&self) -> Vec<&'static str> {
        self.backbone.spec.features(&self.io)
    }

    /// Whether a backbone is the one that the adapter was trained on.
    pub fn check_owner(&self, backbone: &Backbone) -> Result<(), Error> {
        let (expected, found) = (self.backbone.fingerprint, backbone.fingerprint());
        if expected == found {
            return Ok(());
        }
        Err(Error::BackboneMismatch { adapter: self.task.name.clone(), expected, found })
    }
}

/// The header as a file has it.
#[derive(Serialize, Deserialize)]
struct RawHeader {
    format: String,
    version: u32,
    #[serde(default)]
    requires: Vec<String>,
    kind: AdapterKind,
    mode: Mode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base_bias: Option<BaseBias>,
    #[serde(flatten)]
    task: TaskFields,
    backbone: BackboneRef,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    training: Option<TrainingRecord>,
    #[serde(default)]
    metrics: Vec<Metric>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    license: Option<String>,
}

impl TryFrom<RawHeader> for Header {
    type Error = String;

    fn try_from(raw: RawHeader) -> Result<Self, String> {
        let RawHeader { format, version, requires, kind, mode, base_bias, .. } = raw;
        let RawHeader { backbone, training, metrics, license, .. } = raw;
        let (task, io) = raw.task.parse()?;
        Ok(Self {
            format,
            version,
            requires,
            kind,
            mode,
            base_bias,
            task,
            io,
            backbone,
            training,
            metrics,
            license,
        })
    }
}

impl From<Header> for RawHeader {
    fn from(header: Header) -> Self {
        let Header { format, version, requires, kind, mode, base_bias, .. } = header;
        let Header { backbone, training, metrics, license, .. } = header;
        let task = TaskFields::new(header.task, header.io);
        Self { format, version, requires, kind, mode, base_bias, task, backbone, training, metrics, license }
    }
}
