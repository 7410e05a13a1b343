//! The adapter file, as FORMAT.md specifies it.

use safetensors::tensor::Dtype;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::adapter::BiasAdapter;
use crate::canonical;
use crate::container::{self, Tensor};
use crate::error::Error;
use crate::fingerprint::hex;
use crate::header::{FORMAT, Header, Preprocessing, VERSION, merge, unknown_fields};

/// The one metadata key.
const KEY: &str = "bl_adapter";
/// The header field that holds the digest of all the others and of the tensors.
const DIGEST: &str = "digest";
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
    if let Some(fields) = &adapter.unknown {
        merge(&mut header, fields);
    }
    let tensors: Vec<(String, Tensor)> = adapter
        .biases
        .iter()
        .enumerate()
        .map(|(layer, bias)| {
            let bytes = bias.iter().flat_map(|b| b.to_le_bytes()).collect();
            (tensor_name(layer), Tensor { dtype: Dtype::F32, shape: vec![bias.len()], bytes })
        })
        .collect();
    let digest = digest(&header, tensors.iter().map(|(_, tensor)| &*tensor.bytes));
    if let Value::Object(fields) = &mut header {
        fields.insert(DIGEST.to_owned(), Value::String(digest));
    }
    container::write(KEY, &header, &tensors)
}

pub(crate) fn read(bytes: &[u8]) -> Result<BiasAdapter, Error> {
    let (mut value, tensors) = container::read(KEY, bytes)?;
    let said = value.as_object_mut().and_then(|fields| fields.remove(DIGEST));
    check_version(&value)?;
    let header: Header = serde_json::from_value(value.clone())
        .map_err(|source| Error::Json { what: "adapter header", source })?;
    if let Some(feature) = header.requires.iter().find(|f| !KNOWN_FEATURES.contains(&f.as_str())) {
        return Err(Error::UnknownFeature { feature: feature.clone() });
    }
    header.backbone.spec.validate()?;

    let mut biases = Vec::new();
    let mut raw = Vec::new();
    for (layer, spec) in header.backbone.spec.layers.iter().enumerate() {
        let name = tensor_name(layer);
        let tensor = tensors.tensor(&name).map_err(|_| Error::MissingTensor {
            name: name.clone(),
            found: tensors.names().iter().map(ToString::to_string).collect(),
        })?;
        if tensor.dtype() != Dtype::F32 {
            let found = tensor.dtype().to_string();
            return Err(Error::TensorType { name, expected: "F32", found });
        }
        if tensor.shape() != [spec.units as usize] {
            let expected = vec![spec.units as usize];
            return Err(Error::TensorShape { name, expected, found: tensor.shape().to_vec() });
        }
        let values = tensor.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        biases.push(values.collect());
        raw.push(tensor.data());
    }
    if tensors.len() != biases.len() {
        let mut names: Vec<String> = tensors.names().iter().map(ToString::to_string).collect();
        names.sort();
        let name = names.into_iter().find(|name| !(0..biases.len()).any(|l| *name == tensor_name(l)));
        return Err(Error::ExtraTensor { name: name.unwrap_or_default() });
    }
    let found = digest(&value, raw.into_iter());
    if said.as_ref().and_then(Value::as_str) != Some(&found) {
        let expected = said.and_then(|said| Some(said.as_str()?.to_owned())).unwrap_or_else(|| "none".into());
        return Err(Error::DigestMismatch { expected, found });
    }
    let known =
        serde_json::to_value(&header).map_err(|source| Error::Json { what: "adapter header", source })?;
    let adapter = BiasAdapter { header, biases, unknown: unknown_fields(&value, &known) };
    check(&adapter)?;
    Ok(adapter)
}

/// SHA-256 over the canonical header without this field, then over each tensor in the order of the layers.
fn digest<'a>(header: &Value, tensors: impl Iterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new_with_prefix(canonical::text(header));
    tensors.for_each(|bytes| hasher.update(bytes));
    format!("sha256:{}", hex(&hasher.finalize()))
}

/// Version first: the header of another version need not parse as this one's.
fn check_version(header: &Value) -> Result<(), Error> {
    let format = header.get("format").and_then(Value::as_str).unwrap_or("none");
    if format != FORMAT {
        return Err(Error::NotAnAdapter { found: format.to_owned() });
    }
    match header.get("version").and_then(Value::as_u64) {
        Some(version) if version == u64::from(VERSION) => Ok(()),
        found => Err(Error::UnknownVersion { found: found.unwrap_or(0), known: VERSION }),
    }
}

/// What must hold of an adapter wherever it comes from.
pub(crate) fn check(adapter: &BiasAdapter) -> Result<(), Error> {
    let header = &adapter.header;
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
    if header.input.len() != spec.input.values() {
        return Err(Error::InputSize { input: header.input.len(), backbone: spec.input.values() });
    }
    let Preprocessing { mean, std } = header.preprocessing;
    if !(mean.is_finite() && std.is_finite() && std > 0.0) {
        return Err(Error::BadPreprocessing { mean, std });
    }
    Ok(())
}
