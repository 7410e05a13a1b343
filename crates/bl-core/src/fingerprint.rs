//! What identifies a backbone's content.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::canonical;
use crate::error::Error;
use crate::lattice::Lattice;
use crate::text::hex;

/// SHA-256 over the canonical spec and every lattice value, printed as `sha256:<64 hex digits>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The first twelve digits, enough for a table.
    pub fn short(&self) -> String {
        self.to_string()[7..19].to_owned()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", hex(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl FromStr for Fingerprint {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::NotAFingerprint { found: text.to_owned() };
        let digits = text.strip_prefix("sha256:").ok_or_else(wrong)?.as_bytes();
        if digits.len() != 64 {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |d: u8| match d {
                b'0'..=b'9' => Ok(d - b'0'),
                b'a'..=b'f' => Ok(d - b'a' + 10), // lower case only: one text for one fingerprint
                _ => Err(wrong()),
            };
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

/// Feeds the spec, then each matrix, into the hash.
pub(crate) struct Hasher(Sha256);

impl Hasher {
    pub(crate) fn new(spec: &impl Serialize) -> Result<Self, Error> {
        let spec =
            canonical::to_string(spec).map_err(|source| Error::Json { what: "backbone spec", source })?;
        Ok(Self(Sha256::new_with_prefix(spec)))
    }

    /// Lattice values row by row, then the scales as little-endian f32. The spec fixes all lengths.
    pub(crate) fn add(&mut self, matrix: &Lattice) {
        const CHUNK: usize = 1 << 16;
        let mut bytes = Vec::with_capacity(CHUNK);
        for q in matrix.q.chunks(CHUNK) {
            bytes.clear();
            bytes.extend(q.iter().map(|&q| q.cast_unsigned()));
            self.0.update(&bytes);
        }
        for scale in &matrix.scales {
            self.0.update(scale.to_le_bytes());
        }
    }

    pub(crate) fn finish(self) -> Fingerprint {
        Fingerprint(self.0.finalize().into())
    }
}
