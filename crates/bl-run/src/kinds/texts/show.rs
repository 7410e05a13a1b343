//! `bl-run --adapter FILE`: a classifier of texts at work on the test texts of its own task.

use bl_cli::Printer;
use bl_cli::words::{percent, printable};
use bl_runtime::{Input, Query, Scratch, predict};
use bl_tasks::OwnTask;
use serde_json::json;

use crate::cli::RunArgs;
use crate::kinds::images::{accuracy_line, measure, pick, recorded, speed_of, top};
use crate::kinds::{Shown, fields};
use crate::models::Loaded;

/// Characters of a text that are shown.
const SHOWN: usize = 60;

pub(super) fn show(args: &RunArgs, model: &Loaded, own: &OwnTask, out: Printer) -> anyhow::Result<Shown> {
    const SAMPLES: usize = 8;
    let texts = own.task.what.texts()?;
    let test = &texts.test;
    let (count, seed) = (args.held_out.samples.unwrap_or(SAMPLES), args.held_out.seed.unwrap_or(1));
    let indices = pick(test.len(), count, seed);
    let picked: Vec<Input> = indices
        .iter()
        .map(|&index| Input::of_texts(&model.model, &test.texts[index]))
        .collect::<Result<_, _>>()?;
    let queries: Vec<_> = (0..picked.len()).map(|image| Query { image, model: &model.model }).collect();
    let scores = predict(&picked.iter().collect::<Vec<_>>(), &queries, &mut Scratch::default())?;
    let mut samples = Vec::new();
    for (&index, scores) in indices.iter().zip(&scores) {
        let (truth, guess) = (usize::from(test.labels[index]), top(scores, 1)[0]);
        let label = |class: usize| model.model.header.task.labels[class].as_str();
        samples.push(json!({
            "index": index,
            "texts": test.texts[index],
            "truth": label(truth),
            "class": label(guess.class),
            "probability": guess.probability,
            "correct": truth == guess.class,
        }));
        if !out.is_json() {
            let verdict =
                if truth == guess.class { String::new() } else { format!(": wrong, is {}", label(truth)) };
            let says = format!("says {}, {}{verdict}", label(guess.class), percent(guess.probability.into()));
            out.result(format!("{}  {}", shortened(&test.texts[index]), printable(&says)))?;
        }
    }
    let (evaluation, seconds) =
        measure(&model.model, out, |on_share| texts.evaluate(&model.model, on_share))?;
    let recorded = recorded(&model.model.header, own, &evaluation);
    let mut lines = vec![accuracy_line(&evaluation, "texts", recorded)];
    let judgement = texts.judged(evaluation);
    let mut fields = fields(&judgement.fields)?;
    fields.insert("samples".into(), samples.into());
    if args.held_out.verbose {
        lines.extend_from_slice(&judgement.more);
    }
    let rate = test.len() as f64 / seconds;
    let speed = if let Some(rows) = texts.rows_of_test() {
        let speed = speed_of(&model.model, rows, "text", seconds)?;
        lines.extend(speed.lines());
        serde_json::to_value(&speed)?
    } else {
        lines.push(format!("throughput      {rate:.0} texts per second in large batches"));
        json!({ "texts_per_second": rate })
    };
    Ok(Shown { judgement, fields, lines, speed })
}

/// A text, or a pair, in one line of a fixed width.
pub(super) fn shortened(texts: &[String]) -> String {
    let whole = printable(&texts.join(" | "));
    let cut = console::truncate_str(&whole, SHOWN, "…");
    console::pad_str(&cut, SHOWN, console::Alignment::Left, None).into_owned()
}
