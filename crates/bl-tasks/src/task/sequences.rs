//! Opens sequence tasks: the simulated systems of the catalogue, and a user's own series.

use std::path::Path;

use super::{Request, Task, What};
use crate::catalogue::Info;
use crate::cognitive::Cognitive;
use crate::dynamics::{
    Integrator, Lorenz, MackeyGlass, Rossler, Sampling, System, Trajectory, VanDerPol, cosine, simulate,
};
use crate::kinds::{CognitiveTask, ForecastTask, GenerateTask, ReachTask, WINDOW};
use crate::series::{Column, Plan, Recorded, Scale, Series, read_csv_mended};
use crate::{Error, Source};

/// Samples of washout, unless a task or the user says otherwise.
const WASHOUT: usize = 50;
/// How far ahead a user's own series is forecast by default.
const HORIZON: usize = 1;
/// Forecasts of a user's own series that are judged, at least: the variance of fewer says nothing.
const JUDGED: usize = 10;

/// Opens a system of the catalogue.
pub(super) fn open(info: &Info, request: &Request) -> Result<Task, Error> {
    let what = match info.name {
        name if name.starts_with(COGNITIVE) => cognitive(name)?,
        "cosine" => generate(&cosine(25.0, 375)?, 125)?,
        "vanderpol" => generate(&van_der_pol()?, 125)?,
        "lorenz" => forecast(&observe(&lorenz()?)?, 27, 3000, request)?,
        "rossler" => forecast(&observe(&rossler()?)?, 10, 3000, request)?,
        "mackeyglass" => forecast(&observe(&mackey_glass()?)?, 6, 3000, request)?,
        _ => What::Reach(ReachTask::default()),
    };
    let (name, title) = (info.name.into(), info.title.into());
    Ok(Task { name, title, source: Source::Simulated, notice: None, prepared: None, licence: None, what })
}

/// Names of cognitive tasks begin so.
const COGNITIVE: &str = "cognitive/";

fn cognitive(name: &str) -> Result<What, Error> {
    let task = name.strip_prefix(COGNITIVE).and_then(Cognitive::from_name);
    let task = task.ok_or_else(|| Error::UnknownTask { name: name.to_owned() })?;
    Ok(What::Cognitive(CognitiveTask::new(task)))
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
    let learn = request.window.unwrap_or(WINDOW).saturating_sub(washout).max(1);
    let plan = Plan { washout, horizon, learn, test };
    let scale = Scale::standard(series.split(&plan)?.train)?; // held-out samples must not leak into it
    Ok(What::Forecast(ForecastTask { series: series.clone(), plan, scale }))
}

/// The last quarter of a user's series is held out.
pub(super) fn open_file(path: &Path, request: &Request) -> Result<Task, Error> {
    let column = Column::of(request.column.as_deref(), request.learned.as_deref());
    let series = read_csv_mended(path, column, request.mend)?;
    let horizon = request.horizon.unwrap_or(HORIZON);
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let title = format!("{}, {horizon} ahead", series.name());
    let before = request.washout.unwrap_or(WASHOUT).saturating_add(horizon);
    let test = (series.len() / 4).saturating_sub(before).max(JUDGED);
    let what = forecast(&series, horizon, test, request).map_err(|error| match error {
        Error::Series(fault) => Error::SeriesFile { path: path.to_owned(), fault },
        other => other,
    })?;
    let notices = series.record().map_or_else(Vec::new, Recorded::notices);
    let notice = (!notices.is_empty()).then(|| notices.join("; "));
    Ok(Task { name, title, source: Source::File, notice, prepared: None, licence: None, what })
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
