//! What generates a backbone: everything that its weights are a function of.

mod bert;
mod distribution;
mod front;
mod mlp;
mod rnn;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use crate::error::Error;

pub use bert::{BertKind, BertSpec};
pub(crate) use distribution::Place;
pub use distribution::{Activation, Distribution};
pub use front::Front;
pub use mlp::{InputShape, LayerSpec, MlpKind, MlpSpec, ReadoutSpec};
pub use rnn::{DividedBy, InitialState, InputSpec, RecurrentLayer, RnnKind, RnnReadout, RnnSpec};

/// The generator this program has. Another number means other weights from the same spec.
pub const GENERATOR: u32 = 1;

/// Far beyond any use, far below any overflow.
pub(crate) const MAX_UNITS: u32 = 1 << 24;
/// Values of an image, or of what a front end makes of it.
pub const MAX_INPUTS: usize = 65_536;
/// 4 GiB: a file from anywhere must not take all memory.
pub(crate) const MAX_WEIGHTS: usize = 1 << 32;
/// 2⁵³ − 1: every JSON reader keeps integers up to this.
pub const MAX_EXACT: f64 = 9_007_199_254_740_991.0;

/// A backbone's architecture, distributions and seed. Its weights are a pure function of this.
///
/// In a file, `kind` names the family of networks: `mlp` (the default), `rnn` or `bert`.
#[derive(Clone, Debug, PartialEq)]
pub enum Spec {
    /// Feed-forward: hidden layers and a linear readout.
    Mlp(MlpSpec),
    /// One recurrent layer and a linear readout.
    Rnn(RnnSpec),
    /// A pretrained encoder of texts and a linear readout.
    Bert(Box<BertSpec>),
}

impl Serialize for Spec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Mlp(spec) => spec.serialize(serializer),
            Self::Rnn(spec) => spec.serialize(serializer),
            Self::Bert(spec) => spec.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let spec = match value.get("kind") {
            None if value.get(OF_RECURRENT).is_some() => return Err(no_family()),
            None => serde_json::from_value(value).map(Self::Mlp),
            Some(kind) if kind == "mlp" => serde_json::from_value(value).map(Self::Mlp),
            Some(kind) if kind == "rnn" => serde_json::from_value(value).map(Self::Rnn),
            Some(kind) if kind == "bert" => serde_json::from_value(value).map(Self::Bert),
            Some(kind) => return Err(unknown_family(kind)),
        };
        spec.map_err(de::Error::custom)
    }
}

/// A field that a spec without `kind`, which is a feed-forward network's, cannot have.
const OF_RECURRENT: &str = "recurrent";

fn no_family<E: de::Error>() -> E {
    E::custom(format_args!("`{OF_RECURRENT}` is of a recurrent network: state `kind = \"rnn\"` too"))
}

fn unknown_family<E: de::Error>(kind: &impl std::fmt::Display) -> E {
    E::custom(format_args!("unknown network family {kind}, expected \"mlp\", \"rnn\" or \"bert\""))
}

impl Spec {
    /// Reads a spec from TOML and validates it.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let failed = |source| Error::SpecSyntax { source: Box::new(source) };
        let table: toml::Table = toml::from_str(text).map_err(failed)?;
        // From the text and not from the table: errors say the line.
        let spec = match table.get("kind") {
            None if table.contains_key(OF_RECURRENT) => return Err(failed(no_family())),
            None => Self::Mlp(toml::from_str(text).map_err(failed)?),
            Some(kind) if kind.as_str() == Some("mlp") => Self::Mlp(toml::from_str(text).map_err(failed)?),
            Some(kind) if kind.as_str() == Some("rnn") => Self::Rnn(toml::from_str(text).map_err(failed)?),
            Some(kind) if kind.as_str() == Some("bert") => Self::Bert(toml::from_str(text).map_err(failed)?),
            Some(kind) => return Err(failed(unknown_family(kind))),
        };
        spec.validate()?;
        Ok(spec)
    }

    /// The spec as TOML, for people.
    pub fn to_toml(&self) -> Result<String, Error> {
        toml::to_string(self).map_err(|source| Error::SpecUnprintable { source })
    }

    /// The spec of a feed-forward network; another family is an error.
    pub fn mlp(&self) -> Result<&MlpSpec, Error> {
        let Self::Mlp(spec) = self else {
            return Err(Error::Family { expected: MlpSpec::FAMILY, found: self.family_name() });
        };
        Ok(spec)
    }

    /// The spec of a pretrained encoder; another family is an error.
    pub fn bert(&self) -> Result<&BertSpec, Error> {
        let Self::Bert(spec) = self else {
            return Err(Error::Family { expected: BertSpec::FAMILY, found: self.family_name() });
        };
        Ok(spec)
    }

    /// The spec of a recurrent network; another family is an error.
    pub fn rnn(&self) -> Result<&RnnSpec, Error> {
        let Self::Rnn(spec) = self else {
            return Err(Error::Family { expected: RnnSpec::FAMILY, found: self.family_name() });
        };
        Ok(spec)
    }
}

impl From<MlpSpec> for Spec {
    fn from(spec: MlpSpec) -> Self {
        Self::Mlp(spec)
    }
}

impl From<BertSpec> for Spec {
    fn from(spec: BertSpec) -> Self {
        Self::Bert(Box::new(spec))
    }
}

impl From<RnnSpec> for Spec {
    fn from(spec: RnnSpec) -> Self {
        Self::Rnn(spec)
    }
}

pub(crate) fn generator() -> u32 {
    GENERATOR
}

/// What holds of the fields that every family has.
pub(crate) fn check_common(generator: u32, seed: u64) -> Result<(), Error> {
    if generator != GENERATOR {
        return Err(Error::UnknownGenerator { found: generator });
    }
    range("seed", seed as f64, 0.0, MAX_EXACT)
}

/// A number within bounds.
pub(crate) fn range(what: &'static str, found: f64, min: f64, max: f64) -> Result<(), Error> {
    if found >= min && found <= max { Ok(()) } else { Err(Error::OutOfRange { what, found, min, max }) }
}
