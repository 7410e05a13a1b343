//! Which address does what.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Router, http::Method};
use serde_json::{Value, json};

use crate::address::Address;
use crate::caller::only_own_pages;
use crate::failure::Failure;
use crate::json::Json;
use crate::server::Server;
use crate::{about, infer, metadata, pages, repository};

/// The service.
pub fn app(server: Arc<Server>) -> Router {
    Router::new()
        .route("/v2", get(metadata::server))
        .route("/v2/", get(metadata::server))
        .route("/v2/health/live", get(|| async { Json(json!({ "live": true })) }))
        .route("/v2/health/ready", get(ready))
        .route("/v2/models/{model}", get(metadata::model))
        .route("/v2/models/{model}/versions/{version}", get(metadata::version))
        .route("/v2/models/{model}/ready", get(model_ready))
        .route("/v2/models/{model}/versions/{version}/ready", get(version_ready))
        .route("/v2/models/{model}/config", get(about::config))
        .route("/v2/models/{model}/versions/{version}/config", get(about::config_of_version))
        .route("/v2/models/{model}/stats", get(about::stats))
        .route("/v2/models/{model}/versions/{version}/stats", get(about::stats_of_version))
        .route("/v2/models/{model}/infer", post(infer::now))
        .route("/v2/models/{model}/versions/{version}/infer", post(infer::version))
        .route("/v2/repository/index", post(repository::index))
        .route("/v2/repository/models/{model}/load", post(repository::load))
        .route("/v2/repository/models/{model}/unload", post(repository::unload))
        .route("/metrics", get(metrics))
        .route_layer(from_fn_with_state(Arc::clone(&server), only_own_pages))
        .merge(pages::routes())
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .with_state(server)
}

type Shared = State<Arc<Server>>;

async fn ready(State(server): Shared) -> (StatusCode, Json<Value>) {
    let ready = server.is_ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": ready })))
}

async fn model_ready(State(server): Shared, Address(model): Address<String>) -> Result<Json<Value>, Failure> {
    server.version(&model, None).map(|_| Json(json!({ "name": model, "ready": true })))
}

async fn version_ready(
    State(server): Shared,
    Address((model, version)): Address<(String, String)>,
) -> Result<Json<Value>, Failure> {
    server.version(&model, Some(&version)).map(|_| Json(json!({ "name": model, "ready": true })))
}

async fn metrics(State(server): Shared) -> Result<Response<Body>, Failure> {
    let (queued, runtime) = (server.batcher.queued(), &server.runtime);
    server.metrics.keep_only(|name| runtime.get(name).is_ok());
    let text = server.metrics.text(queued, runtime.len(), runtime.resident_bytes());
    let text = text.map_err(|error| Failure::internal(error.to_string()))?;
    let mut response = Response::new(Body::from(text));
    let kind = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

async fn not_found(request: Request) -> Failure {
    let error = format!("there is nothing at `{}`", request.uri().path());
    Failure::new(StatusCode::NOT_FOUND, "not_found", error).hint("`/docs` lists what there is")
}

async fn wrong_method(method: Method, request: Request) -> Failure {
    let error = format!("`{}` does not take {method}", request.uri().path());
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", error).hint("`/docs` says what it takes")
}
