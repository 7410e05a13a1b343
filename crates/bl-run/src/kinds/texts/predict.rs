//! `bl-run --adapter FILE --input TEXT`: the classes that every adapter predicts for the user's texts.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use bl_cli::words::{counted, percent, printable};
use bl_cli::{ExitStatus, Printer};
use bl_core::io::TextSchema;
use bl_runtime::{Form, Input, Query, Scratch};
use bl_tasks::Trained;
use bl_tasks::texts::{Given, given};
use serde::Serialize;

use super::show::shortened;
use crate::cli::RunArgs;
use crate::error::Error;
use crate::kinds::images::{Guess, top};
use crate::models::Loaded;

/// Classes that are printed unless the user says otherwise.
const TOP: u16 = 3;
/// Texts answered together.
const BATCH: usize = 512;

/// What every adapter says, for scripts; field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    inputs: Vec<Answered>,
    /// Texts whose class the input says.
    labelled: usize,
    /// In the order of the adapters; null without labels.
    accuracies: Option<Vec<f64>>,
    /// Why what is left out cannot be used.
    skipped: Vec<String>,
}

#[derive(Serialize)]
struct Answered {
    texts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    predictions: Vec<Prediction>,
}

#[derive(Serialize)]
struct Prediction {
    adapter: String,
    task: String,
    class: String,
    index: usize,
    probability: f32,
}

pub(super) fn predict(args: &RunArgs, adapters: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
    let together = schema(&adapters[0])?.texts();
    if let Some(other) =
        adapters.iter().find(|adapter| schema(adapter).is_ok_and(|other| other.texts() != together))
    {
        let (a, b) = (adapters[0].name.clone(), other.name.clone());
        return Err(Error::MixedTypes { a: (a, "text adapter"), b: (b, "adapter of pairs of texts") }.into());
    }
    let (inputs, skipped) = read(args, adapters, together)?;
    let labelled = inputs.iter().filter(|input| input.label.is_some()).count();
    if args.least.value().is_some() && labelled == 0 {
        return Err(Error::NoLabels.into());
    }
    let count = usize::from(args.predict.top.unwrap_or(TOP));
    let mut correct = vec![0; adapters.len()];
    let mut reports = Vec::new();
    let mut scratch = Scratch::default();
    for batch in inputs.chunks(BATCH) {
        for (input, answers) in batch.iter().zip(answers(batch, adapters, count, &mut scratch)?) {
            for ((correct, guesses), adapter) in correct.iter_mut().zip(&answers).zip(adapters) {
                let class = &adapter.model.header.task.labels[guesses[0].class];
                *correct += usize::from(input.label.as_ref() == Some(class));
            }
            if out.is_json() {
                reports.push(answered(input, &answers, adapters));
            } else {
                lines(input, &answers, adapters).iter().try_for_each(|line| out.result(line))?;
            }
        }
    }
    let accuracies: Vec<f64> = correct.iter().map(|&correct| correct as f64 / labelled as f64).collect();
    let accuracies = (labelled > 0).then_some(accuracies);
    for why in &skipped {
        out.warn(format!("skipped: {why}"));
    }
    let mut status = if skipped.is_empty() { ExitStatus::Success } else { ExitStatus::Negative };
    for (adapter, accuracy) in adapters.iter().zip(accuracies.iter().flatten()) {
        let below = args.least.value().is_some_and(|least| *accuracy < least);
        if below {
            status = ExitStatus::Negative;
        }
        out.say(format!(
            "accuracy     {}: {} of {}{}",
            adapter.name,
            percent(*accuracy),
            counted(labelled, "labelled text", "labelled texts"),
            if below { ", below --min-metric" } else { "" },
        ));
    }
    if out.is_json() {
        out.json(&Report { inputs: reports, labelled, accuracies, skipped })?;
    }
    Ok(status)
}

fn schema(adapter: &Loaded) -> Result<&TextSchema, bl_core::Error> {
    adapter.model.header.io.text()
}

/// Tables and `.txt` files by their paths, and everything else as it was typed; with what is left out, and why.
fn read(args: &RunArgs, adapters: &[Loaded], together: usize) -> anyhow::Result<(Vec<Given>, Vec<String>)> {
    let (mut inputs, mut typed) = (Vec::new(), Vec::new());
    let columns = Trained::from(&adapters[0].model.header).text_columns();
    for input in &args.predict.input {
        if let Some(of_file) = given(input, together, &columns)? {
            inputs.extend(of_file);
        } else {
            let text = input.to_str().ok_or_else(|| Error::NoSuchInput { path: input.clone() })?;
            typed.push(text.to_owned());
        }
    }
    if !typed.len().is_multiple_of(together) {
        anyhow::bail!(
            "the adapter takes pairs of texts, found {} texts: give two for each pair",
            typed.len()
        );
    }
    inputs.extend(typed.chunks(together).map(|texts| Given { texts: texts.to_vec(), label: None }));
    let has_words =
        |given: &Given| adapters.iter().all(|adapter| Input::of_texts(&adapter.model, &given.texts).is_ok());
    let (usable, wordless): (Vec<_>, Vec<_>) = inputs.into_iter().partition(has_words);
    let why = |given: &Given| format!("there is no word in `{}`", printable(&given.texts.join(" | ")));
    let skipped: Vec<String> = wordless.iter().map(why).collect();
    if usable.is_empty() {
        anyhow::bail!("{}", skipped.first().map_or("there is no text", |why| why));
    }
    Ok((usable, skipped))
}

/// The most probable classes: `[batch][adapters]`.
fn answers(
    batch: &[Given],
    adapters: &[Loaded],
    count: usize,
    scratch: &mut Scratch,
) -> anyhow::Result<Vec<Vec<Vec<Guess>>>> {
    let (mut inputs, mut queries) = (Vec::new(), Vec::new());
    let mut place_of: HashMap<(usize, Form), usize> = HashMap::new();
    for (nth, given) in batch.iter().enumerate() {
        for adapter in adapters {
            let image = match place_of.entry((nth, Form::of(&adapter.model)?)) {
                Entry::Occupied(place) => *place.get(),
                Entry::Vacant(place) => {
                    inputs.push(Input::of_texts(&adapter.model, &given.texts)?);
                    *place.insert(inputs.len() - 1)
                }
            };
            queries.push(Query { image, model: &adapter.model });
        }
    }
    let inputs: Vec<&Input> = inputs.iter().collect();
    let scores = bl_runtime::predict(&inputs, &queries, scratch)?;
    let guesses = scores.iter().map(|scores| top(scores, count)).collect::<Vec<_>>();
    Ok(guesses.chunks(adapters.len()).map(<[Vec<Guess>]>::to_vec).collect())
}

fn answered(input: &Given, answers: &[Vec<Guess>], adapters: &[Loaded]) -> Answered {
    let of_adapter = |(adapter, guesses): (&Loaded, &Vec<Guess>)| {
        let task = &adapter.model.header.task;
        let one = |guess: &Guess| Prediction {
            adapter: adapter.file(),
            task: task.name.clone(),
            class: task.labels[guess.class].clone(),
            index: guess.class,
            probability: guess.probability,
        };
        guesses.iter().map(one).collect::<Vec<_>>()
    };
    let predictions = adapters.iter().zip(answers).flat_map(of_adapter).collect();
    Answered { texts: input.texts.clone(), label: input.label.clone(), predictions }
}

/// A line for each adapter.
fn lines(input: &Given, answers: &[Vec<Guess>], adapters: &[Loaded]) -> Vec<String> {
    let line = |(adapter, guesses): (&Loaded, &Vec<Guess>)| {
        let classes: Vec<String> = guesses
            .iter()
            .map(|guess| format!("{} {}", adapter.labels[guess.class], percent(guess.probability.into())))
            .collect();
        let known = input.label.as_ref().map_or(String::new(), |label| {
            let verdict =
                if adapter.model.header.task.labels[guesses[0].class] == *label { "" } else { ": wrong" };
            format!("  is {}{verdict}", printable(label))
        });
        format!("{}  {}  {}{known}", shortened(&input.texts), adapter.name, classes.join("  "))
    };
    adapters.iter().zip(answers).map(line).collect()
}
