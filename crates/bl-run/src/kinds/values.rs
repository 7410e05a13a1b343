//! Rows of real values: what every adapter says of the rows of a user's table.

use std::path::Path;

use bl_cli::words::{percent, printable};
use bl_cli::{ExitStatus, Printer};
use bl_core::Net;
use bl_core::io::ValueSchema;
use bl_tasks::OwnTask;
use serde_json::{Value, json};

use super::{Kind, Measured, Shown, images};
use crate::cli::{BenchArgs, Given, RunArgs};
use crate::kinds::images::top;
use crate::latency::Effort;
use crate::models::Loaded;

/// The largest table that is read.
const MAX_BYTES: u64 = 1 << 30;
/// Classes that are printed unless the user says otherwise.
const TOP: u16 = 3;

/// Adapters that take rows of these ranges.
pub(super) struct Values<'a>(pub(super) &'a ValueSchema);

impl Kind for Values<'_> {
    fn name(&self) -> &'static str {
        if self.0.target.is_some() { "estimation of numbers" } else { "classification of rows" }
    }

    fn counted(&self) -> (&'static str, &'static str) {
        ("adapter of rows", "adapters of rows")
    }

    fn misfits(&self, _: &Given) -> Vec<(&'static str, &'static str)> {
        vec![
            ("--sort", "it is for series"),
            ("--fill", "it is for series"),
            ("--strict", "it is for series"),
            ("--column", "a row has all columns of training, in their order"),
            ("--free-run", "it is for adapters that forecast or generate a series"),
            ("--target", "it is for adapters that move an arm, such as `reach`"),
            ("--plot", "it is for sequence adapters"),
            ("--show", "it is for images"),
            ("--min-r2", "nothing says what is right of these rows"),
            ("--min-metric", "nothing says what is right of these rows"),
        ]
    }

    fn single(&self) -> &'static [&'static str] {
        &[]
    }

    fn show(&self, _: &RunArgs, _: &Loaded, _: &OwnTask, _: Printer) -> anyhow::Result<Shown> {
        anyhow::bail!(
            "the rows that the adapter was trained on are not here: give some with `--input rows.csv`"
        )
    }

    fn predict(&self, args: &RunArgs, models: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
        let count = usize::from(args.predict.top.unwrap_or(TOP));
        let mut reports = Vec::new();
        for path in &args.predict.input {
            for model in models {
                let schema = model.model.header.io.values()?;
                let rows = read(Path::new(path), schema.columns())?;
                let outputs = model.model.scores(&schema.rows(&rows)?)?;
                let mut of_rows = outputs.chunks_exact(model.model.outputs()).enumerate();
                of_rows.try_for_each(|(row, outputs)| {
                    let said = said(model, schema, outputs, count);
                    if !out.is_json() {
                        out.result(format!(
                            "row {:<6} {}  {}",
                            row + 1,
                            printable(&model.name),
                            printable(&said.0)
                        ))?;
                    }
                    reports.push(json!({ "row": row + 1, "adapter": model.file(), "prediction": said.1 }));
                    anyhow::Ok(())
                })?;
            }
        }
        if out.is_json() {
            out.json(&json!({ "rows": reports }))?;
        }
        Ok(ExitStatus::Success)
    }

    fn bench(&self, args: &BenchArgs, group: &[&Loaded], effort: Effort) -> anyhow::Result<Measured> {
        images::bench(args, group, effort)
    }
}

/// What an adapter says of a row, for people and for scripts.
fn said(model: &Loaded, schema: &ValueSchema, outputs: &[f32], count: usize) -> (String, Value) {
    let labels = &model.model.header.task.labels;
    if let Some(scale) = schema.target {
        let found: Vec<f64> = outputs.iter().map(|&y| scale.offset + scale.unit * f64::from(y)).collect();
        let pairs = labels.iter().zip(&found);
        return (pairs.map(|(name, y)| format!("{name} {y}")).collect::<Vec<_>>().join("  "), json!(found));
    }
    let guesses = top(outputs, count);
    let words =
        guesses.iter().map(|guess| format!("{} {}", labels[guess.class], percent(guess.probability.into())));
    let values = guesses.iter().map(|guess| {
        json!({ "class": labels[guess.class], "index": guess.class, "probability": guess.probability })
    });
    (words.collect::<Vec<_>>().join("  "), values.collect())
}

/// The rows of a text file: numbers with commas, semicolons, tabs or spaces between them; a first line of names is left out.
fn read(path: &Path, columns: usize) -> anyhow::Result<Vec<f64>> {
    let text = String::from_utf8(bl_core::files::read_capped(path, MAX_BYTES)?)
        .map_err(|_| anyhow::anyhow!("`{}` is not text: expected rows of numbers", path.display()))?;
    let mut values = Vec::new();
    for (line, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        let is_between = |c: char| c == ',' || c == ';' || c.is_whitespace();
        let cells: Vec<&str> = text.split(is_between).filter(|cell| !cell.is_empty()).collect();
        let numbers: Result<Vec<f64>, _> = cells.iter().map(|cell| cell.parse::<f64>()).collect();
        match numbers {
            Ok(numbers) if numbers.len() == columns => values.extend(numbers),
            Err(_) if line == 0 => {}
            _ => anyhow::bail!(
                "`{}`, line {}: expected {columns} numbers, found {} cells: `{}`",
                path.display(),
                line + 1,
                cells.len(),
                printable(&text.chars().take(60).collect::<String>())
            ),
        }
    }
    Ok(values)
}
