//! What can go wrong with a backbone or an adapter: facts; [`Error::hint`] says what to do.

use std::path::{Path, PathBuf};

use crate::adapter::FormError;
use crate::adapter::header::AdapterKind;
use crate::container::CHECKPOINT;
use crate::fingerprint::Fingerprint;
use crate::foreign::Foreign;
use crate::text::{grouped, meant, number};

/// Everything this crate can fail with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum Error {
    // Specs
    #[error("`{what}` is {}, expected a value from {} to {}", number(*found), number(*min), number(*max))]
    OutOfRange { what: &'static str, found: f64, min: f64, max: f64 },
    #[error("distribution `{name}` is only possible for {place}")]
    MisplacedDistribution { name: &'static str, place: &'static str },
    #[error("residual layer {depth} has {to} units, but the layer before it has {from}")]
    ResidualWidths { depth: usize, from: u32, to: u32 },
    #[error("backbone needs generator {found}, this program has generator {known}", known = crate::spec::GENERATOR)]
    UnknownGenerator { found: u32 },
    #[error("backbone spec cannot be read: {source}")]
    SpecSyntax { source: Box<toml::de::Error> },
    #[error("backbone spec cannot be printed as TOML")]
    SpecUnprintable { source: toml::ser::Error },
    #[error("`{found}` is not a fingerprint, expected `sha256:` and 64 lower-case hex digits")]
    NotAFingerprint { found: String },

    // Files
    #[error("cannot read `{}`: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot write `{}`: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("another program is writing `{}`", path.display())]
    InUse { path: PathBuf },
    #[error("`{}` has {found} bytes, at most {max} are read", path.display())]
    TooLarge { path: PathBuf, found: u64, max: u64 },
    #[error("`{}`: {source}", path.display())]
    InFile { path: PathBuf, source: Box<Error> },
    #[error("file is truncated: expected {expected} bytes, found {found}")]
    Truncated { expected: u64, found: u64 },
    #[error("file has {found} bytes, but its header describes {expected}")]
    TrailingBytes { expected: u64, found: u64 },
    #[error("header length is {found} bytes, at most {max} are allowed")]
    HeaderTooLong { found: u64, max: u64 },
    #[error("not a valid safetensors file: {source}")]
    Safetensors { source: safetensors::SafeTensorError },
    #[error(
        "safetensors header is not in the one form of this format: compact JSON, every key once, sorted tensors"
    )]
    OtherLayout,
    #[error(
        "`{}` is there already, and this program has not written it{}", path.display(),
        found.map_or(String::new(), |found| format!(": {found}"))
    )]
    NotOurs { path: PathBuf, found: Option<Foreign> },
    #[error("no metadata key `{key}`")]
    NoMetadata { key: &'static str },
    #[error("no metadata key `{key}`: this is {found}")]
    OtherKind { found: &'static str, key: &'static str },
    #[error("the header is lost, for another program has saved the tensors again: no metadata key `{key}`")]
    HeaderLost { key: &'static str },
    #[error("metadata has other keys beside `{key}`: `{other}`, so another program has saved the file again")]
    ExtraMetadata { key: &'static str, other: String },
    #[error("not a safetensors file: {found}")]
    Foreign { found: Foreign },
    #[error("header has {found} JSON objects, at most {max} are allowed")]
    HeaderObjects { found: usize, max: usize },
    #[error(
        "a network of {} weights needs {} of memory, at most {} are allowed",
        grouped(*weights), mebibytes(*needed), mebibytes(*limit)
    )]
    TooMuchMemory { weights: usize, needed: u64, limit: u64 },
    #[error("`{what}` is not valid: {source}")]
    Json { what: &'static str, source: serde_json::Error },
    #[error("metadata `{key}` is not canonical JSON (RFC 8785)")]
    NotCanonical { key: &'static str },
    #[error("integer {found} cannot be kept: JSON readers hold integers up to 2^53")]
    InexactInteger { found: String },

    // Adapters
    #[error("format is `{found}`, expected `bl-adapter`")]
    NotAnAdapter { found: String },
    #[error("format is `{found}`, expected `bl-backbone`")]
    NotABackbone { found: String },
    #[error("format version {found}, this program knows version {known}")]
    UnknownVersion { found: u64, known: u32 },
    #[error("adapter requires the feature `{feature}`, which this program does not know")]
    UnknownFeature { feature: String },
    #[error("tensor `{name}` is missing, found {}", list(found))]
    MissingTensor { name: String, found: Vec<String> },
    #[error("tensor `{name}` does not belong to the format")]
    ExtraTensor { name: String },
    #[error("tensor `{name}` has type {found}, expected {expected}")]
    TensorType { name: String, expected: String, found: String },
    #[error("tensor `{name}` has shape {found:?}, expected {expected:?}")]
    TensorShape { name: String, expected: Vec<usize>, found: Vec<usize> },
    #[error("tensor `{name}` is {value} at unit {unit}, expected finite values")]
    NotFinite { name: String, unit: usize, value: f32 },
    #[error("content has digest {found}, but the header states {expected}")]
    DigestMismatch { expected: String, found: String },
    #[error("adapter has bias vectors of {found:?} units, its backbone has layers of {expected:?}")]
    BiasWidths { expected: Vec<usize>, found: Vec<usize> },
    #[error("adapter has gains of {found} units, its backbone has {expected}")]
    GainWidth { expected: usize, found: usize },
    #[error("adapter has an initial state of {found} units, its backbone has {expected}")]
    StateWidth { expected: usize, found: usize },
    #[error("adapter of kind `{kind}` has other unit gains than its kind says")]
    GainsOfOtherKind { kind: AdapterKind },
    #[error("kind `{kind}` is defined for one hidden layer, the backbone has {layers}")]
    OneLayerKind { kind: AdapterKind, layers: usize },
    #[error("kind `{kind}` is not defined on this backbone ({family})")]
    KindOfFamily { kind: AdapterKind, family: &'static str },
    #[error("adapter of kind `{kind}` has {} readout of its own", if kind.has_head() { "no" } else { "a" })]
    HeadOfOtherKind { kind: AdapterKind },
    #[error("`{name}` has {found} values, the backbone's readout {expected}")]
    HeadWidth { name: &'static str, expected: usize, found: usize },
    #[error("adapter of kind `{kind}` has no `base_bias`")]
    NoBaseBias { kind: AdapterKind },
    #[error("adapter of kind `{kind}` has a `base_bias` beside its own biases")]
    UnwantedBaseBias { kind: AdapterKind },
    #[error("biases of layer {layer} are not those that `base_bias` draws")]
    OtherBaseBias { layer: usize },
    #[error("tensor `hidden.0.mask` has bits beyond its {units} units")]
    MaskPadding { units: usize },
    #[error("adapter of kind `{kind}` cannot be written as biases, expected `mask`")]
    NoBiasForm { kind: AdapterKind },
    #[error("task has {labels} classes, but the backbone has {outputs} outputs")]
    LabelCount { labels: usize, outputs: usize },
    #[error("the name of class {class} has {found} bytes, at most {max} are allowed")]
    LongLabel { class: usize, found: usize, max: usize },
    #[error("class {class} has no name, expected one for each")]
    NoLabel { class: usize },
    #[error("classes {first} and {class} have the same name `{label}`, expected another for each")]
    SameLabel { first: usize, class: usize, label: String },
    #[error("the adapter takes {} at a time, found {found}", if *expected == 2 { "a pair of texts" } else { "one text" })]
    TextCount { expected: usize, found: usize },
    #[error("there is no word in the text")]
    NoWords,
    #[error("expected rows of {expected} values, found {found} values")]
    ValueCount { expected: usize, found: usize },
    #[error("expected finite values, found {found} in row {row}, column {column} (from 0)")]
    ValueNotFinite { row: usize, column: usize, found: f64 },
    #[error("input has shape {input:?} (height, width, channels), but the backbone takes {backbone:?}")]
    InputShape { input: [u32; 3], backbone: [u32; 3] },
    #[error(
        "preprocessing has mean {mean} and standard deviation {std}, expected a mean from -1e6 to 1e6 and a \
         standard deviation from 1e-6 to 1e6"
    )]
    BadPreprocessing { mean: f64, std: f64 },
    #[error("metric `{name}` of `{split}` is {value}, expected a finite value")]
    BadMetric { name: String, split: String, value: f64 },

    #[error("network is {found}, expected a {expected} one")]
    Family { expected: &'static str, found: &'static str },
    #[error("task has {found} as input, expected {expected}")]
    OtherInput { expected: &'static str, found: &'static str },
    #[error("cannot {what}: in a {family} network no bias keeps a unit OFF for every input")]
    Unbounded { what: &'static str, family: &'static str },
    #[error("header says that the initial state is {}, but the adapter has {}", if *learned { "learned" } else { "the backbone's" }, if *learned { "none" } else { "its own" })]
    StateOfOtherKind { learned: bool },
    #[error("task has {} inputs and {} outputs, but the backbone has {} and {}", expected.0, expected.1, found.0, found.1)]
    SignalWidths { expected: (usize, usize), found: (usize, usize) },

    #[error(transparent)]
    Form(#[from] FormError),

    // Both together
    #[error("adapter `{adapter}` was trained on backbone {expected}, but backbone {found} is loaded")]
    BackboneMismatch { adapter: String, expected: Fingerprint, found: Fingerprint },
    #[error("backbone has fingerprint {found}, expected {expected}")]
    BackboneContent { expected: Fingerprint, found: Fingerprint },

    // Pretrained encoders
    #[error(transparent)]
    Encoder { source: Box<bl_bert::Error> },
    #[error("the pretrained encoder {encoder} is in none of the folders that were looked at ({looked_at})")]
    EncoderNotFound { encoder: Fingerprint, looked_at: usize },
    #[error("the encoder that was found is {found}, expected {expected}")]
    OtherEncoder { expected: Fingerprint, found: Fingerprint },
    #[error("the folder of the pretrained encoder {encoder} cannot be used")]
    EncoderUnusable { encoder: Fingerprint, source: Box<Error> },
    #[error("texts may have {found} tokens, the encoder takes {most}")]
    Longest { found: usize, most: usize },
    #[error("this build runs no pretrained encoders: it is without the feature `bert`")]
    NoEncoders,

    // Computation
    #[error(transparent)]
    Kernel(#[from] bl_kernels::Error),
    #[cfg(feature = "candle")]
    #[error("tensor computation failed: {0}")]
    Candle(#[from] candle_core::Error),
    #[error(
        "network has {layers} hidden layers, but this build computes one: it is without the feature `candle`"
    )]
    NoCandle { layers: usize },
    #[error("nobody waits for the result any more")]
    Unwanted,
    #[error("values do not have the network's shape: {found}")]
    Shape { found: String },
}

impl Error {
    /// Says which file an error is about.
    #[must_use]
    pub fn in_file(self, path: &Path) -> Self {
        Self::InFile { path: path.to_owned(), source: Box::new(self) }
    }

    /// Whether a file is sound but of another kind than the one looked for, as far as its beginning tells: one that is
    /// larger than any adapter is a backbone or a network.
    pub fn is_another_kind(&self) -> bool {
        match self {
            Self::InFile { source, .. } => source.is_another_kind(),
            Self::NoMetadata { .. }
            | Self::OtherKind { .. }
            | Self::NotAnAdapter { .. }
            | Self::TooLarge { .. }
            | Self::NotABackbone { .. } => true,
            _ => false,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::InFile { source, .. } | Self::EncoderUnusable { source, .. } => return source.hint(),
            Self::Truncated { .. }
            | Self::TrailingBytes { .. }
            | Self::OtherLayout
            | Self::DigestMismatch { .. }
            | Self::Safetensors { .. }
            | Self::NotCanonical { .. }
            | Self::HeaderTooLong { .. } => {
                "the file is damaged or is not a file of this program: copy or download it again".into()
            }
            Self::Foreign { found } => found.hint().into(),
            Self::HeaderLost { .. } => {
                "take the original file: the header says which backbone the values belong to. In Python, `save_file` \
                 writes only the metadata that it is given: `metadata=safe_open(original, \"pt\").metadata()`"
                    .into()
            }
            Self::ExtraMetadata { key, other } => format!(
                "take the original file, or save it again with `{key}` as the only metadata: Python's libraries add \
                 `{other}` of their own"
            ),
            Self::OtherKind { found: CHECKPOINT, .. } => {
                "the run goes on with `--resume`, as the same command with the same `--out`; at its end the adapter is there and \
                 the checkpoint is gone"
                    .into()
            }
            Self::OtherKind { found, key: "bl_backbone" } => {
                format!("backbones are written by `bl-adapt backbone new`; this file is {found}")
            }
            Self::OtherKind { found, .. } => {
                format!("adapters are written by `bl-adapt train`; this file is {found}")
            }
            Self::NoMetadata { key: "bl_backbone" } => {
                "backbones are written by `bl-adapt backbone new`; an adapter needs no file of its backbone".into()
            }
            Self::TooMuchMemory { needed, .. } => format!(
                "if you trust where it comes from and the machine has as much, set `BL_MAX_MEMORY={}MiB`",
                needed.div_ceil(1 << 20)
            ),
            Self::Form(error) => return error.hint(),
            Self::Encoder { source } => return source.hint(),
            Self::SpecSyntax { source } => format!("did you mean `{}`?", meant(source.message())?),
            Self::NotOurs { .. } => "name another file with `--out`, or move that one away".into(),
            Self::InUse { .. } => "wait until that program ends, or name another file with `--out`".into(),
            Self::BackboneContent { .. } => {
                "the weights are not those that the fingerprint names: write the file again with \
                 `bl-adapt backbone new`"
                    .into()
            }
            Self::BackboneMismatch { expected, .. } => {
                format!("drop `--backbone` to regenerate {expected} from the adapter's own header")
            }
            Self::NoLabel { .. } | Self::SameLabel { .. } => {
                "name each class otherwise: of a folder, the names are those of its sub-folders".into()
            }
            Self::NoBiasForm { kind: AdapterKind::Bias } => "it is already a bias adapter".into(),
            Self::NoBiasForm { .. } => {
                "a bias can turn a unit off, which is all that a mask does, but it cannot scale one".into()
            }
            Self::Unbounded { .. } => {
                "it runs as it is: `bl-run --adapter FILE`; adapters of feed-forward networks have that form".into()
            }
            Self::OneLayerKind { .. } => {
                "learn biases, or take a backbone with one hidden layer".into()
            }
            Self::UnknownVersion { found, known } if *found < u64::from(*known) => {
                "an older version of this program wrote it, and only that one reads it; a run begins anew without `--resume`"
                    .into()
            }
            Self::UnknownGenerator { .. } | Self::UnknownVersion { .. } | Self::UnknownFeature { .. } => {
                "a newer version of this program reads it".into()
            }
            Self::NoMetadata { .. } | Self::NotAnAdapter { .. } => {
                "adapters are written by `bl-adapt train`; backbones and plain safetensors files are not adapters"
                    .into()
            }
            Self::Write { source, .. } => match source.kind() {
                std::io::ErrorKind::StorageFull => "the disk is full: free some space or name another place".into(),
                std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                    "name a place that you may write to".into()
                }
                std::io::ErrorKind::IsADirectory => "name a file, not a folder".into(),
                _ => return None,
            },
            Self::Read { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                "check the path; paths are relative to the current folder".into()
            }
            Self::Kernel(bl_kernels::Error::HalfOverflow { .. }) => {
                "pre-activations are kept as 16-bit floats: choose a smaller scale for the first layer's weights"
                    .into()
            }
            Self::Kernel(bl_kernels::Error::OutOfMemory { .. }) => {
                "lower `--width` or `--cache-memory`".into()
            }
            _ => return self.hint_of_encoders(),
        })
    }

    fn hint_of_encoders(&self) -> Option<String> {
        Some(match self {
            Self::EncoderNotFound { .. } => {
                "name the folder of the model (`config.json`, `model.safetensors`, `tokenizer.json`) with `--backbone FOLDER`, or \
                 several folders in `BL_ENCODERS`"
                    .into()
            }
            Self::Longest { most, .. } => format!("take at most {most} with `--longest`"),
            Self::KindOfFamily { .. } => {
                "gains and masks are of random networks with one hidden layer, learned readouts of pretrained encoders".into()
            }
            _ => return None,
        })
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", grouped(bytes.div_ceil(1 << 20) as usize))
}

fn list(names: &[String]) -> String {
    let mut names = names.to_vec();
    names.sort();
    if names.is_empty() { "none".into() } else { format!("`{}`", names.join("`, `")) }
}
