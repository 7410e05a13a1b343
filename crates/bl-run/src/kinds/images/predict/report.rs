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
    /// In the order of the adapters; null without labels.
    accuracies: Option<Vec<f64>>,
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
        let (labelled, accuracies) = (tally.labelled, tally.accuracies());
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
    /// Of several adapters, how undecided each is from 0 to 1, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entropies: Vec<f32>,
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

pub(super) fn input(input: &Answered<'_>, adapters: &[Loaded]) -> Input {
    let first = input.by_adapter.first().map_or("", |answer| answer.how);
    let name = |adapter: &Loaded| adapter.file();
    let mut predictions = Vec::new();
    for (adapter, answer) in adapters.iter().zip(&input.by_adapter) {
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
        note: input.by_adapter.iter().find_map(|answer| answer.note).map(String::from),
        label: input.label,
        predictions,
        entropies: most_confident
            .map_or(Vec::new(), |_| input.by_adapter.iter().map(|answer| answer.entropy).collect()),
        surest: most_confident.map(|adapter| name(&adapters[adapter])),
    }
}
