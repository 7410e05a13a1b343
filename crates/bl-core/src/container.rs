//! The one safetensors file both formats use: tensors, and a single metadata key with canonical JSON.
//!
//! One key, because safetensors writes its metadata in the order of a hash map: two would make the bytes
//! differ from run to run.

use std::borrow::Cow;
use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensors, View};
use serde_json::Value;

use crate::canonical;
use crate::error::Error;

/// Longer JSON than any header needs.
const MAX_HEADER: u64 = 1 << 20;

/// A tensor to write.
pub(crate) struct Tensor {
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<usize>,
    pub(crate) bytes: Vec<u8>,
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
pub(crate) fn write(key: &str, metadata: &Value, tensors: &[(String, Tensor)]) -> Result<Vec<u8>, Error> {
    let metadata = HashMap::from([(key.to_owned(), canonical::text(metadata))]);
    let views = tensors.iter().map(|(name, tensor)| (name, tensor));
    safetensors::serialize(views, Some(metadata)).map_err(|source| Error::Safetensors { source })
}

/// Opens a file: its metadata and its tensors, after every check that needs no knowledge of either.
pub(crate) fn read<'a>(key: &'static str, bytes: &'a [u8]) -> Result<(Value, SafeTensors<'a>), Error> {
    let found = bytes.len() as u64;
    let Some(prefix) = bytes.first_chunk::<8>() else {
        return Err(Error::Truncated { expected: 8, found });
    };
    let header = u64::from_le_bytes(*prefix);
    if header > MAX_HEADER {
        return Err(Error::HeaderTooLong { found: header, max: MAX_HEADER });
    }
    if found < 8 + header {
        return Err(Error::Truncated { expected: 8 + header, found });
    }
    let (_, layout) = SafeTensors::read_metadata(bytes).map_err(|source| Error::Safetensors { source })?;
    let expected = 8 + header + layout.data_len() as u64;
    if found < expected {
        return Err(Error::Truncated { expected, found });
    }
    let tensors = SafeTensors::deserialize(bytes).map_err(|source| Error::Safetensors { source })?;
    let metadata = layout.metadata().as_ref();
    let text = metadata.and_then(|map| map.get(key)).ok_or(Error::NoMetadata { key })?;
    if metadata.is_some_and(|map| map.len() != 1) {
        return Err(Error::ExtraMetadata { key });
    }
    let value: Value = serde_json::from_str(text).map_err(|source| Error::Json { what: key, source })?;
    if canonical::text(&value) != *text {
        return Err(Error::NotCanonical { key });
    }
    Ok((value, tensors))
}
