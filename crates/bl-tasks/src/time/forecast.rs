//! The two ways to judge a forecaster, which must not be confused.

use bl_core::recurrent::{RecurrentNet, SeriesScale};

use super::fault::{Fault, finite};
use super::task::ForecastTask;
use crate::dynamics::Lyapunov;
use crate::forecast::{Criterion, THRESHOLD, ValidTime, nrmse, r_squared, valid_time};
use crate::series::Scale;

/// Places of the held-out part that free runs start from.
const STARTS: usize = 10;
/// Samples of a free run, or what the held-out part has.
const RUN: usize = 1000;

/// What a forecaster is worth.
#[derive(Clone, Debug)]
pub struct ForecastJudgement {
    /// True values go in.
    pub teacher_forced: TeacherForced,
    /// Its own forecasts go in.
    pub free: Vec<FreeRun>,
}

/// Every forecast is made from true values.
#[derive(Clone, Debug)]
pub struct TeacherForced {
    /// The share of variance that is explained.
    pub r2: f64,
    /// Root of the mean squared error in standard deviations.
    pub nrmse: f64,
    /// How many samples ahead.
    pub horizon: usize,
    /// The true values, in their own unit: `[samples]`.
    pub target: Vec<f64>,
    /// Their forecasts.
    pub forecast: Vec<f64>,
}

/// Forecasts are fed back in place of true values.
#[derive(Clone, Debug)]
pub struct FreeRun {
    /// The sample of the held-out part that is the first without its true value.
    pub start: usize,
    /// How long it stays near the truth.
    pub valid: ValidTime,
    /// The true values from there on.
    pub target: Vec<f64>,
    /// Their forecasts.
    pub forecast: Vec<f64>,
}

impl ForecastJudgement {
    /// The median valid time over all starts, in samples.
    pub fn median_valid(&self) -> f64 {
        let mut samples: Vec<usize> = self.free.iter().map(|run| run.valid.samples).collect();
        samples.sort_unstable();
        match samples.len() {
            0 => 0.0,
            n if n % 2 == 1 => samples[n / 2] as f64,
            n => f64::midpoint(samples[n / 2 - 1] as f64, samples[n / 2] as f64),
        }
    }

    /// The same in Lyapunov times, if the exponent and the spacing are known.
    pub fn median_valid_lyapunov(&self) -> Option<f64> {
        let criterion = &self.free.first()?.valid.criterion;
        let known = criterion.lyapunov.as_ref()?;
        Some(self.median_valid() * criterion.spacing? * known.exponent)
    }
}

impl ForecastTask {
    /// Runs a network over the held-out part, in both ways.
    pub fn judge(&self, net: &dyn RecurrentNet) -> Result<ForecastJudgement, Fault> {
        let (washout, horizon) = (self.plan.washout, self.plan.horizon);
        let held_out = self.held_out();
        let all = teacher_forced(net, held_out, &self.scale)?;
        let forecast = all[washout..held_out.len() - horizon].to_vec();
        let target = held_out[washout + horizon..].to_vec();
        let teacher_forced = TeacherForced {
            r2: r_squared(&target, &forecast)?,
            nrmse: nrmse(&target, &forecast)?,
            horizon,
            target,
            forecast,
        };
        Ok(ForecastJudgement { teacher_forced, free: self.free_runs(net)? })
    }

    fn free_runs(&self, net: &dyn RecurrentNet) -> Result<Vec<FreeRun>, Fault> {
        let held_out = self.held_out();
        let first = self.plan.first_free();
        let room = held_out.len() - first;
        let run = RUN.min(room);
        let starts = if room > run { STARTS } else { 1 };
        let criterion = Criterion {
            threshold: THRESHOLD,
            deviation: self.scale.unit,
            spacing: self.series.spacing(),
            lyapunov: self.series.lyapunov().cloned(),
        };
        (0..starts)
            .map(|nth| {
                let start = first + nth * (room - run) / (starts - 1).max(1);
                let forecast =
                    free_run(net, &held_out[start - first..start], &self.scale, self.plan.horizon, run)?;
                let target = held_out[start..start + run].to_vec();
                let valid = valid_time(&target, &forecast, &criterion)?;
                Ok(FreeRun { start, valid, target, forecast })
            })
            .collect()
    }
}

/// What a network says of every sample: the value at t is its forecast of t + horizon.
///
/// # Shapes
/// - `values`: `[samples]`, in their own unit; returns `[samples]`
pub fn teacher_forced(net: &dyn RecurrentNet, values: &[f64], scale: &Scale) -> Result<Vec<f64>, Fault> {
    let x: Vec<f32> = values.iter().map(|&value| scale.apply(value) as f32).collect();
    let mut state = net.initial().to_vec();
    let y = finite(net.run(&x, x.len(), &mut state)?, 1, 0)?;
    Ok(y.into_iter().map(|y| scale.invert(f64::from(y))).collect())
}

/// Goes on from a `past` of true values: what is said of a time is what goes in when that time has come. A forecast
/// reaches `horizon` samples ahead, so as many steps can be taken at a time.
///
/// # Shapes
/// - `past`: `[samples]`, at least `horizon`; returns the `samples` after it
pub fn free_run(
    net: &dyn RecurrentNet,
    past: &[f64],
    scale: &Scale,
    horizon: usize,
    samples: usize,
) -> Result<Vec<f64>, Fault> {
    if past.len() < horizon.max(1) {
        return Err(Fault::Past { expected: horizon.max(1), found: past.len() });
    }
    let x: Vec<f32> = past.iter().map(|&value| scale.apply(value) as f32).collect();
    let mut state = net.initial().to_vec();
    let y = finite(net.run(&x, x.len(), &mut state)?, 1, 0)?;
    let mut forecast = y[y.len() - horizon..].to_vec(); // the next `horizon` samples
    while forecast.len() < samples {
        let fed = forecast.len() - horizon;
        let steps = horizon.min(samples - forecast.len()); // none that nobody asked for
        let said = net.run(&forecast[fed..fed + steps], steps, &mut state)?;
        forecast.extend(finite(said, 1, past.len() + fed)?);
    }
    forecast.truncate(samples);
    Ok(forecast.into_iter().map(|y| scale.invert(f64::from(y))).collect())
}

impl From<SeriesScale> for Scale {
    fn from(scale: SeriesScale) -> Self {
        Self { offset: scale.offset, unit: scale.unit }
    }
}

impl From<bl_core::recurrent::Lyapunov> for Lyapunov {
    fn from(known: bl_core::recurrent::Lyapunov) -> Self {
        Self { exponent: known.exponent, source: known.source.into() }
    }
}
