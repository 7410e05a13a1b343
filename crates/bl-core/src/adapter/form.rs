//! The form of an adapter's file: what it leaves out of f32 values for every unit.

use serde_json::Value;

use super::encoding::Encoding;
use super::form_error::FormError;
use crate::error::Error;
use crate::family::{BERT, CONV, RECURRENT};
use crate::io::{TEXT, TRIALS, VALUES};

/// Features that a reader must know, beside those of the encodings.
pub(crate) const PRUNED: &str = "pruned";

/// All features that this program knows.
pub(crate) const FEATURES: [&str; 9] = [RECURRENT, BERT, CONV, TEXT, VALUES, TRIALS, "f16", "i8", PRUNED];

/// The header field that names the encoding.
const FIELD: &str = "encoding";

/// The bias of a dropped unit: OFF for every image, whatever the preprocessing (σ is at least 1e-6, and p, μ times a
/// row's sum, and f32 have room on both sides).
pub(crate) const DROPPED: f32 = -1e30;

/// How a file holds the units.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Form {
    pub(crate) encoding: Encoding,
    /// Scales of i8, one vector for each tensor in the order of the digest.
    pub(crate) scales: Vec<Vec<f32>>,
    /// Which units there are; `None` for all.
    pub(crate) kept: Option<Vec<bool>>,
}

impl Form {
    /// Features that the form makes necessary, beside those of the network and of what goes in.
    fn features(&self, others: &[&str]) -> Vec<String> {
        let encoding = (self.encoding != Encoding::F32).then(|| self.encoding.name());
        let pruned = self.kept.as_ref().map(|_| PRUNED);
        others.iter().copied().chain(encoding).chain(pruned).map(str::to_owned).collect()
    }

    /// Makes `requires` name these features, and no others that this program knows.
    pub(crate) fn state_in(&self, requires: &mut Vec<String>, others: &[&str]) {
        let expected = self.features(others);
        if check(&expected, requires).is_err() {
            requires.retain(|feature| !FEATURES.contains(&&**feature));
            requires.extend(expected);
        }
    }

    /// Whether `requires` names these features, and no others.
    pub(crate) fn check_stated(&self, requires: &[String], others: &[&str]) -> Result<(), Error> {
        check(&self.features(others), requires)
    }

    /// Adds to a header what it says of the form beside its features.
    pub(crate) fn put(&self, header: &mut Value) {
        if self.encoding != Encoding::F32 {
            header[FIELD] = self.encoding.name().into();
        }
    }

    /// Rounds the vectors of an adapter to an encoding, and becomes its form.
    pub(crate) fn encode(
        &mut self,
        encoding: Encoding,
        vectors: Vec<(String, &mut [f32])>,
    ) -> Result<(), Error> {
        (self.encoding, self.scales) = (encoding, Vec::new());
        for (name, values) in vectors {
            let stored = self.gather(values);
            let scales = encoding.scales(&stored);
            let mut rounded = encoding.round(&name, &stored, &scales)?.into_iter();
            self.scales.extend((encoding == Encoding::I8).then_some(scales));
            let kept = |unit: usize| self.kept.as_ref().is_none_or(|kept| kept[unit]);
            let stored = values.iter_mut().enumerate().filter(|(unit, _)| kept(*unit));
            stored.zip(&mut rounded).for_each(|((_, value), rounded)| *value = rounded);
        }
        Ok(())
    }

    /// The values of the units that there are.
    pub(crate) fn gather(&self, values: &[f32]) -> Vec<f32> {
        match &self.kept {
            None => values.to_vec(),
            Some(kept) => values.iter().zip(kept).filter(|(_, kept)| **kept).map(|(v, _)| *v).collect(),
        }
    }

    /// The opposite of [`Self::gather`], with `dropped` for the others.
    pub(crate) fn scatter(&self, values: Vec<f32>, dropped: f32) -> Vec<f32> {
        let Some(kept) = &self.kept else { return values };
        let mut values = values.into_iter();
        let mut next = || values.next().expect("a value for each unit that is kept");
        kept.iter().map(|&kept| if kept { next() } else { dropped }).collect()
    }

    /// Gives dropped units the bias that keeps them OFF.
    pub(crate) fn turn_off(&self, biases: &mut [f32]) {
        let kept = self.kept.iter().flatten();
        biases.iter_mut().zip(kept).filter(|(_, kept)| !**kept).for_each(|(bias, _)| *bias = DROPPED);
    }

    /// Number of units that there are of `units`.
    pub(crate) fn count(&self, units: usize) -> usize {
        self.kept.as_ref().map_or(units, |kept| kept.iter().filter(|kept| **kept).count())
    }
}

/// The encoding that a header names.
pub(crate) fn encoding(header: &Value) -> Result<Encoding, Error> {
    match header.get(FIELD) {
        None => Ok(Encoding::F32),
        Some(Value::String(name)) if name == Encoding::F16.name() => Ok(Encoding::F16),
        Some(Value::String(name)) if name == Encoding::I8.name() => Ok(Encoding::I8),
        Some(other) => Err(FormError::UnknownEncoding { found: other.to_string() }.into()),
    }
}

/// In any order.
fn check(expected: &[String], found: &[String]) -> Result<(), Error> {
    let sorted = |features: &[String]| {
        let mut features = features.to_vec();
        features.sort();
        features
    };
    if sorted(expected) == sorted(found) {
        return Ok(());
    }
    Err(FormError::Features { expected: expected.to_vec(), found: found.to_vec() }.into())
}
