//! Figure 4C: forecasters that are fed their own forecasts.

use bl_tasks::kinds::ForecastJudgement;
use serde_json::json;

use super::fig4::{self, load, widest};
use crate::finding::{Finding, Judged};
use crate::lab::{Lab, Need};
use crate::plot::{Axis, Chart, Figure, Line, Lines, Panel, Role};
use crate::report::{Report, Setting, Table};
use crate::settings::Options;
use crate::study_error::StudyError;

/// Samples that are drawn, the first 27 of which are forecast from true values alone.
const SHOWN: usize = 600;

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let settings = load(options)?;
    let runs = widest(&settings)?;
    let outcomes = lab.outcomes(&runs, Need::Parameters)?;
    let mut table = Table::new(&["method", "start", "valid_samples", "valid_lyapunov_times", "isa"]);
    let (mut findings, mut series, mut spacing) = (Vec::new(), Vec::new(), 1.0);
    let named = [("biases trained", Role::Bias), ("fully trained", Role::Full)];
    for ((run, outcome), (label, role)) in runs.iter().zip(&outcomes).zip(named) {
        let judged = lab.forecast(run)?;
        spacing = fig4::spacing(&judged);
        for free in &judged.free {
            table.rows.push(vec![
                json!(run.config.method),
                json!(free.start),
                json!(free.valid.samples),
                json!(free.valid.lyapunov_times()),
                json!(outcome.isa),
            ]);
        }
        findings.push(finding(label, &judged));
        let Some(first) = judged.free.first() else { continue };
        if series.is_empty() {
            series.push(Line::over_time("truth", Role::Mask, spacing, &first.target[..SHOWN]));
        }
        let forecast = &first.forecast[..SHOWN.min(first.forecast.len())];
        series.push(Line::over_time(label, role, spacing, near(forecast, &first.target)).dashed());
    }
    let chart = Chart::Lines(Lines {
        x: Axis::linear(format!("Time since the last true value (27 samples are {:.2})", 27.0 * spacing)),
        y: Axis::linear("x"),
        series,
        references: vec![],
    });
    let cut = if options.setting == Setting::Quick { vec!["a narrower network".to_owned()] } else { vec![] };
    Ok(Report {
        findings,
        figure: Figure::single(Panel::new("Free run: forecasts fed back (seed 1, the first start)", chart)),
        table,
        runs: runs.into_iter().zip(outcomes).collect(),
        cut,
        notes: vec![
            "A forecast reaches 27 samples ahead, so what is said of a time is what goes in 27 steps later. Valid until the error is above \
             0.4 standard deviations; medians over 10 starts; exponent 0.9056 (Sprott 2003) of the equation, which Euler's method \
             with steps of 0.01 raises to 1.04. A curve ends where it is twice as far out as the truth ever is."
                .into(),
        ],
    })
}

/// The beginning of a forecast, until it is twice as far out as the truth ever is: beyond, it would flatten the figure.
fn near<'f>(forecast: &'f [f64], truth: &[f64]) -> &'f [f64] {
    let far = 2.0 * truth.iter().fold(0.0, |far: f64, x| far.max(x.abs()));
    let end = forecast.iter().position(|x| x.abs() > far).unwrap_or(forecast.len());
    &forecast[..end.max(1).min(forecast.len())]
}

fn finding(label: &str, judged: &ForecastJudgement) -> Finding {
    let valid = judged.free.iter().map(|free| free.valid.samples);
    let (least, most) = (valid.clone().min().unwrap_or(0), valid.max().unwrap_or(0));
    let diverges = judged.free.iter().all(|free| !free.valid.whole_run);
    let times =
        judged.median_valid_lyapunov().map_or(String::new(), |times| format!(" ({times:.2} Lyapunov times)"));
    Finding::new(
        &format!("{label}: samples until the free run is lost"),
        "diverges from the truth",
        format!("{}{times}, {least} to {most} over {} starts", judged.median_valid(), judged.free.len()),
        Judged::when(diverges, "every run is lost before its 1000 samples are over"),
    )
}
