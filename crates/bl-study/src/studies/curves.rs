//! What the studies of sequence tasks share: curves over time, and summaries of runs some of which may have failed.

use bl_tasks::kinds::ForecastJudgement;

use crate::analysis::MeanSd;
use crate::outcome::Outcome;
use crate::plot::{Line, LineStyle, Point, Role};
use crate::study_error::StudyError;

/// A curve through values at equal distances from 0.
pub(super) fn over_time(label: &str, role: Role, spacing: f64, values: &[f64]) -> Line {
    let point = |(at, &y): (usize, &f64)| Point { x: at as f64 * spacing, y, sd: 0.0 };
    let points = values.iter().enumerate().map(point).collect();
    Line { points, markers: false, ..Line::new(label, role) }
}

/// The same with gaps, for what is laid over another curve.
pub(super) fn dashed(line: Line) -> Line {
    Line { style: LineStyle::Dashed, ..line }
}

/// The time between two samples of a forecast series.
pub(super) fn spacing(judged: &ForecastJudgement) -> f64 {
    judged.free.first().and_then(|run| run.valid.criterion.spacing).unwrap_or(1.0)
}

/// The loss of a run, epoch by epoch; only losses above 0 can be drawn on a logarithmic axis.
pub(super) fn loss_curve(label: &str, role: Role, outcome: &Outcome) -> Line {
    let point = |&(epoch, y): &(usize, f64)| Point { x: epoch as f64, y, sd: 0.0 };
    let points = outcome.curve.iter().filter(|(_, loss)| *loss > 0.0).map(point).collect();
    Line { points, markers: false, ..Line::new(label, role) }
}

/// R² of the runs that did not fail, and how many did.
pub(super) fn r2(outcomes: &[&Outcome]) -> Result<(Option<MeanSd>, usize), StudyError> {
    let values: Vec<f64> = outcomes.iter().filter_map(|outcome| outcome.r2()).collect();
    let failed = outcomes.iter().filter(|outcome| outcome.failed.is_some()).count();
    Ok((if values.is_empty() { None } else { Some(MeanSd::of(&values)?) }, failed))
}
