//! Answers of tasks in time: forecasts of a series, trajectories, movements.

use std::sync::Arc;

use axum::http::StatusCode;
use bl_core::recurrent::{Forecast, Reach, RecurrentNet, SeriesScale, Signal};
use bl_runtime::{Generation, TimeModel};
use bl_tasks::time::{Fault, ReachTask, free_run, generate, teacher_forced};
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::protocol::{Data, InferRequest, InferResponse, Tensor};
use crate::server::Server;

/// What goes into a forecaster.
pub(crate) const SERIES: &str = "series";
/// Where an arm goes, in m.
pub(crate) const TARGET: &str = "target";

/// What is asked, read and checked.
enum Question {
    Forecast { series: Vec<f64>, free_run: Option<usize>, signal: Forecast },
    Generate { steps: usize, scale: SeriesScale },
    Reach { target: [f64; 2], signal: Reach },
}

pub(crate) async fn infer(
    server: &Server,
    name: &str,
    generation: &Arc<Generation>,
    request: &InferRequest,
) -> Result<InferResponse, Failure> {
    let model = generation.time()?;
    let question = question(model, request, server.settings.max_steps)?;
    let permit = Arc::clone(&server.trajectories).try_acquire_owned().map_err(|_| Failure::busy())?;
    let parameters = parameters(&model.adapter.header.signal);
    let of = Arc::clone(generation);
    let work = move || {
        let _permit = permit; // until the work is done, whether or not somebody still waits for it
        answer(of.time()?, &question)
    };
    let outputs =
        tokio::task::spawn_blocking(work).await.map_err(|error| Failure::internal(error.to_string()))??;
    let version = generation.id().short();
    Ok(InferResponse { model_name: name.to_owned(), model_version: Some(version), parameters, outputs })
}

/// What a client must know to use the outputs.
fn parameters(signal: &Signal) -> Map<String, Value> {
    let mut all = Map::new();
    match signal {
        Signal::Forecast(Forecast { horizon, washout, spacing, .. }) => {
            all.insert("horizon".into(), (*horizon).into());
            all.insert("washout".into(), (*washout).into());
            all.extend(spacing.map(|spacing| ("spacing".into(), spacing.into())));
        }
        Signal::Generate { spacing, .. } => {
            all.extend(spacing.map(|spacing| ("spacing".into(), spacing.into())));
        }
        Signal::Reach(reach) => all.extend([("dt".into(), reach.dt.into())]),
    }
    all
}

fn question(model: &TimeModel, request: &InferRequest, max_steps: usize) -> Result<Question, Failure> {
    match &model.adapter.header.signal {
        Signal::Forecast(signal) => {
            request.check_names(&[SERIES], &["free_run"])?;
            let series = numbers(request.input(SERIES)?)?;
            let found = series.len();
            if !(1..=max_steps).contains(&found) {
                return Err(Failure::bad_input(format!(
                    "input `{SERIES}` has {found} samples, expected 1 to {max_steps}"
                )));
            }
            let free_run = request.count("free_run", max_steps)?;
            let before = signal.washout.saturating_add(signal.horizon);
            if free_run.is_some() && found < before {
                let Forecast { washout, horizon, .. } = signal;
                return Err(Failure::bad_input(format!(
                    "input `{SERIES}` has {found} samples, a free run needs {before} before it: a washout of {washout} \
                     and a horizon of {horizon}"
                )));
            }
            Ok(Question::Forecast { series, free_run, signal: signal.clone() })
        }
        Signal::Generate { steps, scale, .. } => {
            request.check_names(&[], &["steps"])?;
            let steps = request.count("steps", max_steps)?.unwrap_or((*steps).min(max_steps));
            Ok(Question::Generate { steps, scale: *scale })
        }
        Signal::Reach(signal) => {
            request.check_names(&[TARGET], &[])?;
            if signal.steps > max_steps {
                let found = signal.steps;
                return Err(Failure::bad_input(format!(
                    "a movement has {found} steps, at most {max_steps} are computed"
                )));
            }
            let target = numbers(request.input(TARGET)?)?;
            let target: [f64; 2] = target.try_into().map_err(|found: Vec<f64>| {
                Failure::bad_input(format!(
                    "input `{TARGET}` has {} values, expected x and y in m",
                    found.len()
                ))
            })?;
            if target[0].hypot(target[1]) > 10.0 * signal.distance {
                let [x, y] = target;
                return Err(Failure::bad_input(format!(
                    "target {x}, {y} is more than ten times as far as the {} m that were learned",
                    signal.distance
                )));
            }
            Ok(Question::Reach { target, signal: *signal })
        }
    }
}

/// One row of finite numbers.
fn numbers(tensor: &Tensor) -> Result<Vec<f64>, Failure> {
    let name = &tensor.name;
    let values = match &tensor.data {
        Data::F64(values) => values.clone(),
        Data::F32(values) => values.iter().map(|&x| f64::from(x)).collect(),
        other => {
            let found = other.datatype().name();
            return Err(Failure::bad_input(format!(
                "input `{name}` has datatype {found}, expected FP64 or FP32"
            )));
        }
    };
    if !matches!(tensor.shape.as_slice(), [_] | [1, _]) {
        let shape = &tensor.shape;
        return Err(Failure::bad_input(format!("input `{name}` has shape {shape:?}, expected [samples]")));
    }
    match values.iter().position(|x| !x.is_finite()) {
        None => Ok(values),
        Some(at) => Err(Failure::bad_input(format!(
            "input `{name}` is {} at {at}, expected finite numbers",
            values[at]
        ))),
    }
}

fn answer(model: &TimeModel, question: &Question) -> Result<Vec<Tensor>, Failure> {
    let net = model.net()?;
    let net: &dyn RecurrentNet = &net;
    match question {
        Question::Forecast { series, free_run: ahead, signal } => {
            let scale = signal.scale.into();
            let mut outputs = vec![row("forecast", teacher_forced(net, series, &scale).map_err(fault)?)];
            if let Some(samples) = *ahead {
                let values = free_run(net, series, &scale, signal.horizon, samples).map_err(fault)?;
                outputs.push(row("free_run", values));
            }
            Ok(outputs)
        }
        Question::Generate { steps, scale } => {
            Ok(vec![row("trajectory", generate(net, &(*scale).into(), *steps).map_err(fault)?)])
        }
        Question::Reach { target, signal } => {
            let reached = ReachTask::from(signal).reach(net, &[*target]).map_err(fault)?.remove(0);
            let states = &reached.movement.states;
            let positions: Vec<f64> = states.iter().flat_map(|state| state.position).collect();
            Ok(vec![
                Tensor { name: "position".into(), shape: vec![states.len(), 2], data: Data::F64(positions) },
                row("speed", reached.movement.speeds()),
                row("end_error", vec![reached.end_error]),
            ])
        }
    }
}

fn row(name: &str, values: Vec<f64>) -> Tensor {
    Tensor { name: name.into(), shape: vec![values.len()], data: Data::F64(values) }
}

fn fault(fault: Fault) -> Failure {
    match fault {
        Fault::Exploded { .. } => {
            Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "exploded", fault.to_string())
                .hint("values far from those it learned from can drive a network there")
        }
        Fault::Network(error) => bl_runtime::Error::from(error).into(),
        other => Failure::bad_input(other.to_string()),
    }
}
