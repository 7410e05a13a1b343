//! The file of a recurrent adapter, as FORMAT.md specifies it.

use serde_json::Value;

use super::adapter::RecurrentAdapter;
use super::header::{FEATURE, RecurrentHeader};
use crate::adapter::UnitGains;
use crate::adapter_file::{
    KEY, check_base_bias, check_encoding, check_metrics, check_version, finite, requires,
};
use crate::container;
use crate::error::Error;
use crate::form::{self, ENCODINGS, Form};
use crate::header::{Kind, put_back, unknown_fields};
use crate::unit_values::{self, GAIN, Reader, bias_name};

pub(crate) const STATE: &str = "state.0";

/// Features of recurrent adapters.
const FEATURES: [&str; 3] = [FEATURE, ENCODINGS[0], ENCODINGS[1]];

/// The vectors that an adapter stores, in the order of the digest.
pub(crate) fn vectors(adapter: &RecurrentAdapter) -> Vec<(String, &[f32])> {
    let biases = std::slice::from_ref(&adapter.biases);
    let mut vectors = unit_values::vectors(adapter.header.kind, biases, &adapter.gains);
    vectors.extend(adapter.initial.as_ref().map(|state| (STATE.to_owned(), &**state)));
    vectors
}

pub(crate) fn write(adapter: &RecurrentAdapter) -> Result<Vec<u8>, Error> {
    check(adapter)?;
    let mut header = header_value(&adapter.header, &adapter.form)?;
    put_back(&mut header, &adapter.unknown);
    let tensors = unit_values::write(&adapter.form, &vectors(adapter), &adapter.gains)?;
    container::write_sealed(KEY, header, &tensors)
}

/// The header as a file has it, but for its digest and for fields that are not known.
fn header_value(header: &RecurrentHeader, form: &Form) -> Result<Value, Error> {
    let mut value = serde_json::to_value(header).map_err(json)?;
    form.put(&mut value);
    Ok(value)
}

pub(crate) fn read(bytes: &[u8]) -> Result<RecurrentAdapter, Error> {
    let (mut value, tensors) = container::read(KEY, bytes)?;
    check_version(&value, &FEATURES)?;
    check_domain(&value)?;
    let header: RecurrentHeader = serde_json::from_value(value.clone()).map_err(json)?;
    header.backbone.spec.validate()?;
    check_base_bias(header.kind, header.base_bias)?;
    let units = header.backbone.spec.units as usize;
    let mut reader = Reader::new(&tensors, form::encoding(&value)?, None)?;
    let biases = match header.base_bias {
        Some(base) => base.draw(0, units),
        None => reader.bias(0, units)?,
    };
    let gains = reader.gains(header.kind, units)?;
    let initial = header.learned_state.then(|| reader.vector(STATE, units, 0.0)).transpose()?;
    let form = reader.finish(&mut value)?;
    let unknown = unknown_fields(&value, &header_value(&header, &form)?);
    let adapter = RecurrentAdapter { header, biases, gains, initial, form, unknown };
    check(&adapter)?;
    Ok(adapter)
}

/// The feature that keeps readers of pictures away must be there.
fn check_domain(header: &Value) -> Result<(), Error> {
    if requires(header, FEATURE) {
        return Ok(());
    }
    Err(Error::OtherDomain { expected: "a recurrent network", found: "pictures" })
}

/// What must hold of an adapter wherever it comes from.
pub(crate) fn check(adapter: &RecurrentAdapter) -> Result<(), Error> {
    let header = &adapter.header;
    let value = serde_json::to_value(header).map_err(json)?;
    check_version(&value, &FEATURES)?;
    check_domain(&value)?;
    adapter.form.check_stated(&header.requires)?;
    check_encoding(header.kind, adapter.form.encoding)?;
    let spec = &header.backbone.spec;
    spec.validate()?;
    header.signal.validate()?;
    check_base_bias(header.kind, header.base_bias)?;
    let units = spec.units as usize;
    let widths = |expected, found| Err(Error::BiasWidths { expected: vec![expected], found: vec![found] });
    if adapter.biases.len() != units {
        return widths(units, adapter.biases.len());
    }
    finite(&adapter.biases, || bias_name(0))?;
    if header.base_bias.is_some_and(|base| base.draw(0, units) != adapter.biases) {
        return Err(Error::OtherBaseBias { layer: 0 });
    }
    let found = match (&adapter.gains, header.kind) {
        (UnitGains::One, Kind::Bias) => units,
        (UnitGains::Mask(on), Kind::Mask) => on.len(),
        (UnitGains::Learned(gains), Kind::Gain | Kind::BiasGain) => {
            finite(gains, || GAIN.to_owned())?;
            gains.len()
        }
        (_, kind) => return Err(Error::GainsOfOtherKind { kind }),
    };
    if found != units {
        return Err(Error::GainWidth { expected: units, found });
    }
    match &adapter.initial {
        Some(state) if header.learned_state => {
            if state.len() != units {
                return widths(units, state.len());
            }
            finite(state, || STATE.to_owned())?;
        }
        None if !header.learned_state => {}
        _ => return Err(Error::StateOfOtherKind { learned: header.learned_state }),
    }
    let (inputs, outputs) = (spec.input.values as usize, spec.readout.outputs as usize);
    if header.signal.widths() != (inputs, outputs) {
        return Err(Error::SignalWidths { expected: header.signal.widths(), found: (inputs, outputs) });
    }
    check_metrics(&header.metrics)
}

fn json(source: serde_json::Error) -> Error {
    Error::Json { what: "adapter header", source }
}
