//! The tensors of an adapter file in the order of the digest: what is stored of each unit, written and read.

use safetensors::tensor::{Dtype, SafeTensors};
use serde_json::Value;

use crate::adapter::UnitGains;
use crate::container::{self, Tensor};
use crate::encoding::Encoding;
use crate::error::Error;
use crate::form::{DROPPED, Form};
use crate::form_error::FormError;
use crate::header::Kind;

const KEPT: &str = "hidden.0.kept";
const MASK: &str = "hidden.0.mask";
pub(crate) const GAIN: &str = "hidden.0.gain";

pub(crate) fn bias_name(layer: usize) -> String {
    format!("hidden.{layer}.bias")
}

/// The vectors that an adapter stores, in the order of the digest.
pub(crate) fn vectors<'a>(
    kind: Kind,
    biases: &'a [Vec<f32>],
    gains: &'a UnitGains,
) -> Vec<(String, &'a [f32])> {
    let biases = biases.iter().enumerate().filter(|_| !kind.draws_biases());
    let mut vectors: Vec<_> = biases.map(|(layer, bias)| (bias_name(layer), &**bias)).collect();
    if let UnitGains::Learned(gains) = gains {
        vectors.push((GAIN.to_owned(), gains));
    }
    vectors
}

/// As [`vectors`], to be changed.
pub(crate) fn vectors_mut<'a>(
    kind: Kind,
    biases: &'a mut [Vec<f32>],
    gains: &'a mut UnitGains,
) -> Vec<(String, &'a mut [f32])> {
    let biases = biases.iter_mut().enumerate().filter(|_| !kind.draws_biases());
    let mut vectors: Vec<_> = biases.map(|(layer, bias)| (bias_name(layer), &mut **bias)).collect();
    if let UnitGains::Learned(gains) = gains {
        vectors.push((GAIN.to_owned(), gains));
    }
    vectors
}

/// The tensors of an adapter with these vectors, and its mask if it is one.
pub(crate) fn write(
    form: &Form,
    vectors: &[(String, &[f32])],
    gains: &UnitGains,
) -> Result<Vec<(String, Tensor)>, Error> {
    let mut tensors = Vec::new();
    tensors.extend(form.kept.as_ref().map(|kept| (KEPT.to_owned(), pack(kept))));
    if let UnitGains::Mask(on) = gains {
        tensors.push((MASK.to_owned(), pack(on)));
    }
    for (nth, (name, values)) in vectors.iter().enumerate() {
        let scales = form.scales.get(nth).map_or(&[][..], |scales| scales);
        tensors.extend(form.encoding.write(name, &form.gather(values), scales)?);
    }
    Ok(tensors)
}

/// Reads tensors one after the other, and remembers what it has read.
pub(crate) struct Reader<'a> {
    tensors: &'a SafeTensors<'a>,
    form: Form,
    names: Vec<String>,
}

impl<'a> Reader<'a> {
    /// Of a file of this encoding; a pruned one begins with a list of its units, of `pruned` in all.
    pub(crate) fn new(
        tensors: &'a SafeTensors<'a>,
        encoding: Encoding,
        pruned: Option<usize>,
    ) -> Result<Self, Error> {
        let mut reader = Self { tensors, form: Form { encoding, ..Form::default() }, names: Vec::new() };
        if let Some(units) = pruned {
            let kept = reader.bits(KEPT, units, || FormError::KeptPadding { units }.into())?;
            reader.form.kept = Some(kept);
        }
        Ok(reader)
    }

    /// The biases of a layer.
    pub(crate) fn bias(&mut self, layer: usize, units: usize) -> Result<Vec<f32>, Error> {
        self.vector(&bias_name(layer), units, DROPPED)
    }

    /// Biases that are drawn and not stored.
    pub(crate) fn drawn(&self, biases: &[f32]) -> Vec<f32> {
        self.form.scatter(self.form.gather(biases), DROPPED)
    }

    /// What multiplies the activations of `units` units.
    pub(crate) fn gains(&mut self, kind: Kind, units: usize) -> Result<UnitGains, Error> {
        Ok(match kind {
            Kind::Bias => UnitGains::One,
            Kind::Mask => UnitGains::Mask(self.bits(MASK, units, || Error::MaskPadding { units })?),
            Kind::Gain | Kind::BiasGain => UnitGains::Learned(self.vector(GAIN, units, 0.0)?),
        })
    }

    /// A value for each of `units` units, and `dropped` for those that the file leaves out.
    pub(crate) fn vector(&mut self, name: &str, units: usize, dropped: f32) -> Result<Vec<f32>, Error> {
        let encoding = self.form.encoding;
        let (values, scales) = encoding.read(self.tensors, name, self.form.count(units))?;
        self.form.scales.extend((encoding == Encoding::I8).then_some(scales));
        self.names.extend(encoding.names(name));
        Ok(self.form.scatter(values, dropped))
    }

    fn bits(&mut self, name: &str, units: usize, padding: impl Fn() -> Error) -> Result<Vec<bool>, Error> {
        let bytes = container::tensor(self.tensors, name, Dtype::U8, &[units.div_ceil(8)])?;
        let bit = |unit: usize| bytes[unit / 8] >> (unit % 8) & 1 == 1;
        if (units..bytes.len() * 8).any(bit) {
            return Err(padding());
        }
        self.names.push(name.to_owned());
        Ok((0..units).map(bit).collect())
    }

    /// The form, once there is nothing else in the file and its digest is right.
    pub(crate) fn finish(self, header: &mut Value) -> Result<Form, Error> {
        container::no_others(self.tensors, &self.names)?;
        container::check_seal(header, self.tensors, &self.names)?;
        Ok(self.form)
    }
}

/// Eight units a byte, the first in the lowest bit.
fn pack(on: &[bool]) -> Tensor {
    let byte = |units: &[bool]| (0..).zip(units).map(|(bit, &on)| u8::from(on) << bit).sum();
    let bytes: Vec<u8> = on.chunks(8).map(byte).collect();
    Tensor { dtype: Dtype::U8, shape: vec![bytes.len()], bytes }
}
