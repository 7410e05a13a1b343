//! `bl-adapt inspect` and `verify`: what an adapter file holds, and whether it holds together.

use std::path::Path;

use bl_cli::words::{decimal, grouped, printable};
use bl_cli::{ExitStatus, Printer};
use bl_core::header::{Header, TrainingRecord};
use bl_core::{Adapter, Encoding, UnitGains, canonical};
use bl_tasks::about::about;
use serde::Serialize;

use super::load::load;

/// A header, and the form of its file.
#[derive(Serialize)]
struct Inspected<'a> {
    #[serde(flatten)]
    header: &'a Header,
    encoding: &'static str,
    /// Of a pruned adapter.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_units: Option<usize>,
}

pub(crate) fn inspect(path: &Path, out: Printer) -> anyhow::Result<ExitStatus> {
    let adapter = load(path, out)?;
    let header = &adapter.header;
    let kept = adapter.kept().map(|kept| kept.iter().filter(|kept| **kept).count());
    if out.is_json() {
        out.json(&Inspected { header, encoding: adapter.encoding().name(), kept_units: kept })?;
        return Ok(ExitStatus::Success);
    }
    let task = &header.task;
    let about = about(&header.io, &task.labels);
    let mut lines = vec![
        format!("kind           {}, {}", header.kind, header.backbone.spec.family_name()),
        format!("task           {} ({})", task.name, task.title),
        format!("does           {}", about.does),
    ];
    lines.extend(about.lines);
    lines.extend(learned(&adapter));
    lines.extend(kept.map(|kept| {
        let units = adapter.parameters.biases[0].len();
        format!("pruned         {} of {} units are left", grouped(kept), grouped(units))
    }));
    if adapter.encoding() != Encoding::F32 {
        lines.push(format!("encoding       {}", adapter.encoding()));
    }
    lines.push(format!("network        {}", header.backbone.spec.summary()));
    lines.push(format!("backbone       {}", header.backbone.fingerprint));
    lines.push(format!("spec           {}", canonical::to_string(&header.backbone.spec)?));
    lines.extend(header.metrics.iter().map(|m| format!("{:<14} {} ({})", m.name, decimal(m.value), m.split)));
    lines.extend(header.training.iter().flat_map(|training| trained(training, about.unit)));
    // A line is a line, whatever stands in a stranger's file.
    lines.iter().try_for_each(|line| out.result(printable(line)))?;
    Ok(ExitStatus::Success)
}

/// Statistics of what was learned.
fn learned(adapter: &Adapter) -> Vec<String> {
    let values = |name: &str, values: &[f32]| {
        let (mean, sd) = mean_sd(values);
        format!("{name:<14} {}, mean {mean:+.4}, SD {sd:.4}", values.len())
    };
    let kept = |values: &[f32]| -> Vec<f32> {
        let is_kept = |unit: usize| adapter.kept().is_none_or(|kept| kept[unit]);
        values.iter().enumerate().filter(|(unit, _)| is_kept(*unit)).map(|(_, value)| *value).collect()
    };
    let parameters = &adapter.parameters;
    let biases = parameters.biases.concat();
    let mut lines = Vec::new();
    if !biases.is_empty() {
        lines.push(values("biases", &kept(&biases)));
    }
    match &parameters.gains {
        UnitGains::One => {}
        UnitGains::Mask(on) => {
            let count = on.iter().filter(|on| **on).count();
            lines.push(format!("mask           {count} of {} units ON; the biases are drawn", on.len()));
        }
        UnitGains::Learned(gains) => lines.push(values("gains", &kept(gains))),
    }
    lines.extend(parameters.initial.as_ref().map(|state| values("initial state", state)));
    if let Some(head) = &parameters.head {
        lines.push(values("readout", &[&*head.weights, &*head.bias].concat()));
    }
    lines
}

fn trained(training: &TrainingRecord, unit: &str) -> Vec<String> {
    let data = &training.dataset;
    vec![
        format!(
            "trained on     {} ({}): {} training, {} validation and {} test {unit}",
            data.name, data.source, data.train, data.validation, data.test
        ),
        format!("configuration  {}", canonical::text(&training.config)),
        format!("written by     {} on {}", training.code, training.isa),
    ]
}

fn mean_sd(values: &[f32]) -> (f64, f64) {
    let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / values.len() as f64;
    (mean, variance.sqrt())
}

/// A damaged file is a negative result here, not an error: to find that out was the work.
pub(crate) fn verify(path: &Path, out: Printer) -> anyhow::Result<ExitStatus> {
    let checked = load(path, out).and_then(|adapter| Ok((adapter.generate_backbone()?, adapter)));
    let (backbone, adapter) = match checked {
        Ok(checked) => checked,
        Err(error) => return not_valid(error, out),
    };
    let encoding = match adapter.encoding() {
        Encoding::F32 => String::new(),
        encoding => format!(" as {encoding}"),
    };
    let words = format!(
        "valid: digest, {} parameters of kind {}{encoding}{}, {} backbone {}",
        adapter.parameter_count(),
        adapter.header.kind,
        if adapter.kept().is_some() { ", pruned" } else { "" },
        backbone.spec().family_name(),
        backbone.fingerprint()
    );
    verdict(true, words, out)
}

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Verdict {
    valid: bool,
    message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// What a check of a file found; not to be valid is a negative result.
pub(super) fn verdict(valid: bool, message: String, out: Printer) -> anyhow::Result<ExitStatus> {
    report(&Verdict { valid, message, hint: None }, out)
}

/// A file that does not hold together is a negative result; one that cannot be read is an error, and in JSON a verdict
/// too: a script reads one object, whatever became of the file.
pub(super) fn not_valid(error: bl_core::Error, out: Printer) -> anyhow::Result<ExitStatus> {
    let (message, hint) = (printable(&format!("not valid: {error}")), error.hint());
    if !matches!(error, bl_core::Error::Read { .. }) {
        return report(&Verdict { valid: false, message, hint }, out);
    }
    if out.is_json() {
        out.json(&Verdict { valid: false, message, hint })?;
    }
    Err(error.into())
}

fn report(verdict: &Verdict, out: Printer) -> anyhow::Result<ExitStatus> {
    let valid = verdict.valid;
    if out.is_json() {
        out.json(verdict)?;
    } else {
        out.result(&verdict.message)?;
        verdict.hint.iter().for_each(|hint| out.say(format!("hint: {hint}")));
    }
    Ok(if valid { ExitStatus::Success } else { ExitStatus::Negative })
}
