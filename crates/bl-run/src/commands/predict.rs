//! `bl-run --adapter FILE --input PATH`: what every adapter takes the user's pictures for.

use std::ops::Range;

use bl_cli::{ExitStatus, Printer};
use bl_tasks::inputs::NamedPicture;
use console::measure_text_width;
use serde::Serialize;

use crate::adapters::Loaded;
use crate::answers::{Answerer, BATCH, Inputs};
use crate::backbones::{self, Group, short};
use crate::cli::{PredictArgs, RunArgs, When};
use crate::error::Error;
use crate::gallery::{self, Exhibit};
use crate::pixels::Pixels;
use crate::ranking::{self, Guess};
use crate::table::Columns;
use crate::terminal::Screen;
use crate::words::{counted, percent, printable};

pub(crate) fn run(args: &RunArgs, adapters: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
    let inputs = Inputs::read(&args.predict.input, adapters)?;
    let labelled = inputs.prepared[0].1.iter().filter(|picture| picture.label.is_some()).count();
    if args.min_accuracy.is_some() && labelled == 0 {
        return Err(Error::NoLabels.into());
    }
    let groups = backbones::group(adapters, args.model.backbone.as_deref())?;
    announce(adapters, &groups, &inputs, out);

    let screen = Screen::of_stdout();
    if is_shown(&args.predict, inputs.len(), screen) && !out.is_json() {
        show(adapters, &inputs, screen, out)?;
    }
    let lines = Lines::new(adapters, &inputs, args.predict.top.into());
    let mut correct = vec![0; adapters.len()];
    let mut report = Report { inputs: Vec::new(), frozen_halves: 0, labelled, accuracies: Vec::new() };
    let mut answerer = Answerer::new(&groups, &inputs)?;
    for start in (0..inputs.len()).step_by(BATCH) {
        let batch = start..inputs.len().min(start + BATCH);
        let scores = answerer.scores(batch.clone())?;
        let answers = Answers { adapters, inputs: &inputs, scores, batch, top: args.predict.top.into() };
        answers.count_correct(&mut correct);
        if out.is_json() {
            report.inputs.extend(answers.reports());
        } else {
            out.result(lines.of(&answers).join("\n"))?;
        }
    }
    report.frozen_halves = answerer.frozen_halves;
    report.accuracies = correct.iter().map(|&n| (labelled > 0).then(|| n as f64 / labelled as f64)).collect();
    say_shared(&groups, &inputs, report.frozen_halves, out);
    say_accuracies(adapters, &report, out);
    let reached = |accuracy: &Option<f64>| accuracy >= &args.min_accuracy;
    let status =
        if report.accuracies.iter().all(reached) { ExitStatus::Success } else { ExitStatus::Negative };
    if out.is_json() {
        out.json(&report)?;
    }
    Ok(status)
}

fn announce(adapters: &[Loaded], groups: &[Group], inputs: &Inputs, out: Printer) {
    for group in groups {
        let names: Vec<_> =
            group.members.iter().map(|member| adapters[member.adapter].name.as_str()).collect();
        let whose = if groups.len() > 1 { format!("of {}: ", names.join(", ")) } else { String::new() };
        out.say(format!("backbone     {whose}{}", group.words()));
    }
    for (schema, (_, pictures)) in inputs.prepared.iter().enumerate() {
        let whose = if inputs.prepared.len() > 1 {
            let of = adapters.iter().zip(&inputs.of_adapter).filter(|(_, place)| **place == schema);
            format!("for {}: ", of.map(|(adapter, _)| adapter.name.as_str()).collect::<Vec<_>>().join(", "))
        } else {
            String::new()
        };
        for line in preparation(pictures) {
            out.say(format!("input        {whose}{line}"));
        }
    }
}

/// What was done to the pictures: a line each, or a line for all if it was the same.
fn preparation(pictures: &[NamedPicture]) -> Vec<String> {
    const MOST_LINES: usize = 20;
    let first = &pictures[0];
    if pictures.iter().all(|picture| picture.how == first.how) && pictures.len() > 1 {
        return vec![format!("{}: {}", counted(pictures.len(), "picture", "pictures"), first.how)];
    }
    let line = |picture: &NamedPicture| format!("{}: {}", printable(&picture.name), picture.how);
    let mut lines: Vec<String> = pictures.iter().take(MOST_LINES).map(line).collect();
    if pictures.len() > MOST_LINES {
        lines.push(format!(
            "and so on for {} more",
            counted(pictures.len() - MOST_LINES, "picture", "pictures")
        ));
    }
    lines
}

fn is_shown(args: &PredictArgs, pictures: usize, screen: Screen) -> bool {
    match args.show {
        Some(when) => when == When::Always,
        None => pictures == 1 && screen.is_terminal,
    }
}

/// Each distinct prepared picture, as the network sees it.
fn show(adapters: &[Loaded], inputs: &Inputs, screen: Screen, out: Printer) -> anyhow::Result<()> {
    let mut exhibits = Vec::new();
    for input in 0..inputs.len() {
        let mut shown: Vec<&[u8]> = Vec::new();
        for (place, (schema, pictures)) in inputs.prepared.iter().enumerate() {
            let picture = &pictures[input];
            if shown.contains(&&*picture.pixels) {
                continue;
            }
            shown.push(&picture.pixels);
            let mut caption = vec![printable(&picture.name)];
            if let Some(first) =
                inputs.of_adapter.iter().position(|of| *of == place && inputs.prepared.len() > 1)
            {
                caption.push(format!("as {} sees it", adapters[first].name));
            }
            let (height, width) = (schema.height as usize, schema.width as usize);
            exhibits.push(Exhibit { pixels: Pixels { values: &picture.pixels, height, width }, caption });
        }
    }
    out.result("")?;
    out.result(gallery::lines(&exhibits, screen).join("\n"))
}

/// What sharing saved.
fn say_shared(groups: &[Group], inputs: &Inputs, frozen_halves: usize, out: Printer) {
    let adapters = inputs.of_adapter.len();
    if adapters == 1 {
        return;
    }
    let computed = format!(
        "{} computed for {} and {}",
        counted(frozen_halves, "frozen half", "frozen halves"),
        counted(inputs.len(), "picture", "pictures"),
        counted(adapters, "adapter", "adapters"),
    );
    let why = if groups.len() == adapters {
        ": nothing is shared, every adapter is on a backbone of its own".to_owned()
    } else if groups.len() > 1 {
        let names: Vec<_> = groups.iter().map(|group| short(&group.backbone)).collect();
        format!(": adapters on one backbone share, those on different ones cannot ({})", names.join(", "))
    } else if frozen_halves > inputs.len() {
        ": adapters that prepare a picture in different ways do not share".to_owned()
    } else {
        String::new()
    };
    out.say(format!("shared       {computed}{why}"));
}

fn say_accuracies(adapters: &[Loaded], report: &Report, out: Printer) {
    for (adapter, accuracy) in adapters.iter().zip(&report.accuracies) {
        if let Some(accuracy) = accuracy {
            let labelled = counted(report.labelled, "labelled picture", "labelled pictures");
            out.say(format!("accuracy     {} on {labelled}: {}", adapter.name, percent(*accuracy)));
        }
    }
}

/// The scores of one batch.
struct Answers<'a> {
    adapters: &'a [Loaded],
    inputs: &'a Inputs,
    /// For each adapter `[batch, classes]`.
    scores: Vec<Vec<f32>>,
    batch: Range<usize>,
    top: usize,
}

impl Answers<'_> {
    fn guesses(&self, adapter: usize, input: usize, count: usize) -> Vec<Guess> {
        let classes = self.adapters[adapter].labels.len();
        ranking::top(&self.scores[adapter][(input - self.batch.start) * classes..][..classes], count)
    }

    fn count_correct(&self, correct: &mut [usize]) {
        for (adapter, correct) in correct.iter_mut().enumerate() {
            for input in self.batch.clone() {
                let label = self.inputs.picture(adapter, input).label;
                *correct += usize::from(label == Some(self.guesses(adapter, input, 1)[0].class as u8));
            }
        }
    }

    fn reports(&self) -> impl Iterator<Item = InputReport> {
        self.batch.clone().map(|input| {
            let first = self.inputs.picture(0, input);
            let of_adapter = |adapter: usize| {
                let how = &self.inputs.picture(adapter, input).how;
                self.guesses(adapter, input, self.top).into_iter().map(move |guess| PredictionReport {
                    adapter: self.adapters[adapter].path.display().to_string(),
                    task: self.adapters[adapter].bias.header.task.name.clone(),
                    class: self.adapters[adapter].bias.header.task.labels[guess.class].clone(),
                    index: guess.class,
                    probability: guess.probability,
                    how: (*how != first.how).then(|| how.clone()),
                })
            };
            InputReport {
                name: first.name.clone(),
                how: first.how.clone(),
                label: first.label,
                predictions: (0..self.adapters.len()).flat_map(of_adapter).collect(),
            }
        })
    }
}

/// The one JSON object; field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    inputs: Vec<InputReport>,
    frozen_halves: usize,
    labelled: usize,
    /// In the order of the adapters; null without labels.
    accuracies: Vec<Option<f64>>,
}

#[derive(Serialize)]
struct InputReport {
    name: String,
    how: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<u8>,
    predictions: Vec<PredictionReport>,
}

#[derive(Serialize)]
struct PredictionReport {
    adapter: String,
    task: String,
    class: String,
    index: usize,
    probability: f32,
    /// Where this adapter's preparation differs from the one above.
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<String>,
}

/// A line for each picture and adapter.
struct Lines(Columns);

impl Lines {
    /// Columns wide enough for whatever may come.
    fn new(adapters: &[Loaded], inputs: &Inputs, top: usize) -> Self {
        let top = top.min(adapters.iter().map(|adapter| adapter.labels.len()).max().unwrap_or(0));
        let mut columns = Columns::new(&format!("<<{}<", "<>".repeat(top)));
        let widest = |names: &mut dyn Iterator<Item = &str>| {
            names.max_by_key(|name| measure_text_width(name)).unwrap_or_default().to_owned()
        };
        let label = widest(&mut adapters.iter().flat_map(|adapter| &adapter.labels).map(String::as_str));
        let name = widest(&mut inputs.prepared[0].1.iter().map(|picture| picture.name.as_str()));
        let adapter = widest(&mut adapters.iter().map(|adapter| adapter.name.as_str()));
        let mut cells = vec![printable(&name), adapter];
        cells.extend((0..top).flat_map(|_| [label.clone(), "100.0 %".to_owned()]));
        columns.fit(&cells);
        Self(columns)
    }

    fn of(&self, answers: &Answers<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        for input in answers.batch.clone() {
            for (place, adapter) in answers.adapters.iter().enumerate() {
                let picture = answers.inputs.picture(place, input);
                let guesses = answers.guesses(place, input, answers.top);
                let mut cells = vec![printable(&picture.name), adapter.name.clone()];
                cells.extend(guesses.iter().flat_map(|guess| {
                    [adapter.labels[guess.class].clone(), format!("{:.1} %", 100.0 * guess.probability)]
                }));
                if let Some(label) = picture.label {
                    let label = usize::from(label);
                    let name = adapter.labels.get(label).cloned().unwrap_or_else(|| label.to_string());
                    let verdict = if guesses[0].class == label { "" } else { ": wrong" };
                    cells.push(format!("is {name}{verdict}"));
                }
                lines.push(self.0.line(&cells));
            }
        }
        lines
    }
}
