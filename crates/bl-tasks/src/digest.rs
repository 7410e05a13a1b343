//! What identifies values.

use bl_core::text::hex;
use sha2::{Digest, Sha256};

/// SHA-256, in hex, of values as little-endian f64.
pub(crate) fn sha256(values: &[f64]) -> String {
    let mut hash = Sha256::new();
    for value in values {
        hash.update(value.to_le_bytes());
    }
    hex(&hash.finalize())
}
