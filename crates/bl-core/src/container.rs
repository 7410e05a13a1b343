//! The one safetensors layout that every file here uses: tensors, and a single metadata key with canonical
//! JSON. A sealed file also states the digest of all that.
//!
//! One key, because safetensors writes its metadata in the order of a hash map: two would make the bytes
//! differ from run to run.

use std::borrow::Cow;
use std::collections::HashMap;

use safetensors::SafeTensorError;
pub use safetensors::tensor::Dtype;
use safetensors::tensor::{Metadata, SafeTensors, View};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::canonical;
use crate::error::Error;
use crate::foreign::Foreign;
use crate::text::hex;

/// Longer JSON than any header needs.
const MAX_HEADER: u64 = 1 << 20;

/// Objects in such JSON: metrics and settings have a few dozen.
const MAX_OBJECTS: usize = 10_000;

/// The kinds of files of this program, by their metadata key.
const KINDS: [(&str, &str); 4] = [
    ("bl_adapter", "an adapter"),
    ("bl_backbone", "a backbone"),
    ("bl_network", "a fully trained network"),
    ("bl_checkpoint", CHECKPOINT),
];
/// What a run that was stopped leaves.
pub(crate) const CHECKPOINT: &str = "the checkpoint of a training run";

/// How the JSON of these files begins.
#[cfg(feature = "fs")]
pub(crate) const OWN_START: &[u8] = b"{\"__metadata__\":{\"bl_";

/// How the tensors of these files are named.
const OWN_TENSORS: [&str; 4] = ["hidden.", "readout.", "recurrent.", "input.weight"];

/// The metadata field that holds the digest of all the others and of the tensors.
const DIGEST: &str = "digest";

/// A tensor to write.
pub struct Tensor {
    /// Type of the values.
    pub dtype: Dtype,
    /// Dimensions.
    pub shape: Vec<usize>,
    /// Little-endian values, row-major.
    pub bytes: Vec<u8>,
}

impl Tensor {
    /// A vector of f32.
    pub fn vector(values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self { dtype: Dtype::F32, shape: vec![values.len()], bytes }
    }
}

/// Reads a tensor that must be there, with this type and shape.
pub fn tensor<'a>(
    tensors: &SafeTensors<'a>,
    name: &str,
    dtype: Dtype,
    shape: &[usize],
) -> Result<&'a [u8], Error> {
    let tensor = tensors.tensor(name).map_err(|_| {
        let found = tensors.names().iter().map(ToString::to_string).collect();
        Error::MissingTensor { name: name.to_owned(), found }
    })?;
    if tensor.dtype() != dtype {
        let (expected, found) = (dtype.to_string(), tensor.dtype().to_string());
        return Err(Error::TensorType { name: name.to_owned(), expected, found });
    }
    if tensor.shape() != shape {
        let (expected, found) = (shape.to_vec(), tensor.shape().to_vec());
        return Err(Error::TensorShape { name: name.to_owned(), expected, found });
    }
    Ok(tensor.data())
}

/// Reads a vector of f32 that must be there, with this length and finite values.
pub fn vector(tensors: &SafeTensors<'_>, name: &str, len: usize) -> Result<Vec<f32>, Error> {
    values(tensors, name, &[len])
}

/// As [`vector`], of any shape.
pub fn values(tensors: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
    let bytes = tensor(tensors, name, Dtype::F32, shape)?;
    let values: Vec<f32> =
        bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    match values.iter().position(|x| !x.is_finite()) {
        None => Ok(values),
        Some(unit) => Err(Error::NotFinite { name: name.to_owned(), unit, value: values[unit] }),
    }
}

/// Refuses a file with tensors beyond `known`.
pub fn no_others(tensors: &SafeTensors<'_>, known: &[String]) -> Result<(), Error> {
    let mut names = tensors.names();
    names.sort_unstable();
    match names.into_iter().find(|name| !known.iter().any(|known| known == name)) {
        None => Ok(()),
        Some(name) => Err(Error::ExtraTensor { name: name.to_owned() }),
    }
}

impl View for &Tensor {
    fn dtype(&self) -> Dtype {
        self.dtype
    }
    fn shape(&self) -> &[usize] {
        &self.shape
    }
    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }
    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

/// The bytes of a file with the given metadata and tensors.
pub fn write(key: &str, metadata: &Value, tensors: &[(String, Tensor)]) -> Result<Vec<u8>, Error> {
    if let Some(number) = canonical::inexact_integer(metadata) {
        return Err(Error::InexactInteger { found: number.to_string() });
    }
    let metadata = HashMap::from([(key.to_owned(), canonical::text(metadata))]);
    let views = tensors.iter().map(|(name, tensor)| (name, tensor));
    let bytes =
        safetensors::serialize(views, Some(metadata)).map_err(|source| Error::Safetensors { source })?;
    stated_len(&bytes)?; // what is written can be read
    Ok(bytes)
}

/// Length of the JSON that a file begins with. A file that is known by its beginning as another thing is named as that:
/// its first eight bytes are no length.
fn header_len(bytes: &[u8]) -> Result<u64, Error> {
    let len = stated_len(bytes);
    match Foreign::of(bytes) {
        Some(found) if !len.as_ref().is_ok_and(|&len| len > 1 && bytes.get(8) == Some(&b'{')) => {
            Err(Error::Foreign { found })
        }
        _ => len,
    }
}

fn stated_len(bytes: &[u8]) -> Result<u64, Error> {
    let Some(prefix) = bytes.first_chunk::<8>() else {
        return Err(Error::Truncated { expected: 8, found: bytes.len() as u64 });
    };
    match u64::from_le_bytes(*prefix) {
        len if len <= MAX_HEADER => Ok(len),
        found => Err(Error::HeaderTooLong { found, max: MAX_HEADER }),
    }
}

/// Opens a file: its metadata and its tensors, after every check that needs no knowledge of either.
pub fn read<'a>(key: &'static str, bytes: &'a [u8]) -> Result<(Value, SafeTensors<'a>), Error> {
    let invalid = |source| Error::Safetensors { source };
    let (start, found) = (8 + header_len(bytes)?, bytes.len() as u64);
    if found < start {
        return Err(Error::Truncated { expected: start, found });
    }
    let layout: Metadata = serde_json::from_slice(&bytes[8..start as usize])
        .map_err(|source| invalid(SafeTensorError::InvalidHeaderDeserialization(source)))?;
    let expected = start + layout.data_len() as u64;
    if found < expected {
        return Err(Error::Truncated { expected, found });
    }
    if found > expected {
        return Err(Error::TrailingBytes { expected, found });
    }
    let tensors = SafeTensors::deserialize(bytes).map_err(invalid)?;
    let metadata = layout.metadata().as_ref();
    let text = metadata.and_then(|map| map.get(key)).ok_or_else(|| without(key, metadata, &tensors))?;
    let mut others: Vec<&String> = metadata.into_iter().flatten().map(|(other, _)| other).collect();
    others.retain(|other| *other != key);
    others.sort();
    if let Some(other) = others.first() {
        return Err(Error::ExtraMetadata { key, other: other.chars().take(60).collect() });
    }
    // An object takes a hundred times its two characters: counted before it is read.
    let objects = text.bytes().filter(|byte| *byte == b'{').count();
    if objects > MAX_OBJECTS {
        return Err(Error::HeaderObjects { found: objects, max: MAX_OBJECTS });
    }
    // One form for one content: no key twice, no other spelling, nothing that a digest does not cover.
    let again = safetensors::serialize(tensors.tensors(), metadata.cloned()).map_err(invalid)?;
    if again != bytes {
        return Err(Error::OtherLayout);
    }
    let value: Value = serde_json::from_str(text).map_err(|source| Error::Json { what: key, source })?;
    if canonical::text(&value) != *text {
        return Err(Error::NotCanonical { key });
    }
    Ok((value, tensors))
}

/// Why a file has no metadata of that name: it is of another kind of this program, it lost them, or it is a stranger's.
fn without(
    key: &'static str,
    metadata: Option<&HashMap<String, String>>,
    tensors: &SafeTensors<'_>,
) -> Error {
    let is_there = |kind: &&(&str, &'static str)| metadata.is_some_and(|map| map.contains_key(kind.0));
    if let Some((_, found)) = KINDS.iter().find(is_there) {
        return Error::OtherKind { found, key };
    }
    let is_ours = |name: &&str| OWN_TENSORS.iter().any(|own| name.starts_with(own));
    if tensors.names().iter().any(is_ours) { Error::HeaderLost { key } } else { Error::NoMetadata { key } }
}

/// As [`write()`], with a digest in the metadata: SHA-256 over the canonical metadata without that field, then
/// over the bytes of each tensor in the order given.
pub fn write_sealed(key: &str, mut metadata: Value, tensors: &[(String, Tensor)]) -> Result<Vec<u8>, Error> {
    let digest = digest(&metadata, tensors.iter().map(|(_, tensor)| &*tensor.bytes));
    if let Value::Object(fields) = &mut metadata {
        fields.insert(DIGEST.to_owned(), Value::String(digest));
    }
    write(key, &metadata, tensors)
}

/// Takes the digest out of a sealed file's metadata and compares it; `names` are its tensors in order.
pub fn check_seal(metadata: &mut Value, tensors: &SafeTensors<'_>, names: &[String]) -> Result<(), Error> {
    let stated = metadata.as_object_mut().and_then(|fields| fields.remove(DIGEST));
    let data: Vec<&[u8]> = names.iter().filter_map(|name| Some(tensors.tensor(name).ok()?.data())).collect();
    let found = digest(metadata, data.into_iter());
    match stated.as_ref().and_then(Value::as_str) {
        Some(stated) if stated == found => Ok(()),
        stated => Err(Error::DigestMismatch { expected: stated.unwrap_or("none").to_owned(), found }),
    }
}

fn digest<'a>(metadata: &Value, tensors: impl Iterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new_with_prefix(canonical::text(metadata));
    tensors.for_each(|bytes| hasher.update(bytes));
    format!("sha256:{}", hex(&hasher.finalize()))
}
