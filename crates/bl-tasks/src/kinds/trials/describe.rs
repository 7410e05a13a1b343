//! What trials are like, for people and for scripts.

use bl_core::io::Channel;

use super::{TrialsTask, names};
use crate::judgement::fields;
use crate::kind::Description;
use crate::kinds::classes::counts;
use crate::trials::Trials;

/// Field names are part of the command line's contract.
#[derive(serde::Serialize)]
struct DataReport<'a> {
    channels: Vec<&'a str>,
    targets: Vec<&'a str>,
    labels: &'a [String],
    steps_min: usize,
    steps_max: usize,
    train_per_class: Vec<usize>,
    test_per_class: Vec<usize>,
}

pub(super) fn describe(task: &TrialsTask) -> Description {
    let variables = task.form.variables();
    let (steps_min, steps_max) = task.train.lengths();
    let per_class =
        |half: &Trials| counts(&half.goals().asked_classes().collect::<Vec<_>>(), task.labels.len());
    let report = DataReport {
        channels: names(&task.form.inputs),
        targets: names(variables),
        labels: &task.labels,
        steps_min,
        steps_max,
        train_per_class: per_class(&task.train),
        test_per_class: per_class(&task.test),
    };
    let range = |of: &Channel| format!("  {:<22} {} to {}", of.name, of.low, of.high);
    let mut table: Vec<String> = task.form.inputs.iter().map(range).collect();
    table.extend(variables.iter().map(range));
    let of_classes = task.labels.iter().zip(report.train_per_class.iter().zip(&report.test_per_class));
    table.extend(
        of_classes.map(|(label, (train, test))| format!("  {label:<22} {train:>6} training  {test:>6} test")),
    );
    let mut lines = vec![
        format!("steps      {steps_min} to {steps_max}"),
        format!("inputs     {}", names(&task.form.inputs).join(", ")),
    ];
    if !variables.is_empty() {
        lines.push(format!("targets    {}", names(variables).join(", ")));
    }
    Description { lines, fields: fields(&report), table }
}
