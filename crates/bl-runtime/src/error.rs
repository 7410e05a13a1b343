//! What can go wrong between a name and an answer: facts; [`Error::hint`] says what to do.

use bl_core::Fingerprint;

use crate::id::VersionId;

/// Everything this crate can fail with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum Error {
    #[error("there is no adapter `{name}`")]
    UnknownAdapter { name: String, meant: Option<String> },
    #[error("`{name}` is not a valid adapter name: {why}")]
    BadName { name: String, why: &'static str },
    #[error("adapter `{name}` already exists, as version {found}")]
    Exists { name: String, found: VersionId },
    #[error("adapter `{name}` is version {}, expected {expected}", found.map_or("none".to_owned(), |id| id.to_string()))]
    OtherVersion { name: String, expected: VersionId, found: Option<VersionId> },
    #[error("adapter limit reached ({found})")]
    TooMany { found: usize },
    #[error("adapters would take {found} bytes with this one, at most {max} are allowed")]
    TooManyBytes { found: usize, max: usize },
    #[error("backbones would have {found} weights with this one, at most {max} are allowed")]
    TooManyWeights { found: usize, max: usize },
    #[error("backbones would take {found} bytes with this one, at most {max} are allowed")]
    TooMuchMemory { found: u64, max: u64 },
    #[error("the adapter's backbone spec generates {found}, but its header states {expected}")]
    Regenerated { expected: Fingerprint, found: Fingerprint },
    #[error("image {image} has {found} values, adapter `{task}` takes {expected}")]
    ImageLength { image: usize, task: String, expected: usize, found: usize },
    #[error("image {image} was requested, there are {images}")]
    NoSuchImage { image: usize, images: usize },
    #[error(transparent)]
    Core(#[from] bl_core::Error),
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::UnknownAdapter { meant: Some(meant), .. } => format!("did you mean `{meant}`?"),
            Self::OtherVersion { .. } => {
                "it was replaced in the meantime: look at what is loaded now, and try again".into()
            }
            Self::TooMany { .. }
            | Self::TooManyBytes { .. }
            | Self::TooManyWeights { .. }
            | Self::TooMuchMemory { .. } => {
                "unload an adapter that is not needed, or raise the limit".into()
            }
            Self::Regenerated { .. } => {
                "the adapter was not written by this program, or was changed afterwards: get it again from where it \
                 was trained"
                    .into()
            }
            Self::Core(error) => return error.hint(),
            _ => return None,
        })
    }
}
