//! `POST /v2/models/{model}/infer`: which kind of answer it is.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use bl_runtime::Model;

use crate::address::Address;
use crate::body::{self, Received};
use crate::failure::Failure;
use crate::metrics::NO_MODEL;
use crate::mixed::{self, MIXED};
use crate::protocol::InferRequest;
use crate::server::Server;
use crate::{pictures, time};

/// A body up to this size is read in less than a millisecond, where it is received.
const QUICK: usize = 64 << 10;

pub(crate) async fn now(
    State(server): State<Arc<Server>>,
    Address(model): Address<String>,
    request: Request,
) -> Response<Body> {
    counted(server, model, None, request).await
}

pub(crate) async fn version(
    State(server): State<Arc<Server>>,
    Address((model, version)): Address<(String, String)>,
    request: Request,
) -> Response<Body> {
    counted(server, model, Some(version), request).await
}

async fn counted(
    server: Arc<Server>,
    model: String,
    version: Option<String>,
    request: Request,
) -> Response<Body> {
    let start = Instant::now();
    let result = answer(&server, &model, version.as_deref(), request).await;
    let nameless = |failure: &Failure| matches!(failure.code, "unknown_model" | "not_ready");
    let known = model == MIXED || !result.as_ref().is_err_and(nameless);
    let response = result.unwrap_or_else(Failure::into_response);
    server.metrics.request(
        if known { &model } else { NO_MODEL },
        response.status().as_u16(),
        start.elapsed(),
    );
    response
}

async fn answer(
    server: &Arc<Server>,
    model: &str,
    version: Option<&str>,
    request: Request,
) -> Result<Response<Body>, Failure> {
    if !server.is_ready() {
        let failure =
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", "the server starts or stops");
        return Err(failure);
    }
    // Before the body: who asks for what is not there need not send it.
    let generation =
        if model == MIXED && version.is_none() { None } else { Some(server.generation(model, version)?) };
    let Received { headers, body, room: _room } = body::read(request, server).await?;
    let arrival = server.batcher.arrival();
    let request = if body.len() > QUICK {
        server.work(move || InferRequest::read(&headers, &body)).await?
    } else {
        InferRequest::read(&headers, &body)?
    };
    let response = match &generation {
        None => mixed::infer(server, &request, arrival).await?,
        Some(generation) => match generation.model() {
            Model::Pictures(_) => pictures::infer(server, model, generation, &request, arrival).await?,
            Model::Time(_) => {
                drop(arrival);
                time::infer(server, model, generation, &request).await?
            }
        },
    };
    response.write(&request)
}
