//! Classifiers of texts.

use std::sync::Arc;

use bl_core::Model;
use bl_core::io::TextSchema;
use bl_runtime::{Input, Version};

use super::images::answers;
use crate::batcher::Questions;
use crate::cost;
use crate::endpoint::{Answer, Call, Endpoint, TensorMetadata};
use crate::failure::Failure;
use crate::names::TEXT;
use crate::protocol::{Data, InferRequest, InferResponse, Tensor};
use crate::server::Server;

/// An adapter that classifies texts of this form.
pub(crate) struct Texts {
    pub(crate) input: TextSchema,
}

impl Endpoint for Texts {
    fn what(&self) -> &'static str {
        "texts"
    }

    fn inputs(&self) -> Vec<TensorMetadata> {
        let shape: &[i64] = if self.input.texts() == 2 { &[-1, 2] } else { &[-1] };
        vec![TensorMetadata::new(TEXT, "BYTES", shape)]
    }

    fn outputs(&self, model: &Model) -> Vec<TensorMetadata> {
        use bl_core::Net;
        let classes = model.outputs() as i64;
        vec![
            TensorMetadata::new("scores", "FP32", &[-1, classes]),
            TensorMetadata::new("probabilities", "FP32", &[-1, classes]),
            TensorMetadata::new("label", "BYTES", &[-1]),
        ]
    }

    fn infer<'a>(&'a self, call: Call<'a>) -> Answer<'a> {
        Box::pin(self.answer(call))
    }
}

impl Texts {
    async fn answer(&self, call: Call<'_>) -> Result<InferResponse, Failure> {
        let Call { server, name, version, request, reserve, arrival } = call;
        request.check_names(&[TEXT], &[])?;
        let rows = texts(request, self.input.texts())?;
        server.batcher.check_rows(rows.len())?;
        let of_rows = rows.len().saturating_mul(cost::row(version.model(), &request.outputs));
        reserve(of_rows.saturating_add(memory(&rows)))?;
        let every = (0..rows.len()).map(|row| (row, Arc::clone(version)));
        let inputs = inputs(server, rows, every.collect()).await?;
        let count = inputs.len();
        let rows = (0..count).map(|image| (image, Arc::clone(version))).collect();
        let scores = server.batcher.ask(Questions { inputs, rows }, arrival).await?;
        let scores: Vec<Option<Vec<f32>>> = scores.into_iter().map(Some).collect();
        Ok(InferResponse {
            model_name: name.to_owned(),
            model_version: Some(version.id().short()),
            parameters: serde_json::Map::new(),
            outputs: answers(&scores, &vec![version.model(); count])?,
        })
    }
}

/// The texts of each row: one, or two of a pair.
///
/// # Shapes
/// - the tensor: BYTES `[rows]`, or `[rows, 1]`, or `[rows, 2]` for pairs
pub(crate) fn texts(request: &InferRequest, together: usize) -> Result<Vec<Vec<String>>, Failure> {
    let tensor = request.input(TEXT)?;
    let Tensor { shape, data, .. } = tensor;
    let fits = matches!((together, &**shape), (1, [_] | [_, 1]) | (2, [_, 2]));
    let Data::Bytes(strings) = data else {
        let found = data.datatype().name();
        return Err(Failure::bad_input(format!("input `{TEXT}` has datatype {found}, expected BYTES")));
    };
    if !fits {
        let expected = if together == 2 { "[rows, 2], a pair of texts each" } else { "[rows]" };
        return Err(Failure::bad_input(format!("input `{TEXT}` has shape {shape:?}, expected {expected}")));
    }
    let text = |(i, bytes): (usize, &Vec<u8>)| {
        String::from_utf8(bytes.clone())
            .map_err(|_| Failure::bad_input(format!("input `{TEXT}`, row {}: not UTF-8", i / together)))
    };
    let texts: Vec<String> = strings.iter().enumerate().map(text).collect::<Result<_, _>>()?;
    Ok(texts.chunks(together).map(<[String]>::to_vec).collect())
}

/// What making rows or tokens of texts takes: the words of each, and their places.
pub(crate) fn memory(texts: &[Vec<String>]) -> usize {
    const LETTER: usize = 32;
    texts.iter().flatten().map(|text| LETTER.saturating_mul(text.len())).fold(0, usize::saturating_add)
}

/// Texts as networks take them: `wanted` says which, and whose.
pub(crate) async fn inputs(
    server: &Server,
    texts: Vec<Vec<String>>,
    wanted: Vec<(usize, Arc<Version>)>,
) -> Result<Vec<Input>, Failure> {
    let input = move |(of, version): &(usize, Arc<Version>)| {
        Input::of_texts(version.model(), &texts[*of])
            .map_err(|why| Failure::bad_input(format!("input `{TEXT}`, row {of}: {why}")))
    };
    server.work(move || wanted.iter().map(input).collect()).await
}
