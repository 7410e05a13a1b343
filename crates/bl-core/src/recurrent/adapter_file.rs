//! The file of a recurrent adapter, as FORMAT.md specifies it.

use serde_json::Value;

use super::adapter::RecurrentAdapter;
use super::header::{FEATURE, RecurrentHeader};
use crate::adapter::UnitGains;
use crate::adapter_file::{
    GAIN, KEY, bias_name, check_base_bias, check_metrics, check_version, finite, read_gains, requires,
    tensor_names, unit_tensors,
};
use crate::container::{self, Tensor};
use crate::error::Error;
use crate::header::{Kind, put_back, unknown_fields};

const STATE: &str = "state.0";

fn names(header: &RecurrentHeader) -> Vec<String> {
    let mut names = tensor_names(header.kind, 1);
    names.extend(header.learned_state.then(|| STATE.to_owned()));
    names
}

pub(crate) fn write(adapter: &RecurrentAdapter) -> Result<Vec<u8>, Error> {
    check(adapter)?;
    let mut header = serde_json::to_value(&adapter.header).map_err(json)?;
    put_back(&mut header, &adapter.unknown);
    let mut values = unit_tensors(adapter.header.kind, std::slice::from_ref(&adapter.biases), &adapter.gains);
    values.extend(adapter.initial.as_ref().map(|state| Tensor::vector(state)));
    let tensors: Vec<_> = names(&adapter.header).into_iter().zip(values).collect();
    container::write_sealed(KEY, header, &tensors)
}

pub(crate) fn read(bytes: &[u8]) -> Result<RecurrentAdapter, Error> {
    let (mut value, tensors) = container::read(KEY, bytes)?;
    check_version(&value, &[FEATURE])?;
    check_domain(&value)?;
    let header: RecurrentHeader = serde_json::from_value(value.clone()).map_err(json)?;
    header.backbone.spec.validate()?;
    check_base_bias(header.kind, header.base_bias)?;
    let units = header.backbone.spec.units as usize;
    let biases = match header.base_bias {
        Some(base) => base.draw(0, units),
        None => container::vector(&tensors, &bias_name(0), units)?,
    };
    let gains = read_gains(header.kind, &tensors, units)?;
    let initial = header.learned_state.then(|| container::vector(&tensors, STATE, units)).transpose()?;
    let names = names(&header);
    container::no_others(&tensors, &names)?;
    container::check_seal(&mut value, &tensors, &names)?;
    let known = serde_json::to_value(&header).map_err(json)?;
    let adapter =
        RecurrentAdapter { header, biases, gains, initial, unknown: unknown_fields(&value, &known) };
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
    check_version(&value, &[FEATURE])?;
    check_domain(&value)?;
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
