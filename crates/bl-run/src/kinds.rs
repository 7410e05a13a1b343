//! The kinds of adapters: how each is shown, asked and measured.

mod company;
mod forecast;
mod generate;
mod images;
mod reach;
mod sequence;
mod texts;
mod trials;
mod values;

use bl_cli::{ExitStatus, Printer};
use bl_core::Io;
use bl_core::io::Signal;
use bl_tasks::{Judgement, OwnTask};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::cli::{BenchArgs, Given, RunArgs};
use crate::latency::Effort;
use crate::models::Loaded;

pub(crate) use company::of_one_type;

/// One kind of adapter, as this program runs it. What is given here is what the kinds of sequence adapters share.
pub(crate) trait Kind {
    /// In a message: `image classification`.
    fn name(&self) -> &'static str;

    /// What it is called among adapters of other types: one of its type, many of them. Those of one type run together.
    fn counted(&self) -> (&'static str, &'static str) {
        ("sequence adapter", "sequence adapters")
    }

    /// Options that do not fit, each with what to do instead.
    fn misfits(&self, given: &Given) -> Vec<(&'static str, &'static str)>;

    /// Options that are about one adapter at a time.
    fn single(&self) -> &'static [&'static str] {
        &["--input", "--free-run", "--target", "--plot", "--task"]
    }

    /// Whether what is put in may be the thing itself, typed, and not a file.
    fn takes_words(&self) -> bool {
        false
    }

    /// Draws an adapter at work on the held-out part of its task, and measures it there.
    fn show(&self, args: &RunArgs, model: &Loaded, own: &OwnTask, out: Printer) -> anyhow::Result<Shown>;

    /// Shows several together, where that says more than [`Self::show`] one after another; what came of it, if it did.
    fn compare(&self, _: &RunArgs, _: &[Loaded], _: Printer) -> anyhow::Result<Option<ExitStatus>> {
        Ok(None)
    }

    /// Does what `--input`, `--free-run` or `--target` ask for: those of them that fit.
    fn predict(&self, args: &RunArgs, models: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus>;

    /// Measures the adapters of one backbone.
    fn bench(&self, args: &BenchArgs, group: &[&Loaded], effort: Effort) -> anyhow::Result<Measured> {
        sequence::bench(self.name(), args, group, effort)
    }
}

/// The kind of an adapter.
pub(crate) fn of(model: &Loaded) -> Box<dyn Kind + '_> {
    kind(&model.model.header.io)
}

/// The one `match` on what goes in and comes out.
pub(crate) fn kind(io: &Io) -> Box<dyn Kind + '_> {
    match io {
        Io::Images { .. } => Box::new(images::Images),
        Io::Text { .. } => Box::new(texts::Texts),
        Io::Values { input, .. } => Box::new(values::Values(input)),
        Io::Signal { signal: Signal::Forecast(signal), .. } => Box::new(forecast::Forecasts(signal)),
        Io::Signal { signal: Signal::Generate { variable, steps, spacing, scale }, .. } => {
            let (learned, spacing, scale) = (*steps, *spacing, (*scale).into());
            Box::new(generate::Generates { variable, learned, spacing, scale })
        }
        Io::Signal { signal: Signal::Reach(signal), .. } => Box::new(reach::Reaches(signal)),
        Io::Signal { signal: Signal::Trials(form), .. } => Box::new(trials::Trials(form)),
    }
}

/// What an adapter was seen to do on held-out data.
pub(crate) struct Shown {
    pub(crate) judgement: Judgement,
    /// Fields of the report; names are part of the command line's contract.
    pub(crate) fields: Map<String, Value>,
    /// The same for people, and how fast it is.
    pub(crate) lines: Vec<String>,
    /// For scripts.
    pub(crate) speed: Value,
}

/// How fast the adapters of a backbone are.
pub(crate) struct Measured {
    /// Fields of the report; names are part of the command line's contract.
    pub(crate) fields: Map<String, Value>,
    /// As [`table::lines`](crate::table::lines) takes them.
    pub(crate) sides: &'static str,
    pub(crate) rows: Vec<Vec<String>>,
}

/// The fields of a report.
fn fields(report: &impl Serialize) -> anyhow::Result<Map<String, Value>> {
    match serde_json::to_value(report)? {
        Value::Object(fields) => Ok(fields),
        other => anyhow::bail!("expected a report, found {other}"),
    }
}
