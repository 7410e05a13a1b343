//! What Triton's extensions ask of a model: its configuration, and what was asked of it.

use std::sync::Arc;

use axum::extract::State;
use serde_json::{Value, json};

use crate::address::Address;
use crate::endpoint::TensorMetadata;
use crate::failure::Failure;
use crate::json::Json;
use crate::kinds::endpoint;
use crate::metadata::PLATFORM;
use crate::mixed;
use crate::names::MIXED;
use crate::server::Server;

type Shared = State<Arc<Server>>;
type Answer = Result<Json<Value>, Failure>;

pub(crate) async fn config(State(server): Shared, Address(model): Address<String>) -> Answer {
    config_of(&server, &model, None)
}

pub(crate) async fn config_of_version(
    State(server): Shared,
    Address((model, version)): Address<(String, String)>,
) -> Answer {
    config_of(&server, &model, Some(&version))
}

pub(crate) async fn stats(State(server): Shared, Address(model): Address<String>) -> Answer {
    stats_of(&server, &model, None)
}

pub(crate) async fn stats_of_version(
    State(server): Shared,
    Address((model, version)): Address<(String, String)>,
) -> Answer {
    stats_of(&server, &model, Some(&version))
}

fn config_of(server: &Server, model: &str, version: Option<&str>) -> Answer {
    let (inputs, outputs, rows) = if model == MIXED && version.is_none() {
        (mixed::inputs(), mixed::outputs(), server.settings.max_rows())
    } else {
        let version = server.version(model, version)?;
        let endpoint = endpoint(version.model());
        // A signal has no rows: its first dimension is time.
        let rows = if version.model().header.io.rows().is_ok() { server.settings.max_rows() } else { 0 };
        (endpoint.inputs(), endpoint.outputs(version.model()), rows)
    };
    let tensors =
        |all: Vec<TensorMetadata>| all.iter().map(|tensor| described(tensor, rows > 0)).collect::<Value>();
    Ok(Json(json!({
        "name": model,
        "platform": PLATFORM,
        "backend": PLATFORM,
        "max_batch_size": rows,
        "input": tensors(inputs),
        "output": tensors(outputs),
    })))
}

/// A tensor as a configuration has it: without the dimension of the rows, where there is one.
fn described(tensor: &TensorMetadata, has_rows: bool) -> Value {
    let kind = if tensor.datatype == "BYTES" { "STRING" } else { tensor.datatype };
    let mut dims = tensor.shape[usize::from(has_rows)..].to_vec();
    if dims.is_empty() {
        dims.push(1);
    }
    json!({ "name": tensor.name, "data_type": format!("TYPE_{kind}"), "dims": dims })
}

fn stats_of(server: &Server, model: &str, version: Option<&str>) -> Answer {
    let id =
        if model == MIXED && version.is_none() { None } else { Some(server.version(model, version)?.id()) };
    Ok(Json(json!({ "model_stats": [server.metrics.stats(model, id)] })))
}
