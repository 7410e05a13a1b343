//! What a series is like, for people and scripts.

use bl_core::text::{decimal, grouped};
use serde::Serialize;

use crate::judgement::fields;
use crate::kind::Description;
use crate::series::{Plan, Recorded, Series};

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct SeriesReport<'a> {
    variable: &'a str,
    samples: usize,
    sample_spacing: Option<f64>,
    /// `s` if the times are dates; null if the unit is not known.
    spacing_unit: Option<&'static str>,
    /// What was mended, in words.
    mended: Option<String>,
    /// What must be said of the file, what was mended included.
    notices: Vec<String>,
    mean: f64,
    std: f64,
    min: f64,
    max: f64,
    lyapunov_exponent: Option<f64>,
    lyapunov_source: Option<String>,
    horizon: Option<usize>,
    washout: Option<usize>,
}

/// A series, with the plan of its forecasts if it has one.
pub(super) fn describe(series: &Series, plan: Option<&Plan>) -> Description {
    let values = series.values();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64;
    let report = SeriesReport {
        variable: series.name(),
        samples: values.len(),
        sample_spacing: series.spacing(),
        spacing_unit: series.record().filter(|record| record.dated).map(|_| "s"),
        mended: series.record().and_then(|record| record.mended.words()),
        notices: series.record().map_or_else(Vec::new, Recorded::notices),
        mean,
        std: variance.sqrt(),
        min: values.iter().copied().fold(f64::INFINITY, f64::min),
        max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        lyapunov_exponent: series.lyapunov().map(|known| known.exponent),
        lyapunov_source: series.lyapunov().map(|known| known.source.to_string()),
        horizon: plan.map(|plan| plan.horizon),
        washout: plan.map(|plan| plan.washout),
    };
    Description { lines: lines(&report, series.spacing_words()), fields: fields(&report), table: Vec::new() }
}

fn lines(report: &SeriesReport<'_>, spacing: Option<String>) -> Vec<String> {
    let spacing = spacing.unwrap_or_else(|| "an unknown time".to_owned());
    let mut lines = vec![
        format!("series     {}: {} samples, {spacing} apart", report.variable, grouped(report.samples)),
        format!(
            "values     mean {}, SD {}, from {} to {}",
            decimal(report.mean),
            decimal(report.std),
            decimal(report.min),
            decimal(report.max)
        ),
    ];
    if let (Some(exponent), Some(source)) = (report.lyapunov_exponent, &report.lyapunov_source) {
        lines.push(format!("Lyapunov   exponent {exponent} per unit of time ({source})"));
    }
    if let (Some(horizon), Some(washout)) = (report.horizon, report.washout) {
        let samples = if horizon == 1 { "sample" } else { "samples" };
        lines.push(format!("forecasts  {horizon} {samples} ahead by default, after a washout of {washout}"));
    }
    lines
}
