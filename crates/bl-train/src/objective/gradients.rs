//! Gradients against candle's autograd of the plain recurrence, and against differences of the loss.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use bl_core::{Backbone, Rnn, Spec};
use bl_tasks::kinds::{ForecastTask, GenerateTask, ReachTask};
use bl_tasks::reaching::{Loss as Wanted, Plant};
use bl_tasks::series::{Plan, Scale, Series};
use bl_tasks::{Lesson, Loss, Source, Task, What};
use candle_core::{D, Device, Tensor, Var};

use super::Objective;
use crate::config::{Settings, TrainConfig};
use crate::frozen_half::FrozenHalf;
use crate::mask::temperature;
use crate::method::Method;

const UNITS: usize = 12;
/// A sum of a unit that is nearer to 0 than this may have the other sign in a product of rounded states.
const MARGIN: f32 = 2e-3;

fn wave(samples: usize) -> Vec<f64> {
    (0..samples).map(|t| libm::sin(0.7 * t as f64) + 0.3 * libm::cos(0.31 * t as f64)).collect()
}

fn tasks() -> [Task; 3] {
    let series = Series::new("wave", wave(60)).expect("finite numbers");
    let plan = Plan { washout: 3, horizon: 2, learn: 1, test: 20 };
    let scale = Scale { offset: 0.1, unit: 0.8 };
    let forecast = ForecastTask { series, plan, scale };
    let series = Series::new("wave", wave(20)).expect("finite numbers");
    let generate = GenerateTask { series, steps: 8, scale };
    let plant = Plant { steps: 8, ..Plant::default() };
    let reach = ReachTask { plant, unit: 0.1, ..ReachTask::default() };
    [What::Forecast(forecast), What::Generate(generate), What::Reach(reach)].map(|what| {
        let (name, title) = ("small".into(), "Small".into());
        Task { name, title, source: Source::Simulated, notice: None, prepared: None, licence: None, what }
    })
}

fn config(task: &Task, method: Method, truncate: Option<u32>) -> TrainConfig {
    let forecast = matches!(task.what, What::Forecast(_));
    let settings = Settings {
        backbone: Some("test".into()),
        method: Some(method),
        epochs: Some(3),
        lr: Some(0.1),
        bias_init: Some(0.5),
        final_temperature: (method == Method::Mask).then_some(0.25),
        learn_state: Some(true),
        bias_mean: Some(0.2),
        window: forecast.then_some(9),
        stride: forecast.then_some(4),
        truncate,
        ..Settings::default()
    };
    settings.resolve("small").expect("valid settings")
}

fn backbone(task: &Task, seed: u64, (alpha, beta): (f64, f64)) -> Backbone {
    let io = task.kind().io();
    let (inputs, outputs) = io.signal().expect("a signal").widths(0);
    let text = format!(
        r#"
        kind = "rnn"
        seed = {seed}
        alpha = {alpha}
        beta = {beta}
        units = {UNITS}
        recurrent = {{ gain = 1.4, weights = {{ distribution = "normal", std = 1.0 }} }}
        input = {{ values = {inputs}, weights = {{ distribution = "uniform", half_width = 1.0 }} }}
        readout = {{ outputs = {outputs}, divided_by = "sqrt_units", weights = {{ distribution = "normal", std = 1.0 }} }}
        initial_state = {{ how = "uniform", half_width = 0.5 }}
        "#
    );
    Backbone::generate(&Spec::from_toml(&text).expect("a valid spec")).expect("small")
}

/// The loss as candle has it, of parameters by name.
struct Graph<'a> {
    rnn: &'a Rnn,
    task: &'a Task,
    config: &'a TrainConfig,
    lesson: &'a dyn Loss,
    temperature: f64,
    parameters: BTreeMap<String, Var>,
}

impl Graph<'_> {
    fn parameter(&self, name: &str, otherwise: &[f32]) -> candle_core::Result<Tensor> {
        match self.parameters.get(name) {
            Some(var) => Ok(var.as_tensor().clone()),
            None => Tensor::from_slice(otherwise, otherwise.len(), &Device::Cpu),
        }
    }

    fn gains(&self) -> candle_core::Result<Tensor> {
        let g = self.parameter("hidden.0.gain", &[1.0; UNITS])?;
        match self.config.method {
            Method::Mask => ((g / -self.temperature)?.exp()? + 1.0)?.recip(),
            _ => Ok(g),
        }
    }

    /// The mean loss of some rows, and the sum of a unit that is nearest to 0.
    fn loss(&self, rows: &[u32]) -> candle_core::Result<(Tensor, f32)> {
        let (rnn, count) = (self.rnn, rows.len());
        let spec = rnn.spec();
        let [inputs, outputs] = [spec.input.values, spec.readout.outputs].map(|n| n as usize);
        let w = self.parameter("recurrent.weight", &rnn.recurrent().weights())?.reshape((UNITS, UNITS))?;
        let c = self.parameter("readout.weight", &rnn.readout().weights())?.reshape((outputs, UNITS))?;
        let base = self.config.base_bias().draw(0, UNITS);
        let bias = self.parameter("hidden.0.bias", &base)?;
        let gains = self.gains()?;
        let mut r = self.parameter("state.0", rnn.initial())?.broadcast_as((count, UNITS))?.contiguous()?;
        let shown = self.lesson.inputs(rows);
        let (mut y, mut nearest) = (Vec::new(), f32::INFINITY);
        for step in 0..shown.steps {
            if step > 0 && self.config.truncate.is_some_and(|every| step.is_multiple_of(every as usize)) {
                r = r.detach();
            }
            let mut sum = r.matmul(&w.t()?)?.broadcast_add(&bias)?;
            if inputs > 0 {
                let b = self.parameter("input.weight", &rnn.input().weights())?;
                let x = &shown.x[step * count * inputs..][..count * inputs];
                let x = Tensor::from_slice(x, (count, inputs), &Device::Cpu)?;
                sum = (sum + x.matmul(&b.reshape((UNITS, inputs))?.t()?)?)?;
            }
            nearest = nearest.min(sum.abs()?.min_all()?.to_scalar()?);
            let active = sum.relu()?.broadcast_mul(&gains)?;
            r = ((r * spec.alpha)? + (active * spec.beta)?)?;
            y.push(r.matmul(&c.t()?)?);
        }
        let y = Tensor::stack(&y, 0)?; // [steps, rows, outputs]
        Ok((self.wrong(&y, rows)?, nearest))
    }

    fn wrong(&self, y: &Tensor, rows: &[u32]) -> candle_core::Result<Tensor> {
        match &self.task.what {
            What::Generate(task) => {
                let target: Vec<f32> =
                    task.series.values()[..task.steps].iter().map(|&v| task.scale.apply(v) as f32).collect();
                let target = Tensor::from_slice(&target, (task.steps, 1, 1), &Device::Cpu)?;
                (y - target)?.sqr()?.mean_all()
            }
            What::Forecast(task) => {
                let (steps, washout, horizon) = (y.dim(0)?, task.plan.washout, task.plan.horizon);
                let at = |step: usize, row: u32| task.train()[4 * row as usize + step + horizon];
                let target: Vec<f32> = (washout..steps)
                    .flat_map(|step| rows.iter().map(move |&row| task.scale.apply(at(step, row)) as f32))
                    .collect();
                let target = Tensor::from_slice(&target, (steps - washout, rows.len(), 1), &Device::Cpu)?;
                (y.narrow(0, washout, steps - washout)? - target)?.sqr()?.mean_all()
            }
            What::Reach(task) => {
                let Plant { mass, lag, dt, steps } = task.plant;
                let mut x = Tensor::zeros((rows.len(), 2), y.dtype(), &Device::Cpu)?;
                let (mut v, mut f) = (x.clone(), x.clone());
                for step in 0..steps {
                    let force = (&f + ((y.get(step)? - &f)? * (dt / lag))?)?;
                    (x, v, f) = ((&x + (&v * dt)?)?, (&v + (&f * (dt / mass))?)?, force);
                }
                let targets: Vec<f32> =
                    rows.iter().flat_map(|&row| task.train[row as usize].map(|d| d as f32)).collect();
                let away = (x - Tensor::from_slice(&targets, (rows.len(), 2), &Device::Cpu)?)?;
                let Wanted { position_unit, velocity_unit, force_unit, velocity_weight, force_weight } =
                    task.loss;
                let square = |x: &Tensor, factor: f64| x.sqr()?.sum(D::Minus1)? * factor;
                let each = (square(&away, 1.0 / (position_unit * position_unit))?
                    + square(&v, velocity_weight / (velocity_unit * velocity_unit))?)?;
                let each = (each + square(&f, force_weight / (force_unit * force_unit))?)?;
                each.mean_all()? * task.train.len() as f64
            }
            _ => unreachable!("not among the tasks"),
        }
    }
}

/// Parameters that are all different, near those that a run begins with.
fn some(objective: &dyn Objective) -> Vec<(String, Vec<f32>)> {
    let mut noise = 0.3_f32;
    let mut shaken = |x: f32| {
        noise = 3.9 * noise * (1.0 - noise);
        x + 0.2 * (noise - 0.5)
    };
    objective
        .initial()
        .into_iter()
        .map(|p| (p.name, p.values.into_iter().map(&mut shaken).collect()))
        .collect()
}

fn check(task: &Task, method: Method, leak: (f64, f64), truncate: Option<u32>) {
    let what = format!("{method:?}, leak {leak:?}, truncated {truncate:?}, {}", task.kind().summary());
    let config = config(task, method, truncate);
    let lesson = task.kind().lesson(config.lesson()).expect("its own task");
    let Lesson::Steps(loss_of_rows) = &lesson else { panic!("trajectories") };
    let rows: Vec<u32> = (0..loss_of_rows.rows() as u32).rev().take(3).collect();
    for seed in 1..200 {
        let backbone = backbone(task, seed, leak);
        let mut frozen =
            FrozenHalf::new(&backbone, task, &[method], 1, None, &mut |_| ControlFlow::Continue(()))
                .expect("nothing is kept");
        let io = task.kind().io();
        let mut objective =
            super::objective(&backbone, &config, &io, &lesson, &mut frozen).expect("they fit");
        objective.begin_epoch(1);
        let temperature = config.final_temperature.map_or(1.0, |last| temperature(last, 1, config.epochs));
        let (names, parameters): (Vec<_>, Vec<_>) = some(&*objective).into_iter().unzip();
        let var = |values: &Vec<f32>| Var::from_slice(values, values.len(), &Device::Cpu).expect("a vector");
        let vars = names.iter().cloned().zip(parameters.iter().map(var)).collect();
        let graph = Graph {
            rnn: backbone.rnn().expect("a recurrent network"),
            task,
            config: &config,
            lesson: &**loss_of_rows,
            temperature,
            parameters: vars,
        };
        let (loss, nearest) = graph.loss(&rows).expect("shapes agree");
        if nearest < MARGIN {
            continue; // rounding could turn a unit on or off
        }
        let gradients = loss.backward().expect("a scalar");
        let mut found: Vec<Vec<f32>> = parameters.iter().map(|p| vec![0.0; p.len()]).collect();
        let of_batch = objective.loss_and_gradient(&parameters, &rows, &mut found).expect("finite");

        let (ours, theirs) =
            (of_batch.sum / rows.len() as f64, f64::from(loss.to_scalar::<f32>().expect("one")));
        assert!((ours / theirs - 1.0).abs() < 4e-3, "{what}: loss {ours}, autograd {theirs}");
        for (name, found) in names.iter().zip(&found) {
            let expected: Vec<f32> = match gradients.get(graph.parameters[name].as_tensor()) {
                Some(gradient) => gradient.to_vec1().expect("a vector"),
                None => vec![0.0; found.len()], // without input, or behind a truncation
            };
            let largest = expected.iter().fold(0.0_f32, |max, g| max.max(g.abs()));
            for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
                assert!(
                    (found - expected).abs() <= 2e-3 * largest,
                    "{what}: {name} {i}: {found}, autograd {expected}"
                );
            }
        }
        if truncate.is_none() {
            check_difference(&mut *objective, &parameters, &found, &rows, &what);
        }
        return;
    }
    panic!("{what}: no backbone without a unit near its threshold");
}

/// The gradient is the slope of the loss along itself.
fn check_difference(
    objective: &mut dyn Objective,
    parameters: &[Vec<f32>],
    gradient: &[Vec<f32>],
    rows: &[u32],
    what: &str,
) {
    let norm = gradient.iter().flatten().map(|&g| f64::from(g) * f64::from(g)).sum::<f64>().sqrt();
    let mut at = |step: f64| {
        let moved: Vec<Vec<f32>> = parameters
            .iter()
            .zip(gradient)
            .map(|(p, g)| p.iter().zip(g).map(|(p, g)| p + (step / norm) as f32 * g).collect())
            .collect();
        let mut unused = gradient.to_vec();
        objective.loss_and_gradient(&moved, rows, &mut unused).expect("finite").sum / rows.len() as f64
    };
    let slope = (at(1e-2) - at(-1e-2)) / 2e-2;
    assert!((slope / norm - 1.0).abs() < 0.05, "{what}: slope {slope}, gradient {norm}");
}

const LEAKS: [(f64, f64); 2] = [(0.0, 1.0), (0.3, 0.8)];

#[test]
fn frozen_gradients_are_those_of_autograd_through_every_loss() {
    for task in &tasks() {
        for method in [Method::Bias, Method::Mask, Method::Gain, Method::BiasGain] {
            for leak in LEAKS {
                for truncate in [None, Some(3)] {
                    check(task, method, leak, truncate);
                }
            }
        }
    }
}

#[test]
fn gradients_of_all_weights_are_those_of_autograd() {
    for task in &tasks() {
        for leak in LEAKS {
            for truncate in [None, Some(3)] {
                check(task, Method::Full, leak, truncate);
            }
        }
    }
}
