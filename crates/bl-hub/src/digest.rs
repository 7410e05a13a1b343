//! What identifies content, and commits: hex digits that are checked before they become part of a path.

use std::fmt;
use std::str::FromStr;

use bl_core::text::hex;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// A commit: 40 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Commit([u8; 20]);

/// What identifies a file's content, on the Hub and as a name in the cache.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BlobId {
    /// Of a small file: the SHA-1 of the git blob, 40 lower-case hex digits.
    Git([u8; 20]),
    /// Of a large file: SHA-256, 64 lower-case hex digits.
    Sha256([u8; 32]),
}

/// Not hex digits of that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotHex;

impl BlobId {
    /// The id that a large file with this content has.
    pub fn sha256(bytes: &[u8]) -> Self {
        Self::Sha256(Sha256::digest(bytes).into())
    }

    /// The id of some bytes, of the same kind as this one.
    #[must_use]
    pub fn of_same_kind(&self, bytes: &[u8]) -> Self {
        let mut hash = BlobHash::new(*self, bytes.len() as u64);
        hash.update(bytes);
        hash.finish()
    }
}

/// Computes the id of content that arrives bit by bit.
pub(crate) enum BlobHash {
    Git(Sha1),
    Sha256(Sha256),
}

impl BlobHash {
    /// For content of `size` bytes; the id says which kind.
    pub(crate) fn new(expected: BlobId, size: u64) -> Self {
        match expected {
            BlobId::Git(_) => Self::Git(Sha1::new_with_prefix(format!("blob {size}\0"))),
            BlobId::Sha256(_) => Self::Sha256(Sha256::new()),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Git(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> BlobId {
        match self {
            Self::Git(hash) => BlobId::Git(hash.finalize().into()),
            Self::Sha256(hash) => BlobId::Sha256(hash.finalize().into()),
        }
    }
}

fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], NotHex> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return Err(NotHex);
    }
    let digit = |d: u8| match d {
        b'0'..=b'9' => Ok(d - b'0'),
        b'a'..=b'f' => Ok(d - b'a' + 10),
        _ => Err(NotHex),
    };
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Ok(bytes)
}

impl FromStr for Commit {
    type Err = NotHex;
    fn from_str(text: &str) -> Result<Self, NotHex> {
        from_hex(text).map(Self)
    }
}

impl FromStr for BlobId {
    type Err = NotHex;
    fn from_str(text: &str) -> Result<Self, NotHex> {
        if text.len() == 40 { from_hex(text).map(Self::Git) } else { from_hex(text).map(Self::Sha256) }
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git(bytes) => f.write_str(&hex(bytes)),
            Self::Sha256(bytes) => f.write_str(&hex(bytes)),
        }
    }
}

impl fmt::Debug for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Commit {
    /// The first seven digits, as git shows them.
    pub fn short(&self) -> String {
        hex(&self.0)[..7].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_has_the_id_that_git_gives_it() {
        // echo hello | git hash-object --stdin
        let git: BlobId = "ce013625030ba8dba906f756967f9e9ca394464a".parse().expect("hex");
        assert_eq!(git.of_same_kind(b"hello\n"), git);
        // echo hello | sha256sum
        let large: BlobId =
            "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03".parse().expect("hex");
        assert_eq!(large.of_same_kind(b"hello\n"), large);
    }

    #[test]
    fn what_is_not_hex_of_that_length_is_no_id() {
        for text in ["", "../../../../x", &"a".repeat(39), &"A".repeat(40), &"g".repeat(64), &"a".repeat(63)]
        {
            assert_eq!(text.parse::<BlobId>(), Err(NotHex), "{text}");
        }
    }
}
