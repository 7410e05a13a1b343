//! The files of a repository: no others are read or written, whatever is there.

/// The adapter itself.
pub const ADAPTER: &str = "adapter_model.safetensors";
/// Its header again, for tools that look at the file list alone; the adapter's own rules.
pub const ADAPTER_CONFIG: &str = "adapter_config.json";
/// The model card.
pub const CARD: &str = "README.md";
/// A picture for the card.
pub const PICTURE: &str = "sample.png";
/// The weights of a backbone.
pub const BACKBONE: &str = "model.safetensors";
/// The spec and the fingerprint of a backbone.
pub const BACKBONE_CONFIG: &str = "config.json";
/// Of a pretrained encoder, what makes tokens of texts.
pub(crate) const TOKENIZER: &str = "tokenizer.json";

/// Those of large vocabularies are some 20 MB.
pub(crate) const MAX_TOKENIZER: u64 = 256 << 20;
/// Headers are at most 1 MiB inside adapters.
pub(crate) const MAX_CONFIG: u64 = 4 << 20;
/// More than any card is.
pub(crate) const MAX_CARD: u64 = 4 << 20;
/// 32,000 units of 784 inputs are 25 MB.
pub(crate) const MAX_BACKBONE: u64 = 4 << 30;
/// More than the Hub says about a hundred repositories.
pub(crate) const MAX_ANSWER: u64 = 32 << 20;
