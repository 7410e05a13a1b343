//! The tensors of a folder: one safetensors file or several, in f32, f16 or bf16. A pickle is never read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;

use crate::error::Error;

const ONE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
const PICKLE: &str = "pytorch_model.bin";
/// Names in files of a whole model, of which the encoder is a part.
const PREFIX: &str = "bert.";

/// The bytes of all files.
pub(crate) struct Files {
    files: Vec<(PathBuf, Vec<u8>)>,
}

/// Which file has which tensor.
#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

impl Files {
    pub(crate) fn read(folder: &Path) -> Result<Self, Error> {
        let read = |path: PathBuf| {
            let bytes = std::fs::read(&path).map_err(|cause| Error::io(&path, cause))?;
            if bytes.starts_with(b"version https://git-lfs") {
                return Err(Error::LfsPointer { path });
            }
            Ok((path, bytes))
        };
        if folder.join(ONE).is_file() {
            return Ok(Self { files: vec![read(folder.join(ONE))?] });
        }
        let index = folder.join(INDEX);
        if !index.is_file() {
            let pickle = folder.join(PICKLE).is_file();
            return Err(Error::NoWeights { folder: folder.to_owned(), pickle });
        }
        let bytes = std::fs::read(&index).map_err(|cause| Error::io(&index, cause))?;
        let Index { weight_map } =
            serde_json::from_slice(&bytes).map_err(|cause| Error::Config { path: index.clone(), cause })?;
        let names: BTreeSet<&String> = weight_map.values().collect();
        // A name is one of this folder, whoever wrote the index.
        let path = |name: &String| {
            Path::new(name).file_name().map_or_else(|| folder.join(name), |name| folder.join(name))
        };
        let files = names.into_iter().map(|name| read(path(name))).collect::<Result<_, _>>()?;
        Ok(Self { files })
    }

    pub(crate) fn parse(&self) -> Result<Tensors<'_>, Error> {
        let parsed = self.files.iter().map(|(path, bytes)| {
            SafeTensors::deserialize(bytes)
                .map_err(|cause| Error::NotSafetensors { path: path.clone(), cause: cause.to_string() })
        });
        Ok(Tensors { files: parsed.collect::<Result<_, _>>()? })
    }
}

/// All tensors by name.
pub(crate) struct Tensors<'a> {
    files: Vec<SafeTensors<'a>>,
}

impl Tensors<'_> {
    /// The values of a tensor, which must have this shape and be finite.
    pub(crate) fn get(&self, name: &str, expected: &[usize]) -> Result<Vec<f32>, Error> {
        let find = |name: &str| self.files.iter().find_map(|file| file.tensor(name).ok());
        let tensor = find(name)
            .or_else(|| find(&format!("{PREFIX}{name}")))
            .ok_or_else(|| Error::NoTensor { name: name.to_owned() })?;
        if tensor.shape() != expected {
            let (expected, found) = (expected.to_vec(), tensor.shape().to_vec());
            return Err(Error::Shape { name: name.to_owned(), expected, found });
        }
        let bytes = tensor.data();
        let pairs = || bytes.chunks_exact(2).map(|b| [b[0], b[1]]);
        let values: Vec<f32> = match tensor.dtype() {
            Dtype::F32 => {
                bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
            }
            Dtype::F16 => pairs().map(|pair| f16::from_le_bytes(pair).to_f32()).collect(),
            Dtype::BF16 => pairs().map(|pair| bf16::from_le_bytes(pair).to_f32()).collect(),
            other => return Err(Error::Dtype { name: name.to_owned(), found: format!("{other:?}") }),
        };
        if values.iter().all(|value| value.is_finite()) {
            Ok(values)
        } else {
            Err(Error::NotFinite { name: name.to_owned() })
        }
    }
}
