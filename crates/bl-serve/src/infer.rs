//! `POST /v2/models/{model}/infer`: which kind of answer it is.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;

use crate::address::Address;
use crate::body::{self, Received};
use crate::cost;
use crate::endpoint::Call;
use crate::failure::Failure;
use crate::kinds::endpoint;
use crate::metrics::{Asked, NO_MODEL};
use crate::mixed;
use crate::names::MIXED;
use crate::protocol::{self, InferRequest};
use crate::room::Room;
use crate::server::Server;

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
    let mut asked = Asked::begin();
    let result = answer(&server, &model, version.as_deref(), request, &mut asked).await;
    let nameless = |failure: &Failure| matches!(failure.code, "unknown_model" | "not_ready");
    let known = model == MIXED || !result.as_ref().is_err_and(nameless);
    let response = result.unwrap_or_else(Failure::into_response);
    server.metrics.request(if known { &model } else { NO_MODEL }, response.status().as_u16(), &asked);
    response
}

async fn answer(
    server: &Arc<Server>,
    model: &str,
    version: Option<&str>,
    request: Request,
    asked: &mut Asked,
) -> Result<Response<Body>, Failure> {
    if !server.is_ready() {
        let failure =
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", "the server is starting or stopping");
        return Err(failure);
    }
    // Before the body: who asks for what is not there need not send it.
    let adapter =
        if model == MIXED && version.is_none() { None } else { Some(server.version(model, version)?) };
    asked.version = adapter.as_ref().map(|version| version.id());
    let Received { headers, body, room } = body::read(request, server).await?;
    let arrival = server.batcher.arrival();
    let begin = Instant::now();
    let max = server.settings.max_memory;
    let mut memory = Room::of(&server.memory);
    let to_read = protocol::cost(&headers, &body)?;
    memory.reserve(to_read, max)?;
    let request = if body.len() > QUICK {
        server.work(move || InferRequest::read(&headers, &body)).await?
    } else {
        InferRequest::read(&headers, &body)?
    };
    asked.input = begin.elapsed();
    let begin = Instant::now();
    let takes_rows = adapter.as_ref().is_none_or(|version| version.model().header.io.rows().is_ok());
    asked.rows = if takes_rows { request.rows() } else { 1 };
    let beside = to_read.saturating_add(cost::repeated(&request));
    let mut reserve = |bytes: usize| memory.reserve(beside.saturating_add(bytes), max);
    let response = match &adapter {
        None => mixed::infer(server, &request, arrival, &mut reserve).await?,
        Some(version) => {
            let reserve = &mut reserve;
            let call = Call { server, name: model, version, request: &request, reserve, arrival };
            endpoint(version.model()).infer(call).await?
        }
    };
    asked.infer = begin.elapsed();
    let begin = Instant::now();
    let labels = adapter.as_ref().map_or(&[][..], |version| &version.model().header.task.labels);
    let response = response.write(&request, labels, (room, memory));
    asked.output = begin.elapsed();
    response
}
