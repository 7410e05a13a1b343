//! What a forecaster is worth, in words and for scripts: both kinds of forecast by name, never one for the other.

use bl_core::text::{decimal, grouped};
use serde::Serialize;

use super::{ForecastJudgement, ForecastTask};
use crate::judgement::{Details, Headline, Judgement, fields, metric};

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    /// Null if the true values do not vary.
    teacher_forced_r2: f64,
    /// Likewise.
    teacher_forced_nrmse: f64,
    /// In samples.
    horizon: usize,
    /// In samples.
    washout: usize,
    /// Of the held-out part.
    samples: usize,
    /// Time between two samples, in the system's unit.
    sample_spacing: Option<f64>,
    free_run_valid_time: FreeRunTime,
    /// R² of the last known value as a forecast.
    persistence_r2: f64,
    /// R² of a linear autoregression; null if there is too little to learn from.
    linear_r2: Option<f64>,
    /// Values that the autoregression sees.
    linear_lags: usize,
}

/// How long free runs stay within the threshold: medians over the starts.
#[derive(Serialize)]
struct FreeRunTime {
    samples: f64,
    time: Option<f64>,
    lyapunov_times: Option<f64>,
    starts: usize,
    /// Of these, how many ended in an explosion of the network's state.
    exploded: usize,
    /// The error that ends it, in standard deviations of the training part.
    threshold: f64,
    lyapunov_exponent: Option<f64>,
    lyapunov_source: Option<String>,
}

pub(super) fn summary(task: &ForecastTask) -> String {
    format!(
        "{} samples to train on, {} held out, {} ahead, washout {}",
        grouped(task.train().len()),
        grouped(task.held_out().len()),
        task.plan.horizon,
        task.plan.washout,
    )
}

impl ForecastTask {
    /// A judgement from both kinds of forecasts.
    pub fn judged(&self, judged: ForecastJudgement) -> Judgement {
        let forced = &judged.teacher_forced;
        let mut metrics = vec![
            metric("teacher_forced_r2", "test", forced.r2),
            metric("teacher_forced_nrmse", "test", forced.nrmse),
            metric("free_run_valid_samples", "test", judged.median_valid()),
        ];
        let times = judged.median_valid_lyapunov();
        metrics.extend(times.map(|times| metric("free_run_valid_lyapunov_times", "test", times)));
        let report = Report {
            teacher_forced_r2: forced.r2,
            teacher_forced_nrmse: forced.nrmse,
            horizon: forced.horizon,
            washout: self.plan.washout,
            samples: forced.target.len(),
            sample_spacing: self.series.spacing(),
            free_run_valid_time: free_run_time(&judged),
            persistence_r2: judged.baselines.persistence_r2,
            linear_r2: judged.baselines.linear_r2,
            linear_lags: judged.baselines.lags,
        };
        Judgement {
            metrics,
            headline: forced.r2.is_finite().then_some(Headline { name: "R²", value: forced.r2 }),
            lines: lines(&report, self.series.spacing_words()),
            more: Vec::new(),
            summary: fields(&report),
            fields: fields(&report),
            details: Details::Forecast(judged),
        }
    }
}

fn free_run_time(judged: &ForecastJudgement) -> FreeRunTime {
    let criterion = judged.free.first().map(|run| &run.valid.criterion);
    let lyapunov = criterion.and_then(|criterion| criterion.lyapunov.as_ref());
    let samples = judged.median_valid();
    FreeRunTime {
        samples,
        time: criterion.and_then(|criterion| criterion.spacing).map(|spacing| samples * spacing),
        lyapunov_times: judged.median_valid_lyapunov(),
        starts: judged.free.len(),
        exploded: judged.free.iter().filter(|run| run.exploded()).count(),
        threshold: criterion.map_or(crate::forecast::THRESHOLD, |criterion| criterion.threshold),
        lyapunov_exponent: lyapunov.map(|known| known.exponent),
        lyapunov_source: lyapunov.map(|known| known.source.to_string()),
    }
}

fn lines(report: &Report, spacing: Option<String>) -> Vec<String> {
    let time = &report.free_run_valid_time;
    let spacing = spacing.map_or("of unknown spacing".to_owned(), |spacing| format!("{spacing} apart"));
    let lyapunov = match (time.lyapunov_times, time.lyapunov_exponent, &time.lyapunov_source) {
        (Some(times), Some(exponent), Some(source)) => {
            format!(" = {times:.2} Lyapunov times (exponent {exponent}: {source})")
        }
        _ => String::new(),
    };
    let starts = if time.starts == 1 { "start" } else { "starts" };
    let fit = if report.teacher_forced_r2.is_finite() {
        format!("R² {}, NRMSE {}", decimal(report.teacher_forced_r2), decimal(report.teacher_forced_nrmse))
    } else {
        "no R², for the true values do not vary".to_owned()
    };
    let exploded = match time.exploded {
        0 => String::new(),
        some => format!("; in {some} of them the network's state exploded"),
    };
    let mut lines = vec![format!(
        "teacher-forced  {fit}: {} ahead, over {} held-out samples {spacing}, after a washout of {}",
        report.horizon, report.samples, report.washout
    )];
    if report.teacher_forced_r2.is_finite() {
        lines.push(beside(report));
    }
    lines.push(format!(
            "free run        valid for {} samples{lyapunov}; median of {} {starts}, error above {} SD ends it{exploded}",
            time.samples, time.starts, time.threshold
        ));
    lines
}

/// What the same forecasts are worth without a network.
fn beside(report: &Report) -> String {
    let own = report.teacher_forced_r2;
    let linear = report
        .linear_r2
        .map(|r2| format!(", {} by a linear autoregression on {} lags", decimal(r2), report.linear_lags));
    let best = report.linear_r2.unwrap_or(f64::NEG_INFINITY).max(report.persistence_r2);
    let verdict = if own > best { "the network is above" } else { "the network is NOT above" };
    format!(
        "beside it       R² {} by the last value{}: {verdict}{}",
        decimal(report.persistence_r2),
        linear.as_deref().unwrap_or(""),
        if linear.is_some() { " both" } else { " it" },
    )
}
