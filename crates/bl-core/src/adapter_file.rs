//! The adapter file, as FORMAT.md specifies it.

use safetensors::tensor::{Dtype, SafeTensors};
use serde_json::Value;

use crate::adapter::{BiasAdapter, UnitGains};
use crate::base_bias::BaseBias;
use crate::container::{self, Tensor};
use crate::error::Error;
use crate::header::{FORMAT, Header, Kind, Metric, Preprocessing, VERSION, put_back, unknown_fields};
use crate::recurrent::FEATURE;

/// The one metadata key.
pub(crate) const KEY: &str = "bl_adapter";
/// The largest adapter file that is read into memory.
pub const MAX_BYTES: u64 = 256 << 20;

const MASK: &str = "hidden.0.mask";
pub(crate) const GAIN: &str = "hidden.0.gain";

pub(crate) fn bias_name(layer: usize) -> String {
    format!("hidden.{layer}.bias")
}

/// Names of the tensors that an adapter of this kind has, in the order of the digest.
pub(crate) fn tensor_names(kind: Kind, layers: usize) -> Vec<String> {
    let biases = (0..layers).map(bias_name);
    match kind {
        Kind::Bias => biases.collect(),
        Kind::Mask => vec![MASK.to_owned()],
        Kind::Gain => vec![GAIN.to_owned()],
        Kind::BiasGain => biases.chain([GAIN.to_owned()]).collect(),
    }
}

pub(crate) fn write(adapter: &BiasAdapter) -> Result<Vec<u8>, Error> {
    check(adapter)?;
    let mut header = serde_json::to_value(&adapter.header).map_err(json)?;
    put_back(&mut header, &adapter.unknown);
    let values = unit_tensors(adapter.header.kind, &adapter.biases, &adapter.gains);
    let names = tensor_names(adapter.header.kind, adapter.biases.len());
    let tensors: Vec<_> = names.into_iter().zip(values).collect();
    container::write_sealed(KEY, header, &tensors)
}

/// What is stored of the units, in the order of [`tensor_names`].
pub(crate) fn unit_tensors(kind: Kind, biases: &[Vec<f32>], gains: &UnitGains) -> Vec<Tensor> {
    let mut values = Vec::new();
    if !kind.draws_biases() {
        values.extend(biases.iter().map(|bias| Tensor::vector(bias)));
    }
    match gains {
        UnitGains::One => {}
        UnitGains::Mask(on) => values.push(pack(on)),
        UnitGains::Learned(gains) => values.push(Tensor::vector(gains)),
    }
    values
}

/// Eight units a byte, the first in the lowest bit.
fn pack(on: &[bool]) -> Tensor {
    let byte = |units: &[bool]| (0..).zip(units).map(|(bit, &on)| u8::from(on) << bit).sum();
    let bytes: Vec<u8> = on.chunks(8).map(byte).collect();
    Tensor { dtype: Dtype::U8, shape: vec![bytes.len()], bytes }
}

fn unpack(tensors: &SafeTensors<'_>, units: usize) -> Result<Vec<bool>, Error> {
    let bytes = container::tensor(tensors, MASK, Dtype::U8, &[units.div_ceil(8)])?;
    let bit = |unit: usize| bytes[unit / 8] >> (unit % 8) & 1 == 1;
    if (units..bytes.len() * 8).any(bit) {
        return Err(Error::MaskPadding { units });
    }
    Ok((0..units).map(bit).collect())
}

/// What multiplies the activations of `units` units.
pub(crate) fn read_gains(kind: Kind, tensors: &SafeTensors<'_>, units: usize) -> Result<UnitGains, Error> {
    Ok(match kind {
        Kind::Bias => UnitGains::One,
        Kind::Mask => UnitGains::Mask(unpack(tensors, units)?),
        Kind::Gain | Kind::BiasGain => UnitGains::Learned(container::vector(tensors, GAIN, units)?),
    })
}

pub(crate) fn read(bytes: &[u8]) -> Result<BiasAdapter, Error> {
    let (mut value, tensors) = container::read(KEY, bytes)?;
    // First of all, for the header of another version need not parse as this one's.
    if requires(&value, FEATURE) {
        return Err(Error::OtherDomain { expected: "pictures", found: "a recurrent network" });
    }
    check_version(&value, &[])?;
    let header: Header = serde_json::from_value(value.clone()).map_err(json)?;
    header.backbone.spec.validate()?;
    check_kind(&header)?;
    let units: Vec<usize> = header.backbone.spec.layers.iter().map(|layer| layer.units as usize).collect();
    let bias = |layer, units| match header.base_bias {
        Some(base) => Ok(base.draw(layer, units)),
        None => container::vector(&tensors, &bias_name(layer), units),
    };
    let biases = units.iter().enumerate().map(|(layer, &n)| bias(layer, n)).collect::<Result<_, _>>()?;
    let gains = read_gains(header.kind, &tensors, units[0])?;
    let names = tensor_names(header.kind, units.len());
    container::no_others(&tensors, &names)?;
    container::check_seal(&mut value, &tensors, &names)?;
    let known = serde_json::to_value(&header).map_err(json)?;
    let adapter = BiasAdapter { header, biases, gains, unknown: unknown_fields(&value, &known) };
    check(&adapter)?;
    Ok(adapter)
}

/// Format, version, and features that a reader must know; before anything else is looked at.
pub(crate) fn check_version(header: &Value, known: &[&str]) -> Result<(), Error> {
    let format = header.get("format").and_then(Value::as_str).unwrap_or("none");
    if format != FORMAT {
        return Err(Error::NotAnAdapter { found: format.to_owned() });
    }
    let version = header.get("version").and_then(Value::as_u64).unwrap_or(0);
    if version != u64::from(VERSION) {
        return Err(Error::UnknownVersion { found: version, known: VERSION });
    }
    match features(header).find(|feature| !known.contains(feature)) {
        Some(feature) => Err(Error::UnknownFeature { feature: feature.to_owned() }),
        None => Ok(()),
    }
}

fn features(header: &Value) -> impl Iterator<Item = &str> {
    header.get("requires").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Whether a header names a feature that its reader must know.
pub(crate) fn requires(header: &Value, feature: &str) -> bool {
    features(header).any(|found| found == feature)
}

/// Which kinds are defined for one hidden layer alone, and what becomes of their biases.
fn check_kind(header: &Header) -> Result<(), Error> {
    let (kind, layers) = (header.kind, header.backbone.spec.layers.len());
    if kind != Kind::Bias && layers != 1 {
        return Err(Error::OneLayerKind { kind, layers });
    }
    check_base_bias(kind, header.base_bias)
}

/// Which kinds have drawn biases.
pub(crate) fn check_base_bias(kind: Kind, base_bias: Option<BaseBias>) -> Result<(), Error> {
    match base_bias {
        None if kind.draws_biases() => Err(Error::NoBaseBias { kind }),
        Some(_) if !kind.draws_biases() => Err(Error::UnwantedBaseBias { kind }),
        Some(base) if !(0.0..=1e30).contains(&base.half_width) => {
            Err(Error::OutOfRange { what: "half_width", found: base.half_width, min: 0.0, max: 1e30 })
        }
        Some(base) if !(-1e30..=1e30).contains(&base.mean) => {
            Err(Error::OutOfRange { what: "mean", found: base.mean, min: -1e30, max: 1e30 })
        }
        _ => Ok(()),
    }
}

/// What must hold of an adapter wherever it comes from.
pub(crate) fn check(adapter: &BiasAdapter) -> Result<(), Error> {
    let header = &adapter.header;
    check_version(&serde_json::to_value(header).map_err(json)?, &[])?;
    let spec = &header.backbone.spec;
    spec.validate()?;
    check_kind(header)?;
    let expected: Vec<usize> = spec.layers.iter().map(|layer| layer.units as usize).collect();
    let found: Vec<usize> = adapter.biases.iter().map(Vec::len).collect();
    if expected != found {
        return Err(Error::BiasWidths { expected, found });
    }
    for (layer, bias) in adapter.biases.iter().enumerate() {
        finite(bias, || bias_name(layer))?;
        if header.base_bias.is_some_and(|base| base.draw(layer, bias.len()) != *bias) {
            return Err(Error::OtherBaseBias { layer });
        }
    }
    let found = match (&adapter.gains, header.kind) {
        (UnitGains::One, Kind::Bias) => expected[0],
        (UnitGains::Mask(on), Kind::Mask) => on.len(),
        (UnitGains::Learned(gains), Kind::Gain | Kind::BiasGain) => {
            finite(gains, || GAIN.to_owned())?;
            gains.len()
        }
        (_, kind) => return Err(Error::GainsOfOtherKind { kind }),
    };
    if found != expected[0] {
        return Err(Error::GainWidth { expected: expected[0], found });
    }
    if header.task.labels.len() != spec.readout.outputs as usize {
        let (labels, outputs) = (header.task.labels.len(), spec.readout.outputs as usize);
        return Err(Error::LabelCount { labels, outputs });
    }
    let (input, shape) = (header.input, spec.input);
    if (input.height, input.width, input.channels) != (shape.height, shape.width, shape.channels) {
        let input = [input.height, input.width, input.channels];
        let backbone = [shape.height, shape.width, shape.channels];
        return Err(Error::InputShape { input, backbone });
    }
    let Preprocessing { mean, std } = header.preprocessing;
    if !(mean.abs() <= 1e6 && (1e-6..=1e6).contains(&std)) {
        return Err(Error::BadPreprocessing { mean, std }); // what is not a number is in no range
    }
    check_metrics(&header.metrics)
}

pub(crate) fn check_metrics(metrics: &[Metric]) -> Result<(), Error> {
    if let Some(metric) = metrics.iter().find(|metric| !metric.value.is_finite()) {
        let (name, split) = (metric.name.clone(), metric.split.clone());
        return Err(Error::BadMetric { name, split, value: metric.value });
    }
    Ok(())
}

fn json(source: serde_json::Error) -> Error {
    Error::Json { what: "adapter header", source }
}

pub(crate) fn finite(values: &[f32], name: impl Fn() -> String) -> Result<(), Error> {
    match values.iter().position(|x| !x.is_finite()) {
        None => Ok(()),
        Some(unit) => Err(Error::NotFinite { name: name(), unit, value: values[unit] }),
    }
}
