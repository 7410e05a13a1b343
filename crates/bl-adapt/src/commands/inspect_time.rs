//! `bl-adapt inspect` and `verify` of adapters of tasks in time.

use bl_cli::time::kind;
use bl_cli::words::printable;
use bl_cli::{ExitStatus, Printer};
use bl_core::recurrent::{Forecast, Reach, RecurrentAdapter, SeriesScale, Signal};
use bl_core::{Encoding, UnitGains, canonical};

use super::inspect::{Inspected, form_words, mean_sd};

pub(super) fn inspect(adapter: &RecurrentAdapter, out: Printer) -> anyhow::Result<ExitStatus> {
    let header = &adapter.header;
    if out.is_json() {
        out.json(&Inspected { header, encoding: adapter.encoding().name(), kept_units: None })?;
        return Ok(ExitStatus::Success);
    }
    let mut lines = vec![
        format!("kind           {}, recurrent", header.kind),
        format!("task           {} ({})", printable(&header.task.name), printable(&header.task.title)),
        format!("does           {}", kind(&header.signal)),
    ];
    lines.extend(signal_lines(&header.signal));
    lines.extend(learned_lines(adapter));
    lines.push(format!("backbone       {}", header.backbone.fingerprint));
    lines.push(format!("spec           {}", canonical::to_string(&header.backbone.spec)?));
    for metric in &header.metrics {
        lines.push(format!(
            "{:<14} {:.4} ({})",
            printable(&metric.name),
            metric.value,
            printable(&metric.split)
        ));
    }
    if let Some(training) = &header.training {
        let data = &training.dataset;
        let what = if matches!(header.signal, Signal::Reach(_)) { "targets" } else { "samples" };
        lines.push(format!(
            "trained on     {} ({}): {} {what} of training, {} held out",
            printable(&data.name),
            printable(&data.source),
            data.train,
            data.test
        ));
        lines.push(format!("configuration  {}", printable(&canonical::text(&training.config))));
        lines.push(format!("written by     {} on {}", printable(&training.code), printable(&training.isa)));
    }
    lines.into_iter().try_for_each(|line| out.result(line))?;
    Ok(ExitStatus::Success)
}

fn signal_lines(signal: &Signal) -> Vec<String> {
    let scaled = |scale: &SeriesScale| format!("scale          (value − {}) / {}", scale.offset, scale.unit);
    let apart = |spacing: &Option<f64>| {
        spacing.map_or("an unknown time apart".to_owned(), |spacing| format!("{spacing} apart"))
    };
    match signal {
        Signal::Generate { variable, steps, spacing, scale } => vec![
            format!("output         {}, {steps} samples learned, {}", printable(variable), apart(spacing)),
            scaled(scale),
        ],
        Signal::Forecast(Forecast { variable, horizon, washout, spacing, scale, lyapunov }) => {
            let mut lines = vec![
                format!("input          {}, samples {}", printable(variable), apart(spacing)),
                format!("output         the same {horizon} samples later, after a washout of {washout}"),
                scaled(scale),
            ];
            lines.extend(lyapunov.as_ref().map(|known| {
                format!("Lyapunov       exponent {} ({})", known.exponent, printable(&known.source))
            }));
            lines
        }
        Signal::Reach(Reach { steps, dt, mass, lag, distance, unit }) => vec![
            format!(
                "input          the place of the target, in units of {unit} m; learned {distance} m away"
            ),
            format!(
                "output         the controls of a mass of {mass} kg with a lag of {lag} s: {steps} steps of {dt} s"
            ),
        ],
    }
}

fn learned_lines(adapter: &RecurrentAdapter) -> Vec<String> {
    let values = |name: &str, values: &[f32]| {
        let (mean, sd) = mean_sd(values);
        format!("{name:<14} {}, mean {mean:+.4}, SD {sd:.4}", values.len())
    };
    let mut lines = vec![values("biases", &adapter.biases)];
    match &adapter.gains {
        UnitGains::One => {}
        UnitGains::Mask(on) => {
            let count = on.iter().filter(|on| **on).count();
            lines.push(format!("mask           {count} of {} units ON; the biases are drawn", on.len()));
        }
        UnitGains::Learned(gains) => lines.push(values("gains", gains)),
    }
    lines.extend(adapter.initial.as_ref().map(|state| values("first state", state)));
    if adapter.encoding() != Encoding::F32 {
        lines.push(format!("encoding       {}", adapter.encoding()));
    }
    lines
}

pub(super) fn verify(adapter: &RecurrentAdapter, out: Printer) -> anyhow::Result<ExitStatus> {
    let backbone = match adapter.generate_backbone() {
        Ok(backbone) => backbone,
        Err(error) => {
            out.result(format!("not valid: {error}"))?;
            return Ok(ExitStatus::Negative);
        }
    };
    out.result(format!(
        "valid: digest, {} parameters of kind {}{}, recurrent backbone {}",
        adapter.parameters(),
        adapter.header.kind,
        form_words(adapter.encoding(), false),
        backbone.fingerprint()
    ))?;
    Ok(ExitStatus::Success)
}
