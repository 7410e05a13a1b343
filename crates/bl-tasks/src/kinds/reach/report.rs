//! What movements are worth, in words and for scripts.

use serde::Serialize;

use super::{ReachJudgement, ReachTask, Reached};
use crate::judgement::{Details, Judgement, fields, metric};

/// Field names are part of the command line's contract; `_m` is in metres.
#[derive(Serialize)]
struct Report {
    /// Equation 31, over the targets that were trained on.
    train_target_loss: f64,
    train_end_error_m: f64,
    test_end_error_m: f64,
    train_targets: usize,
    test_targets: usize,
    /// Movements whose speed has one peak.
    single_peaked: usize,
}

impl ReachTask {
    /// A judgement from the movements.
    pub fn judged(judged: ReachJudgement) -> Judgement {
        let report = Report {
            train_target_loss: judged.train_loss(),
            train_end_error_m: ReachJudgement::mean_end_error(&judged.train),
            test_end_error_m: ReachJudgement::mean_end_error(&judged.test),
            train_targets: judged.train.len(),
            test_targets: judged.test.len(),
            single_peaked: single_peaked(&judged.train) + single_peaked(&judged.test),
        };
        let line = |name: &str, movements: &[Reached]| {
            format!(
                "{name:<16}{} targets, {:.2} mm away at the end on average; {} with a single-peaked speed",
                movements.len(),
                1e3 * ReachJudgement::mean_end_error(movements),
                single_peaked(movements)
            )
        };
        Judgement {
            metrics: vec![
                metric("loss", "train", report.train_target_loss),
                metric("end_error_m", "train", report.train_end_error_m),
                metric("end_error_m", "test", report.test_end_error_m),
            ],
            headline: None,
            lines: vec![
                format!(
                    "loss            {:.5} (equation 31, over the training targets)",
                    report.train_target_loss
                ),
                line("training", &judged.train),
                line("in between", &judged.test),
            ],
            more: Vec::new(),
            summary: fields(&report),
            fields: fields(&report),
            details: Details::Reach(judged),
        }
    }
}

fn single_peaked(movements: &[Reached]) -> usize {
    movements.iter().filter(|reached| reached.bell.is_some_and(|bell| bell.is_single())).count()
}
