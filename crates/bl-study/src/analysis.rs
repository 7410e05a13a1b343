//! Statistics of hidden units and of repeated runs: plain slices in, plain structs out.
//!
//! Empty input, lists of unequal length and numbers that are not finite are errors.

mod cluster;
mod cross_validation;
mod overlap;
mod rank;
mod summary;
mod threshold;
mod variance;

pub use cluster::{Clustering, KMeansOptions, k_means};
pub use cross_validation::{CrossValidation, HeldOut, cross_validate};
pub use overlap::{Overlap, independent, null_model, overlap};
pub use rank::{Correlation, pearson, ranks, spearman};
pub use summary::MeanSd;
pub use threshold::{Histogram, OnUnits, histogram, linear_edges, sweep};
pub use variance::{NORMALISE_EPSILON, UnitVariance, normalise};

use crate::error::Error;

/// Refuses an empty list and numbers that are not finite.
fn check_finite(what: &'static str, values: &[f64]) -> Result<(), Error> {
    if values.is_empty() {
        return Err(Error::Empty { what });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(Error::NotFinite { what, index, value: values[index] }),
        None => Ok(()),
    }
}

/// Refuses lists that should have been of one length.
fn check_length(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Length { what, expected, found }) }
}
