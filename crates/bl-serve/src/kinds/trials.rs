//! Trials: a class each, or an answer at every step.

use std::sync::Arc;

use axum::http::StatusCode;
use bl_core::io::{Output, Read, Trials as Form};
use bl_core::text::printable;
use bl_core::{Model, Net};
use bl_tasks::kinds::{Answered, answer_trials, unlike_training};
use serde_json::Map;

use super::images::answers;
use super::signal::{Limits, Watched, failure, is_strict};
use crate::cost;
use crate::endpoint::{Answer, Call, Endpoint, TensorMetadata};
use crate::failure::Failure;
use crate::names::TRIALS;
use crate::protocol::{Data, InferResponse, Tensor};
use crate::turns::Wanted;

/// An adapter that takes trials of this form.
pub(super) struct Trials<'a> {
    pub(super) form: &'a Form,
}

impl Endpoint for Trials<'_> {
    fn what(&self) -> &'static str {
        "trials"
    }

    fn inputs(&self) -> Vec<TensorMetadata> {
        vec![TensorMetadata::new(TRIALS, "FP64", &[-1, -1, self.form.widths(0).0 as i64])]
    }

    fn outputs(&self, model: &Model) -> Vec<TensorMetadata> {
        let outputs = model.outputs() as i64;
        match &self.form.output {
            Output::Values { .. } => vec![TensorMetadata::new("values", "FP64", &[-1, -1, outputs])],
            Output::Classes { read: Read::Each } => {
                vec![TensorMetadata::new("scores", "FP32", &[-1, -1, outputs])]
            }
            Output::Classes { .. } => vec![
                TensorMetadata::new("scores", "FP32", &[-1, outputs]),
                TensorMetadata::new("probabilities", "FP32", &[-1, outputs]),
                TensorMetadata::new("label", "BYTES", &[-1]),
            ],
        }
    }

    fn infer<'a>(&'a self, call: Call<'a>) -> Answer<'a> {
        Box::pin(self.answer(call))
    }
}

impl Trials<'_> {
    async fn answer(&self, call: Call<'_>) -> Result<InferResponse, Failure> {
        let Call { server, name, version, request, reserve, arrival } = call;
        drop(arrival); // no batch has part in this
        request.check_names(&[TRIALS], &["strict"])?;
        let model = version.model();
        let units = model.backbone.spec().hidden_units();
        let limits = Limits { steps: server.settings.max_steps, strict: server.settings.strict, units };
        let (count, steps, values) = self.numbers(request.input(TRIALS)?)?;
        limits.check(count.saturating_mul(steps), limits.steps)?;
        reserve(cost::trajectory(model, count * steps * (model.inputs() + model.outputs())))?;
        let trials: Vec<&[f64]> = values.chunks_exact(values.len() / count).collect();
        let is_strict = is_strict(request, limits.strict)?;
        let unlike = unlike_training(self.form, &trials).map(|words| printable(&words).into_owned());
        if let Some(words) = unlike.as_ref().filter(|_| is_strict) {
            return Err(Failure::bad_input(format!(
                "input `{TRIALS}` is not like what was learned from: {words}"
            ))
            .hint("bring the channels and units that were learned from, or leave `strict` out"));
        }
        let (of, form) = (Arc::clone(version), self.form.clone());
        let work = move |waits: &Wanted| {
            let trials: Vec<&[f64]> = values.chunks_exact(values.len() / count).collect();
            answer_trials(&Watched { net: of.model(), waits }, &form, &trials).map_err(failure)
        };
        let answered = server.trajectories.now(work).await?;
        let outputs = tensors(answered, model, count, steps)?;
        let parameters: Map<_, _> =
            unlike.map(|words| ("warning".to_owned(), words.into())).into_iter().collect();
        let model_version = Some(version.id().short());
        Ok(InferResponse { model_name: name.to_owned(), model_version, parameters, outputs })
    }

    /// # Shapes
    /// - the tensor: FP64 or FP32 `[trials, steps, channels]`, or `[steps, channels]` of one; returns trials, steps, values
    fn numbers(&self, tensor: &Tensor) -> Result<(usize, usize, Vec<f64>), Failure> {
        let (channels, _) = self.form.widths(0);
        let (count, steps) = match *tensor.shape {
            [count, steps, found] if found == channels && count * steps > 0 => (count, steps),
            [steps, found] if found == channels && steps > 0 => (1, steps),
            _ => {
                return Err(Failure::bad_input(format!(
                    "input `{TRIALS}` has shape {:?}, expected [trials, steps, {channels}]",
                    tensor.shape
                )));
            }
        };
        let values: Vec<f64> = match &tensor.data {
            Data::F64(values) => values.clone(),
            Data::F32(values) => values.iter().map(|&x| f64::from(x)).collect(),
            other => {
                let found = other.datatype().name();
                return Err(Failure::bad_input(format!(
                    "input `{TRIALS}` has datatype {found}, expected FP64 or FP32"
                )));
            }
        };
        match values.iter().position(|x| !x.is_finite()) {
            None => Ok((count, steps, values)),
            Some(at) => Err(Failure::bad_input(format!(
                "input `{TRIALS}` is {} at {at}, expected finite numbers",
                values[at]
            ))),
        }
    }
}

fn tensors(
    answered: Vec<Answered>,
    model: &Model,
    count: usize,
    steps: usize,
) -> Result<Vec<Tensor>, Failure> {
    let (mut of_trials, mut of_steps, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for answer in answered {
        match answer {
            Answered::Scores(scores) => of_trials.push(Some(scores)),
            Answered::ScoresOfSteps(scores) => of_steps.extend(scores),
            Answered::Values(found) => values.extend(found),
        }
    }
    if !of_trials.is_empty() {
        return answers(&of_trials, &vec![model; count]);
    }
    let shape = vec![count, steps, model.outputs()];
    if !of_steps.is_empty() {
        return Ok(vec![Tensor { name: "scores".into(), shape, data: Data::F32(of_steps) }]);
    }
    if values.iter().any(|y| !y.is_finite()) {
        let error = "values are not finite: the adapter's values are too large";
        return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "not_finite", error));
    }
    Ok(vec![Tensor { name: "values".into(), shape, data: Data::F64(values) }])
}
