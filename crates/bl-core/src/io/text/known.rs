//! Which texts an encoder can read at all.

use std::fmt;
use std::sync::Arc;

use crate::error::Error;
use crate::fingerprint::Fingerprint;
use crate::spec::BertSpec;

type Knows = dyn Fn(&[String]) -> bool + Send + Sync;

/// The texts, or pairs of texts, of which a tokenizer has anything; the others are to be left out.
#[derive(Clone)]
pub struct Known {
    /// Of the `tokenizer.json`.
    pub tokenizer: Fingerprint,
    knows: Arc<Knows>,
}

impl Known {
    /// Those that the tokenizer of an encoder knows, wherever that is found.
    #[cfg(feature = "bert")]
    pub fn to(spec: &BertSpec) -> Result<Self, Error> {
        crate::pretrained::known_to(spec)
    }

    /// Those that the tokenizer of an encoder knows.
    #[cfg(not(feature = "bert"))]
    pub fn to(_spec: &BertSpec) -> Result<Self, Error> {
        Err(Error::NoEncoders)
    }

    /// Those that a function says, of this tokenizer.
    pub fn new(tokenizer: Fingerprint, knows: impl Fn(&[String]) -> bool + Send + Sync + 'static) -> Self {
        Self { tokenizer, knows: Arc::new(knows) }
    }

    /// Whether a text, or a pair of texts, is one of them.
    pub fn has(&self, texts: &[String]) -> bool {
        (self.knows)(texts)
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Known({})", self.tokenizer)
    }
}
