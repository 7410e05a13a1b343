//! A backbone as a file: a cache of what its spec generates, as FORMAT.md specifies it.

use safetensors::tensor::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Backbone;
use crate::container::{self, Tensor};
use crate::error::Error;
use crate::fingerprint::Fingerprint;
use crate::lattice::{Lattice, MatrixPlan};
use crate::memory;
use crate::spec::Spec;

const KEY: &str = "bl_backbone";
const FORMAT: &str = "bl-backbone";
const VERSION: u32 = 1;
/// 32,000 units of 784 inputs are 25 MB; a spec itself allows no more than this.
#[cfg(feature = "fs")]
const MAX_BYTES: u64 = 20 << 30;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    version: u32,
    fingerprint: Fingerprint,
    spec: Spec,
}

impl Backbone {
    /// The bytes of a file with the weights and the spec.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let header = Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            fingerprint: self.fingerprint,
            spec: self.spec.clone(),
        };
        let header = serde_json::to_value(&header).map_err(json)?;
        let mut tensors = Vec::new();
        for (name, matrix) in self.matrices() {
            let bytes = matrix.q.iter().map(|q| q.cast_unsigned()).collect();
            let q = Tensor { dtype: Dtype::I8, shape: vec![matrix.rows, matrix.columns], bytes };
            tensors.push((format!("{name}.q8"), q));
            tensors.push((format!("{name}.scale"), Tensor::vector(&matrix.scales)));
        }
        container::write(KEY, &header, &tensors)
    }

    /// Reads a backbone from the bytes of a file, and checks that its content has the fingerprint that it states.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (value, tensors) = container::read(KEY, bytes)?;
        check_version(&value)?;
        let header: Header = serde_json::from_value(value).map_err(json)?;
        header.spec.validate()?;
        // The file is there, and once more while its form is checked.
        let other = 2 * bytes.len() as u64;
        header.spec.cost().check(header.spec.frozen_weights(), other, memory::limit())?;
        let plans = header.spec.family().matrices();
        let matrices = plans.iter().map(|plan| read_matrix(&tensors, plan)).collect::<Result<_, _>>()?;
        let names = plans.iter().flat_map(|plan| ["q8", "scale"].map(|end| format!("{}.{end}", plan.name)));
        container::no_others(&tensors, &names.collect::<Vec<_>>())?;
        Self::from_matrices(&header.spec, matrices, Some(header.fingerprint))
    }
}

#[cfg(feature = "fs")]
impl Backbone {
    /// Writes the weights and the spec.
    pub fn save(&self, path: impl AsRef<std::path::Path>) -> Result<(), Error> {
        crate::files::write_atomically(path.as_ref(), &self.to_bytes()?)
    }

    /// Reads a file and checks that its content has the fingerprint that it states.
    pub fn load(path: impl AsRef<std::path::Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let bytes = crate::files::read_capped(path, MAX_BYTES.min(memory::limit()))?;
        Self::from_bytes(&bytes).map_err(|error| error.in_file(path))
    }
}

/// Format and version, before the header is parsed.
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

fn read_matrix(tensors: &SafeTensors<'_>, plan: &MatrixPlan<'_>) -> Result<Lattice, Error> {
    let (rows, columns) = (plan.rows, plan.columns);
    let q = container::tensor(tensors, &format!("{}.q8", plan.name), Dtype::I8, &[rows, columns])?;
    let scales = container::vector(tensors, &format!("{}.scale", plan.name), plan.scales())?;
    Ok(Lattice { q: q.iter().map(|&byte| byte.cast_signed()).collect(), scales, rows, columns })
}

fn json(source: serde_json::Error) -> Error {
    Error::Json { what: "backbone header", source }
}
