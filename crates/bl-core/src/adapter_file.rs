//! The adapter file, as FORMAT.md specifies it.

use serde_json::Value;

use crate::adapter::BiasAdapter;
use crate::container::{self, Tensor};
use crate::error::Error;
use crate::header::{FORMAT, Header, Preprocessing, VERSION, put_back, unknown_fields};

/// The one metadata key.
const KEY: &str = "bl_adapter";
/// The largest adapter this program reads into memory.
pub(crate) const MAX_BYTES: u64 = 256 << 20;
/// Features that this program knows. None exist beyond version 1.
const KNOWN_FEATURES: [&str; 0] = [];

fn tensor_name(layer: usize) -> String {
    format!("hidden.{layer}.bias")
}

pub(crate) fn write(adapter: &BiasAdapter) -> Result<Vec<u8>, Error> {
    check(adapter)?;
    let mut header = serde_json::to_value(&adapter.header)
        .map_err(|source| Error::Json { what: "adapter header", source })?;
    put_back(&mut header, &adapter.unknown);
    let tensors: Vec<_> =
        (0..).zip(&adapter.biases).map(|(layer, bias)| (tensor_name(layer), Tensor::vector(bias))).collect();
    container::write_sealed(KEY, header, &tensors)
}

pub(crate) fn read(bytes: &[u8]) -> Result<BiasAdapter, Error> {
    let (mut value, tensors) = container::read(KEY, bytes)?;
    // First of all, for the header of another version need not parse as this one's.
    let features = value.get("requires").and_then(Value::as_array).into_iter().flatten();
    check_version(
        value.get("format").and_then(Value::as_str).unwrap_or("none"),
        value.get("version").and_then(Value::as_u64).unwrap_or(0),
        features.filter_map(Value::as_str),
    )?;
    let header: Header = serde_json::from_value(value.clone())
        .map_err(|source| Error::Json { what: "adapter header", source })?;
    header.backbone.spec.validate()?;
    let layers = &header.backbone.spec.layers;
    let names: Vec<String> = (0..layers.len()).map(tensor_name).collect();
    let biases = names
        .iter()
        .zip(layers)
        .map(|(name, layer)| container::vector(&tensors, name, layer.units as usize))
        .collect::<Result<_, _>>()?;
    container::no_others(&tensors, &names)?;
    container::check_seal(&mut value, &tensors, &names)?;
    let known =
        serde_json::to_value(&header).map_err(|source| Error::Json { what: "adapter header", source })?;
    let adapter = BiasAdapter { header, biases, unknown: unknown_fields(&value, &known) };
    check(&adapter)?;
    Ok(adapter)
}

fn check_version<'a>(
    format: &str,
    version: u64,
    mut requires: impl Iterator<Item = &'a str>,
) -> Result<(), Error> {
    if format != FORMAT {
        return Err(Error::NotAnAdapter { found: format.to_owned() });
    }
    if version != u64::from(VERSION) {
        return Err(Error::UnknownVersion { found: version, known: VERSION });
    }
    match requires.find(|feature| !KNOWN_FEATURES.contains(feature)) {
        Some(feature) => Err(Error::UnknownFeature { feature: feature.to_owned() }),
        None => Ok(()),
    }
}

/// What must hold of an adapter wherever it comes from.
pub(crate) fn check(adapter: &BiasAdapter) -> Result<(), Error> {
    let header = &adapter.header;
    check_version(&header.format, header.version.into(), header.requires.iter().map(String::as_str))?;
    let spec = &header.backbone.spec;
    spec.validate()?;
    let expected: Vec<usize> = spec.layers.iter().map(|layer| layer.units as usize).collect();
    let found: Vec<usize> = adapter.biases.iter().map(Vec::len).collect();
    if expected != found {
        return Err(Error::BiasWidths { expected, found });
    }
    for (layer, bias) in adapter.biases.iter().enumerate() {
        if let Some(unit) = bias.iter().position(|b| !b.is_finite()) {
            return Err(Error::NotFinite { name: tensor_name(layer), unit, value: bias[unit] });
        }
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
    if let Some(metric) = header.metrics.iter().find(|metric| !metric.value.is_finite()) {
        let (name, split) = (metric.name.clone(), metric.split.clone());
        return Err(Error::BadMetric { name, split, value: metric.value });
    }
    Ok(())
}
