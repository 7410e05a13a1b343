//! The Open Inference Protocol (`KServe` V2, REST), with the binary tensor extension that `tritonclient` speaks by
//! default.
//!
//! A request is JSON, or JSON followed by the bytes of tensors: then the header `Inference-Header-Content-Length` says
//! how long the JSON is, and each such tensor says its `binary_data_size`.

mod bounded;
mod classification;
mod request;
mod response;
mod tensor;

pub(crate) use request::{InferRequest, OutputRequest, cost};
pub(crate) use response::InferResponse;
pub(crate) use tensor::{Data, Tensor};

/// How long the JSON before binary tensors is.
pub(crate) const HEADER_LENGTH: &str = "inference-header-content-length";
