//! Names in addresses.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// The variable parts of an address; a refusal has the form of all others, which axum's own has not.
pub(crate) struct Address<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Address<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let refused = |rejection: PathRejection| {
            Failure::new(rejection.status(), "bad_address", format!("the address: {}", rejection.body_text()))
        };
        Path::from_request_parts(parts, state).await.map(|Path(names)| Self(names)).map_err(refused)
    }
}
