//! The pages for people, which are part of the program.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::address::Address;
use crate::failure::Failure;
use crate::server::Server;

/// Name, type and content of every file.
const FILES: &[(&str, &str, &str)] = &[
    ("index.html", HTML, include_str!("../assets/index.html")),
    ("docs.html", HTML, include_str!("../assets/docs.html")),
    ("openapi.json", "application/json", include_str!("../assets/openapi.json")),
];

const HTML: &str = "text/html; charset=utf-8";

/// Everything comes from here: a page cannot be made to load or send anything elsewhere.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) fn routes() -> Router<Arc<Server>> {
    Router::new()
        .route("/", get(|| async { file("index.html") }))
        .route("/docs", get(|| async { file("docs.html") }))
        .route("/openapi.json", get(|| async { file("openapi.json") }))
        .route("/assets/{name}", get(|Address(name): Address<String>| async move { file(&name) }))
}

fn file(name: &str) -> Response<Body> {
    let Some((_, kind, content)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return Failure::new(StatusCode::NOT_FOUND, "not_found", format!("there is no file `{name}`"))
            .into_response();
    };
    let mut response = Response::new(Body::from(*content));
    let mut set =
        |name: HeaderName, value| response.headers_mut().insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_TYPE, kind);
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::CACHE_CONTROL, "no-cache");
    response
}
