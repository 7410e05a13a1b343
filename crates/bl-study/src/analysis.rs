//! Statistics of hidden units and of repeated runs, and the dynamics of recurrent networks: plain slices
//! in, plain structs out.
//!
//! Empty input, lists of unequal length and numbers that are not finite are errors.

mod cluster;
mod cross_validation;
mod decay;
mod fixed_points;
mod jacobian;
mod overlap;
mod rank;
mod spectrum;
mod summary;
mod threshold;
mod variance;

pub use bl_train::UnitVariance;
pub use cluster::{Clustering, KMeansOptions, k_means};
pub use cross_validation::{CrossValidation, HeldOut, cross_validate};
pub use decay::DecayingOscillation;
pub use fixed_points::{FixedPoint, Patience, Settled, settle};
pub use jacobian::ReluRecurrence;
pub use overlap::{Overlap, independent, null_model, overlap};
pub use rank::{Correlation, pearson, ranks, spearman};
pub use spectrum::{Eigenvalue, eigenvalues, leading_pair, spectral_radius};
pub use summary::MeanSd;
pub use threshold::{Histogram, OnUnits, histogram, linear_edges, sweep};
pub use variance::{NORMALISE_EPSILON, normalise};

use crate::error::Error;

/// Refuses an empty list and numbers that are not finite.
fn check_finite<T: Copy + Into<f64>>(what: &'static str, values: &[T]) -> Result<(), Error> {
    if values.is_empty() {
        return Err(Error::Empty { what });
    }
    let numbers = values.iter().map(|&value| value.into());
    match numbers.enumerate().find(|(_, value)| !value.is_finite()) {
        Some((index, value)) => Err(Error::NotFinite { what, index, value }),
        None => Ok(()),
    }
}

/// Refuses lists that should have been of one length.
fn check_length(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Length { what, expected, found }) }
}
