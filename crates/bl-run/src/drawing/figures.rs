//! What is drawn of each kind of judgement.

use std::ops::Range;

use bl_cli::words::counted;
use bl_tasks::reaching::Movement;
use bl_tasks::time::{FreeRun, Reached, TeacherForced};

use super::{Curve, Panel, Picture, Who};

/// Samples that are drawn unless the user says otherwise.
pub(crate) const SAMPLES: usize = 300;

/// Some of the forecasts that were made from true values. `first` is the index of the first sample that was forecast.
pub(crate) fn forecasts(judged: &TeacherForced, variable: &str, first: usize, shown: Range<usize>) -> Panel {
    let (target, forecast) = (&judged.target[shown.clone()], &judged.forecast[shown.clone()]);
    Panel {
        title: format!(
            "teacher-forced (true values go in), {} ahead: R² {:.4} over all",
            judged.horizon, judged.r2
        ),
        x: "sample".into(),
        y: variable.into(),
        curves: pair("true", "forecast", target, forecast, first + shown.start),
        targets: vec![],
        plane: false,
        mark: None,
        range: Some(range(target)),
    }
}

/// The beginning of a free run.
pub(crate) fn free_run(run: &FreeRun, variable: &str, samples: usize) -> Panel {
    let shown = samples.min(run.forecast.len());
    let lyapunov =
        run.valid.lyapunov_times().map_or(String::new(), |times| format!(", {times:.2} Lyapunov times"));
    let least = if run.valid.whole_run { "at least " } else { "" };
    let known = shown.min(run.target.len());
    let mark = (!run.valid.whole_run && run.valid.samples < shown)
        .then(|| ((run.start + run.valid.samples) as f64, "lost here".to_owned()));
    Panel {
        title: format!(
            "free run (forecasts are fed back) from sample {}: valid for {least}{}{lyapunov}",
            run.start,
            counted(run.valid.samples, "sample", "samples")
        ),
        x: "sample".into(),
        y: variable.into(),
        curves: pair("true", "free run", &run.target[..known], &run.forecast[..shown], run.start),
        targets: vec![],
        plane: false,
        mark,
        range: (known > 0).then(|| range(&run.target[..known])),
    }
}

/// A generated trajectory beside the true one.
///
/// # Shapes
/// - `target`: `[samples]`, `generated`: `[samples]`, of which `steps` were learned
pub(crate) fn generated(target: &[f64], generated: &[f64], steps: usize, variable: &str) -> Panel {
    let known = generated.len().min(target.len());
    Panel {
        title: format!("generated without input: {steps} steps were learned"),
        x: "step".into(),
        y: variable.into(),
        curves: pair("true", "generated", &target[..known], generated, 0),
        targets: vec![],
        plane: false,
        mark: (steps < generated.len()).then(|| (steps as f64, "learned up to here".to_owned())),
        range: Some(range(target)),
    }
}

/// The end of a user's series and what the network expects to come.
pub(crate) fn continued(values: &[f64], forecast: &[f64], variable: &str, samples: usize) -> Panel {
    let first = values.len().saturating_sub(samples);
    let mut curves = pair("given", "free run", &values[first..], &[], first);
    curves.extend(pair("given", "free run", &[], forecast, values.len()));
    Panel {
        title: format!("free run: {} samples after the end of the input", forecast.len()),
        x: "sample".into(),
        y: variable.into(),
        curves,
        targets: vec![],
        plane: false,
        mark: Some((values.len() as f64, "the input ends".into())),
        range: None,
    }
}

/// Movements in the plane, and how fast they are.
pub(crate) fn movements(title: &str, learned: &[Reached], others: &[Reached], names: [&str; 2]) -> Picture {
    const MM: f64 = 1e3;
    let path = |movement: &Movement| {
        movement.states.iter().map(|state| (MM * state.position[0], MM * state.position[1])).collect()
    };
    let speed = |movement: &Movement| {
        let steps = movement.speeds().into_iter().enumerate();
        steps.map(|(step, speed)| (step as f64 * movement.dt, speed)).collect()
    };
    let curves = |of: &dyn Fn(&Movement) -> Vec<(f64, f64)>| {
        let curve = |label: &str, who, reached: &[Reached]| Curve {
            label: label.into(),
            who,
            paths: reached.iter().map(|reached| of(&reached.movement)).collect(),
        };
        let both = [(names[0], Who::Truth, learned), (names[1], Who::Network, others)];
        let some = both.into_iter().filter(|(.., reached)| !reached.is_empty());
        some.map(|(label, who, reached)| curve(label, who, reached)).collect()
    };
    let targets =
        learned.iter().chain(others).map(|reached| (MM * reached.target[0], MM * reached.target[1]));
    let paths = Panel {
        title: "paths in the plane".into(),
        x: "x in mm".into(),
        y: "y in mm".into(),
        curves: curves(&path),
        targets: targets.collect(),
        plane: true,
        mark: None,
        range: None,
    };
    let speeds = Panel {
        title: "speeds".into(),
        x: "time in s".into(),
        y: "m/s".into(),
        curves: curves(&speed),
        targets: vec![],
        plane: false,
        mark: None,
        range: None,
    };
    Picture { title: title.into(), panels: vec![paths, speeds] }
}

fn pair(truth: &str, network: &str, target: &[f64], forecast: &[f64], first: usize) -> Vec<Curve> {
    let curve = |label: &str, who, values: &[f64]| {
        let points = values.iter().enumerate().map(|(i, &value)| ((first + i) as f64, value)).collect();
        Curve { label: label.into(), who, paths: vec![points] }
    };
    let both = [(truth, Who::Truth, target), (network, Who::Network, forecast)];
    let some = both.into_iter().filter(|(.., values)| !values.is_empty());
    some.map(|(label, who, values)| curve(label, who, values)).collect()
}

/// The true values with some room: a forecast may go anywhere.
fn range(target: &[f64]) -> (f64, f64) {
    let ends = |(low, high): (f64, f64), &value: &f64| (low.min(value), high.max(value));
    let (low, high) = target.iter().fold((f64::INFINITY, f64::NEG_INFINITY), ends);
    let room = if high > low { 0.15 * (high - low) } else { 0.5 };
    (low - room, high + room)
}
