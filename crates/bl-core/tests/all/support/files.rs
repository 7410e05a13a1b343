//! Files taken apart, changed and put together again.

use bl_core::Adapter;
use bl_core::container::{self, Tensor};
use serde_json::Value;

pub const ADAPTER: &str = "bl_adapter";
pub const BACKBONE: &str = "bl_backbone";

pub fn bytes(adapter: &Adapter) -> Vec<u8> {
    adapter.to_bytes().expect("a good adapter")
}

pub fn read(bytes: &[u8]) -> Adapter {
    Adapter::from_bytes(bytes).expect("its own file")
}

#[track_caller]
pub fn check_error(error: &bl_core::Error, expected: &str) {
    assert!(error.to_string().contains(expected), "expected `{expected}`, found `{error}`");
}

/// That bytes are no adapter.
#[track_caller]
pub fn check_refused(bytes: &[u8], expected: &str) {
    check_error(&Adapter::from_bytes(bytes).expect_err(expected), expected);
}

/// That an adapter with a change, sealed again, is refused for that.
#[track_caller]
pub fn check_changed(adapter: &Adapter, expected: &str, change: &dyn Fn(&mut Parts)) {
    let mut parts = Parts::of(ADAPTER, &bytes(adapter));
    change(&mut parts);
    check_refused(&parts.sealed(), expected);
}

/// That an adapter with a change is neither written nor made.
#[track_caller]
pub fn check_unwritable(adapter: &Adapter, expected: &str, change: &dyn Fn(&mut Adapter)) {
    let mut adapter = adapter.clone();
    change(&mut adapter);
    check_error(&adapter.to_bytes().expect_err(expected), expected);
    let Adapter { header, parameters, .. } = adapter;
    check_error(&Adapter::new(header, parameters).expect_err(expected), expected);
}

/// A file taken apart: its header without the digest, and its tensors.
pub struct Parts {
    key: &'static str,
    pub header: Value,
    pub tensors: Vec<(String, Tensor)>,
}

impl Parts {
    pub fn of(key: &'static str, bytes: &[u8]) -> Self {
        let (mut header, tensors) = container::read(key, bytes).expect("a good file");
        header.as_object_mut().expect("an object").remove("digest");
        let tensors = tensors
            .tensors()
            .into_iter()
            .map(|(name, view)| {
                let (dtype, shape, bytes) = (view.dtype(), view.shape().to_vec(), view.data().to_vec());
                (name, Tensor { dtype, shape, bytes })
            })
            .collect();
        let mut parts = Self { key, header, tensors };
        parts.tensors.sort_by(|(a, _), (b, _)| a.cmp(b)); // the order of the layers, which the digest follows
        parts
    }

    pub fn tensor(&mut self, name: &str) -> &mut Tensor {
        &mut self.tensors.iter_mut().find(|(n, _)| n == name).expect(name).1
    }

    /// A file with the right digest: only what was changed on purpose is wrong.
    pub fn sealed(self) -> Vec<u8> {
        container::write_sealed(self.key, self.header, &self.tensors).expect("tensors fit their shapes")
    }

    pub fn unsealed(self) -> Vec<u8> {
        container::write(self.key, &self.header, &self.tensors).expect("tensors fit their shapes")
    }
}

/// A safetensors file from its JSON and its data.
pub fn file(json: &str, data: &[u8]) -> Vec<u8> {
    let padded = format!("{json:<width$}", width = json.len().next_multiple_of(8));
    assert!(json.is_ascii(), "the width counts characters");
    [&(padded.len() as u64).to_le_bytes(), padded.as_bytes(), data].concat()
}

/// The JSON and the data of a safetensors file.
pub fn split(bytes: &[u8]) -> (String, &[u8]) {
    let (len, rest) = bytes.split_first_chunk::<8>().expect("a good file");
    let (json, data) = rest.split_at(u64::from_le_bytes(*len) as usize);
    (std::str::from_utf8(json).expect("JSON").trim_end().to_owned(), data)
}
