//! `bl-run --adapter FILE --input trials.npz`: what every adapter says of the user's trials.

use bl_cli::words::{percent, printable};
use bl_cli::{ExitStatus, Printer};
use bl_core::io::{Channel, Trials as Form};
use bl_core::text::decimal;
use bl_tasks::kinds::{Answered, answer_trials, unlike_training};
use bl_tasks::trials::given;
use serde_json::{Value, json};

use crate::cli::RunArgs;
use crate::kinds::images::top;
use crate::models::Loaded;

/// Classes that are printed unless the user says otherwise.
const TOP: u16 = 3;

pub(super) fn predict(args: &RunArgs, adapters: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
    let count = usize::from(args.predict.top.unwrap_or(TOP));
    let (mut reports, mut status, mut failed) = (Vec::new(), ExitStatus::Success, None);
    for path in &args.predict.input {
        for adapter in adapters {
            match of_file(args, path, adapter, count, out) {
                Ok(of_file) => reports.push(of_file),
                Err(error) => {
                    out.warn(format!("skipped: {error}"));
                    status = ExitStatus::Negative; // one bad file does not stop the rest
                    failed = Some(error);
                }
            }
        }
    }
    if let Some(error) = failed.filter(|_| reports.is_empty()) {
        return Err(error);
    }
    if out.is_json() {
        out.json(&json!({ "inputs": reports }))?;
    }
    Ok(status)
}

fn of_file(
    args: &RunArgs,
    path: &std::path::Path,
    adapter: &Loaded,
    count: usize,
    out: Printer,
) -> anyhow::Result<Value> {
    let form = adapter.model.header.io.trials()?;
    let given = given(path, form, args.sequence.mend())?;
    let trials = given.trials();
    for notice in &given.notices {
        out.say(format!("note         {}: {notice}", printable(&path.display().to_string())));
    }
    let unlike = unlike_training(form, &trials).map(|words| printable(&words));
    if let Some(words) = &unlike {
        anyhow::ensure!(!args.sequence.strict, "`{}`: {words}", path.display());
        out.warn(format!("{}: {words}", printable(&path.display().to_string())));
    }
    let answers = answer_trials(&adapter.model, form, &trials)?;
    if !out.is_json() {
        for (trial, answer) in answers.iter().enumerate() {
            out.results(lines(adapter, form, trial, answer, count))?;
        }
    }
    let answers: Vec<Value> = answers.iter().map(|answer| value(adapter, form, answer, count)).collect();
    let mut report = json!({ "path": path, "adapter": adapter.file(), "trials": answers });
    if let Some(words) = unlike {
        report["warning"] = words.into();
    }
    Ok(report)
}

/// The classes of a trial in a line; else a line for each step.
fn lines(adapter: &Loaded, form: &Form, trial: usize, answer: &Answered, count: usize) -> Vec<String> {
    let guesses = |scores: &[f32]| {
        let guesses = top(scores, count);
        let words = guesses
            .iter()
            .map(|of| format!("{} {}", adapter.labels[of.class], percent(of.probability.into())));
        words.collect::<Vec<_>>().join("  ")
    };
    let name = printable(&adapter.name);
    match answer {
        Answered::Scores(scores) => vec![format!("trial {trial:<6} {name}  {}", guesses(scores))],
        Answered::ScoresOfSteps(scores) => {
            let steps = scores.chunks_exact(adapter.labels.len()).enumerate();
            steps
                .map(|(step, scores)| format!("trial {trial:<6} step {step:<6} {name}  {}", guesses(scores)))
                .collect()
        }
        Answered::Values(values) => {
            let channels: Vec<&Channel> = Channel::each(form.variables()).collect();
            let step = |(step, values): (usize, &[f64])| {
                let words = channels
                    .iter()
                    .zip(values)
                    .map(|(of, y)| format!("{} {}", printable(&of.name), decimal(*y)));
                format!("trial {trial:<6} step {step:<6} {name}  {}", words.collect::<Vec<_>>().join("  "))
            };
            values.chunks_exact(channels.len()).enumerate().map(step).collect()
        }
    }
}

/// The same for scripts; field names are part of the command line's contract.
fn value(adapter: &Loaded, form: &Form, answer: &Answered, count: usize) -> Value {
    let labels = &adapter.model.header.task.labels;
    let guesses = |scores: &[f32]| -> Value {
        let guesses = top(scores, count);
        let one = |of: &crate::kinds::images::Guess| json!({ "class": labels[of.class], "index": of.class, "probability": of.probability });
        guesses.iter().map(one).collect()
    };
    match answer {
        Answered::Scores(scores) => json!({ "predictions": guesses(scores) }),
        Answered::ScoresOfSteps(scores) => {
            json!({ "steps": scores.chunks_exact(labels.len()).map(guesses).collect::<Vec<_>>() })
        }
        Answered::Values(values) => {
            let (_, width) = form.widths(0);
            json!({ "values": values.chunks_exact(width).collect::<Vec<_>>() })
        }
    }
}
