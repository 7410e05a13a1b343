//! Batches whose rows belong to any adapters: `POST /v2/models/mixed/infer`.

use std::borrow::Cow;
use std::sync::Arc;

use bl_core::Model;
use bl_core::io::InputSchema;
use bl_runtime::Version;
use bl_tasks::about::does;

use crate::batcher::{Arrival, Questions};
use crate::cost;
use crate::endpoint::{Reserve, TensorMetadata};
use crate::failure::Failure;
use crate::kinds::images::{self, Given, Prepared};
use crate::names::{ADAPTER, IMAGE, MIXED, PICTURE};
use crate::protocol::{Data, InferRequest, InferResponse, Tensor};
use crate::server::Server;

/// Shapes depend on the adapters that the rows name.
pub(crate) fn inputs() -> Vec<TensorMetadata> {
    vec![TensorMetadata::new(IMAGE, "UINT8", &[-1, -1, -1]), TensorMetadata::new(ADAPTER, "BYTES", &[-1])]
}

/// As [`inputs`].
pub(crate) fn outputs() -> Vec<TensorMetadata> {
    vec![
        TensorMetadata::new("scores", "FP32", &[-1, -1]),
        TensorMetadata::new("probabilities", "FP32", &[-1, -1]),
        TensorMetadata::new("label", "BYTES", &[-1]),
        TensorMetadata::new("generation", "BYTES", &[-1]),
    ]
}

/// One adapter per row; or one image, and every adapter's answer from one frozen half.
pub(crate) async fn infer(
    server: &Server,
    request: &InferRequest,
    arrival: Arrival,
    reserve: Reserve<'_>,
) -> Result<InferResponse, Failure> {
    request.check_names(&[IMAGE, PICTURE, ADAPTER], &[])?;
    let names = request.input(ADAPTER)?.strings()?;
    let names: Vec<Cow<'_, str>> = names.iter().map(|name| String::from_utf8_lossy(name)).collect();
    let versions: Vec<Arc<Version>> =
        names.iter().map(|name| server.version(name, None)).collect::<Result<_, _>>()?;
    let models: Vec<&Model> = versions.iter().map(|version| version.model()).collect();
    let inputs: Vec<InputSchema> =
        names.iter().zip(&models).map(|(name, model)| input(name, model)).collect::<Result<_, _>>()?;
    server.batcher.check_rows(models.len())?;
    reserve(models.iter().map(|model| cost::row(model, &request.outputs)).fold(0, usize::saturating_add))?;
    let (Prepared { images, notes }, image_of) = images(server, request, &inputs).await?;
    let seen = models.iter().zip(&image_of).map(|(model, &image)| (*model, &*images[image]));
    let parameters = images::parameters(&notes, seen);
    let rows = image_of.into_iter().zip(versions.iter().cloned()).collect();
    let scores = server.batcher.ask(Questions { images, rows }, arrival).await?;
    let mut outputs = images::answers(&scores, &models)?;
    let ids = versions.iter().map(|version| version.id().short().into_bytes()).collect();
    outputs.push(Tensor { name: "generation".into(), shape: vec![versions.len()], data: Data::Bytes(ids) });
    Ok(InferResponse { model_name: MIXED.into(), model_version: None, parameters, outputs })
}

/// The images that an adapter takes, if it takes some.
fn input(name: &str, model: &Model) -> Result<InputSchema, Failure> {
    let io = &model.header.io;
    io.images().map(|(input, _)| *input).map_err(|_| {
        let does = does(io);
        Failure::bad_input(format!(
            "adapter `{name}` {does}, a mixed batch is for those that classify images"
        ))
    })
}

/// The images in the forms that the adapters take, and which of them each row has.
async fn images(
    server: &Server,
    request: &InferRequest,
    inputs: &[InputSchema],
) -> Result<(Prepared, Vec<usize>), Failure> {
    match images::given(request)? {
        Given::Files(files) => {
            let file_of = image_of_rows(files.len(), inputs.len())?;
            let mut wanted: Vec<(usize, InputSchema)> = Vec::new();
            let mut place_of = |(row, file): (usize, usize)| {
                let this = (file, inputs[row]);
                wanted.iter().position(|other| *other == this).unwrap_or_else(|| {
                    wanted.push(this);
                    wanted.len() - 1
                })
            };
            let image_of = file_of.into_iter().enumerate().map(&mut place_of).collect();
            Ok((images::prepare(server, files, wanted).await?, image_of))
        }
        Given::Pixels(tensor) => {
            let prepared = images::pixels(tensor, &inputs[0])?;
            let image_of = image_of_rows(prepared.images.len(), inputs.len())?;
            // Pixels are used as they are: the same for every adapter whose images have that shape.
            for pair in inputs.windows(2).filter(|pair| pair[0] != pair[1]) {
                images::check_shape(tensor, &pair[1])?;
            }
            Ok((prepared, image_of))
        }
    }
}

/// Which image each row has: its own, or the only one.
fn image_of_rows(images: usize, rows: usize) -> Result<Vec<usize>, Failure> {
    match images {
        1 => Ok(vec![0; rows]),
        _ if images == rows => Ok((0..rows).collect()),
        _ => Err(Failure::bad_input(format!(
            "{images} images for {rows} adapters, expected one per adapter, or one for all"
        ))),
    }
}
