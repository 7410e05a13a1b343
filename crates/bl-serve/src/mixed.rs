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
    let (images, pictures, schema_of) = images(request, &models).await?;
    let asked = models.len();
    if pictures != asked && pictures != 1 {
        return Err(Failure::bad_input(format!(
            "{pictures} pictures for {asked} adapters, expected one for each adapter, or one for all"
        )));
    }
    let row = |(row, generation): (usize, &Arc<Generation>)| {
        let picture = if pictures == 1 { 0 } else { row };
        (schema_of[row] * pictures + picture, Arc::clone(generation))
    };
    let rows = generations.iter().enumerate().map(row).collect();
    let scores = server.batcher.ask(Questions { images, rows }, arrival).await?;
    let mut outputs = pictures::answers(&scores, &models)?;
    let ids = generations.iter().map(|generation| generation.id().short().into_bytes()).collect();
    outputs.push(Tensor { name: "generation".into(), shape: vec![asked], data: Data::Bytes(ids) });
    Ok(InferResponse { model_name: MIXED.into(), model_version: None, parameters: Map::new(), outputs })
}

fn named(server: &Server, tensor: &Tensor) -> Result<Vec<Arc<Generation>>, Failure> {
    let Data::Bytes(names) = &tensor.data else {
        let found = tensor.data.datatype().name();
        return Err(Failure::bad_input(format!("input `{ADAPTER}` has datatype {found}, expected BYTES")));
    };
    let of = |name: &Vec<u8>| server.generation(&String::from_utf8_lossy(name), None);
    names.iter().map(of).collect()
}

/// The pictures in every form that one of the adapters takes; how many there are; and the form of each adapter.
async fn images(
    request: &InferRequest,
    models: &[&PictureModel],
) -> Result<(Vec<Vec<u8>>, usize, Vec<usize>), Failure> {
    let mut schemas: Vec<InputSchema> = Vec::new();
    let mut schema_of = Vec::new();
    for model in models {
        let input = model.header.input;
        let known = schemas.iter().position(|schema| *schema == input);
        schema_of.push(known.unwrap_or(schemas.len()));
        if known.is_none() {
            schemas.push(input);
        }
    }
    Ok(match pictures::given(request)? {
        Given::Pictures(files) => (pictures::prepare(files, &schemas).await?, files.len(), schema_of),
        Given::Images(tensor) => {
            // Pixels are used as they are: the same for every adapter whose pictures have that shape.
            let mut images = Vec::new();
            for schema in &schemas {
                images = pictures::pixels(tensor, schema)?;
            }
            let count = images.len();
            (images, count, vec![0; models.len()])
        }
    })
}
