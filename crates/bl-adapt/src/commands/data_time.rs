//! `bl-adapt data info` of tasks in time.

use bl_cli::words::{counted, grouped, printable};
use bl_cli::{ExitStatus, Printer};
use bl_tasks::series::Series;
use bl_tasks::time::{Request, TimeInfo, TimeTask, What, time_catalogue};
use serde::Serialize;

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Info {
    task: String,
    title: String,
    source: &'static str,
    equation: Vec<&'static str>,
    parameters: Option<&'static str>,
    made: Option<&'static str>,
    citation: Option<&'static str>,
    /// Absent of movements.
    #[serde(flatten)]
    series: Option<SeriesInfo>,
    /// Samples, or targets.
    train: usize,
    test: usize,
    train_sha256: String,
    test_sha256: String,
}

#[derive(Serialize)]
struct SeriesInfo {
    variable: String,
    samples: usize,
    sample_spacing: Option<f64>,
    mean: f64,
    std: f64,
    min: f64,
    max: f64,
    lyapunov_exponent: Option<f64>,
    lyapunov_source: Option<String>,
    horizon: Option<usize>,
    washout: Option<usize>,
}

pub(super) fn info(name: &str, column: Option<String>, out: Printer) -> anyhow::Result<ExitStatus> {
    let task = TimeTask::open(name, &Request { column, ..Request::default() })?;
    let known = time_catalogue().iter().find(|info| info.name == name);
    let info = describe(&task, known);
    if out.is_json() {
        out.json(&info)?;
    } else {
        lines(&info, &task.what).into_iter().try_for_each(|line| out.result(line))?;
    }
    Ok(ExitStatus::Success)
}

fn describe(task: &TimeTask, known: Option<&'static TimeInfo>) -> Info {
    let ((train, test), (train_sha256, test_sha256)) = (task.halves(), task.digests());
    let (series, per_sample) = match &task.what {
        What::Generate(what) => (Some(describe_series(&what.series, None)), 1),
        What::Forecast(what) => {
            let plan = (what.plan.horizon, what.plan.washout);
            (Some(describe_series(&what.series, Some(plan))), 1)
        }
        What::Reach(_) => (None, 2),
    };
    Info {
        task: task.name.clone(),
        title: task.title.clone(),
        source: task.source,
        equation: known.map_or_else(Vec::new, |info| info.equation.to_vec()),
        parameters: known.map(|info| info.parameters),
        made: known.map(|info| info.made),
        citation: known.map(|info| info.citation),
        series,
        train: train.len() / per_sample,
        test: test.len() / per_sample,
        train_sha256,
        test_sha256,
    }
}

fn describe_series(series: &Series, plan: Option<(usize, usize)>) -> SeriesInfo {
    let values = series.values();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64;
    SeriesInfo {
        variable: series.name().to_owned(),
        samples: values.len(),
        sample_spacing: series.spacing(),
        mean,
        std: variance.sqrt(),
        min: values.iter().copied().fold(f64::INFINITY, f64::min),
        max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        lyapunov_exponent: series.lyapunov().map(|known| known.exponent),
        lyapunov_source: series.lyapunov().map(|known| known.source.to_string()),
        horizon: plan.map(|(horizon, _)| horizon),
        washout: plan.map(|(_, washout)| washout),
    }
}

fn lines(info: &Info, what: &What) -> Vec<String> {
    let mut lines = vec![format!("{} ({}), {}", printable(&info.title), printable(&info.task), info.source)];
    let heads = std::iter::once("equation   ").chain(std::iter::repeat("           "));
    lines.extend(heads.zip(&info.equation).map(|(head, line)| format!("{head}{line}")));
    lines.extend(info.parameters.map(|text| format!("parameters {text}")));
    lines.extend(info.made.map(|text| format!("made       {text}")));
    lines.extend(info.citation.map(|text| format!("from       {text}")));
    if let Some(series) = &info.series {
        let spacing =
            series.sample_spacing.map_or("an unknown time".to_owned(), |spacing| spacing.to_string());
        lines.push(format!(
            "series     {}: {} samples, {spacing} apart",
            printable(&series.variable),
            grouped(series.samples)
        ));
        lines.push(format!(
            "values     mean {:.4}, SD {:.4}, from {:.4} to {:.4}",
            series.mean, series.std, series.min, series.max
        ));
        if let (Some(exponent), Some(source)) = (series.lyapunov_exponent, &series.lyapunov_source) {
            lines.push(format!("Lyapunov   exponent {exponent} per unit of time ({source})"));
        }
        if let (Some(horizon), Some(washout)) = (series.horizon, series.washout) {
            lines.push(format!(
                "forecasts  {} ahead by default, after a washout of {washout}",
                counted(horizon, "sample", "samples")
            ));
        }
    }
    let unit = if matches!(what, What::Reach(_)) { "targets" } else { "samples" };
    lines.push(format!("training   {:>6} {unit}  sha256 {}", info.train, info.train_sha256));
    lines.push(format!("held out   {:>6} {unit}  sha256 {}", info.test, info.test_sha256));
    lines
}
