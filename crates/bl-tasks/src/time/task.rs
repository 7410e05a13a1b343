//! A task in time: where its series comes from, and which part of it is held out.

use std::fmt::Write;
use std::path::Path;

use bl_core::recurrent::{Forecast, Lyapunov, Reach, SeriesScale, Signal};
use sha2::{Digest, Sha256};

use super::catalogue::{find, is_series_file, time_catalogue};
use crate::Error;
use crate::dynamics::{
    Integrator, Lorenz, MackeyGlass, Rossler, Sampling, System, Trajectory, VanDerPol, cosine, simulate,
};
use crate::reaching::{DISTANCE, Loss, Plant, targets, targets_between};
use crate::series::{Column, Plan, Scale, Series, read_csv};

/// What a user may choose of a task; the defaults are the task's own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// Of a text file, which column; the only one, if not stated.
    pub column: Option<String>,
    /// How many samples ahead is forecast.
    pub horizon: Option<usize>,
    /// Samples in which a network forgets its first state and is not judged.
    pub washout: Option<usize>,
    /// Samples of a window that is learned from, washout included: the training part must have as many.
    pub window: Option<usize>,
}

/// Samples of washout, unless a task or the user says otherwise.
const WASHOUT: usize = 50;
/// How far ahead a user's own series is forecast by default.
const HORIZON: usize = 1;
/// Forecasts of a user's own series that are judged, at least: the variance of fewer says nothing.
const JUDGED: usize = 10;

/// Something to learn over time.
#[derive(Clone, Debug)]
pub struct TimeTask {
    /// Name in the catalogue, or of the user's file.
    pub name: String,
    /// For people.
    pub title: String,
    /// Where the data came from: `simulated` or `file`.
    pub source: &'static str,
    /// What there is to learn.
    pub what: What,
}

/// The kinds of tasks in time.
#[derive(Clone, Debug)]
pub enum What {
    /// A trajectory to generate without input.
    Generate(GenerateTask),
    /// A series to forecast.
    Forecast(ForecastTask),
    /// Movements to targets.
    Reach(ReachTask),
}

/// A trajectory to generate.
#[derive(Clone, Debug)]
pub struct GenerateTask {
    /// What is learned, and then how it goes on.
    pub series: Series,
    /// Samples that are learned.
    pub steps: usize,
    /// Between the series and the network's output.
    pub scale: Scale,
}

/// A series to forecast.
#[derive(Clone, Debug)]
pub struct ForecastTask {
    /// All of it.
    pub series: Series,
    /// Washout, horizon, and how much is held out.
    pub plan: Plan,
    /// Of the part that is learned from.
    pub scale: Scale,
}

/// Movements to targets.
#[derive(Clone, Debug)]
pub struct ReachTask {
    /// What is moved.
    pub plant: Plant,
    /// What is wanted of a movement.
    pub loss: Loss,
    /// To learn from, in m.
    pub train: Vec<[f64; 2]>,
    /// To be tested on, in m.
    pub test: Vec<[f64; 2]>,
    /// What the network sees is the place of a target divided by this, in m.
    pub unit: f64,
}

impl TimeTask {
    /// Opens a task: a name of the catalogue, or a text file with a series.
    pub fn open(name: &str, request: &Request) -> Result<Self, Error> {
        let Some(info) = find(name) else {
            if is_series_file(name) {
                return open_file(Path::new(name), request);
            }
            let known: Vec<&str> = time_catalogue().iter().map(|info| info.name).collect();
            return Err(Error::UnknownTimeTask { name: name.to_owned(), known: known.join("`, `") });
        };
        if let Some(column) = &request.column {
            return Err(Error::ColumnOfKnown { task: info.name, column: column.clone() });
        }
        let what = match info.name {
            "cosine" => generate(&cosine(25.0, 375)?, 125)?,
            "vanderpol" => generate(&van_der_pol()?, 125)?,
            "lorenz" => forecast(&observe(&lorenz()?)?, 27, 3000, request)?,
            "rossler" => forecast(&observe(&rossler()?)?, 10, 3000, request)?,
            "mackeyglass" => forecast(&observe(&mackey_glass()?)?, 6, 3000, request)?,
            _ => What::Reach(ReachTask::default()),
        };
        Ok(Self { name: info.name.into(), title: info.title.into(), source: "simulated", what })
    }

    /// What an adapter's header says of the task.
    pub fn signal(&self) -> Signal {
        let scaled = |scale: &Scale| SeriesScale { offset: scale.offset, unit: scale.unit };
        match &self.what {
            What::Generate(task) => Signal::Generate {
                variable: task.series.name().to_owned(),
                steps: task.steps,
                spacing: task.series.spacing(),
                scale: scaled(&task.scale),
            },
            What::Forecast(task) => Signal::Forecast(Forecast {
                variable: task.series.name().to_owned(),
                horizon: task.plan.horizon,
                washout: task.plan.washout,
                spacing: task.series.spacing(),
                scale: scaled(&task.scale),
                lyapunov: task
                    .series
                    .lyapunov()
                    .map(|known| Lyapunov { exponent: known.exponent, source: known.source.to_string() }),
            }),
            What::Reach(task) => Signal::Reach(Reach {
                steps: task.plant.steps,
                dt: task.plant.dt,
                mass: task.plant.mass,
                lag: task.plant.lag,
                distance: DISTANCE,
                unit: task.unit,
            }),
        }
    }

    /// Values to learn from and values held out, for digests and counts: samples, or coordinates of targets.
    pub fn halves(&self) -> (Vec<f64>, Vec<f64>) {
        match &self.what {
            What::Generate(task) => {
                let (learned, rest) = task.series.values().split_at(task.steps);
                (learned.to_vec(), rest.to_vec())
            }
            What::Forecast(task) => (task.train().to_vec(), task.held_out().to_vec()),
            What::Reach(task) => (task.train.concat(), task.test.concat()),
        }
    }
}

impl ForecastTask {
    fn held_out_from(&self) -> usize {
        self.series.len() - self.plan.held_out()
    }

    /// To learn from.
    pub fn train(&self) -> &[f64] {
        &self.series.values()[..self.held_out_from()]
    }

    /// `[washout + test + horizon]`
    pub fn held_out(&self) -> &[f64] {
        &self.series.values()[self.held_out_from()..]
    }
}

impl From<&Reach> for ReachTask {
    /// The task with the arm that a network has learned to move.
    fn from(signal: &Reach) -> Self {
        let &Reach { steps, dt, mass, lag, unit, .. } = signal;
        Self { plant: Plant { mass, lag, dt, steps }, unit, ..Self::default() }
    }
}

impl Default for ReachTask {
    /// As in section C.5 of the paper: six targets to learn from; twelve between them to test on.
    fn default() -> Self {
        Self {
            plant: Plant::default(),
            loss: Loss::default(),
            train: targets(6, DISTANCE),
            test: targets_between(6, 2, DISTANCE),
            unit: 1.0,
        }
    }
}

/// What identifies values: sha256, in hex, of them as little-endian f64.
pub(super) fn sha256(values: &[f64]) -> String {
    let mut hash = Sha256::new();
    for value in values {
        hash.update(value.to_le_bytes());
    }
    hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}"); // writing to a string cannot fail
        hex
    })
}

impl TimeTask {
    /// Digests of [`Self::halves`].
    pub fn digests(&self) -> (String, String) {
        let (train, test) = self.halves();
        (sha256(&train), sha256(&test))
    }
}

fn observe(trajectory: &Trajectory) -> Result<Series, Error> {
    Series::observe(trajectory, "x")
}

fn generate(trajectory: &Trajectory, steps: usize) -> Result<What, Error> {
    let series = observe(trajectory)?;
    let scale = Scale::to_unit_range(&series.values()[..steps])?;
    Ok(What::Generate(GenerateTask { series, steps, scale }))
}

fn forecast(series: &Series, horizon: usize, test: usize, request: &Request) -> Result<What, Error> {
    let washout = request.washout.unwrap_or(WASHOUT);
    let horizon = request.horizon.unwrap_or(horizon);
    let learn = request.window.unwrap_or(washout + 1).saturating_sub(washout).max(1);
    let plan = Plan { washout, horizon, learn, test };
    let scale = Scale::standard(series.split(&plan)?.train)?; // held-out samples must not leak into it
    Ok(What::Forecast(ForecastTask { series: series.clone(), plan, scale }))
}

/// The last quarter of a user's series is held out.
fn open_file(path: &Path, request: &Request) -> Result<TimeTask, Error> {
    let column = request.column.as_deref().map_or(Column::Only, Column::Named);
    let series = read_csv(path, column)?;
    let horizon = request.horizon.unwrap_or(HORIZON);
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let title = format!("{}, {horizon} ahead", series.name());
    let before = request.washout.unwrap_or(WASHOUT).saturating_add(horizon);
    let test = (series.len() / 4).saturating_sub(before).max(JUDGED);
    let what = forecast(&series, horizon, test, request).map_err(|error| match error {
        Error::Series(fault) => Error::SeriesFile { path: path.to_owned(), fault },
        other => other,
    })?;
    Ok(TimeTask { name, title, source: "file", what })
}

/// A sample every 0.2, some 38 a period: 125 are three periods and a quarter.
fn van_der_pol() -> Result<Trajectory, Error> {
    let sampling = Sampling { integrator: Integrator::Rk4, dt: 0.01, every: 20, samples: 375 };
    let system = VanDerPol::default();
    Ok(simulate(&system, &sampling, &system.start())?)
}

fn lorenz() -> Result<Trajectory, Error> {
    let sampling = Sampling { integrator: Integrator::Euler, dt: 0.01, every: 1, samples: 13_000 };
    let system = Lorenz::default();
    Ok(simulate(&system, &sampling, &system.start())?)
}

fn rossler() -> Result<Trajectory, Error> {
    let sampling = Sampling { integrator: Integrator::Rk4, dt: 0.01, every: 10, samples: 13_000 };
    let system = Rossler::default();
    Ok(simulate(&system, &sampling, &system.start())?)
}

fn mackey_glass() -> Result<Trajectory, Error> {
    let sampling = Sampling { integrator: Integrator::Rk4, dt: 0.1, every: 10, samples: 13_000 };
    Ok(MackeyGlass::default().simulate(&sampling, MackeyGlass::START)?)
}
