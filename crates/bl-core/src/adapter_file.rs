//! The adapter file, as FORMAT.md specifies it.

use serde_json::Value;

use crate::adapter::{BiasAdapter, UnitGains};
use crate::base_bias::BaseBias;
use crate::container;
use crate::encoding::Encoding;
use crate::error::Error;
use crate::form::{self, DROPPED, ENCODINGS, Form, PRUNED};
use crate::form_error::FormError;
use crate::header::{FORMAT, Header, Kind, Metric, Preprocessing, VERSION, put_back, unknown_fields};
use crate::recurrent::FEATURE;
use crate::unit_values::{self, GAIN, Reader, bias_name, vectors};

/// The one metadata key.
pub(crate) const KEY: &str = "bl_adapter";
/// The largest adapter file that is read into memory.
pub const MAX_BYTES: u64 = 256 << 20;

/// Features of pictures' adapters.
const FEATURES: [&str; 3] = [ENCODINGS[0], ENCODINGS[1], PRUNED];

pub(crate) fn write(adapter: &BiasAdapter) -> Result<Vec<u8>, Error> {
    check(adapter)?;
    let mut header = header_value(&adapter.header, &adapter.form)?;
    put_back(&mut header, &adapter.unknown);
    let vectors = vectors(adapter.header.kind, &adapter.biases, &adapter.gains);
    container::write_sealed(KEY, header, &unit_values::write(&adapter.form, &vectors, &adapter.gains)?)
}

/// The header as a file has it, but for its digest and for fields that are not known.
fn header_value(header: &Header, form: &Form) -> Result<Value, Error> {
    let mut value = serde_json::to_value(header).map_err(json)?;
    form.put(&mut value);
    Ok(value)
}

pub(crate) fn read(bytes: &[u8]) -> Result<BiasAdapter, Error> {
    let (mut value, tensors) = container::read(KEY, bytes)?;
    // First of all, for the header of another version need not parse as this one's.
    if requires(&value, FEATURE) {
        return Err(Error::OtherDomain { expected: "pictures", found: "a recurrent network" });
    }
    check_version(&value, &FEATURES)?;
    let header: Header = serde_json::from_value(value.clone()).map_err(json)?;
    header.backbone.spec.validate()?;
    check_kind(&header)?;
    let units: Vec<usize> = header.backbone.spec.layers.iter().map(|layer| layer.units as usize).collect();
    let pruned = requires(&value, PRUNED).then_some(units[0]);
    if pruned.is_some() {
        check_prunable(header.kind, units.len())?;
    }
    let mut reader = Reader::new(&tensors, form::encoding(&value)?, pruned)?;
    let mut bias = |layer, units| match header.base_bias {
        Some(base) => Ok(reader.drawn(&base.draw(layer, units))),
        None => reader.bias(layer, units),
    };
    let biases = units.iter().enumerate().map(|(layer, &n)| bias(layer, n)).collect::<Result<_, _>>()?;
    let gains = reader.gains(header.kind, units[0])?;
    let form = reader.finish(&mut value)?;
    let unknown = unknown_fields(&value, &header_value(&header, &form)?);
    let adapter = BiasAdapter { header, biases, gains, form, unknown };
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
    check_version(&serde_json::to_value(header).map_err(json)?, &FEATURES)?;
    adapter.form.check_stated(&header.requires)?;
    check_encoding(header.kind, adapter.form.encoding)?;
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
        if header.base_bias.is_some_and(|base| !is_drawn(base, layer, bias, &adapter.form)) {
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
    check_kept(adapter)?;
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

/// Whether the biases of the units that there are are those that a seed draws.
fn is_drawn(base: BaseBias, layer: usize, bias: &[f32], form: &Form) -> bool {
    form.gather(&base.draw(layer, bias.len())) == form.gather(bias)
}

/// A mask has no values that could be rounded.
pub(crate) fn check_encoding(kind: Kind, encoding: Encoding) -> Result<(), Error> {
    match kind {
        Kind::Mask if encoding != Encoding::F32 => Err(FormError::MaskEncoding { encoding }.into()),
        _ => Ok(()),
    }
}

/// What can be pruned at all.
pub(crate) fn check_prunable(kind: Kind, layers: usize) -> Result<(), Error> {
    if layers != 1 {
        return Err(FormError::PrunedLayers { layers }.into());
    }
    if kind == Kind::Mask { Err(FormError::PrunedMask.into()) } else { Ok(()) }
}

/// Whether a pruned adapter has some unit left, and nothing of those that it has not.
fn check_kept(adapter: &BiasAdapter) -> Result<(), Error> {
    let Some(kept) = &adapter.form.kept else { return Ok(()) };
    check_prunable(adapter.header.kind, adapter.biases.len())?;
    let (expected, found) = (adapter.biases[0].len(), kept.len());
    if expected != found {
        return Err(FormError::KeptWidth { expected, found }.into());
    }
    if !kept.contains(&true) {
        return Err(FormError::NothingKept.into());
    }
    let gain = |unit: usize| match &adapter.gains {
        UnitGains::Learned(gains) => gains[unit],
        _ => 0.0,
    };
    let is_off = |unit: usize| adapter.biases[0][unit] == DROPPED && gain(unit) == 0.0;
    match (0..found).find(|&unit| !kept[unit] && !is_off(unit)) {
        None => Ok(()),
        Some(unit) => Err(FormError::PrunedUnit { unit }.into()),
    }
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
