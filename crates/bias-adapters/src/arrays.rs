//! Tasks of arrays in memory.
//!
//! ```
//! use bias_adapters::task::{Targets, of_rows};
//! use bias_adapters::{Settings, train};
//!
//! // Two columns; the class is whether the second is greater.
//! let rows: Vec<f64> = (0..200).flat_map(|i| [f64::from(i % 20), f64::from(i % 7)]).collect();
//! let classes: Vec<u8> = rows.chunks_exact(2).map(|row| u8::from(row[1] > row[0])).collect();
//! let labels = vec!["no".into(), "yes".into()];
//! let task = of_rows("greater", labels, 2, (&rows, Targets::Classes(&classes)), None)?;
//! let settings = Settings { width: Some(200), epochs: Some(40), ..Settings::default() };
//! let model = train(&task, settings)?.into_model()?;
//! assert!(model.row_probabilities(&[15.0, 3.0])?[0] > 0.5);
//! # Ok::<(), bias_adapters::Error>(())
//! ```

use bl_core::io::{Fit, InputSchema, Polarity, Read, ValueSchema};
use bl_tasks::kinds::{ForecastTask, Images, Names, Targets, TrialsTask, Values};
use bl_tasks::series::{Plan, Scale, Series};
use bl_tasks::trials::Trials;
use bl_tasks::{Kind, Source, Split, Task, What};

use crate::Error;

/// Samples that a window is learned from, where nothing else is said.
const WINDOW: usize = bl_tasks::kinds::WINDOW;

/// A task of images that are in memory, 8-bit and all of one size, and taken as they are. `test` may be empty: then nothing is measured.
pub fn of_images(
    name: impl Into<String>,
    labels: Vec<String>,
    train: Split,
    test: Option<Split>,
) -> Result<Task, Error> {
    let [height, width, channels] = train.shape();
    let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX); // refused by the schema
    let (height, width, channels) = (side(height), side(width), side(channels));
    let input = InputSchema { height, width, channels, polarity: Polarity::AsIs, fit: Fit::Whole };
    let none = || Split { images: Vec::new(), labels: Vec::new(), ..train };
    let test = test.unwrap_or_else(none);
    let images = Images::new(labels, input, train, test)?;
    images.io().validate()?;
    Ok(named(name.into(), What::Images(images)))
}

/// A task of rows of real values with a class or a number for each; the ranges of the columns are those of `train`.
///
/// # Shapes
/// - rows: `[count, columns]`, with `[count]` targets
pub fn of_rows(
    name: impl Into<String>,
    labels: Vec<String>,
    columns: usize,
    train: (&[f64], Targets<'_>),
    test: Option<(&[f64], Targets<'_>)>,
) -> Result<Task, Error> {
    let input = ValueSchema::of_rows(train.0, columns)?;
    of_rows_in(name, labels, input, train, test)
}

/// As [`of_rows`], with ranges of the caller's choice.
pub fn of_rows_in(
    name: impl Into<String>,
    labels: Vec<String>,
    input: ValueSchema,
    train: (&[f64], Targets<'_>),
    test: Option<(&[f64], Targets<'_>)>,
) -> Result<Task, Error> {
    let none = match train.1 {
        Targets::Classes(_) => Targets::Classes(&[]),
        Targets::Numbers(_) => Targets::Numbers(&[]),
    };
    let values = Values::new(labels, input, train, test.unwrap_or((&[], none)))?;
    Ok(named(name.into(), What::Own(Box::new(values))))
}

/// How a series in memory is forecast; counts are in samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeriesPlan {
    /// How far ahead.
    pub horizon: usize,
    /// In which a network's state settles and nothing is scored.
    pub washout: usize,
    /// Forecasts at the end of the series that are held out, to be judged by; with 0 all of it is learned from.
    pub test: usize,
    /// Of a window that is learned from, washout included.
    pub window: Option<usize>,
    /// The time between two samples, if it is known.
    pub spacing: Option<f64>,
}

/// A task of a series in memory: its end is held out, or nothing.
///
/// # Shapes
/// - `values`: `[samples]`
pub fn of_series(name: impl Into<String>, values: Vec<f64>, plan: &SeriesPlan) -> Result<Task, Error> {
    let name = name.into();
    let mut series = Series::new(name.clone(), values)?;
    if let Some(spacing) = plan.spacing {
        series = series.with_spacing(spacing)?;
    }
    let SeriesPlan { horizon, washout, test, window, .. } = *plan;
    let learn = window.unwrap_or(WINDOW).saturating_sub(washout).max(1);
    let plan = Plan { washout, horizon, learn, test };
    let scale = Scale::standard(series.split(&plan)?.train)?;
    Ok(named(name, What::Forecast(ForecastTask { series, plan, scale })))
}

/// A task of trials in memory. Without a test half nothing is measured.
///
/// ```
/// use bias_adapters::task::{Goals, Names, Read, Trials, of_trials};
/// use bias_adapters::{Answered, Settings, train};
///
/// // Trials of 5 to 8 steps and one channel; the class is whether it rises.
/// let lengths: Vec<usize> = (0..40).map(|i| 5 + i % 4).collect();
/// let trial = |(i, &steps): (usize, &usize)| {
///     (0..steps).map(move |step| if i % 2 == 0 { step as f64 } else { -(step as f64) }).collect::<Vec<_>>()
/// };
/// let inputs = lengths.iter().enumerate().flat_map(trial).collect();
/// let classes = Goals::Classes((0..40).map(|i| (i % 2) as u8).collect());
/// let trials = Trials::new(1, &lengths, inputs, classes).map_err(bias_adapters::bl_tasks::Error::from)?;
/// let labels = vec!["rises".into(), "falls".into()];
/// let task = of_trials("slope", labels, &Names::default(), Read::Mean, trials, None)?;
/// let settings = Settings { width: Some(64), epochs: Some(20), ..Settings::default() };
/// let model = train(&task, settings)?.into_model()?;
/// let Answered::Scores(scores) = &model.answer(&[&[0.0, 1.0, 2.0, 3.0, 4.0]])?[0] else { unreachable!() };
/// assert!(scores[0] > scores[1]);
/// # Ok::<(), bias_adapters::Error>(())
/// ```
pub fn of_trials(
    name: impl Into<String>,
    labels: Vec<String>,
    names: &Names,
    read: Read,
    train: Trials,
    test: Option<Trials>,
) -> Result<Task, Error> {
    let test = test.unwrap_or_else(|| train.none());
    Ok(named(name.into(), What::Trials(TrialsTask::new(labels, names, read, train, test)?)))
}

fn named(name: String, what: What) -> Task {
    let title = name.clone();
    Task { name, title, source: Source::Own, notice: None, prepared: None, licence: None, what }
}
