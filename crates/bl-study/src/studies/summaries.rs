//! Runs of one setting that differ by their seed, summed up: a number, a point, a bar, a row.

use serde_json::{Value, json};

use crate::analysis::MeanSd;
use crate::finding::{Finding, Judged};
use crate::outcome::Outcome;
use crate::plot::{Bar, Point};
use crate::settings::count;
use crate::study_error::StudyError;

/// Accuracy on the test images.
pub(super) fn accuracy(outcomes: &[Outcome]) -> Result<MeanSd, StudyError> {
    Ok(MeanSd::of(&outcomes.iter().map(Outcome::test_accuracy).collect::<Vec<_>>())?)
}

/// R² of the runs that did not fail, and how many did.
pub(super) fn r2(outcomes: &[Outcome]) -> Result<(Option<MeanSd>, usize), StudyError> {
    let values: Vec<f64> = outcomes.iter().filter_map(Outcome::r2).collect();
    let failed = outcomes.iter().filter(|outcome| outcome.failed.is_some()).count();
    Ok((if values.is_empty() { None } else { Some(MeanSd::of(&values)?) }, failed))
}

/// A point of a curve.
pub(super) fn point(x: f64, of: MeanSd) -> Point {
    Point { x, y: of.mean, sd: of.sd.unwrap_or(0.0) }
}

pub(super) fn bar(of: MeanSd) -> Bar {
    Bar { value: of.mean, sd: of.sd.unwrap_or(0.0) }
}

/// A row of a table: what was run, then mean, standard deviation and number of seeds.
pub(super) fn row(mut what: Vec<Value>, MeanSd { mean, sd, n }: MeanSd) -> Vec<Value> {
    what.extend([json!(mean), json!(sd), json!(n)]);
    what
}

/// What a figure says of the runs it shows.
pub(super) fn over_seeds(seeds: u32) -> String {
    if seeds == 1 { "One seed".to_owned() } else { format!("Mean ± SD of {}", count(seeds)) }
}

/// How far runs of the same setting lie apart.
pub(super) fn spread(of: &[MeanSd]) -> Finding {
    let sds: Vec<f64> = of.iter().filter_map(|summary| summary.sd).collect();
    let largest = sds.iter().copied().fold(0.0, f64::max);
    let judged = match sds.len() {
        0 => Judged::not_comparable(),
        _ => Judged::within(largest, (0.0, 0.01), "the largest SD is"),
    };
    Finding::new("spread over seeds", "barely visible", format!("SD at most {largest:.4}"), judged)
}
