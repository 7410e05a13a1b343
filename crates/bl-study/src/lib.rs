//! The paper's results as commands: each study trains its runs, computes what a figure shows, draws it, and says
//! claim by claim how the two compare.
//!
//! - [`studies`]: the studies by name; [`Lab`] carries out their runs, those of feed-forward networks over shared caches and
//!   those of recurrent ones side by side, and keeps each as soon as it is finished.
//! - [`analysis`]: statistics of hidden units (task variance, clusters, overlap of two solutions) and
//!   of repeated runs, spectra and fixed points of recurrent networks, as pure functions of plain slices.
//! - [`plot`]: the crate of figures.
//!
//! ```
//! use bl_study::analysis::{MeanSd, UnitVariance};
//!
//! let mut variance = UnitVariance::new(2);
//! for activations in [[0.0, 1.0], [2.0, 1.0]] {
//!     variance.add(&activations)?;
//! }
//! assert_eq!(variance.variances()?, [1.0, 0.0]);
//! assert_eq!(MeanSd::of(&[0.933, 0.935, 0.934])?.to_string(), "0.9340 ± 0.0010");
//! # Ok::<(), bl_study::StudyError>(())
//! ```
//!
//! Nothing here prints; what is random has a seed.

pub mod analysis;
mod data;
mod error;
mod finding;
mod lab;
mod outcome;
mod report;
mod run;
mod settings;
mod stage;
mod store;
pub mod studies;
mod study_error;
pub mod study_md;

pub use bl_plot as plot;
pub use data::OpenedTask;
pub use error::Error;
pub use finding::{Finding, Judged, Verdict};
pub use lab::{Lab, Need, Watch};
pub use outcome::{CacheUse, Metrics, Outcome};
pub use report::{Cost, Document, Report, RunRecord, Setting, Table};
pub use run::{Data, Run};
pub use settings::Options;
pub use stage::Stage;
pub use study_error::StudyError;
