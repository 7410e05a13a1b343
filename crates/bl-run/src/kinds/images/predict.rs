//! `bl-run --adapter FILE --input PATH`: the classes that every adapter predicts for the user's images.

mod answers;
mod lines;
mod prepared;
mod report;

use bl_cli::words::{counted, grouped, percent, printable};
use bl_cli::{ExitStatus, Printer};
use bl_runtime::entropy;
use bl_tasks::brightness;
use bl_tasks::inputs::NamedPicture;

use super::ranking::{self, Guess};
use crate::cli::{PredictArgs, RunArgs, When};
use crate::error::Error;
use crate::models::{Loaded, groups};
use answers::{Answerer, BATCH};
use bl_cli::Pixels;
use bl_cli::Screen;
use bl_cli::gallery::{self, Exhibit};
use prepared::{Each, Inputs, guesses, preparation};

/// Classes that are printed unless the user says otherwise.
const TOP: u16 = 3;

pub(super) fn predict(args: &RunArgs, adapters: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
    let inputs = Inputs::read(&args.predict.input, adapters)?;
    let mut tally = Tally::new(&inputs, adapters.len());
    if args.least.value().is_some() && tally.accuracies().is_none() {
        return Err(Error::NoLabels.into());
    }
    announce(adapters, &inputs, out);
    let unlike = inputs.unlike(adapters);
    for (adapter, words) in adapters.iter().zip(&unlike) {
        if let Some(words) = words {
            out.warn(format!(
                "the images are not like those that {} has learned from: {words}; {}",
                adapter.name,
                brightness::HINT
            ));
        }
    }
    let screen = Screen::of_stdout();
    if is_shown(&args.predict, inputs.len(), screen) && !out.is_json() {
        show(adapters, &inputs, screen, out)?;
    }

    let top = args.predict.top.unwrap_or(TOP).into();
    let lines = lines::Lines::new(adapters, &inputs, top);
    let mut reports = Vec::new();
    let mut answerer = Answerer::new(adapters, &inputs);
    for start in (0..inputs.len()).step_by(BATCH) {
        let batch = start..inputs.len().min(start + BATCH);
        let scores = answerer.scores(batch.clone())?;
        let inputs = batch.map(|input| Answered::of(&inputs, input, &scores, input - start, top));
        let inputs: Vec<_> = inputs.inspect(|input| tally.count(input)).collect();
        if out.is_json() {
            reports.extend(inputs.iter().map(|input| report::input(input, adapters)));
        } else {
            let of_input = inputs.iter().flat_map(|input| lines.of(input, adapters));
            out.results(of_input)?;
        }
    }
    say_shared(groups(adapters).len(), &inputs, answerer.frozen_halves, out);
    if out.is_json() {
        let frozen_halves = answerer.frozen_halves;
        out.json(&report::Report::new(reports, frozen_halves, &tally, &inputs.skipped, unlike))?;
    }
    let verdict = tally.verdict(adapters, args.least.value(), out);
    let incomplete = [say_skipped(&inputs, out), say_unanswered(&inputs, adapters, out)];
    Ok(if incomplete.contains(&true) { ExitStatus::Negative } else { verdict })
}

fn announce(adapters: &[Loaded], inputs: &Inputs, out: Printer) {
    const MOST_LINES: usize = 20;
    for (schema, (_, images)) in inputs.prepared.iter().enumerate() {
        let whose = if inputs.prepared.len() > 1 {
            let of = adapters.iter().zip(&inputs.of_adapter).filter(|(_, place)| **place == schema);
            format!("for {}: ", of.map(|(adapter, _)| adapter.name.as_str()).collect::<Vec<_>>().join(", "))
        } else {
            String::new()
        };
        for line in preparation(&usable(images), MOST_LINES) {
            out.say(format!("input        {whose}{line}"));
        }
    }
    let mut guessed = Vec::new();
    for line in inputs.prepared.iter().flat_map(|(_, images)| guesses(&usable(images), MOST_LINES)) {
        if !guessed.contains(&line) {
            out.warn(&line);
            guessed.push(line); // once, however many forms there are
        }
    }
}

fn usable(images: &[Each]) -> Vec<&NamedPicture> {
    images.iter().flatten().collect()
}

/// Says how much each adapter did not answer; whether there is something. Why is said with each image.
fn say_unanswered(inputs: &Inputs, adapters: &[Loaded], out: Printer) -> bool {
    let counts = (0..adapters.len()).map(|adapter| inputs.unanswered(adapter));
    let mut some = adapters.iter().zip(counts).filter(|(_, count)| *count > 0).peekable();
    let is_there = some.peek().is_some();
    for (adapter, count) in some {
        out.warn(format!(
            "{} cannot use {} of {}",
            adapter.name,
            grouped(count),
            counted(inputs.len(), "image", "images")
        ));
    }
    is_there
}

/// Names what is left out; whether there is something.
fn say_skipped(inputs: &Inputs, out: Printer) -> bool {
    let skipped = &inputs.skipped;
    for why in skipped {
        out.warn(format!("skipped: {why}"));
    }
    if !skipped.is_empty() {
        out.warn(format!(
            "{} answered, {} skipped",
            counted(inputs.len(), "image is", "images are"),
            counted(skipped.len(), "is", "are"),
        ));
    }
    !skipped.is_empty()
}

fn is_shown(args: &PredictArgs, images: usize, screen: Screen) -> bool {
    match args.show {
        Some(when) => when == When::Always,
        None => images == 1 && screen.is_terminal,
    }
}

/// Each distinct prepared image, as the network sees it.
fn show(adapters: &[Loaded], inputs: &Inputs, screen: Screen, out: Printer) -> anyhow::Result<()> {
    let mut exhibits = Vec::new();
    for input in 0..inputs.len() {
        let mut shown: Vec<&[u8]> = Vec::new();
        for (place, (schema, images)) in inputs.prepared.iter().enumerate() {
            let Ok(image) = &images[input] else { continue };
            if shown.contains(&&*image.pixels) {
                continue;
            }
            shown.push(&image.pixels);
            let mut caption = vec![printable(&image.name)];
            if inputs.prepared.len() > 1 {
                let first = inputs.of_adapter.iter().position(|of| *of == place).unwrap_or(0);
                caption.push(format!("as {} sees it", adapters[first].name));
            }
            let [height, width, channels] =
                [schema.height, schema.width, schema.channels].map(|n| n as usize);
            let pixels = Pixels { values: &image.pixels, height, width, channels };
            exhibits.push(Exhibit { pixels, caption });
        }
    }
    out.result("")?;
    out.drawing(&gallery::lines(&exhibits, screen))
}

/// What sharing saved.
fn say_shared(backbones: usize, inputs: &Inputs, frozen_halves: usize, out: Printer) {
    let adapters = inputs.of_adapter.len();
    if adapters == 1 {
        return;
    }
    let why = if backbones == adapters {
        ": nothing is shared, every adapter has a backbone of its own"
    } else if backbones > 1 {
        ": only adapters on the same backbone share"
    } else if frozen_halves > inputs.len() {
        ": adapters that prepare an image in different ways do not share it"
    } else {
        ""
    };
    out.say(format!(
        "shared       {} computed for {} and {}{why}",
        counted(frozen_halves, "frozen half", "frozen halves"),
        counted(inputs.len(), "image", "images"),
        counted(adapters, "adapter", "adapters"),
    ));
}

/// What every adapter predicts for one input.
struct Answered<'a> {
    name: &'a str,
    /// The class, if the file says it.
    label: Option<usize>,
    /// Or why it cannot use the image.
    by_adapter: Vec<Result<Answer<'a>, &'a str>>,
}

/// What one adapter predicts.
struct Answer<'a> {
    /// How the image was prepared for it.
    how: &'a str,
    /// What was guessed of the image.
    note: Option<&'a str>,
    /// The most probable classes.
    guesses: Vec<Guess>,
    /// How undecided it is, from 0 to 1.
    entropy: f32,
}

impl<'a> Answered<'a> {
    /// # Shapes
    /// - `scores`: `[adapters][batch][classes]`; `place` is the input's place in the batch
    fn of(
        inputs: &'a Inputs,
        input: usize,
        scores: &[Vec<Option<Vec<f32>>>],
        place: usize,
        top: usize,
    ) -> Self {
        let first = inputs.first(input);
        let answer = |(adapter, scores): (usize, &Vec<Option<Vec<f32>>>)| {
            let image = inputs.image(adapter, input).as_ref().map_err(|why| &**why)?;
            let scores = scores[place].as_deref().unwrap_or_default(); // there for every image that is usable
            Ok(Answer {
                how: &image.how,
                note: image.note.as_deref(),
                guesses: ranking::top(scores, top),
                entropy: entropy(scores),
            })
        };
        Self {
            name: &first.name,
            label: first.label.map(usize::from),
            by_adapter: scores.iter().enumerate().map(answer).collect(),
        }
    }

    /// The most confident adapter of several: its task fits the input best, as far as one can tell.
    fn most_confident(&self) -> Option<usize> {
        let answers = self.by_adapter.iter().enumerate();
        let entropies =
            answers.filter_map(|(adapter, answer)| Some((adapter, answer.as_ref().ok()?.entropy)));
        let least = entropies.min_by(|(_, a), (_, b)| a.total_cmp(b));
        least.map(|(adapter, _)| adapter).filter(|_| self.by_adapter.len() > 1)
    }
}

/// How often each adapter was right, where that is known.
struct Tally {
    /// Images with a class that are there for each.
    labelled: Vec<usize>,
    correct: Vec<usize>,
}

impl Tally {
    fn new(inputs: &Inputs, adapters: usize) -> Self {
        let is_labelled = |adapter: usize, input: usize| {
            inputs.image(adapter, input).as_ref().is_ok_and(|image| image.label.is_some())
        };
        let count = |adapter| (0..inputs.len()).filter(|&input| is_labelled(adapter, input)).count();
        Self { labelled: (0..adapters).map(count).collect(), correct: vec![0; adapters] }
    }

    fn count(&mut self, input: &Answered<'_>) {
        for (correct, answer) in self.correct.iter_mut().zip(&input.by_adapter) {
            let is_right = |answer: &Answer<'_>| input.label == Some(answer.guesses[0].class);
            *correct += usize::from(answer.as_ref().is_ok_and(is_right));
        }
    }

    /// In the order of the adapters, of what each can use; nothing without labels.
    fn accuracies(&self) -> Option<Vec<Option<f64>>> {
        let share = |(&correct, &of): (&usize, &usize)| (of > 0).then(|| correct as f64 / of as f64);
        let is_labelled = self.labelled.iter().any(|of| *of > 0);
        is_labelled.then(|| self.correct.iter().zip(&self.labelled).map(share).collect())
    }

    fn verdict(&self, adapters: &[Loaded], least: Option<f64>, out: Printer) -> ExitStatus {
        let mut status = ExitStatus::Success;
        let accuracies = self.accuracies().unwrap_or_default();
        for ((adapter, accuracy), of) in adapters.iter().zip(accuracies).zip(&self.labelled) {
            let Some(accuracy) = accuracy else { continue };
            let below = least.is_some_and(|least| accuracy < least);
            if below {
                status = ExitStatus::Negative;
            }
            out.say(format!(
                "accuracy     {}: {} of {}{}",
                adapter.name,
                percent(accuracy),
                counted(*of, "labelled image", "labelled images"),
                if below { ", below --min-metric" } else { "" },
            ));
        }
        status
    }
}
