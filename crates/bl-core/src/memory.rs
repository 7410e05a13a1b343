//! How much memory one load may take: known from a spec before a weight is drawn, and compared with one limit.
//!
//! A file of a few kilobytes may ask for a backbone of gigabytes. The limit is the process's, so no way into this crate
//! goes around it; a program lets its user raise it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Error;

/// 2 GiB: some 900 million weights, thirty times the widest network of the paper.
pub const DEFAULT_LIMIT: u64 = 2 << 30;

static LIMIT: AtomicU64 = AtomicU64::new(DEFAULT_LIMIT);

/// Bytes that one load may take.
pub fn limit() -> u64 {
    LIMIT.load(Ordering::Relaxed)
}

/// Sets what [`limit`] is from now on, for the whole process.
pub fn set_limit(bytes: u64) {
    LIMIT.store(bytes, Ordering::Relaxed);
}

/// Memory of a network, estimated from its shape: what it keeps, and what making it takes at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Bytes that stay, everything made lazily counted.
    pub kept: u64,
    /// Bytes at the worst moment of making it.
    pub peak: u64,
    /// Bytes of one row of a batch, from its pre-activations to its scores.
    pub row: u64,
}

impl Cost {
    /// An error if making it needs more than `limit` bytes beside `other` ones.
    pub(crate) fn check(&self, weights: usize, other: u64, limit: u64) -> Result<(), Error> {
        let needed = self.peak.saturating_add(other);
        if needed > limit { Err(Error::TooMuchMemory { weights, needed, limit }) } else { Ok(()) }
    }
}

/// The bytes of a matrix of `size` bytes an entry, padded as the kernels have it: units to whole blocks, what they are
/// multiplied with to whole quads.
pub(crate) fn matrix(units: usize, others: usize, size: u64) -> u64 {
    let padded = |n: usize, block: u64| (n as u64).div_ceil(block).saturating_mul(block);
    padded(units, 64).saturating_mul(padded(others, 4)).saturating_mul(size)
}

/// What several parts take together; saturates, for a spec may come from anywhere.
pub(crate) fn sum(parts: impl IntoIterator<Item = u64>) -> u64 {
    parts.into_iter().fold(0, u64::saturating_add)
}
