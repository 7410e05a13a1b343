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
use crate::spec::BackboneSpec;

const KEY: &str = "bl_backbone";
const FORMAT: &str = "bl-backbone";
const VERSION: u32 = 1;
/// 32,000 units of 784 inputs are 25 MB; a spec itself allows no more than this.
const MAX_BYTES: u64 = 20 << 30;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    version: u32,
    fingerprint: Fingerprint,
    spec: BackboneSpec,
}

impl Backbone {
    /// Writes the weights and the spec.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let header = Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            fingerprint: self.fingerprint(),
            spec: self.spec().clone(),
        };
        let header = serde_json::to_value(&header)
            .map_err(|source| Error::Json { what: "backbone header", source })?;
        let mut tensors = Vec::new();
        let mut add = |name: &str, matrix: &Lattice| {
            let bytes = matrix.q.iter().map(|q| q.cast_unsigned()).collect();
            let q = Tensor { dtype: Dtype::I8, shape: vec![matrix.rows, matrix.columns], bytes };
            tensors.push((format!("{name}.q8"), q));
            tensors.push((format!("{name}.scale"), Tensor::vector(&matrix.scales)));
        };
        add(&layer_name(0), &self.first_lattice());
        for (depth, matrix) in (1..).zip(self.deeper_lattices()) {
            add(&layer_name(depth), matrix);
        }
        add(READOUT_NAME, self.readout_lattice());
        files::write_atomically(path, &container::write(KEY, &header, &tensors)?)
    }

    /// Reads a backbone and checks that its content has the fingerprint that the file states.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let bytes = files::read_capped(path, MAX_BYTES)?;
        Self::from_bytes(&bytes).map_err(|error| error.in_file(path))
    }

    /// As [`Self::load`], from memory.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (value, tensors) = container::read(KEY, bytes)?;
        // First of all, for the header of another version need not parse as this one's.
        let format = value.get("format").and_then(Value::as_str).unwrap_or("none");
        if format != FORMAT {
            return Err(Error::NotABackbone { found: format.to_owned() });
        }
        let version = value.get("version").and_then(Value::as_u64).unwrap_or(0);
        if version != u64::from(VERSION) {
            return Err(Error::UnknownVersion { found: version, known: VERSION });
        }
        let header: Header = serde_json::from_value(value)
            .map_err(|source| Error::Json { what: "backbone header", source })?;
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
        let names = (0..layers.len()).map(layer_name).chain([READOUT_NAME.to_owned()]);
        let names: Vec<String> = names.flat_map(|n| [format!("{n}.q8"), format!("{n}.scale")]).collect();
        container::no_others(&tensors, &names)?;
        let backbone = Self::from_lattices(spec, layers, readout)?;
        if backbone.fingerprint() != header.fingerprint {
            let (expected, found) = (header.fingerprint, backbone.fingerprint());
            return Err(Error::BackboneContent { expected, found });
        }
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
