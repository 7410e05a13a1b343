//! Rows of real values: classes, or numbers.

use std::sync::Arc;

use axum::http::StatusCode;
use bl_core::io::{SeriesScale, ValueSchema};
use bl_core::{Model, Net};
use bl_runtime::Input;

use super::images::answers;
use crate::batcher::Questions;
use crate::cost;
use crate::endpoint::{Answer, Call, Endpoint, TensorMetadata};
use crate::failure::Failure;
use crate::names::ROWS;
use crate::protocol::{Data, InferResponse, Tensor};

/// An adapter that takes rows of these ranges.
pub(super) struct Values<'a> {
    pub(super) input: &'a ValueSchema,
}

impl Endpoint for Values<'_> {
    fn what(&self) -> &'static str {
        "values"
    }

    fn inputs(&self) -> Vec<TensorMetadata> {
        vec![TensorMetadata::new(ROWS, "FP64", &[-1, self.input.columns() as i64])]
    }

    fn outputs(&self, model: &Model) -> Vec<TensorMetadata> {
        let outputs = model.outputs() as i64;
        if self.input.target.is_some() {
            return vec![TensorMetadata::new("values", "FP64", &[-1, outputs])];
        }
        vec![
            TensorMetadata::new("scores", "FP32", &[-1, outputs]),
            TensorMetadata::new("probabilities", "FP32", &[-1, outputs]),
            TensorMetadata::new("label", "BYTES", &[-1]),
        ]
    }

    fn infer<'a>(&'a self, call: Call<'a>) -> Answer<'a> {
        Box::pin(self.answer(call))
    }
}

impl Values<'_> {
    async fn answer(&self, call: Call<'_>) -> Result<InferResponse, Failure> {
        let Call { server, name, version, request, reserve, arrival } = call;
        request.check_names(&[ROWS], &[])?;
        let values = self.numbers(request.input(ROWS)?)?;
        let columns = self.input.columns();
        let count = values.len() / columns;
        server.batcher.check_rows(count)?;
        reserve(count.saturating_mul(cost::row(version.model(), &request.outputs)))?;
        let rows =
            self.input.rows(&values).map_err(|why| Failure::bad_input(format!("input `{ROWS}`: {why}")))?;
        let inputs = rows.chunks_exact(columns).map(|row| Input::Row(row.to_vec())).collect();
        let rows = (0..count).map(|image| (image, Arc::clone(version))).collect();
        let scores = server.batcher.ask(Questions { inputs, rows }, arrival).await?;
        let outputs = if let Some(scale) = self.input.target {
            vec![estimates(&scores, scale)?]
        } else {
            let scores: Vec<Option<Vec<f32>>> = scores.into_iter().map(Some).collect();
            answers(&scores, &vec![version.model(); count])?
        };
        let version = Some(version.id().short());
        let parameters = serde_json::Map::new();
        Ok(InferResponse { model_name: name.to_owned(), model_version: version, parameters, outputs })
    }

    /// # Shapes
    /// - the tensor: FP64, FP32 or UINT8 `[rows, columns]`
    fn numbers(&self, tensor: &Tensor) -> Result<Vec<f64>, Failure> {
        let Tensor { shape, data, .. } = tensor;
        let columns = self.input.columns();
        if !matches!(&**shape, [rows, found] if *rows > 0 && *found == columns) {
            return Err(Failure::bad_input(format!(
                "input `{ROWS}` has shape {shape:?}, expected [rows, {columns}]"
            )));
        }
        match data {
            Data::F64(values) => Ok(values.clone()),
            Data::F32(values) => Ok(values.iter().map(|x| f64::from(*x)).collect()),
            Data::U8(values) => Ok(values.iter().map(|x| f64::from(*x)).collect()),
            Data::Bytes(_) => {
                Err(Failure::bad_input(format!("input `{ROWS}` has datatype BYTES, expected FP64")))
            }
        }
    }
}

/// # Shapes
/// - returns: FP64 `[rows, outputs]`
fn estimates(outputs: &[Vec<f32>], scale: SeriesScale) -> Result<Tensor, Failure> {
    let found: Vec<f64> =
        outputs.iter().flatten().map(|&y| scale.offset + scale.unit * f64::from(y)).collect();
    if found.iter().any(|y| !y.is_finite()) {
        let error = "values are not finite: the adapter's values are too large";
        return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "not_finite", error));
    }
    let shape = vec![outputs.len(), found.len() / outputs.len().max(1)];
    Ok(Tensor { name: "values".into(), shape, data: Data::F64(found) })
}
