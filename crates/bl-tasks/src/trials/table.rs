//! A table of numbers as trials: some of its columns go in, others are to be said.

use std::path::Path;

use bl_core::io::Read;

use super::half::{self, of_channels};
use super::{Goals, Trials};
use crate::kinds::{Cut, Names, TrialsTask, WINDOW};
use crate::series::{self, Part, Plan, Wanted, read_table};
use crate::task::{Request, Task};
use crate::{Error, Source};

/// Steps of washout, unless the user says otherwise.
const WASHOUT: usize = 50;
/// Steps of each series that are judged, at least.
const JUDGED: usize = 10;
/// The last of so many parts of each series is held out.
const PARTS: usize = 4;

/// Opens a file of which columns are asked for.
pub(crate) fn open_table(path: &Path, request: &Request) -> Result<Task, Error> {
    let Request { inputs, targets, group, .. } = request;
    for (stated, missing, is_missing) in
        [("--targets", "--inputs", inputs.is_empty()), ("--inputs", "--targets", targets.is_empty())]
    {
        if is_missing {
            return Err(Error::HalfATable { stated, missing });
        }
    }
    let wanted = Wanted { inputs, targets, group: group.as_deref() };
    let (parts, mut notices) = read_table(path, &wanted, request.mend)?;
    let are_inputs = targets.iter().all(|target| inputs.contains(target));
    let horizon = request.horizon.unwrap_or(usize::from(are_inputs));
    let washout = request.washout.unwrap_or(WASHOUT);
    let learn = request.window.unwrap_or(WINDOW).saturating_sub(washout).max(1);
    let least = washout.saturating_add(horizon).saturating_add(JUDGED);

    let (mut train, mut test) =
        (Rows::new(inputs.len(), targets.len()), Rows::new(inputs.len(), targets.len()));
    for part in &parts {
        let samples = part.columns[0].len();
        let held_out = (samples / PARTS).max(least);
        let plan =
            Plan { washout, horizon, learn, test: held_out.saturating_sub(washout).saturating_sub(horizon) };
        if samples < plan.samples() {
            let fault = series::Fault::TooShort { plan, found: samples };
            let fault = match group {
                None => fault,
                Some(column) => {
                    let (column, group) = (column.clone(), part.group.clone());
                    series::Fault::Group { column, group, fault: Box::new(fault) }
                }
            };
            return Err(Error::SeriesFile { path: path.to_owned(), fault });
        }
        train.add(part, 0..samples - held_out, horizon, 0);
        test.add(part, samples - held_out..samples, horizon, washout);
    }
    notices.extend(missing(&parts, inputs.len(), targets));
    let spacing = parts[0].spacing;
    let is_common = parts.iter().all(|part| part.spacing == spacing);
    if !is_common {
        notices.push("the series have other steps of time: a step of the network is a line of each".into());
    }
    let at = |error| match error {
        Error::Trials(fault) => Error::TrialsFile { path: path.to_owned(), fault },
        other => other,
    };
    let names = Names { inputs: inputs.clone(), targets: targets.clone() };
    let (train, test) = (train.trials().map_err(at)?, test.trials().map_err(at)?);
    let task = TrialsTask::new(Vec::new(), &names, Read::default(), train, test).map_err(at)?;
    let task = task.cut(Cut { horizon, washout, spacing: spacing.filter(|_| is_common) });
    notices.extend(of_channels(&task));
    let ahead = if horizon == 0 { "of the same step".to_owned() } else { format!("{horizon} ahead") };
    let title = format!("{} from {}, {ahead}", targets.join(", "), inputs.join(", "));
    Ok(Task { source: Source::File, licence: None, ..half::task(path, title, task, &notices) })
}

/// How many values of targets are not known.
fn missing(parts: &[Part], inputs: usize, targets: &[String]) -> Option<String> {
    let of_target = |(nth, name): (usize, &String)| {
        let values = || parts.iter().flat_map(move |part| &part.columns[inputs + nth]);
        let missing = values().filter(|value| value.is_nan()).count();
        (missing > 0).then(|| format!("{missing} of {} values of `{name}`", values().count()))
    };
    let missing: Vec<String> = targets.iter().enumerate().filter_map(of_target).collect();
    (!missing.is_empty()).then(|| format!("{} are missing: they are not asked for", missing.join(", ")))
}

/// Trials of pieces of series.
struct Rows {
    channels: usize,
    variables: usize,
    lengths: Vec<usize>,
    inputs: Vec<f64>,
    values: Vec<f64>,
    weights: Vec<f32>,
}

impl Rows {
    fn new(channels: usize, variables: usize) -> Self {
        let (lengths, inputs, values, weights) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { channels, variables, lengths, inputs, values, weights }
    }

    /// Some samples of a series, with the targets of `horizon` steps later among them; the first steps are not judged.
    fn add(&mut self, part: &Part, samples: std::ops::Range<usize>, horizon: usize, washout: usize) {
        let (inputs, targets) = part.columns.split_at(self.channels);
        let steps = samples.len() - horizon;
        for (step, at) in (samples.start..samples.start + steps).enumerate() {
            self.inputs.extend(inputs.iter().map(|column| column[at]));
            self.values.extend(targets.iter().map(|column| column[at + horizon]));
            let weight = if step < washout { 0.0 } else { 1.0 };
            self.weights.extend(std::iter::repeat_n(weight, self.variables));
        }
        self.lengths.push(steps);
    }

    fn trials(self) -> Result<Trials, Error> {
        let Self { channels, variables, lengths, inputs, values, weights } = self;
        Ok(Trials::new(channels, &lengths, inputs, Goals::Values { variables, values, weights })?)
    }
}
