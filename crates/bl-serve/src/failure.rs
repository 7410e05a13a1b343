//! What a client is told when something cannot be done: a status, a code that stays, and words.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use bl_core::text::escaped;
use serde_json::json;

use crate::json;

/// An answer that says no. `error` is the protocol's field; `code` is for programs, and stays when words change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) error: String,
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, code: &'static str, error: impl Into<String>) -> Self {
        Self { status, code, error: shortened(error.into()), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The body is not JSON of the protocol's form.
    pub(crate) fn malformed(error: &serde_json::Error) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed_json", format!("the body cannot be read: {error}"))
    }

    /// A tensor, a parameter or a name is not what the model takes.
    pub(crate) fn bad_input(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_input", error)
    }

    pub(crate) fn internal(error: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", error)
    }

    /// More is asked for than can be computed now.
    pub(crate) fn busy() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "busy", "more requests are waiting than are allowed")
            .hint("retry with exponential backoff")
    }
}

/// Characters of an error. What a client sent is repeated to it only in part: it may be megabytes.
const MOST_WORDS: usize = 500;

fn shortened(mut error: String) -> String {
    if let Some((end, _)) = error.char_indices().nth(MOST_WORDS) {
        error.truncate(end);
        error.push('…');
    }
    error
}

/// What to do about an error of the runtime: of memory, what this server was told.
pub(crate) fn advice(error: &bl_runtime::Error) -> Option<String> {
    use bl_runtime::Error as E;
    match error {
        E::TooManyBytes { .. } | E::TooMuchMemory { .. } | E::Core(bl_core::Error::TooMuchMemory { .. }) => {
            Some(
                "unload an adapter that is not needed, or start the server with a larger `--max-memory`"
                    .into(),
            )
        }
        error => error.hint(),
    }
}

impl From<bl_runtime::Error> for Failure {
    fn from(error: bl_runtime::Error) -> Self {
        use bl_runtime::Error as E;
        let (status, code) = match &error {
            E::UnknownAdapter { .. } => (StatusCode::NOT_FOUND, "unknown_model"),
            E::Exists { .. } => (StatusCode::CONFLICT, "already_loaded"),
            E::OtherVersion { .. } => (StatusCode::CONFLICT, "generation_mismatch"),
            E::TooMany { .. }
            | E::TooManyBytes { .. }
            | E::TooManyWeights { .. }
            | E::TooMuchMemory { .. }
            | E::Core(bl_core::Error::TooMuchMemory { .. }) => {
                (StatusCode::INSUFFICIENT_STORAGE, "limit_reached")
            }
            E::BadName { .. } | E::ImageLength { .. } | E::NoSuchImage { .. } => {
                (StatusCode::BAD_REQUEST, "bad_input")
            }
            E::Core(bl_core::Error::Kernel(_) | bl_core::Error::Candle(_)) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal")
            }
            // What is left is about the file of an adapter.
            _ => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_adapter"),
        };
        Self { hint: advice(&error), ..Self::new(status, code, error.to_string()) }
    }
}

impl From<bl_core::Error> for Failure {
    fn from(error: bl_core::Error) -> Self {
        bl_runtime::Error::from(error).into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response<Body> {
        let mut body = json!({ "error": self.error, "code": self.code });
        if let Some(hint) = self.hint {
            body["hint"] = hint.into();
        }
        let mut response = json::response(escaped(body.to_string()));
        *response.status_mut() = self.status;
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
