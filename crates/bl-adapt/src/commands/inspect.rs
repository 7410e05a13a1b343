//! `bl-adapt inspect` and `verify`: what an adapter file holds, and whether it holds together.

use std::path::Path;

use bl_cli::words::{grouped, printable};
use bl_cli::{ExitStatus, Printer};
use bl_core::{AnyAdapter, Backbone, BiasAdapter, Encoding, UnitGains, canonical};
use serde::Serialize;

use super::inspect_time;
use super::load::load;

pub(crate) fn inspect(path: &Path, out: Printer) -> anyhow::Result<ExitStatus> {
    match load(path, out)? {
        AnyAdapter::Pictures(adapter) => inspect_pictures(&adapter, out),
        AnyAdapter::Time(adapter) => inspect_time::inspect(&adapter, out),
    }
}

/// A header, and the form of its file.
#[derive(Serialize)]
pub(super) struct Inspected<'a, H> {
    #[serde(flatten)]
    pub(super) header: &'a H,
    pub(super) encoding: &'static str,
    /// Of a pruned adapter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kept_units: Option<usize>,
}

fn inspect_pictures(adapter: &BiasAdapter, out: Printer) -> anyhow::Result<ExitStatus> {
    let header = &adapter.header;
    let units = adapter.biases[0].len();
    let kept = adapter.kept().map(|kept| kept.iter().filter(|kept| **kept).count());
    if out.is_json() {
        out.json(&Inspected { header, encoding: adapter.encoding().name(), kept_units: kept })?;
        return Ok(ExitStatus::Success);
    }
    let of_kept = |values: &[f32]| -> Vec<f32> {
        let is_kept = |unit: usize| adapter.kept().is_none_or(|kept| kept[unit]);
        values.iter().enumerate().filter(|(unit, _)| is_kept(*unit)).map(|(_, value)| *value).collect()
    };
    let biases = of_kept(&adapter.biases.concat());
    let (mean, sd) = mean_sd(&biases);
    out.result(format!("kind           {}", header.kind))?;
    let task = &header.task;
    out.result(format!("task           {} ({})", printable(&task.name), printable(&task.title)))?;
    out.result(format!("classes        {}", printable(&task.labels.join(" "))))?;
    let input = header.input;
    out.result(format!("input          {} × {} × {} 8-bit", input.height, input.width, input.channels))?;
    let pre = header.preprocessing;
    out.result(format!("preprocessing  (pixel / 255 − {}) / {}", pre.mean, pre.std))?;
    out.result(format!("biases         {}, mean {mean:+.4}, SD {sd:.4}", biases.len()))?;
    match &adapter.gains {
        UnitGains::One => {}
        UnitGains::Mask(on) => {
            let count = on.iter().filter(|on| **on).count();
            out.result(format!("mask           {count} of {} units ON; the biases are drawn", on.len()))?;
        }
        UnitGains::Learned(gains) => {
            let gains = of_kept(gains);
            let (mean, sd) = mean_sd(&gains);
            out.result(format!("gains          {}, mean {mean:+.4}, SD {sd:.4}", gains.len()))?;
        }
    }
    if let Some(kept) = kept {
        out.result(format!("pruned         {} of {} units are left", grouped(kept), grouped(units)))?;
    }
    if adapter.encoding() != Encoding::F32 {
        out.result(format!("encoding       {}", adapter.encoding()))?;
    }
    out.result(format!("backbone       {}", header.backbone.fingerprint))?;
    out.result(format!("spec           {}", canonical::to_string(&header.backbone.spec)?))?;
    for metric in &header.metrics {
        let (name, split) = (printable(&metric.name), printable(&metric.split));
        out.result(format!("{name:<14} {:.4} ({split})", metric.value))?;
    }
    if let Some(training) = &header.training {
        let data = &training.dataset;
        out.result(format!(
            "trained on     {} ({}): {} of training, {} of validation, {} of test",
            printable(&data.name),
            printable(&data.source),
            data.train,
            data.validation,
            data.test
        ))?;
        out.result(format!("configuration  {}", printable(&canonical::text(&training.config))))?;
        let (code, isa) = (printable(&training.code), printable(&training.isa));
        out.result(format!("written by     {code} on {isa}"))?;
    }
    Ok(ExitStatus::Success)
}

pub(super) fn mean_sd(values: &[f32]) -> (f64, f64) {
    let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / values.len() as f64;
    (mean, variance.sqrt())
}

/// What a file's values are, where they are not f32 for every unit.
pub(super) fn form_words(encoding: Encoding, pruned: bool) -> String {
    let encoding = if encoding == Encoding::F32 { String::new() } else { format!(" as {encoding}") };
    format!("{encoding}{}", if pruned { ", pruned" } else { "" })
}

/// A damaged file is a negative result here, not an error: to find that out was the work.
pub(crate) fn verify(path: &Path, out: Printer) -> anyhow::Result<ExitStatus> {
    let adapter = match load(path, out) {
        Ok(AnyAdapter::Pictures(adapter)) => adapter,
        Ok(AnyAdapter::Time(adapter)) => return inspect_time::verify(&adapter, out),
        Err(error @ bl_core::Error::Read { .. }) => return Err(error.into()),
        Err(error) => {
            out.result(format!("not valid: {error}"))?;
            return Ok(ExitStatus::Negative);
        }
    };
    let backbone = Backbone::generate(&adapter.header.backbone.spec)?;
    if let Err(error) = backbone.prepare(&adapter) {
        out.result(format!("not valid: {error}"))?;
        return Ok(ExitStatus::Negative);
    }
    out.result(format!(
        "valid: digest, {} parameters of kind {}{}, backbone {}",
        adapter.parameters(),
        adapter.header.kind,
        form_words(adapter.encoding(), adapter.kept().is_some()),
        backbone.fingerprint()
    ))?;
    Ok(ExitStatus::Success)
}
