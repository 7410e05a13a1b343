//! `bl-adapt inspect` and `verify`: what an adapter file holds, and whether it holds together.

use std::path::Path;

use bl_cli::{ExitStatus, Printer};
use bl_core::{Backbone, BiasAdapter, UnitGains, canonical};

use super::inspect_time;
use super::load::{Loaded, load};

pub(crate) fn inspect(path: &Path, out: Printer) -> anyhow::Result<ExitStatus> {
    match load(path, out)? {
        Loaded::Pictures(adapter) => inspect_pictures(&adapter, out),
        Loaded::Time(adapter) => inspect_time::inspect(&adapter, out),
    }
}

fn inspect_pictures(adapter: &BiasAdapter, out: Printer) -> anyhow::Result<ExitStatus> {
    let header = &adapter.header;
    if out.is_json() {
        out.json(header)?;
        return Ok(ExitStatus::Success);
    }
    let biases = adapter.biases.concat();
    let (mean, sd) = mean_sd(&biases);
    out.result(format!("kind           {}", header.kind))?;
    out.result(format!("task           {} ({})", header.task.name, header.task.title))?;
    out.result(format!("classes        {}", header.task.labels.join(" ")))?;
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
            let (mean, sd) = mean_sd(gains);
            out.result(format!("gains          {}, mean {mean:+.4}, SD {sd:.4}", gains.len()))?;
        }
    }
    out.result(format!("backbone       {}", header.backbone.fingerprint))?;
    out.result(format!("spec           {}", canonical::to_string(&header.backbone.spec)?))?;
    for metric in &header.metrics {
        out.result(format!("{:<14} {:.4} ({})", metric.name, metric.value, metric.split))?;
    }
    if let Some(training) = &header.training {
        let data = &training.dataset;
        out.result(format!(
            "trained on     {} ({}): {} of training, {} of validation, {} of test",
            data.name, data.source, data.train, data.validation, data.test
        ))?;
        out.result(format!("configuration  {}", canonical::text(&training.config)))?;
        out.result(format!("written by     {} on {}", training.code, training.isa))?;
    }
    Ok(ExitStatus::Success)
}

pub(super) fn mean_sd(values: &[f32]) -> (f64, f64) {
    let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / values.len() as f64;
    (mean, variance.sqrt())
}

/// A damaged file is a negative result here, not an error: to find that out was the work.
pub(crate) fn verify(path: &Path, out: Printer) -> anyhow::Result<ExitStatus> {
    let adapter = match load(path, out) {
        Ok(Loaded::Pictures(adapter)) => adapter,
        Ok(Loaded::Time(adapter)) => return inspect_time::verify(&adapter, out),
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
        "valid: digest, {} parameters of kind {}, backbone {}",
        adapter.parameters(),
        adapter.header.kind,
        backbone.fingerprint()
    ))?;
    Ok(ExitStatus::Success)
}
