//! What a server and its models say of themselves.

use std::sync::Arc;

use axum::extract::State;
use bl_core::header::{Kind, Metric};
use bl_core::recurrent::{Forecast, Signal};
use bl_runtime::{Generation, Model, PictureModel, TimeModel};
use serde::Serialize;

use crate::address::Address;
use crate::app::Json;
use crate::failure::Failure;
use crate::mixed::MIXED;
use crate::pictures::{IMAGE, ON};
use crate::server::Server;
use crate::time::{SERIES, TARGET};

#[derive(Serialize)]
pub(crate) struct ServerMetadata {
    name: &'static str,
    version: &'static str,
    extensions: [&'static str; 2],
    /// Whether clients may load and unload.
    mutation: bool,
}

pub(crate) async fn server(State(server): State<Arc<Server>>) -> Json<ServerMetadata> {
    Json(ServerMetadata {
        name: "bl-run",
        version: env!("CARGO_PKG_VERSION"),
        extensions: ["binary_tensor_data", "model_repository"],
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
struct TensorMetadata {
    name: &'static str,
    datatype: &'static str,
    /// −1 where any length will do.
    shape: Vec<i64>,
}

#[derive(Serialize)]
struct AdapterMetadata {
    what: &'static str,
    task: String,
    title: String,
    kind: Kind,
    generation: String,
    backbone: String,
    units: usize,
    /// Memory that it takes beside the backbone.
    bytes: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    labels: Vec<String>,
    /// On the test set, as recorded when it was learned.
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    teacher_forced_r2: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<Signal>,
}

pub(crate) async fn model(
    State(server): State<Arc<Server>>,
    Address(model): Address<String>,
) -> Result<Json<ModelMetadata>, Failure> {
    if model == MIXED {
        return Ok(Json(mixed()));
    }
    server.generation(&model, None).map(|generation| Json(of(model, &generation)))
}

pub(crate) async fn version(
    State(server): State<Arc<Server>>,
    Address((model, version)): Address<(String, String)>,
) -> Result<Json<ModelMetadata>, Failure> {
    server.generation(&model, Some(&version)).map(|generation| Json(of(model, &generation)))
}

fn of(name: String, generation: &Generation) -> ModelMetadata {
    let (inputs, outputs, adapter) = match generation.model() {
        Model::Pictures(model) => pictures(model, generation),
        Model::Time(model) => time(model, generation),
    };
    let versions = vec![generation.id().short()];
    ModelMetadata { name, versions, platform: "bl-adapter", inputs, outputs, adapter: Some(adapter) }
}

/// Shapes depend on the adapters that the rows name.
fn mixed() -> ModelMetadata {
    ModelMetadata {
        name: MIXED.into(),
        versions: Vec::new(),
        platform: "bl-adapter",
        inputs: vec![tensor(IMAGE, "UINT8", &[-1, -1, -1]), tensor("adapter", "BYTES", &[-1])],
        outputs: vec![
            tensor("scores", "FP32", &[-1, -1]),
            tensor("probabilities", "FP32", &[-1, -1]),
            tensor("label", "BYTES", &[-1]),
            tensor("generation", "BYTES", &[-1]),
        ],
        adapter: None,
    }
}

type Parts = (Vec<TensorMetadata>, Vec<TensorMetadata>, AdapterMetadata);

fn pictures(model: &PictureModel, generation: &Generation) -> Parts {
    let header = &model.header;
    let [height, width, channels] =
        [header.input.height, header.input.width, header.input.channels].map(i64::from);
    let (classes, units) = (model.backbone.outputs() as i64, model.backbone.units());
    let image: &[i64] = if channels == 1 { &[-1, height, width] } else { &[-1, height, width, channels] };
    let outputs = vec![
        tensor("scores", "FP32", &[-1, classes]),
        tensor("probabilities", "FP32", &[-1, classes]),
        tensor("label", "BYTES", &[-1]),
        tensor(ON, "UINT8", &[-1, units.div_ceil(8) as i64]),
        tensor(IMAGE, "UINT8", image),
    ];
    let adapter = AdapterMetadata {
        what: "pictures",
        kind: header.kind,
        units: model.backbone.spec().hidden_units(),
        labels: header.task.labels.clone(),
        accuracy: header.metric("accuracy", "test"),
        ..AdapterMetadata::of(generation, header.kind)
    };
    (vec![tensor(IMAGE, "UINT8", image)], outputs, adapter)
}

fn time(model: &TimeModel, generation: &Generation) -> Parts {
    let header = &model.adapter.header;
    let (what, inputs, outputs) = match &header.signal {
        Signal::Forecast(Forecast { .. }) => {
            let outputs = vec![tensor("forecast", "FP64", &[-1]), tensor("free_run", "FP64", &[-1])];
            ("forecast", vec![tensor(SERIES, "FP64", &[-1])], outputs)
        }
        Signal::Generate { .. } => ("generate", Vec::new(), vec![tensor("trajectory", "FP64", &[-1])]),
        Signal::Reach(_) => {
            let outputs = vec![
                tensor("position", "FP64", &[-1, 2]),
                tensor("speed", "FP64", &[-1]),
                tensor("end_error", "FP64", &[1]),
            ];
            ("reach", vec![tensor(TARGET, "FP64", &[2])], outputs)
        }
    };
    let r2 = |metric: &&Metric| metric.name == "teacher_forced_r2" && metric.split == "test";
    let adapter = AdapterMetadata {
        what,
        units: model.backbone.units(),
        teacher_forced_r2: header.metrics.iter().find(r2).map(|metric| metric.value),
        signal: Some(header.signal.clone()),
        ..AdapterMetadata::of(generation, header.kind)
    };
    (inputs, outputs, adapter)
}

impl AdapterMetadata {
    /// What all kinds have.
    fn of(generation: &Generation, kind: Kind) -> Self {
        Self {
            what: "",
            task: generation.task().to_owned(),
            title: generation.title().to_owned(),
            kind,
            generation: generation.id().to_string(),
            backbone: generation.backbone().to_string(),
            units: 0,
            bytes: generation.resident_bytes(),
            labels: Vec::new(),
            accuracy: None,
            teacher_forced_r2: None,
            signal: None,
        }
    }
}

fn tensor(name: &'static str, datatype: &'static str, shape: &[i64]) -> TensorMetadata {
    TensorMetadata { name, datatype, shape: shape.to_vec() }
}
