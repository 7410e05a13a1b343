//! What is drawn of each kind of sequence. Who is true is [`Role::Full`], who is a network [`Role::Bias`].

use std::ops::Range;

use bl_cli::words::{counted, decimal};
use bl_plot::{Axis, Chart, Cloud, Line, LineStyle, Lines, Movements, Panel, Paths, Point, Role};
use bl_tasks::kinds::{FreeRun, Reached, TeacherForced};
use bl_tasks::reaching::Movement;

use super::{Drawing, Drawn};

/// Samples that are drawn unless the user says otherwise.
pub(crate) const SAMPLES: usize = 300;

/// Some of the forecasts that were made from true values. `first` is the index of the first sample that was forecast.
pub(crate) fn forecasts(judged: &TeacherForced, variable: &str, first: usize, shown: Range<usize>) -> Drawn {
    let (target, forecast) = (&judged.target[shown.clone()], &judged.forecast[shown.clone()]);
    let title = format!(
        "teacher-forced (true values go in), {} ahead: R² {} over all",
        judged.horizon,
        decimal(judged.r2)
    );
    let start = first + shown.start;
    let series = vec![truth("true", target, start), network("forecast", forecast, start)];
    Drawn { panel: course(title, "sample", variable, series, Some(target)), mark: None }
}

/// The beginning of a free run.
pub(crate) fn free_run(run: &FreeRun, variable: &str, samples: usize) -> Drawn {
    let shown = samples.min(run.forecast.len());
    let lyapunov =
        run.valid.lyapunov_times().map_or(String::new(), |times| format!(", {times:.2} Lyapunov times"));
    let least = if run.valid.whole_run { "at least " } else { "" };
    let known = &run.target[..shown.min(run.target.len())];
    let mark = (!run.valid.whole_run && run.valid.samples < shown)
        .then(|| ((run.start + run.valid.samples) as f64, "lost here".to_owned()));
    let title = format!(
        "free run (forecasts are fed back) from sample {}: valid for {least}{}{lyapunov}",
        run.start,
        counted(run.valid.samples, "sample", "samples")
    );
    let own = network("free run", &run.forecast[..shown], run.start);
    let series = vec![truth("true", known, run.start), own];
    let range = (!known.is_empty()).then_some(known);
    Drawn { panel: course(title, "sample", variable, series, range), mark }
}

/// A generated trajectory beside the true one.
///
/// # Shapes
/// - `target`: `[samples]`, `generated`: `[samples]`, of which `steps` were learned
pub(crate) fn generated(target: &[f64], generated: &[f64], steps: usize, variable: &str) -> Drawn {
    let known = generated.len().min(target.len());
    let title = format!("generated without input: {steps} training steps");
    let series = vec![truth("true", &target[..known], 0), network("generated", generated, 0)];
    let mark = (steps < generated.len()).then(|| (steps as f64, "end of training".to_owned()));
    let range = (!target.is_empty()).then_some(target);
    Drawn { panel: course(title, "step", variable, series, range), mark }
}

/// The end of a user's series and what the network expects to come.
pub(crate) fn continued(values: &[f64], forecast: &[f64], variable: &str, samples: usize) -> Drawn {
    let first = values.len().saturating_sub(samples);
    let title = format!("free run: {} samples after the end of the input", forecast.len());
    let series = vec![truth("given", &values[first..], first), network("free run", forecast, values.len())];
    let mark = Some((values.len() as f64, "the input ends".into()));
    Drawn { panel: course(title, "sample", variable, series, None), mark }
}

fn truth(label: &str, values: &[f64], first: usize) -> Line {
    line(label, Role::Full, LineStyle::Solid, indexed(values, first))
}

fn network(label: &str, values: &[f64], first: usize) -> Line {
    line(label, Role::Bias, LineStyle::Dashed, indexed(values, first))
}

fn indexed(values: &[f64], first: usize) -> impl Iterator<Item = (f64, f64)> {
    values.iter().enumerate().map(move |(i, &value)| ((first + i) as f64, value))
}

fn line(label: &str, role: Role, style: LineStyle, points: impl Iterator<Item = (f64, f64)>) -> Line {
    let points = points.map(|(x, y)| Point { x, y, sd: 0.0 }).collect();
    Line { markers: false, style, points, ..Line::new(label, role) }
}

/// Curves over time; curves without points are left out. The axis shows the true values with some room: a forecast may
/// go anywhere.
fn course(title: String, x: &str, y: &str, mut series: Vec<Line>, truth: Option<&[f64]>) -> Panel {
    series.retain(|line| !line.points.is_empty());
    let mut y = Axis::linear(y);
    if let Some(values) = truth {
        let ends = |(low, high): (f64, f64), &value: &f64| (low.min(value), high.max(value));
        let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), ends);
        let room = if high > low { 0.15 * (high - low) } else { 0.5 };
        y = y.over(low - room, high + room);
    }
    Panel { title, chart: Chart::Lines(Lines { x: Axis::linear(x), y, series, references: vec![] }) }
}

/// Movements in the plane, and how fast they are.
pub(crate) fn movements(title: &str, learned: &[Reached], others: &[Reached], names: [&str; 2]) -> Drawing {
    const MM: f64 = 1e3;
    let both = [(names[0], Role::Full, learned), (names[1], Role::Bias, others)];
    let some: Vec<_> = both.into_iter().filter(|(.., reached)| !reached.is_empty()).collect();
    let path = |movement: &Movement| {
        movement.states.iter().map(|state| (MM * state.position[0], MM * state.position[1])).collect()
    };
    let paths = some.iter().map(|(label, role, reached)| Movements {
        label: (*label).to_owned(),
        role: *role,
        paths: reached.iter().map(|reached| path(&reached.movement)).collect(),
    });
    let targets =
        learned.iter().chain(others).map(|reached| (MM * reached.target[0], MM * reached.target[1]));
    let plane = Chart::Paths(Paths {
        x: Axis::linear("x in mm"),
        y: Axis::linear("y in mm"),
        series: paths.collect(),
        targets: vec![Cloud { label: "target".into(), role: Role::Null, points: targets.collect() }],
    });
    let speed = |movement: &Movement| {
        let dt = movement.dt;
        movement.speeds().into_iter().enumerate().map(move |(step, speed)| (step as f64 * dt, speed))
    };
    // The first of a family is named in the legend for all.
    let speeds = some.iter().flat_map(|(label, role, reached)| {
        reached.iter().enumerate().map(move |(nth, reached)| {
            let label = if nth == 0 { *label } else { "" };
            line(label, *role, LineStyle::Solid, speed(&reached.movement))
        })
    });
    let speeds = course("speeds".into(), "time in s", "m/s", speeds.collect(), None);
    let paths = Panel { title: "paths in the plane".into(), chart: plane };
    let panels = [paths, speeds].map(|panel| Drawn { panel, mark: None }).into();
    Drawing { title: title.into(), panels }
}
