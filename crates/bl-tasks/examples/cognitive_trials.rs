//! Trials of the twenty cognitive tasks as JSON, one a line and without noise, for readers in other languages:
//!
//! ```sh
//! cargo run --release -p bl-tasks --example cognitive_trials -- 200 | python3 crates/bl-tasks/tests/cognitive/against_neurogym.py
//! ```
//!
//! Inputs, targets and weights change a few times in a trial: `rows` has a row of each for every step at which one does.

#![expect(clippy::print_stdout, reason = "examples print")]

use bl_tasks::cognitive::{Cognitive, CognitiveTrial, Settings};
use serde_json::{Value, json};

fn main() {
    let trials = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(10_u64);
    let settings = Settings { noise: 0.0, ..Settings::default() };
    for task in Cognitive::ALL {
        for index in 0..trials {
            let trial = settings.trial(task, 1, index);
            println!("{}", line(task, &trial, &settings));
        }
    }
}

fn line(task: Cognitive, trial: &CognitiveTrial, settings: &Settings) -> Value {
    let row = |step: usize| {
        let of = |values: &[f32], width: usize| values[step * width..][..width].to_vec();
        let outputs = settings.outputs();
        (of(&trial.inputs, settings.inputs()), of(&trial.targets, outputs), of(&trial.weights, outputs))
    };
    let rows: Vec<Value> = (0..trial.steps)
        .filter(|&step| step == 0 || row(step) != row(step - 1))
        .map(|step| {
            let (input, target, weight) = row(step);
            json!({ "step": step, "input": input, "target": target, "weight": weight })
        })
        .collect();
    json!({
        "task": task.name(),
        "ring": settings.ring,
        "steps": trial.steps,
        "response": trial.response.start,
        "fixation": [trial.fixation.start, trial.fixation.end],
        "direction": trial.direction,
        "rows": rows,
    })
}
