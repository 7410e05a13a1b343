//! Predictions for scripts; field names are part of the command line's contract.

use serde::Serialize;

use super::{Answered, Tally};
use crate::models::Loaded;

/// The one JSON object.
#[derive(Serialize)]
pub(super) struct Report {
    inputs: Vec<Input>,
    frozen_halves: usize,
    /// Images whose class the input says.
    labelled: usize,
    /// In the order of the adapters, of the images that each can use; null without labels.
    accuracies: Option<Vec<Option<f64>>>,
    /// Why what is left out cannot be used.
    skipped: Vec<String>,
    /// In the order of the adapters, how the images differ from those that were learned from; null where they do not.
    unlike: Vec<Option<String>>,
}

impl Report {
    pub(super) fn new(
        inputs: Vec<Input>,
        frozen_halves: usize,
        tally: &Tally,
        skipped: &[bl_tasks::Error],
        unlike: Vec<Option<String>>,
    ) -> Self {
        let skipped = skipped.iter().map(ToString::to_string).collect();
        let labelled = inputs.iter().filter(|input| input.label.is_some()).count();
        let accuracies = tally.accuracies();
        Self { inputs, frozen_halves, labelled, accuracies, skipped, unlike }
    }
}

/// One image.
#[derive(Serialize)]
pub(super) struct Input {
    name: String,
    how: String,
    /// What was guessed of its values.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<usize>,
    predictions: Vec<Prediction>,
    /// The adapters that cannot use it, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unanswered: Vec<Unanswered>,
    /// Of several adapters, how undecided each is from 0 to 1, in their order; null without an answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entropies: Vec<Option<f32>>,
    /// Of several adapters, the most confident one.
    #[serde(skip_serializing_if = "Option::is_none")]
    surest: Option<String>,
}

/// One class that one adapter predicts.
#[derive(Serialize)]
struct Prediction {
    adapter: String,
    task: String,
    class: String,
    index: usize,
    probability: f32,
    /// Where the image was prepared in another way than the one above.
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<String>,
}

/// An adapter that cannot use an image.
#[derive(Serialize)]
struct Unanswered {
    adapter: String,
    why: String,
}

pub(super) fn input(input: &Answered<'_>, adapters: &[Loaded]) -> Input {
    let first = input.by_adapter.iter().flatten().next().map_or("", |answer| answer.how);
    let name = |adapter: &Loaded| adapter.file();
    let (mut predictions, mut unanswered) = (Vec::new(), Vec::new());
    for (adapter, answer) in adapters.iter().zip(&input.by_adapter) {
        let answer = match answer {
            Ok(answer) => answer,
            Err(why) => {
                unanswered.push(Unanswered { adapter: name(adapter), why: (*why).to_owned() });
                continue;
            }
        };
        let task = &adapter.model.header.task;
        predictions.extend(answer.guesses.iter().map(|guess| Prediction {
            adapter: name(adapter),
            task: task.name.clone(),
            class: task.labels[guess.class].clone(),
            index: guess.class,
            probability: guess.probability,
            how: (answer.how != first).then(|| answer.how.to_owned()),
        }));
    }
    let most_confident = input.most_confident();
    Input {
        name: input.name.to_owned(),
        how: first.to_owned(),
        note: input.by_adapter.iter().flatten().find_map(|answer| answer.note).map(String::from),
        label: input.label,
        predictions,
        unanswered,
        entropies: most_confident.map_or(Vec::new(), |_| {
            input.by_adapter.iter().map(|answer| answer.as_ref().ok().map(|answer| answer.entropy)).collect()
        }),
        surest: most_confident.map(|adapter| name(&adapters[adapter])),
    }
}
