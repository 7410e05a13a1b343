//! Class scores of images, of one adapter.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use bl_core::io::InputSchema;
use bl_core::{Model, Net, argmax, softmax};
use bl_runtime::{Input, Version};
use bl_tasks::brightness;
use serde_json::{Map, Value};

use crate::batcher::Questions;
use crate::cost;
use crate::endpoint::{Answer, Call, Endpoint, TensorMetadata};
use crate::failure::Failure;
use crate::names::{IMAGE, ON, PICTURE};
use crate::protocol::{Data, InferRequest, InferResponse, Tensor};
use crate::server::Server;

mod given;

pub(crate) use given::{Given, Prepared, given, pixels, prepare};

/// Rows whose units are told.
const MOST_ON: usize = 64;

/// An adapter that classifies images of this form.
pub(crate) struct Images {
    pub(crate) input: InputSchema,
}

impl Endpoint for Images {
    fn what(&self) -> &'static str {
        "pictures"
    }

    fn inputs(&self) -> Vec<TensorMetadata> {
        vec![self.image()]
    }

    fn outputs(&self, model: &Model) -> Vec<TensorMetadata> {
        let classes = model.outputs() as i64;
        let bytes = model.backbone.spec().layers().first().map_or(0, |units| units.div_ceil(8)) as i64;
        vec![
            TensorMetadata::new("scores", "FP32", &[-1, classes]),
            TensorMetadata::new("probabilities", "FP32", &[-1, classes]),
            TensorMetadata::new("label", "BYTES", &[-1]),
            TensorMetadata::new(ON, "UINT8", &[-1, bytes]),
            self.image(),
        ]
    }

    fn infer<'a>(&'a self, call: Call<'a>) -> Answer<'a> {
        Box::pin(self.answer(call))
    }
}

impl Images {
    fn image(&self) -> TensorMetadata {
        let InputSchema { height, width, channels, .. } = self.input;
        let [height, width, channels] = [height, width, channels].map(i64::from);
        let shape: &[i64] = if channels == 1 { &[-1, height, width] } else { &[-1, height, width, channels] };
        TensorMetadata::new(IMAGE, "UINT8", shape)
    }

    async fn answer(&self, call: Call<'_>) -> Result<InferResponse, Failure> {
        let Call { server, name, version, request, reserve, arrival } = call;
        let rows = request.rows().min(server.settings.max_rows()); // more are refused
        reserve(rows.saturating_mul(cost::row(version.model(), &request.outputs)))?;
        request.check_names(&[IMAGE, PICTURE], &[])?;
        let prepared = match given(request)? {
            Given::Pixels(tensor) => pixels(tensor, &self.input)?,
            Given::Files(files) => {
                server.batcher.check_rows(files.len())?;
                let every = (0..files.len()).map(|file| (file, self.input));
                prepare(server, files, every.collect()).await?
            }
        };
        let (images, notes) = prepared.all()?;
        server.batcher.check_rows(images.len())?;
        let mut extra = self.extras(server, version, request, &images).await?;
        let parameters = parameters(&notes, images.iter().map(|image| (version.model(), &**image)));
        let rows = (0..images.len()).map(|image| (image, Arc::clone(version))).collect();
        let scores = server
            .batcher
            .ask(Questions { inputs: images.into_iter().map(Input::Row).collect(), rows }, arrival)
            .await?;
        let scores: Vec<Option<Vec<f32>>> = scores.into_iter().map(Some).collect();
        let mut outputs = answers(&scores, &vec![version.model(); scores.len()])?;
        outputs.append(&mut extra);
        Ok(InferResponse {
            model_name: name.to_owned(),
            model_version: Some(version.id().short()),
            parameters,
            outputs,
        })
    }

    /// Outputs that are there only for those who ask: what the network sees, and which of its units are ON.
    async fn extras(
        &self,
        server: &Server,
        version: &Arc<Version>,
        request: &InferRequest,
        images: &[Vec<u8>],
    ) -> Result<Vec<Tensor>, Failure> {
        let wants = |name: &str| request.outputs.iter().any(|output| output.name == name);
        let rows = images.len();
        let mut outputs = Vec::new();
        if wants(IMAGE) {
            let InputSchema { height, width, channels, .. } = self.input;
            let shape = [rows, height as usize, width as usize].into_iter();
            let shape = shape.chain((channels > 1).then_some(channels as usize)).collect();
            outputs.push(Tensor { name: IMAGE.into(), shape, data: Data::U8(images.concat()) });
        }
        if wants(ON) {
            if rows > MOST_ON {
                return Err(Failure::bad_input(format!(
                    "output `{ON}` is for at most {MOST_ON} rows, found {rows}"
                )));
            }
            let (version, pixels) = (Arc::clone(version), images.concat());
            let bits = server.work(move || on(version.model(), &pixels)).await?;
            let shape = vec![rows, bits.len() / rows.max(1)];
            outputs.push(Tensor { name: ON.into(), shape, data: Data::U8(bits) });
        }
        Ok(outputs)
    }
}

/// Parameters of a response: those of the protocol are plain values, so all notes are one text, and so are the warnings that
/// the images of some models are not like those that were learned from.
pub(crate) fn parameters<'a>(
    notes: &[String],
    rows: impl Iterator<Item = (&'a Model, &'a [u8])>,
) -> Map<String, Value> {
    let mut of_models: BTreeMap<*const Model, (&Model, Vec<&[u8]>)> = BTreeMap::new();
    for (model, image) in rows {
        of_models.entry(model).or_insert((model, Vec::new())).1.push(image);
    }
    let unlike = |(model, images): &(&Model, Vec<&[u8]>)| {
        let (_, learned) = model.header.io.images().ok()?;
        let words = brightness::unlike(images.iter().copied(), learned)?;
        Some(format!("not like the images that `{}` was learned from: {words}", model.header.task.name))
    };
    let mut warnings: Vec<String> = of_models.values().filter_map(unlike).collect();
    warnings.sort_unstable(); // not in the order of places in memory
    if !warnings.is_empty() {
        warnings.push(brightness::HINT.into());
    }
    let text = |name: &str, texts: &[String]| {
        (!texts.is_empty()).then(|| (name.to_owned(), Value::from(texts.join("; "))))
    };
    [text("note", notes), text("warning", &warnings)].into_iter().flatten().collect()
}

/// What every adapter that classifies images answers; `models` are those of the rows. A row without scores has no label, and
/// zeros.
///
/// # Shapes
/// - `scores`: `[rows][classes]`
pub(crate) fn answers(scores: &[Option<Vec<f32>>], models: &[&Model]) -> Result<Vec<Tensor>, Failure> {
    if scores.iter().flatten().flatten().any(|score| !score.is_finite()) {
        let error = "scores are not finite: the adapter's values are too large";
        return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "not_finite", error));
    }
    let label = |(scores, model): (&Option<Vec<f32>>, &&Model)| {
        let class = argmax(scores.as_ref()?);
        Some(model.header.task.labels.get(class)?.clone().into_bytes())
    };
    let labels = scores.iter().zip(models).map(|row| label(row).unwrap_or_default()).collect();
    let mut outputs = Vec::new();
    let rows = scores.len();
    let classes = models.first().map_or(0, |model| model.outputs());
    if models.iter().all(|model| model.outputs() == classes) {
        let every = |of_row: fn(&[f32]) -> Vec<f32>| {
            let row =
                |scores: &Option<Vec<f32>>| scores.as_deref().map_or_else(|| vec![0.0; classes], of_row);
            Data::F32(scores.iter().flat_map(row).collect())
        };
        let tensor = |name: &str, data| Tensor { name: name.into(), shape: vec![rows, classes], data };
        outputs.push(tensor("scores", every(<[f32]>::to_vec)));
        outputs.push(tensor("probabilities", every(softmax)));
    }
    outputs.push(Tensor { name: "label".into(), shape: vec![rows], data: Data::Bytes(labels) });
    Ok(outputs)
}

/// Eight units per byte, the first in the lowest bit.
fn on(model: &Model, pixels: &[u8]) -> Result<Vec<u8>, Failure> {
    let (mlp, half) = model.mlp()?;
    let p = mlp.preactivations(pixels)?;
    let byte = |units: &[bool]| (0..).zip(units).map(|(bit, &on)| u8::from(on) << bit).sum();
    let of_row = |row| {
        let on = mlp.on_units(&p, row, half);
        on.chunks(8).map(byte).collect::<Vec<u8>>()
    };
    Ok((0..p.rows()).flat_map(of_row).collect())
}
