//! What the kinds of sequence adapters have in common.

mod bench;
mod free_run;
mod speed;

pub(super) use bench::bench;
pub(super) use free_run::Ran;

use bl_cli::words::printable;
use bl_tasks::Judgement;

use super::Shown;
use crate::models::Loaded;

/// Options that are about the text file of a series.
pub(super) const OF_FILES: [&str; 4] = ["--column", "--sort", "--fill", "--strict"];

pub(super) const NO_TARGET: (&str, &str) =
    ("--target", "it is for adapters that move an arm, such as `reach`");

/// What no sequence adapter supports, beside its own misfits.
pub(super) fn misfits(own: Vec<(&'static str, &'static str)>) -> Vec<(&'static str, &'static str)> {
    let of_images = [
        ("--min-accuracy", "the metric of sequence tasks is R²: `--min-metric`"),
        ("--top", "it is for image classifiers"),
        ("--show", "a series is drawn without `--input`, and with it by `--plot FILE`"),
        ("--seed", "the held-out part is drawn from its beginning"),
    ];
    of_images.into_iter().chain(own).collect()
}

/// What was measured on the held-out part, with a line for each of its parts under `--verbose`.
pub(super) fn shown(model: &Loaded, judgement: Judgement, parts: Vec<String>) -> anyhow::Result<Shown> {
    let speed = speed::of(&model.model)?;
    let mut lines = judgement.lines.clone();
    lines.extend(parts.into_iter().map(|line| format!("  {line}")));
    lines.push(speed.words());
    let fields = judgement.fields.clone();
    Ok(Shown { judgement, fields, lines, speed: serde_json::to_value(&speed)? })
}

/// The task's title, safe to draw.
pub(super) fn title(model: &Loaded) -> String {
    printable(&model.model.header.task.title)
}
