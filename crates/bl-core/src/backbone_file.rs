//! A backbone as a file: a cache of what its spec generates, as FORMAT.md specifies it.

use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::backbone::{Backbone, Lattice, READOUT_NAME, layer_name};
use crate::container::{self, Tensor};
use crate::error::Error;
use crate::files;
use crate::fingerprint::Fingerprint;
use crate::recurrent::{INPUT_NAME, RECURRENT_NAME, RecurrentBackbone, RecurrentSpec};
use crate::spec::BackboneSpec;

const KEY: &str = "bl_backbone";
const FORMAT: &str = "bl-backbone";
const VERSION: u32 = 1;
/// 32,000 units of 784 inputs are 25 MB; a spec itself allows no more than this.
const MAX_BYTES: u64 = 20 << 30;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<S> {
    format: String,
    version: u32,
    fingerprint: Fingerprint,
    spec: S,
}

/// The bytes of a file with these matrices.
fn write<S: Serialize>(
    fingerprint: Fingerprint,
    spec: &S,
    matrices: &[(String, &Lattice)],
) -> Result<Vec<u8>, Error> {
    let header = Header { format: FORMAT.to_owned(), version: VERSION, fingerprint, spec };
    let header = serde_json::to_value(&header).map_err(json)?;
    let mut tensors = Vec::new();
    for (name, matrix) in matrices {
        let bytes = matrix.q.iter().map(|q| q.cast_unsigned()).collect();
        let q = Tensor { dtype: Dtype::I8, shape: vec![matrix.rows, matrix.columns], bytes };
        tensors.push((format!("{name}.q8"), q));
        tensors.push((format!("{name}.scale"), Tensor::vector(&matrix.scales)));
    }
    container::write(KEY, &header, &tensors)
}

/// Format, version and kind of network, before the header is parsed.
fn check_version(value: &Value) -> Result<(), Error> {
    let format = value.get("format").and_then(Value::as_str).unwrap_or("none");
    if format != FORMAT {
        return Err(Error::NotABackbone { found: format.to_owned() });
    }
    let version = value.get("version").and_then(Value::as_u64).unwrap_or(0);
    if version != u64::from(VERSION) {
        return Err(Error::UnknownVersion { found: version, known: VERSION });
    }
    Ok(())
}

fn is_recurrent(value: &Value) -> bool {
    value.pointer("/spec/kind").and_then(Value::as_str) == Some("rnn")
}

fn check_fingerprint(expected: Fingerprint, found: Fingerprint) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::BackboneContent { expected, found }) }
}

fn no_others(tensors: &SafeTensors<'_>, matrices: &[String]) -> Result<(), Error> {
    let names = matrices.iter().flat_map(|n| [format!("{n}.q8"), format!("{n}.scale")]);
    container::no_others(tensors, &names.collect::<Vec<_>>())
}

fn json(source: serde_json::Error) -> Error {
    Error::Json { what: "backbone header", source }
}

impl Backbone {
    /// Writes the weights and the spec.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let first = self.first_lattice();
        let mut matrices = vec![(layer_name(0), &first)];
        matrices.extend((1..).zip(self.deeper_lattices()).map(|(depth, matrix)| (layer_name(depth), matrix)));
        matrices.push((READOUT_NAME.to_owned(), self.readout_lattice()));
        files::write_atomically(path, &write(self.fingerprint(), self.spec(), &matrices)?)
    }

    /// Reads a backbone and checks that its content has the fingerprint that the file states.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let bytes = files::read_capped(path, MAX_BYTES)?;
        Self::from_bytes(&bytes).map_err(|error| error.in_file(path))
    }

    /// As [`Self::load`], from memory.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (value, tensors) = container::read(KEY, bytes)?;
        check_version(&value)?;
        if is_recurrent(&value) {
            return Err(Error::OtherBackbone { expected: "pictures", found: "time" });
        }
        let header: Header<BackboneSpec> = serde_json::from_value(value).map_err(json)?;
        let spec = &header.spec;
        spec.validate()?;
        let layers = spec
            .layers
            .iter()
            .zip(spec.fan_ins())
            .enumerate()
            .map(|(depth, (layer, inputs))| {
                let units = layer.units as usize;
                read_matrix(&tensors, &layer_name(depth), units, inputs, units)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let units = spec.layers.last().map_or(0, |layer| layer.units as usize);
        let readout = read_matrix(&tensors, READOUT_NAME, spec.readout.outputs as usize, units, 1)?;
        let names: Vec<String> = (0..layers.len()).map(layer_name).chain([READOUT_NAME.to_owned()]).collect();
        no_others(&tensors, &names)?;
        let backbone = Self::from_lattices(spec, layers, readout)?;
        check_fingerprint(header.fingerprint, backbone.fingerprint())?;
        Ok(backbone)
    }
}

impl RecurrentBackbone {
    /// Writes the weights and the spec.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let names = [RECURRENT_NAME, INPUT_NAME, READOUT_NAME].map(String::from);
        let matrices: Vec<_> =
            names.into_iter().zip([self.recurrent(), self.input(), self.readout()]).collect();
        files::write_atomically(path, &write(self.fingerprint(), self.spec(), &matrices)?)
    }

    /// Reads a backbone and checks that its content has the fingerprint that the file states.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let bytes = files::read_capped(path, MAX_BYTES)?;
        Self::from_bytes(&bytes).map_err(|error| error.in_file(path))
    }

    /// As [`Self::load`], from memory.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (value, tensors) = container::read(KEY, bytes)?;
        check_version(&value)?;
        if !is_recurrent(&value) {
            return Err(Error::OtherBackbone { expected: "time", found: "pictures" });
        }
        let header: Header<RecurrentSpec> = serde_json::from_value(value).map_err(json)?;
        let spec = &header.spec;
        spec.validate()?;
        let [units, inputs, outputs] =
            [spec.units, spec.input.values, spec.readout.outputs].map(|n| n as usize);
        let recurrent = read_matrix(&tensors, RECURRENT_NAME, units, units, units)?;
        let input = read_matrix(&tensors, INPUT_NAME, units, inputs, units)?;
        let readout = read_matrix(&tensors, READOUT_NAME, outputs, units, 1)?;
        no_others(&tensors, &[RECURRENT_NAME, INPUT_NAME, READOUT_NAME].map(String::from))?;
        let backbone = Self::from_lattices(spec, recurrent, input, readout)?;
        check_fingerprint(header.fingerprint, backbone.fingerprint())?;
        Ok(backbone)
    }
}

fn read_matrix(
    tensors: &SafeTensors<'_>,
    name: &str,
    rows: usize,
    columns: usize,
    scales: usize,
) -> Result<Lattice, Error> {
    let q = container::tensor(tensors, &format!("{name}.q8"), Dtype::I8, &[rows, columns])?;
    let scales = container::vector(tensors, &format!("{name}.scale"), scales)?;
    Ok(Lattice { q: q.iter().map(|&byte| byte.cast_signed()).collect(), scales, rows, columns })
}
