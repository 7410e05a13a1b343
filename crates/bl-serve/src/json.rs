//! JSON, as answers have it and as bodies may.

use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use axum::response::IntoResponse;
use bl_core::text::escaped;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// A JSON answer.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response<Body> {
        text(&self.0).map_or_else(Failure::into_response, response)
    }
}

/// A value as JSON, safe to show: answers repeat what files of strangers and clients say.
pub(crate) fn text(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map(escaped).map_err(|error| Failure::internal(error.to_string()))
}

/// An answer of JSON.
pub(crate) fn response(text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A body of JSON, or none at all.
pub(crate) fn read_or_default<T: Default + for<'de> Deserialize<'de>>(body: &[u8]) -> Result<T, Failure> {
    if body.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(body).map_err(|error| Failure::malformed(&error))
}
