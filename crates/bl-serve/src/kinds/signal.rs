//! Answers of sequence tasks: forecasts of a series, trajectories, movements.

use std::sync::Arc;

use axum::http::StatusCode;
use bl_core::io::{Forecast, Reach};
use bl_core::{Model, Net};
use bl_tasks::kinds::{Fault, Likeness, Observed, ReachTask, free_run, generate, teacher_forced};
use bl_tasks::series::{Far, Scale};
use serde_json::{Map, Value};

use crate::cost;
use crate::endpoint::{Answer, Call, Endpoint, TensorMetadata};
use crate::failure::Failure;
use crate::names::{SERIES, TARGET};
use crate::protocol::{Data, InferRequest, InferResponse, Tensor};
use crate::turns::Wanted;

/// An adapter of a recurrent network.
pub(super) struct Sequence<'a> {
    what: &'static str,
    inputs: Tensors,
    outputs: Tensors,
    /// Checks a request; no more than so many steps are computed.
    read: Box<Read<'a>>,
}

type Read<'a> = dyn Fn(&InferRequest, Limits) -> Result<Work, Failure> + Send + Sync + 'a;

/// Names and shapes of tensors; all of them are FP64.
type Tensors = &'static [(&'static str, &'static [i64])];

/// One that forecasts a series.
pub(super) fn forecasts(signal: &Forecast) -> Sequence<'_> {
    Sequence {
        what: "forecast",
        inputs: &[(SERIES, &[-1])],
        outputs: &[("forecast", &[-1]), ("free_run", &[-1])],
        read: Box::new(move |request, limits| forecast(signal, request, limits)),
    }
}

/// One that generates a trajectory, as many steps as were learned unless it is told.
pub(super) fn generates(steps: usize, spacing: Option<f64>, scale: Scale) -> Sequence<'static> {
    let read = move |request: &InferRequest, limits: Limits| {
        request.check_names(&[], &["steps"])?;
        let steps = request.count("steps", limits.steps)?.unwrap_or(steps);
        limits.check(steps, limits.steps)?;
        Ok(Work::new(steps, [("spacing", spacing.map(Value::from))], move |net| {
            Ok(vec![row("trajectory", generate(net, &scale, steps)?)])
        }))
    };
    Sequence { what: "generate", inputs: &[], outputs: &[("trajectory", &[-1])], read: Box::new(read) }
}

/// One that moves an arm.
pub(super) fn reaches(signal: &Reach) -> Sequence<'_> {
    Sequence {
        what: "reach",
        inputs: &[(TARGET, &[2])],
        outputs: &[("position", &[-1, 2]), ("speed", &[-1]), ("end_error", &[1])],
        read: Box::new(move |request, limits| reach(*signal, request, limits)),
    }
}

fn metadata(tensors: Tensors) -> Vec<TensorMetadata> {
    tensors.iter().map(|(name, shape)| TensorMetadata::new(name, "FP64", shape)).collect()
}

impl Endpoint for Sequence<'_> {
    fn what(&self) -> &'static str {
        self.what
    }

    fn inputs(&self) -> Vec<TensorMetadata> {
        metadata(self.inputs)
    }

    fn outputs(&self, _: &Model) -> Vec<TensorMetadata> {
        metadata(self.outputs)
    }

    fn infer<'a>(&'a self, call: Call<'a>) -> Answer<'a> {
        Box::pin(self.answer(call))
    }
}

/// A request, read and checked.
struct Work {
    /// Numbers that go in and come out.
    values: usize,
    /// What a client must know to use the outputs.
    parameters: Map<String, Value>,
    compute: Compute,
}

type Compute = Box<dyn FnOnce(&dyn Net) -> Outputs + Send>;
type Outputs = Result<Vec<Tensor>, Fault>;

impl Work {
    /// Parameters that have no value are left out.
    fn new<const N: usize>(
        values: usize,
        parameters: [(&str, Option<Value>); N],
        compute: impl FnOnce(&dyn Net) -> Outputs + Send + 'static,
    ) -> Self {
        let known = |(name, value): (&str, Option<Value>)| Some((name.to_owned(), value?));
        let parameters = parameters.into_iter().filter_map(known).collect();
        Self { values, parameters, compute: Box::new(compute) }
    }
}

/// A network that ends a run when nobody waits for it any more: runs come in pieces.
pub(super) struct Watched<'a> {
    pub(super) net: &'a dyn Net,
    pub(super) waits: &'a Wanted,
}

impl Net for Watched<'_> {
    fn family(&self) -> &'static str {
        self.net.family()
    }

    fn inputs(&self) -> usize {
        self.net.inputs()
    }

    fn outputs(&self) -> usize {
        self.net.outputs()
    }

    fn initial(&self) -> &[f32] {
        self.net.initial()
    }

    fn run(&self, x: &[f32], steps: usize, state: &mut Vec<f32>) -> Result<Vec<f32>, bl_core::Error> {
        if self.waits.is_wanted() { self.net.run(x, steps, state) } else { Err(bl_core::Error::Unwanted) }
    }
}

impl Sequence<'_> {
    async fn answer(&self, call: Call<'_>) -> Result<InferResponse, Failure> {
        let Call { server, name, version, request, reserve, arrival } = call;
        drop(arrival); // no batch has part in this
        let units = version.model().backbone.spec().hidden_units();
        let limits = Limits { steps: server.settings.max_steps, strict: server.settings.strict, units };
        let Work { values, parameters, compute } = (self.read)(request, limits)?;
        reserve(cost::trajectory(version.model(), values))?;
        let of = Arc::clone(version);
        let work = move |waits: &Wanted| compute(&Watched { net: of.model(), waits }).map_err(failure);
        let outputs = server.trajectories.now(work).await?;
        let version = version.id().short();
        Ok(InferResponse { model_name: name.to_owned(), model_version: Some(version), parameters, outputs })
    }
}

/// What one request may ask of a network, known before it runs: steps, and products of weights and states; and whether it
/// must be like what was learned.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) steps: usize,
    pub(super) strict: bool,
    pub(super) units: usize,
}

/// Products of one request: a core does some 1e10 a second.
const PRODUCTS: f64 = 2e11;

impl Limits {
    /// Whether so many steps may be computed, of `most` that are allowed.
    pub(super) fn check(self, steps: usize, most: usize) -> Result<(), Failure> {
        let of_step = (self.units as f64) * (self.units as f64);
        let most = most.min((PRODUCTS / of_step) as usize);
        if steps <= most {
            return Ok(());
        }
        Err(Failure::bad_input(format!(
            "{steps} steps of {} units are {:.1e} products, one request may have {most} steps: {PRODUCTS:.0e} products and \
             {} steps are the most",
            self.units,
            steps as f64 * of_step,
            self.steps
        ))
        .hint("ask for fewer steps; a generator takes the parameter `steps`"))
    }
}

/// Whether a request must be like what was learned: as it says, or as the server was told.
pub(super) fn is_strict(request: &InferRequest, always: bool) -> Result<bool, Failure> {
    request.parameters.get("strict").map_or(Ok(always), |value| {
        value.as_bool().ok_or_else(|| {
            Failure::bad_input(format!("parameter `strict` is {value}, expected true or false"))
        })
    })
}

/// What a client says of its series beside the values: what it is not like, and what cannot be compared or is far away.
fn unlike(
    signal: &Forecast,
    request: &InferRequest,
    values: &[f64],
    always: bool,
) -> Result<[Option<String>; 2], Failure> {
    let known = |name: &str| request.parameters.get(name);
    let column = known("column").map(|value| {
        value
            .as_str()
            .ok_or_else(|| Failure::bad_input(format!("parameter `column` is {value}, expected a name")))
    });
    let spacing = known("spacing").map(|value| {
        value.as_f64().filter(|x| *x > 0.0).ok_or_else(|| {
            Failure::bad_input(format!("parameter `spacing` is {value}, expected a time above 0"))
        })
    });
    let dated = signal.learned.as_ref().is_some_and(|learned| learned.spacing_unit.is_some());
    let (column, spacing) = (column.transpose()?, spacing.transpose()?);
    let likeness = Likeness::of(signal, None, Observed { values, column, spacing, dated, unread: None });
    if is_strict(request, always)? {
        likeness.strict().map_err(|words| {
            Failure::bad_input(format!(
                "input `{SERIES}` is not like the series that was learned from: {words}"
            ))
            .hint("bring the column, unit and spacing that was learned from, and say so in `column` and `spacing`, or leave `strict` out")
        })?;
    }
    let far = Far::of(values).map(|far| format!("sample {}: {far}", far.index));
    let note: Vec<String> = [likeness.unknown_words(), far].into_iter().flatten().collect();
    Ok([likeness.words(), (!note.is_empty()).then(|| note.join("; "))])
}

fn forecast(signal: &Forecast, request: &InferRequest, limits: Limits) -> Result<Work, Failure> {
    request.check_names(&[SERIES], &["free_run", "column", "spacing", "strict"])?;
    let max_steps = limits.steps;
    let Forecast { horizon, washout, spacing, scale, .. } = *signal;
    let series = numbers(request.input(SERIES)?)?;
    let found = series.len();
    if !(1..=max_steps).contains(&found) {
        return Err(Failure::bad_input(format!(
            "input `{SERIES}` has {found} samples, expected 1 to {max_steps}"
        )));
    }
    let ahead = request.count("free_run", max_steps)?;
    let before = washout.saturating_add(horizon);
    if ahead.is_some() && found < before {
        return Err(Failure::bad_input(format!(
            "input `{SERIES}` has {found} samples, a free run needs {before} before it: a washout of {washout} and a \
             horizon of {horizon}"
        )));
    }
    let steps = found + ahead.unwrap_or(0);
    limits.check(steps, 2 * max_steps)?;
    let [warning, note] = unlike(signal, request, &series, limits.strict)?;
    let scale: Scale = scale.into();
    let parameters = [
        ("warning", warning.map(Value::from)),
        ("note", note.map(Value::from)),
        ("horizon", Some(horizon.into())),
        ("washout", Some(washout.into())),
        ("spacing", spacing.map(Value::from)),
    ];
    Ok(Work::new(steps, parameters, move |net| {
        let mut outputs = vec![row("forecast", teacher_forced(net, &series, &scale)?)];
        if let Some(samples) = ahead {
            outputs.push(row("free_run", free_run(net, &series, &scale, horizon, samples)?));
        }
        Ok(outputs)
    }))
}

fn reach(signal: Reach, request: &InferRequest, limits: Limits) -> Result<Work, Failure> {
    request.check_names(&[TARGET], &[])?;
    limits.check(signal.steps, limits.steps)?;
    let target = numbers(request.input(TARGET)?)?;
    let target: [f64; 2] = target.try_into().map_err(|found: Vec<f64>| {
        Failure::bad_input(format!("input `{TARGET}` has {} values, expected x and y in m", found.len()))
    })?;
    if target[0].hypot(target[1]) > 10.0 * signal.distance {
        let [x, y] = target;
        return Err(Failure::bad_input(format!(
            "target {x}, {y} is more than ten times as far as the {} m of training",
            signal.distance
        )));
    }
    // The plant's state and control at each step: a place, a speed, and what drives them.
    let values = signal.steps.saturating_mul(10);
    Ok(Work::new(values, [("dt", Some(signal.dt.into()))], move |net| {
        let reached = ReachTask::from(&signal).reach(net, &[target])?.remove(0);
        let states = &reached.movement.states;
        let positions: Vec<f64> = states.iter().flat_map(|state| state.position).collect();
        Ok(vec![
            Tensor { name: "position".into(), shape: vec![states.len(), 2], data: Data::F64(positions) },
            row("speed", reached.movement.speeds()),
            row("end_error", vec![reached.end_error]),
        ])
    }))
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

fn row(name: &str, values: Vec<f64>) -> Tensor {
    Tensor { name: name.into(), shape: vec![values.len()], data: Data::F64(values) }
}

pub(super) fn failure(fault: Fault) -> Failure {
    match fault {
        Fault::Exploded { .. } => {
            Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "exploded", fault.to_string())
                .hint("values far from the training data can drive a network there")
        }
        Fault::Network(error) => error.into(),
        other => Failure::bad_input(other.to_string()),
    }
}
