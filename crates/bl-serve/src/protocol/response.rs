//! What an inference response says.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderValue, Response, header};
use http_body_util::Full;
use hyper::body::{Frame, SizeHint};
use serde::Serialize;
use serde_json::{Map, Value};

use super::HEADER_LENGTH;
use super::classification::classified;
use super::request::{InferRequest, OutputRequest};
use super::tensor::{Data, Tensor};
use crate::failure::Failure;
use crate::json;

/// A body that holds something until the client has it, or has gone.
struct UntilSent<T> {
    body: Full<Bytes>,
    _room: T,
}

impl<T: Unpin> HttpBody for UntilSent<T> {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer, before it is known which of its outputs are asked for.
pub(crate) struct InferResponse {
    pub(crate) model_name: String,
    /// The version that answered; a mixed batch has several.
    pub(crate) model_version: Option<String>,
    pub(crate) parameters: Map<String, Value>,
    /// All that there are.
    pub(crate) outputs: Vec<Tensor>,
}

#[derive(Serialize)]
struct Head<'a> {
    model_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    parameters: &'a Map<String, Value>,
    outputs: Vec<OutputHead<'a>>,
}

#[derive(Serialize)]
struct OutputHead<'a> {
    name: &'a str,
    datatype: &'static str,
    shape: &'a [usize],
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Data>,
}

impl InferResponse {
    /// The outputs that are asked for, in that order, in JSON or after it; `labels` are the classes of the adapter that
    /// answered. The answer holds `room` until it is sent.
    pub(crate) fn write(
        &self,
        request: &InferRequest,
        labels: &[String],
        room: impl Send + Sync + Unpin + 'static,
    ) -> Result<Response<Body>, Failure> {
        let usual = |output: &Tensor| OutputRequest {
            name: output.name.clone(),
            binary: request.binary,
            classes: None,
        };
        let all: Vec<OutputRequest> = self.outputs.iter().map(usual).collect();
        let asked = if request.outputs.is_empty() { &all } else { &request.outputs };
        let mut tensors = Vec::new();
        for asked in asked {
            let tensor = self.output(&asked.name)?;
            tensors.push(match asked.classes {
                Some(best) => Cow::Owned(classified(tensor, best, labels)?),
                None => Cow::Borrowed(tensor),
            });
        }
        let mut binary = Vec::new();
        let mut outputs = Vec::new();
        for (asked, tensor) in asked.iter().zip(&tensors) {
            let before = binary.len();
            if asked.binary {
                tensor.data.write_binary(&mut binary);
            }
            let size = binary.len() - before;
            outputs.push(OutputHead {
                name: &tensor.name,
                datatype: tensor.data.datatype().name(),
                shape: &tensor.shape,
                parameters: asked.binary.then(|| serde_json::json!({ "binary_data_size": size })),
                data: (!asked.binary).then_some(&tensor.data),
            });
        }
        let any_binary = asked.iter().any(|asked| asked.binary);
        let head = Head {
            model_name: &self.model_name,
            model_version: self.model_version.as_deref(),
            id: request.id.as_deref(),
            parameters: &self.parameters,
            outputs,
        };
        let mut body = json::text(&head)?.into_bytes();
        let len = body.len();
        body.extend_from_slice(&binary);
        let mut response = Response::new(Body::new(UntilSent { body: body.into(), _room: room }));
        let kind = if any_binary { "application/octet-stream" } else { "application/json" };
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        if any_binary {
            response.headers_mut().insert(HEADER_LENGTH, HeaderValue::from(len));
        }
        Ok(response)
    }

    fn output(&self, name: &str) -> Result<&Tensor, Failure> {
        self.outputs.iter().find(|output| output.name == name).ok_or_else(|| {
            let known: Vec<&str> = self.outputs.iter().map(|output| output.name.as_str()).collect();
            Failure::bad_input(format!("unknown output `{name}`, expected one of {known:?}"))
        })
    }
}
