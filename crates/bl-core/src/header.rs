//! What an adapter file says about itself.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base_bias::BaseBias;
use crate::fingerprint::Fingerprint;
use crate::schema::InputSchema;
use crate::spec::BackboneSpec;

/// The format this program writes and reads.
pub const FORMAT: &str = "bl-adapter";
/// Its version.
pub const VERSION: u32 = 1;

/// The header of an adapter file: enough to regenerate the backbone and to run the task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`]
    pub format: String,
    /// [`VERSION`]
    pub version: u32,
    /// Features that a reader must know; a reader that does not refuses the file.
    #[serde(default)]
    pub requires: Vec<String>,
    /// What was learned.
    pub kind: Kind,
    /// How it meets the backbone's own values.
    pub mode: Mode,
    /// The biases, where they are drawn and not learned: of the kinds `mask` and `gain` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_bias: Option<BaseBias>,
    /// The task.
    pub task: TaskInfo,
    /// What goes in.
    pub input: InputSchema,
    /// What happens to it before the first layer.
    pub preprocessing: Preprocessing,
    /// The frozen weights.
    pub backbone: BackboneRef,
    /// How it was learned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<TrainingRecord>,
    /// How good it is.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// Licence of the adapter, an SPDX expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
}

/// What was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The biases of the hidden units.
    Bias,
    /// Which hidden units are ON; the biases are drawn.
    Mask,
    /// A factor on each unit's activation; the biases are drawn.
    Gain,
    /// Biases and factors.
    BiasGain,
}

impl Kind {
    /// Whether the biases are drawn from `base_bias`.
    pub(crate) fn draws_biases(self) -> bool {
        matches!(self, Self::Mask | Self::Gain)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bias => "bias",
            Self::Mask => "mask",
            Self::Gain => "gain",
            Self::BiasGain => "bias_gain",
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

/// The task and its classes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskInfo {
    /// Short name, as in `--task`.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Name of each class, in the order of the outputs.
    pub labels: Vec<String>,
}

/// Standardisation of the pixels, of pixel / 255.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preprocessing {
    /// Subtracted.
    pub mean: f64,
    /// Divided by.
    pub std: f64,
}

/// The backbone an adapter belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BackboneRef {
    /// What identifies its weights.
    pub fingerprint: Fingerprint,
    /// What generates them.
    pub spec: BackboneSpec,
}

/// How an adapter was learned. Nothing here depends on when or where: the same run writes the same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingRecord {
    /// `bias`, `mask`, `gain` or `bias_gain`
    pub method: String,
    /// The resolved configuration.
    pub config: Value,
    /// Seed of the bias initialisation and of the data order.
    pub seed: u64,
    /// What it learned on.
    pub dataset: DatasetRecord,
    /// Instruction set of the kernels: bytes are reproducible on the same one.
    pub isa: String,
    /// Program and version.
    pub code: String,
}

/// What an adapter learned on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetRecord {
    /// Name.
    pub name: String,
    /// `official`, `sample`, `generated` or `folder`.
    pub source: String,
    /// Samples learned on.
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

/// One measured figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// What was measured, such as `accuracy`.
    pub name: String,
    /// The part of the data: `train`, `validation` or `test`.
    pub split: String,
    /// The figure.
    pub value: f64,
}

impl Header {
    /// A metric by name and part.
    pub fn metric(&self, name: &str, split: &str) -> Option<f64> {
        self.metrics.iter().find(|m| m.name == name && m.split == split).map(|m| m.value)
    }
}

/// A header field that this program does not know.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct UnknownField {
    /// JSON pointer (RFC 6901) to the object it is in.
    place: String,
    key: String,
    value: Value,
}

impl UnknownField {
    /// Whether it is in a figure.
    pub(crate) fn is_of_metrics(&self) -> bool {
        self.place.starts_with("/metrics/")
    }

    /// Dotted name, for a warning.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.place, self.key)[1..].replace('/', ".")
    }
}

/// The fields of `original` that `known`, the same header as this program understands it, has lost.
pub(crate) fn unknown_fields(original: &Value, known: &Value) -> Vec<UnknownField> {
    let mut fields = Vec::new();
    collect_unknown(original, known, "", &mut fields);
    fields
}

fn collect_unknown(original: &Value, known: &Value, place: &str, fields: &mut Vec<UnknownField>) {
    match (original, known) {
        (Value::Object(original), Value::Object(known)) => {
            for (key, value) in original {
                match known.get(key) {
                    Some(known) => collect_unknown(value, known, &format!("{place}/{key}"), fields),
                    None => fields.push(UnknownField {
                        place: place.to_owned(),
                        key: key.clone(),
                        value: value.clone(),
                    }),
                }
            }
        }
        (Value::Array(original), Value::Array(known)) => {
            for (i, (value, known)) in original.iter().zip(known).enumerate() {
                collect_unknown(value, known, &format!("{place}/{i}"), fields);
            }
        }
        _ => {}
    }
}

/// Puts fields that this program does not know back where they were; those of a part that is gone go with it.
pub(crate) fn put_back(header: &mut Value, fields: &[UnknownField]) {
    for field in fields {
        if let Some(Value::Object(map)) = header.pointer_mut(&field.place) {
            map.entry(&field.key).or_insert_with(|| field.value.clone());
        }
    }
}
