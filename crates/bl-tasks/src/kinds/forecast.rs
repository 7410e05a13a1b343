//! Forecasts of a series. There are two ways to judge a forecaster, which must not be confused: from true values
//! (teacher-forced), and from its own forecasts fed back (a free run).

mod baselines;
mod lesson;
mod likeness;
mod report;

pub use baselines::Baselines;
pub(super) use baselines::solved;
pub use lesson::WINDOW;
pub use likeness::{Difference, Likeness, Observed, Unknown};

use bl_core::io::{Forecast, Learned, Lyapunov, SeriesScale, Signal};
use bl_core::{Io, Net};

use super::describe::describe;
use super::fault::{Fault, if_any};
use super::run::{BUDGET_BYTES, Cost, run, run_until_lost};
use crate::Error;
use crate::digest::sha256;
use crate::forecast::{Criterion, THRESHOLD, ValidTime, nrmse, r_squared, valid_time};
use crate::judgement::Judgement;
use crate::kind::{Description, Kind, Lesson, LessonSettings, Misfit, Parts};
use crate::series::{Plan, Scale, Series, ends};

/// Places of the held-out part that free runs start from.
const STARTS: usize = 10;
/// Samples of a free run, or what the held-out part has.
const RUN: usize = 1000;

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

/// What a forecaster is worth.
#[derive(Clone, Debug)]
pub struct ForecastJudgement {
    /// True values go in.
    pub teacher_forced: TeacherForced,
    /// Its own forecasts go in.
    pub free: Vec<FreeRun>,
    /// What is had without a network, of the same samples from true values.
    pub baselines: Baselines,
}

/// Every forecast is made from true values.
#[derive(Clone, Debug)]
pub struct TeacherForced {
    /// The share of variance that is explained; not a number if the true values do not vary.
    pub r2: f64,
    /// Root of the mean squared error in standard deviations; not a number likewise.
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
    /// Their forecasts: fewer, if the network's state exploded.
    pub forecast: Vec<f64>,
}

impl FreeRun {
    /// Whether the network's state exploded.
    pub fn exploded(&self) -> bool {
        self.forecast.len() < self.target.len()
    }
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

    /// Runs a network over the held-out part, in both ways.
    pub fn evaluate(&self, net: &dyn Net) -> Result<ForecastJudgement, Fault> {
        let (washout, horizon) = (self.plan.washout, self.plan.horizon);
        let held_out = self.held_out();
        let all = teacher_forced(net, held_out, &self.scale)?;
        let forecast = all[washout..held_out.len() - horizon].to_vec();
        let target = held_out[washout + horizon..].to_vec();
        let teacher_forced = TeacherForced {
            r2: if_any(r_squared(&target, &forecast))?,
            nrmse: if_any(nrmse(&target, &forecast))?,
            horizon,
            target,
            forecast,
        };
        Ok(ForecastJudgement { teacher_forced, free: self.free_runs(net)?, baselines: Baselines::of(self)? })
    }

    fn free_runs(&self, net: &dyn Net) -> Result<Vec<FreeRun>, Fault> {
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
                let past = &held_out[start - first..start];
                let (forecast, _) = free_run_until_lost(net, past, &self.scale, self.plan.horizon, run)?;
                let target = held_out[start..start + run].to_vec();
                let mut valid = valid_time(&target[..forecast.len()], &forecast, &criterion)?;
                valid.whole_run &= forecast.len() == run; // a state that explodes is a forecast that is lost
                Ok(FreeRun { start, valid, target, forecast })
            })
            .collect()
    }
}

/// What a network says of every sample: the value at t is its forecast of t + horizon.
///
/// # Shapes
/// - `values`: `[samples]`, in their own unit; returns `[samples]`
pub fn teacher_forced(net: &dyn Net, values: &[f64], scale: &Scale) -> Result<Vec<f64>, Fault> {
    let x: Vec<f32> = values.iter().map(|&value| scale.apply(value) as f32).collect();
    let mut state = net.initial().to_vec();
    let y = run(net, &x, x.len(), &mut state, 0)?;
    Ok(y.into_iter().map(|y| scale.invert(f64::from(y))).collect())
}

/// Goes on from a `past` of true values: what is said of a time is what goes in when that time has come. A forecast
/// reaches `horizon` samples ahead, so as many steps can be taken at a time.
///
/// # Shapes
/// - `past`: `[samples]`, at least `horizon`; returns the `samples` after it
pub fn free_run(
    net: &dyn Net,
    past: &[f64],
    scale: &Scale,
    horizon: usize,
    samples: usize,
) -> Result<Vec<f64>, Fault> {
    match free_run_until_lost(net, past, scale, horizon, samples)? {
        (_, Some(step)) => Err(Fault::Exploded { step }),
        (forecast, None) => Ok(forecast),
    }
}

/// As [`free_run`], but ends before the first forecast that is no number, and says at which step that came.
fn free_run_until_lost(
    net: &dyn Net,
    past: &[f64],
    scale: &Scale,
    horizon: usize,
    samples: usize,
) -> Result<(Vec<f64>, Option<usize>), Fault> {
    if past.len() < horizon.max(1) {
        return Err(Fault::Past { expected: horizon.max(1), found: past.len() });
    }
    Cost::of(net, samples.saturating_add(past.len()), 1, size_of::<f64>()).within_bytes(BUDGET_BYTES)?;
    let x: Vec<f32> = past.iter().map(|&value| scale.apply(value) as f32).collect();
    let mut state = net.initial().to_vec();
    let y = run_until_lost(net, &x, x.len(), &mut state)?;
    let mut lost = (y.len() < x.len()).then_some(y.len());
    let mut forecast = y[(x.len() - horizon).min(y.len())..].to_vec(); // the next `horizon` samples
    while lost.is_none() && forecast.len() < samples {
        let fed = forecast.len() - horizon;
        let steps = horizon.min(samples - forecast.len()); // none that nobody asked for
        let said = run_until_lost(net, &forecast[fed..fed + steps], steps, &mut state)?;
        lost = (said.len() < steps).then_some(past.len() + fed + said.len());
        forecast.extend(said);
    }
    forecast.truncate(samples);
    Ok((forecast.into_iter().map(|y| scale.invert(f64::from(y))).collect(), lost))
}

impl From<SeriesScale> for Scale {
    fn from(scale: SeriesScale) -> Self {
        Self { offset: scale.offset, unit: scale.unit }
    }
}

impl From<&Scale> for SeriesScale {
    fn from(scale: &Scale) -> Self {
        Self { offset: scale.offset, unit: scale.unit }
    }
}

impl From<Lyapunov> for crate::dynamics::Lyapunov {
    fn from(known: Lyapunov) -> Self {
        Self { exponent: known.exponent, source: known.source.into() }
    }
}

impl Kind for ForecastTask {
    fn io(&self) -> Io {
        let lyapunov = self.series.lyapunov();
        let signal = Signal::Forecast(Forecast {
            variable: self.series.name().to_owned(),
            horizon: self.plan.horizon,
            washout: self.plan.washout,
            spacing: self.series.spacing(),
            scale: (&self.scale).into(),
            lyapunov: lyapunov
                .map(|known| Lyapunov { exponent: known.exponent, source: known.source.to_string() }),
            learned: self.series.record().map(|record| {
                let (low, high) = ends(self.train());
                let spacing_unit = record.dated.then(|| "s".to_owned());
                Learned { column: record.column.clone(), low, high, spacing_unit }
            }),
        });
        Io::Signal { signal, learned_state: false }
    }

    fn summary(&self) -> String {
        report::summary(self)
    }

    fn headline(&self) -> Option<&'static str> {
        Some("R²")
    }

    fn parts(&self) -> Parts {
        Parts {
            unit: "samples",
            train: self.train().len(),
            test: self.held_out().len(),
            train_sha256: sha256(self.train()),
            test_sha256: sha256(self.held_out()),
        }
    }

    fn settings(&self) -> &'static [&'static str] {
        &["horizon", "washout", "window", "stride"]
    }

    fn describe(&self) -> Description {
        describe(&self.series, Some(&self.plan))
    }

    fn lesson(&self, settings: LessonSettings) -> Result<Lesson<'_>, Error> {
        Ok(Lesson::Steps(Box::new(lesson::Windowed::new(self, settings)?)))
    }

    fn judge(&self, net: &dyn Net) -> Result<Judgement, Error> {
        if self.plan.test == 0 {
            return Ok(Judgement::none());
        }
        Ok(self.judged(self.evaluate(net)?))
    }

    fn adopt(&mut self, io: &Io, _: &[String]) -> Result<(), Misfit> {
        match io.signal() {
            Ok(Signal::Forecast(signal)) => {
                self.scale = signal.scale.into();
                Ok(())
            }
            _ => Err(Misfit {
                expected: crate::about::does(io).into(),
                found: "forecasts a series".into(),
                hint: None,
            }),
        }
    }
}
