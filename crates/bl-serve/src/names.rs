//! Names that clients use: they are the protocol's, so they stay when words change.

/// The model name of mixed batches, which no adapter can have.
pub(crate) const MIXED: &str = "mixed";
/// Pixels as the training images have them.
pub(crate) const IMAGE: &str = "image";
/// Image files of any size.
pub(crate) const PICTURE: &str = "picture";
/// Texts.
pub(crate) const TEXT: &str = "text";
/// Rows of real values.
pub(crate) const ROWS: &str = "rows";
/// Which hidden units are ON.
pub(crate) const ON: &str = "on";
/// The adapter that each row of a mixed batch is for.
pub(crate) const ADAPTER: &str = "adapter";

/// What goes into a forecaster.
pub(crate) const SERIES: &str = "series";
/// What goes in at each step of trials.
pub(crate) const TRIALS: &str = "trials";
/// Where an arm goes, in m.
pub(crate) const TARGET: &str = "target";
