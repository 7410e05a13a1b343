//! Batches whose rows belong to any adapters: `POST /v2/models/mixed/infer`.

use std::sync::Arc;

use bl_core::schema::InputSchema;
use bl_runtime::{Generation, PictureModel};
use serde_json::Map;

use crate::batcher::{Arrival, Questions};
use crate::failure::Failure;
use crate::pictures::{self, Given, IMAGE, PICTURE};
use crate::protocol::{Data, InferRequest, InferResponse, Tensor};
use crate::server::Server;

/// The model name of mixed batches, which no adapter can have.
pub(crate) const MIXED: &str = "mixed";
/// The name of the adapter that each row is for.
const ADAPTER: &str = "adapter";

/// One adapter a row; or one picture, and every adapter's answer from one frozen half.
pub(crate) async fn infer(
    server: &Server,
    request: &InferRequest,
    arrival: Arrival,
) -> Result<InferResponse, Failure> {
    request.check_names(&[IMAGE, PICTURE, ADAPTER], &[])?;
    let generations = named(server, request.input(ADAPTER)?)?;
    let models: Vec<&PictureModel> =
        generations.iter().map(|generation| generation.pictures()).collect::<Result<_, _>>()?;
    server.batcher.check_rows(models.len())?;
    let (images, image_of) = images(server, request, &models).await?;
    let rows = image_of.into_iter().zip(generations.iter().cloned()).collect();
    let scores = server.batcher.ask(Questions { images, rows }, arrival).await?;
    let mut outputs = pictures::answers(&scores, &models)?;
    let ids = generations.iter().map(|generation| generation.id().short().into_bytes()).collect();
    outputs.push(Tensor {
        name: "generation".into(),
        shape: vec![generations.len()],
        data: Data::Bytes(ids),
    });
    Ok(InferResponse { model_name: MIXED.into(), model_version: None, parameters: Map::new(), outputs })
}

fn named(server: &Server, tensor: &Tensor) -> Result<Vec<Arc<Generation>>, Failure> {
    let of = |name: &Vec<u8>| server.generation(&String::from_utf8_lossy(name), None);
    tensor.strings()?.iter().map(of).collect()
}

/// The pictures in the forms that the adapters take, and which of them each row has.
async fn images(
    server: &Server,
    request: &InferRequest,
    models: &[&PictureModel],
) -> Result<(Vec<Vec<u8>>, Vec<usize>), Failure> {
    let input = |row: usize| models[row].header.input;
    match pictures::given(request)? {
        Given::Pictures(files) => {
            let picture_of = picture_of_rows(files.len(), models.len())?;
            let mut wanted: Vec<(usize, InputSchema)> = Vec::new();
            let mut place_of = |(row, picture): (usize, usize)| {
                let this = (picture, input(row));
                wanted.iter().position(|other| *other == this).unwrap_or_else(|| {
                    wanted.push(this);
                    wanted.len() - 1
                })
            };
            let image_of = picture_of.into_iter().enumerate().map(&mut place_of).collect();
            Ok((pictures::prepare(server, files, wanted).await?, image_of))
        }
        Given::Images(tensor) => {
            let images = pictures::pixels(tensor, &input(0))?;
            let picture_of = picture_of_rows(images.len(), models.len())?;
            // Pixels are used as they are: the same for every adapter whose pictures have that shape.
            for row in 1..models.len() {
                if input(row) != input(row - 1) {
                    pictures::check_shape(tensor, &input(row))?;
                }
            }
            Ok((images, picture_of))
        }
    }
}

/// Which picture each row has: its own, or the only one.
fn picture_of_rows(pictures: usize, rows: usize) -> Result<Vec<usize>, Failure> {
    match pictures {
        1 => Ok(vec![0; rows]),
        _ if pictures == rows => Ok((0..rows).collect()),
        _ => Err(Failure::bad_input(format!(
            "{pictures} pictures for {rows} adapters, expected one for each adapter, or one for all"
        ))),
    }
}
