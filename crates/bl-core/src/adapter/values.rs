//! The tensors of an adapter file in the order of the digest: what is stored of each unit, written and read.

use safetensors::tensor::{Dtype, SafeTensors};
use serde_json::Value;

use super::encoding::Encoding;
use super::form::{DROPPED, Form};
use super::form_error::FormError;
use super::header::AdapterKind;
use super::parameters::{Head, Parameters, UnitGains};
use crate::container::{self, Tensor};
use crate::error::Error;

const KEPT: &str = "hidden.0.kept";
const MASK: &str = "hidden.0.mask";
pub(crate) const GAIN: &str = "hidden.0.gain";
pub(crate) const STATE: &str = "state.0";
/// A learned readout, `[outputs · size]` row by row, and what is added to its outputs.
pub(crate) const HEAD: [&str; 2] = ["head.weight", "head.bias"];

/// The vectors that an adapter stores, in the order of the digest: biases (of these names), gains, the initial state, the readout.
fn vectors(kind: AdapterKind, names: Vec<String>, parameters: &Parameters) -> Vec<(String, &[f32])> {
    let biases = names.into_iter().zip(&parameters.biases).filter(|_| !kind.draws_biases());
    let mut vectors: Vec<_> = biases.map(|(name, bias)| (name, &**bias)).collect();
    if let UnitGains::Learned(gains) = &parameters.gains {
        vectors.push((GAIN.to_owned(), gains));
    }
    vectors.extend(parameters.initial.as_ref().map(|state| (STATE.to_owned(), &**state)));
    if let Some(Head { weights, bias }) = &parameters.head {
        vectors.extend(HEAD.map(str::to_owned).into_iter().zip([&**weights, &**bias]));
    }
    vectors
}

/// As [`vectors`], to be changed.
pub(crate) fn vectors_mut(
    kind: AdapterKind,
    names: Vec<String>,
    parameters: &mut Parameters,
) -> Vec<(String, &mut [f32])> {
    let biases = names.into_iter().zip(&mut parameters.biases).filter(|_| !kind.draws_biases());
    let mut vectors: Vec<_> = biases.map(|(name, bias)| (name, &mut **bias)).collect();
    if let UnitGains::Learned(gains) = &mut parameters.gains {
        vectors.push((GAIN.to_owned(), gains));
    }
    vectors.extend(parameters.initial.as_mut().map(|state| (STATE.to_owned(), &mut **state)));
    if let Some(Head { weights, bias }) = &mut parameters.head {
        vectors.extend(HEAD.map(str::to_owned).into_iter().zip([&mut **weights, &mut **bias]));
    }
    vectors
}

/// The tensors of an adapter with these parameters.
pub(crate) fn write(
    kind: AdapterKind,
    names: Vec<String>,
    form: &Form,
    parameters: &Parameters,
) -> Result<Vec<(String, Tensor)>, Error> {
    let mut tensors = Vec::new();
    tensors.extend(form.kept.as_ref().map(|kept| (KEPT.to_owned(), pack(kept))));
    if let UnitGains::Mask(on) = &parameters.gains {
        tensors.push((MASK.to_owned(), pack(on)));
    }
    for (nth, (name, values)) in vectors(kind, names, parameters).iter().enumerate() {
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
    pub(crate) fn bias(&mut self, name: &str, units: usize) -> Result<Vec<f32>, Error> {
        self.vector(name, units, DROPPED)
    }

    /// A readout of `outputs` classes of vectors of `size` values.
    pub(crate) fn head(&mut self, outputs: usize, size: usize) -> Result<Head, Error> {
        let [weights, bias] = HEAD;
        Ok(Head {
            weights: self.vector(weights, outputs * size, 0.0)?,
            bias: self.vector(bias, outputs, 0.0)?,
        })
    }

    /// Biases that are drawn and not stored.
    pub(crate) fn drawn(&self, biases: &[f32]) -> Vec<f32> {
        self.form.scatter(self.form.gather(biases), DROPPED)
    }

    /// What multiplies the activations of `units` units.
    pub(crate) fn gains(&mut self, kind: AdapterKind, units: usize) -> Result<UnitGains, Error> {
        Ok(match kind {
            AdapterKind::Bias | AdapterKind::BiasHead | AdapterKind::Head => UnitGains::One,
            AdapterKind::Mask => UnitGains::Mask(self.bits(MASK, units, || Error::MaskPadding { units })?),
            AdapterKind::Gain | AdapterKind::BiasGain => UnitGains::Learned(self.vector(GAIN, units, 0.0)?),
        })
    }

    /// The state before the first step.
    pub(crate) fn state(&mut self, units: usize) -> Result<Vec<f32>, Error> {
        self.vector(STATE, units, 0.0)
    }

    /// A value for each of `units` units, and `dropped` for those that the file leaves out.
    fn vector(&mut self, name: &str, units: usize, dropped: f32) -> Result<Vec<f32>, Error> {
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
