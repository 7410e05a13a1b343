//! Class scores of pictures, of one adapter.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bl_core::schema::InputSchema;
use bl_core::{argmax, softmax};
use bl_runtime::{Generation, PictureModel};
use bl_tasks::picture;
use serde_json::Map;

use crate::batcher::{Arrival, Questions};
use crate::failure::Failure;
use crate::protocol::{Data, InferRequest, InferResponse, Tensor};
use crate::server::Server;

/// Pixels as the training pictures have them.
pub(crate) const IMAGE: &str = "image";
/// PNG or JPEG files of any size.
pub(crate) const PICTURE: &str = "picture";
/// Which hidden units are ON.
pub(crate) const ON: &str = "on";
/// Rows whose units are told.
const MOST_ON: usize = 64;

pub(crate) async fn infer(
    server: &Server,
    name: &str,
    generation: &Arc<Generation>,
    request: &InferRequest,
    arrival: Arrival,
) -> Result<InferResponse, Failure> {
    request.check_names(&[IMAGE, PICTURE], &[])?;
    let model = generation.pictures()?;
    let images = match given(request)? {
        Given::Images(tensor) => pixels(tensor, &model.header.input)?,
        Given::Pictures(files) => {
            server.batcher.check_rows(files.len())?;
            let every = (0..files.len()).map(|file| (file, model.header.input));
            prepare(server, files, every.collect()).await?
        }
    };
    server.batcher.check_rows(images.len())?;
    let rows = (0..images.len()).map(|image| (image, Arc::clone(generation))).collect();
    let mut extra = extras(server, request, generation, &images).await?;
    let scores = server.batcher.ask(Questions { images, rows }, arrival).await?;
    let mut outputs = answers(&scores, &vec![model; scores.len()])?;
    outputs.append(&mut extra);
    Ok(InferResponse {
        model_name: name.to_owned(),
        model_version: Some(generation.id().short()),
        parameters: Map::new(),
        outputs,
    })
}

/// In which form pictures come.
pub(crate) enum Given<'a> {
    Images(&'a Tensor),
    Pictures(&'a [Vec<u8>]),
}

pub(crate) fn given(request: &InferRequest) -> Result<Given<'_>, Failure> {
    match (request.optional(IMAGE), request.optional(PICTURE)) {
        (Some(tensor), None) => Ok(Given::Images(tensor)),
        (None, Some(tensor)) => tensor.strings().map(Given::Pictures),
        (None, None) => {
            Err(Failure::bad_input(format!("there is no input `{IMAGE}` (pixels) or `{PICTURE}` (files)")))
        }
        (Some(_), Some(_)) => {
            Err(Failure::bad_input(format!("there are both `{IMAGE}` and `{PICTURE}`, expected one of them")))
        }
    }
}

/// Pictures of `[rows, height, width]`, or flat, cut into rows.
pub(crate) fn pixels(tensor: &Tensor, input: &InputSchema) -> Result<Vec<Vec<u8>>, Failure> {
    let values = check_shape(tensor, input)?;
    Ok(values.chunks_exact(input.len()).map(<[u8]>::to_vec).collect())
}

/// The values of all rows, if they are pictures of that form.
pub(crate) fn check_shape<'a>(tensor: &'a Tensor, input: &InputSchema) -> Result<&'a [u8], Failure> {
    let [height, width, channels] = [input.height, input.width, input.channels].map(|n| n as usize);
    let Data::U8(values) = &tensor.data else {
        let found = tensor.data.datatype().name();
        return Err(Failure::bad_input(format!(
            "input `{IMAGE}` has datatype {found}, expected UINT8 (0 to 255)"
        )));
    };
    let fits = match *tensor.shape.as_slice() {
        [_, h, w] => channels == 1 && (h, w) == (height, width),
        [_, h, w, c] => (h, w, c) == (height, width, channels),
        [_, values] => values == height * width * channels,
        _ => false,
    };
    if !fits {
        let shape = &tensor.shape;
        let colour = if channels == 1 { String::new() } else { format!(", {channels}") };
        return Err(Failure::bad_input(format!(
            "input `{IMAGE}` has shape {shape:?}, expected [rows, {height}, {width}{colour}] or [rows, {}]",
            height * width * channels
        )));
    }
    Ok(values)
}

/// Files brought to the form of the training pictures: `wanted` says which file, and for which pictures.
pub(crate) async fn prepare(
    server: &Server,
    files: &[Vec<u8>],
    wanted: Vec<(usize, InputSchema)>,
) -> Result<Vec<Vec<u8>>, Failure> {
    let files = files.to_vec();
    let one = move |(file, schema): (usize, InputSchema)| {
        one(&files[file], &schema).map_err(|why| bad_picture(file, &why))
    };
    server.work(move || wanted.into_iter().map(one).collect()).await
}

/// A file's bytes, or (in JSON, which has no bytes) their base64 text.
fn one(file: &[u8], schema: &InputSchema) -> Result<Vec<u8>, picture::Fault> {
    let decoded = STANDARD.decode(file);
    let file = decoded.as_deref().unwrap_or(file); // neither format begins with characters of base64 alone
    Ok(picture::from_bytes(file, schema)?.pixels)
}

fn bad_picture(row: usize, fault: &picture::Fault) -> Failure {
    let failure = Failure::bad_input(format!("input `{PICTURE}`, row {row}: {fault}"));
    match fault.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// What every adapter of pictures answers; `models` are those of the rows.
///
/// # Shapes
/// - `scores`: `[rows][classes]`
pub(crate) fn answers(scores: &[Vec<f32>], models: &[&PictureModel]) -> Result<Vec<Tensor>, Failure> {
    if scores.iter().flatten().any(|score| !score.is_finite()) {
        let error = "scores are not finite: the adapter's values are too large";
        return Err(Failure::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, "not_finite", error));
    }
    let label = |(scores, model): (&Vec<f32>, &&PictureModel)| {
        model.header.task.labels.get(argmax(scores)).map_or(Vec::new(), |label| label.clone().into_bytes())
    };
    let labels = scores.iter().zip(models).map(label).collect();
    let mut outputs = Vec::new();
    let rows = scores.len();
    let classes = models.first().map_or(0, |model| model.backbone.outputs());
    if scores.iter().all(|row| row.len() == classes) {
        let probabilities = scores.iter().flat_map(|scores| softmax(scores)).collect();
        let shape = vec![rows, classes];
        outputs.push(Tensor {
            name: "scores".into(),
            shape: shape.clone(),
            data: Data::F32(scores.concat()),
        });
        outputs.push(Tensor { name: "probabilities".into(), shape, data: Data::F32(probabilities) });
    }
    outputs.push(Tensor { name: "label".into(), shape: vec![rows], data: Data::Bytes(labels) });
    Ok(outputs)
}

/// Outputs that are there only for those who ask: what the network sees, and which of its units are ON.
async fn extras(
    server: &Server,
    request: &InferRequest,
    generation: &Arc<Generation>,
    images: &[Vec<u8>],
) -> Result<Vec<Tensor>, Failure> {
    let wants = |name: &str| request.outputs.iter().any(|output| output.name == name);
    let rows = images.len();
    let mut outputs = Vec::new();
    if wants(IMAGE) {
        let input = generation.pictures()?.header.input;
        let shape = [rows, input.height as usize, input.width as usize].into_iter();
        let shape = shape.chain((input.channels > 1).then_some(input.channels as usize)).collect();
        outputs.push(Tensor { name: IMAGE.into(), shape, data: Data::U8(images.concat()) });
    }
    if wants(ON) {
        if rows > MOST_ON {
            return Err(Failure::bad_input(format!(
                "output `{ON}` is for at most {MOST_ON} rows, found {rows}"
            )));
        }
        let (generation, pixels) = (Arc::clone(generation), images.concat());
        let bits = server.work(move || on(generation.pictures()?, &pixels)).await?;
        let shape = vec![rows, bits.len() / rows.max(1)];
        outputs.push(Tensor { name: ON.into(), shape, data: Data::U8(bits) });
    }
    Ok(outputs)
}

/// Eight units a byte, the first in the lowest bit.
fn on(model: &PictureModel, pixels: &[u8]) -> Result<Vec<u8>, Failure> {
    let p = model.backbone.preactivations(pixels).map_err(bl_runtime::Error::from)?;
    let byte = |units: &[bool]| (0..).zip(units).map(|(bit, &on)| u8::from(on) << bit).sum();
    let of_row = |row| {
        let on = model.backbone.on_units(&p, row, &model.prepared);
        on.chunks(8).map(byte).collect::<Vec<u8>>()
    };
    Ok((0..p.rows()).flat_map(of_row).collect())
}
