//! What a server and its models say of themselves.

use std::sync::Arc;

use axum::extract::State;
use bl_core::header::AdapterKind;
use bl_core::io::Signal;
use bl_runtime::Version;
use bl_tasks::about::about;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::address::Address;
use crate::endpoint::TensorMetadata;
use crate::failure::Failure;
use crate::json::Json;
use crate::kinds::endpoint;
use crate::mixed;
use crate::names::MIXED;
use crate::server::Server;

#[derive(Serialize)]
pub(crate) struct ServerMetadata {
    name: &'static str,
    version: &'static str,
    extensions: [&'static str; 5],
    /// Whether clients may load and unload.
    mutation: bool,
}

pub(crate) async fn server(State(server): State<Arc<Server>>) -> Json<ServerMetadata> {
    Json(ServerMetadata {
        name: "bl-run",
        version: env!("CARGO_PKG_VERSION"),
        extensions: [
            "binary_tensor_data",
            "classification",
            "model_configuration",
            "model_repository",
            "statistics",
        ],
        mutation: server.settings.allow_mutation,
    })
}

/// Field names are those of the protocol; `adapter` is our own.
#[derive(Serialize)]
pub(crate) struct ModelMetadata {
    name: String,
    versions: Vec<String>,
    platform: &'static str,
    inputs: Vec<TensorMetadata>,
    outputs: Vec<TensorMetadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    adapter: Option<AdapterMetadata>,
}

#[derive(Serialize)]
struct AdapterMetadata {
    what: &'static str,
    task: String,
    title: String,
    kind: AdapterKind,
    generation: String,
    backbone: String,
    units: usize,
    /// Memory that it takes beside the backbone.
    bytes: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    labels: Vec<String>,
    /// The main one by its name, as recorded on the test set when it was trained.
    #[serde(flatten)]
    metric: Map<String, Value>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    worth: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<Signal>,
}

pub(crate) async fn model(
    State(server): State<Arc<Server>>,
    Address(model): Address<String>,
) -> Result<Json<ModelMetadata>, Failure> {
    if model == MIXED {
        return Ok(Json(of_mixed()));
    }
    server.version(&model, None).map(|version| Json(of(model, &version)))
}

pub(crate) async fn version(
    State(server): State<Arc<Server>>,
    Address((model, version)): Address<(String, String)>,
) -> Result<Json<ModelMetadata>, Failure> {
    server.version(&model, Some(&version)).map(|version| Json(of(model, &version)))
}

fn of(name: String, version: &Version) -> ModelMetadata {
    let model = version.model();
    let (header, endpoint) = (&model.header, endpoint(model));
    let about = about(&header.io, &header.task.labels);
    let value = header.metric(about.metric, "test");
    let adapter = AdapterMetadata {
        what: endpoint.what(),
        task: header.task.name.clone(),
        title: header.task.title.clone(),
        kind: header.kind,
        generation: version.id().to_string(),
        backbone: model.backbone.fingerprint().to_string(),
        units: model.backbone.spec().hidden_units(),
        bytes: version.resident_bytes(),
        labels: header.task.labels.clone(),
        metric: value.map(|value| (about.metric.to_owned(), value.into())).into_iter().collect(),
        worth: value.map(about.worth),
        signal: header.io.signal().ok().cloned(),
    };
    ModelMetadata {
        name,
        versions: vec![version.id().short()],
        platform: PLATFORM,
        inputs: endpoint.inputs(),
        outputs: endpoint.outputs(model),
        adapter: Some(adapter),
    }
}

fn of_mixed() -> ModelMetadata {
    ModelMetadata {
        name: MIXED.into(),
        versions: Vec::new(),
        platform: PLATFORM,
        inputs: mixed::inputs(),
        outputs: mixed::outputs(),
        adapter: None,
    }
}

pub(crate) const PLATFORM: &str = "bl-adapter";
