//! Predictions for people: a line for each image and adapter.

use bl_cli::words::printable;
use console::measure_text_width;

use super::prepared::Inputs;
use super::{Answer, Answered};
use crate::models::Loaded;
use crate::table::Columns;

/// Columns that are wide enough for whatever may come, so that lines can be printed batch by batch.
pub(super) struct Lines(Columns);

impl Lines {
    pub(super) fn new(adapters: &[Loaded], inputs: &Inputs, top: usize) -> Self {
        let top = top.min(adapters.iter().map(|adapter| adapter.labels.len()).max().unwrap_or(0));
        let names = (0..inputs.len()).map(|input| printable(&inputs.first(input).name));
        let label = widest(adapters.iter().flat_map(|adapter| adapter.labels.iter().cloned()));
        let mut cells = vec![widest(names), widest(adapters.iter().map(|adapter| adapter.name.clone()))];
        cells.extend((0..top).flat_map(|_| [label.clone(), "100.0 %".to_owned()]));
        let mut columns = Columns::new(&format!("<<{}<<", "<>".repeat(top)));
        columns.fit(&cells);
        Self(columns)
    }

    pub(super) fn of(&self, input: &Answered<'_>, adapters: &[Loaded]) -> Vec<String> {
        let most_confident = input.most_confident();
        let line = |(place, (adapter, answer)): (usize, (&Loaded, &Result<Answer<'_>, &str>))| {
            let mut cells = vec![printable(input.name), adapter.name.clone()];
            let answer = match answer {
                Ok(answer) => answer,
                Err(why) => {
                    cells.push(format!("no answer: {}", printable(why)));
                    return self.0.line(&cells);
                }
            };
            cells.extend(answer.guesses.iter().flat_map(|guess| {
                [adapter.labels[guess.class].clone(), format!("{:.1} %", 100.0 * guess.probability)]
            }));
            if let Some(label) = input.label {
                let name = adapter.labels.get(label).cloned().unwrap_or_else(|| format!("class {label}"));
                let verdict = if answer.guesses[0].class == label { "" } else { ": wrong" };
                cells.push(format!("is {name}{verdict}"));
            }
            if most_confident == Some(place) {
                cells.push("most confident".into());
            }
            self.0.line(&cells)
        };
        adapters.iter().zip(&input.by_adapter).enumerate().map(line).collect()
    }
}

fn widest(names: impl Iterator<Item = String>) -> String {
    names.max_by_key(|name| measure_text_width(name)).unwrap_or_default()
}
