//! What a kind of adapter is to the server, whatever goes in and comes out.

use std::pin::Pin;
use std::sync::Arc;

use bl_core::Model;
use bl_runtime::Version;
use serde::Serialize;

use crate::batcher::Arrival;
use crate::failure::Failure;
use crate::protocol::{InferRequest, InferResponse};
use crate::server::Server;

/// One kind of inputs and outputs.
pub(crate) trait Endpoint: Send + Sync {
    /// The kind, as clients know it.
    fn what(&self) -> &'static str;

    /// What a request may have.
    fn inputs(&self) -> Vec<TensorMetadata>;

    /// What an answer may have.
    fn outputs(&self, model: &Model) -> Vec<TensorMetadata>;

    /// The answer to a request.
    fn infer<'a>(&'a self, call: Call<'a>) -> Answer<'a>;
}

/// One request to one adapter.
pub(crate) struct Call<'a> {
    pub(crate) server: &'a Server,
    /// As the client has it.
    pub(crate) name: &'a str,
    /// What the name stood for when the request came, and is for this request to its end.
    pub(crate) version: &'a Arc<Version>,
    pub(crate) request: &'a InferRequest,
    /// Takes the memory that the answer needs, in bytes; to be asked before anything is done for it.
    pub(crate) reserve: Reserve<'a>,
    /// Ends when the request needs no batch to wait for it any more.
    pub(crate) arrival: Arrival,
}

/// How memory is taken.
pub(crate) type Reserve<'a> = &'a mut (dyn FnMut(usize) -> Result<(), Failure> + Send);

/// An answer that is on its way. Boxed, for there is one type of it whatever the kind.
pub(crate) type Answer<'a> = Pin<Box<dyn Future<Output = Result<InferResponse, Failure>> + Send + 'a>>;

/// A tensor, as the protocol describes it.
#[derive(Serialize)]
pub(crate) struct TensorMetadata {
    pub(crate) name: &'static str,
    pub(crate) datatype: &'static str,
    /// −1 where any length will do.
    pub(crate) shape: Vec<i64>,
}

impl TensorMetadata {
    pub(crate) fn new(name: &'static str, datatype: &'static str, shape: &[i64]) -> Self {
        Self { name, datatype, shape: shape.to_vec() }
    }
}
