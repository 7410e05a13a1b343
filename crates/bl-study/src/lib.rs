//! What a study computes from its runs, and how it is shown.
//!
//! - [`analysis`]: statistics of hidden units (task variance, clusters, overlap of two solutions) and
//!   of repeated runs, as pure functions of plain slices.
//! - [`plot`]: pictures for print and for a README, one style, as SVG and PNG.
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
//! # Ok::<(), bl_study::Error>(())
//! ```
//!
//! Nothing here trains, prints, reads the clock or touches a file; what is random has a seed.

pub mod analysis;
mod error;
pub mod plot;

pub use error::Error;
