//! `bl-run --adapter FILE --input PATH`: what every adapter takes the user's pictures for.

mod lines;
mod report;

use bl_cli::{ExitStatus, Printer};
use bl_runtime::entropy;

use crate::adapters::Loaded;
use crate::answers::{Answerer, BATCH};
use crate::backbones::{self, Group};
use crate::cli::{PredictArgs, RunArgs, When};
use crate::error::Error;
use crate::gallery::{self, Exhibit};
use crate::pixels::Pixels;
use crate::prepared::{Inputs, preparation};
use crate::ranking::{self, Guess};
use crate::terminal::Screen;
use bl_cli::words::{counted, percent, printable};

/// Classes that are named unless the user says otherwise.
const TOP: u16 = 3;

pub(crate) fn run(args: &RunArgs, adapters: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
    let inputs = Inputs::read(&args.predict.input, adapters)?;
    let mut tally = Tally::new(&inputs, adapters.len());
    if args.min_accuracy.is_some() && tally.labelled == 0 {
        return Err(Error::NoLabels.into());
    }
    let groups = backbones::group(adapters, args.model.backbone.as_deref())?;
    announce(adapters, &groups, &inputs, out);
    let screen = Screen::of_stdout();
    if is_shown(&args.predict, inputs.len(), screen) && !out.is_json() {
        show(adapters, &inputs, screen, out)?;
    }

    let top = args.predict.top.unwrap_or(TOP).into();
    let lines = lines::Lines::new(adapters, &inputs, top);
    let mut reports = Vec::new();
    let mut answerer = Answerer::new(&groups, &inputs);
    for start in (0..inputs.len()).step_by(BATCH) {
        let batch = start..inputs.len().min(start + BATCH);
        let scores = answerer.scores(batch.clone())?;
        let inputs = batch.map(|input| Answered::of(&inputs, input, &scores, input - start, top));
        let inputs: Vec<_> = inputs.inspect(|input| tally.count(input)).collect();
        if out.is_json() {
            reports.extend(inputs.iter().map(|input| report::input(input, adapters)));
        } else {
            let of_input = inputs.iter().flat_map(|input| lines.of(input, adapters));
            out.result(of_input.collect::<Vec<_>>().join("\n"))?;
        }
    }
    say_shared(&groups, &inputs, answerer.frozen_halves, out);
    if out.is_json() {
        out.json(&report::Report::new(reports, answerer.frozen_halves, &tally))?;
    }
    Ok(tally.verdict(adapters, args.min_accuracy, out))
}

fn announce(adapters: &[Loaded], groups: &[Group], inputs: &Inputs, out: Printer) {
    const MOST_LINES: usize = 20;
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
        for line in preparation(pictures, MOST_LINES) {
            out.say(format!("input        {whose}{line}"));
        }
    }
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
            if inputs.prepared.len() > 1 {
                let first = inputs.of_adapter.iter().position(|of| *of == place).unwrap_or(0);
                caption.push(format!("as {} sees it", adapters[first].name));
            }
            let (height, width) = (schema.height as usize, schema.width as usize);
            exhibits.push(Exhibit { pixels: Pixels { values: &picture.pixels, height, width }, caption });
        }
    }
    out.result("")?;
    out.drawing(&gallery::lines(&exhibits, screen))
}

/// What sharing saved.
fn say_shared(groups: &[Group], inputs: &Inputs, frozen_halves: usize, out: Printer) {
    let adapters = inputs.of_adapter.len();
    if adapters == 1 {
        return;
    }
    let why = if groups.len() == adapters {
        ": nothing is shared, every adapter has a backbone of its own"
    } else if groups.len() > 1 {
        ": only adapters on the same backbone share"
    } else if frozen_halves > inputs.len() {
        ": adapters that prepare a picture in different ways do not share it"
    } else {
        ""
    };
    out.say(format!(
        "shared       {} computed for {} and {}{why}",
        counted(frozen_halves, "frozen half", "frozen halves"),
        counted(inputs.len(), "picture", "pictures"),
        counted(adapters, "adapter", "adapters"),
    ));
}

/// What every adapter says of one input.
struct Answered<'a> {
    name: &'a str,
    /// The class, if the file says it.
    label: Option<usize>,
    by_adapter: Vec<Answer<'a>>,
}

/// What one adapter says.
struct Answer<'a> {
    /// How the picture was prepared for it.
    how: &'a str,
    /// The most probable classes.
    guesses: Vec<Guess>,
    /// How undecided it is, from 0 to 1.
    entropy: f32,
}

impl<'a> Answered<'a> {
    /// # Shapes
    /// - `scores`: `[adapters][batch][classes]`; `place` is the input's place in the batch
    fn of(inputs: &'a Inputs, input: usize, scores: &[Vec<Vec<f32>>], place: usize, top: usize) -> Self {
        let first = inputs.picture(0, input);
        let answer = |(adapter, scores): (usize, &Vec<Vec<f32>>)| Answer {
            how: &inputs.picture(adapter, input).how,
            guesses: ranking::top(&scores[place], top),
            entropy: entropy(&scores[place]),
        };
        Self {
            name: &first.name,
            label: first.label.map(usize::from),
            by_adapter: scores.iter().enumerate().map(answer).collect(),
        }
    }

    /// The adapter that is surest of what it says, of several: its task fits the input best, as far as one can tell.
    fn surest(&self) -> Option<usize> {
        let entropy = |&adapter: &usize| self.by_adapter[adapter].entropy;
        let all = 0..self.by_adapter.len();
        all.min_by(|a, b| entropy(a).total_cmp(&entropy(b))).filter(|_| self.by_adapter.len() > 1)
    }
}

/// How often each adapter was right, where that is known.
struct Tally {
    labelled: usize,
    correct: Vec<usize>,
}

impl Tally {
    fn new(inputs: &Inputs, adapters: usize) -> Self {
        let labelled = (0..inputs.len()).filter(|&input| inputs.picture(0, input).label.is_some()).count();
        Self { labelled, correct: vec![0; adapters] }
    }

    fn count(&mut self, input: &Answered<'_>) {
        for (correct, answer) in self.correct.iter_mut().zip(&input.by_adapter) {
            *correct += usize::from(input.label == Some(answer.guesses[0].class));
        }
    }

    /// In the order of the adapters; nothing without labels.
    fn accuracies(&self) -> Option<Vec<f64>> {
        let share = |&correct: &usize| correct as f64 / self.labelled as f64;
        (self.labelled > 0).then(|| self.correct.iter().map(share).collect())
    }

    fn verdict(&self, adapters: &[Loaded], least: Option<f64>, out: Printer) -> ExitStatus {
        let mut status = ExitStatus::Success;
        for (adapter, accuracy) in adapters.iter().zip(self.accuracies().unwrap_or_default()) {
            let below = least.is_some_and(|least| accuracy < least);
            if below {
                status = ExitStatus::Negative;
            }
            out.say(format!(
                "accuracy     {}: {} of {}{}",
                adapter.name,
                percent(accuracy),
                counted(self.labelled, "labelled picture", "labelled pictures"),
                if below { ", below --min-accuracy" } else { "" },
            ));
        }
        status
    }
}
