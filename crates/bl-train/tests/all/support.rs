//! A small task of every kind, a small backbone of every family, and whole runs.

#![allow(missing_docs, unreachable_pub, reason = "for the tests alone")]

use std::ops::ControlFlow;
use std::path::Path;

use bl_core::io::{Fit, InputSchema, Ngrams, Polarity, Read, TextSchema};
use bl_core::{Backbone, Preprocessing, Spec, UnitGains};
use bl_tasks::kinds::{ForecastTask, GenerateTask, Names, ReachTask, TrialsTask};
use bl_tasks::reaching::Plant;
use bl_tasks::series::{Plan, Scale, Series};
use bl_tasks::texts::Corpus;
use bl_tasks::trials::{Goals, Trials};
use bl_tasks::{Images, Kind, Source, Split, Task, Texts, What};
use bl_train::{
    Checkpoints, EpochReport, Error, Fitted, FrozenHalf, Learned, Method, Product, Progress, Settings,
    TrainConfig, Trainer, presets,
};

pub const STANDARDISE: Preprocessing = Preprocessing { mean: 0.4, std: 0.3 };

/// Images of 6 × 6: class k is bright in row k, with noise.
pub fn split(count: usize) -> Split {
    let mut state = 7_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 57) as u8
    };
    let labels: Vec<u8> = (0..count).map(|i| (i % 3) as u8).collect();
    let pixel = |label: u8, row: usize| if row / 2 == usize::from(label) { 100 } else { 0 };
    let images = labels.iter().flat_map(|&label| (0..36).map(move |i| pixel(label, i / 6)));
    let images = images.collect::<Vec<u8>>().into_iter().map(|x| x + noise()).collect();
    Split { images, labels, height: 6, width: 6, channels: 1 }
}

fn task(what: What) -> Task {
    let (name, title) = ("small".into(), "Small".into());
    Task { name, title, source: Source::Simulated, notice: None, prepared: None, licence: None, what }
}

pub fn images_of(train: Split) -> Task {
    let input = InputSchema { height: 6, width: 6, channels: 1, polarity: Polarity::AsIs, fit: Fit::Whole };
    let labels = ["top", "middle", "bottom"].map(String::from).into();
    task(What::Images(Images { labels, input, preprocessing: STANDARDISE, train, test: split(200) }))
}

pub fn images() -> Task {
    images_of(split(200))
}

/// Texts of six words: one of class k has words of class k, and others.
fn corpus(count: usize) -> Corpus {
    let words = [["rain", "snow", "wind"], ["song", "play", "tune"], ["book", "read", "page"]];
    let labels: Vec<u8> = (0..count).map(|i| (i % 3) as u8).collect();
    let text = |(i, &label): (usize, &u8)| {
        let own = words[usize::from(label)];
        format!("{} {} the {} of {}", own[i % 3], own[(i / 3) % 3], i % 7, i % 11)
    };
    Corpus { texts: labels.iter().enumerate().map(|text_of| vec![text(text_of)]).collect(), labels }
}

pub fn texts() -> Task {
    let schema = TextSchema::Ngrams(Ngrams { values: 128, words: 1, characters: [0, 0], texts: 1 });
    let labels = ["weather", "music", "reading"].map(String::from).into();
    task(What::Texts(Texts::new(labels, schema, corpus(200), corpus(100)).expect("they have words")))
}

fn wave(samples: usize) -> Series {
    let values = (0..samples).map(|t| libm::sin(0.5 * t as f64) + 0.4 * libm::cos(0.23 * t as f64)).collect();
    Series::new("wave", values).expect("finite numbers")
}

pub fn forecast() -> Task {
    let (series, plan) = (wave(300), Plan { washout: 5, horizon: 2, learn: 1, test: 60 });
    let scale = Scale::standard(series.split(&plan).expect("long enough").train).expect("it varies");
    task(What::Forecast(ForecastTask { series, plan, scale }))
}

pub fn generate(steps: usize) -> Task {
    let series = wave(3 * steps);
    let scale = Scale::to_unit_range(&series.values()[..steps]).expect("it varies");
    task(What::Generate(GenerateTask { series, steps, scale }))
}

pub fn reach() -> Task {
    let plant = Plant { steps: 30, ..Plant::default() };
    task(What::Reach(ReachTask { plant, unit: 0.07, ..ReachTask::default() }))
}

/// Trials of two channels, of 4 to 9 steps: class k is a wave of frequency k.
pub fn trials() -> Task {
    task(What::Trials(trials_of(|lengths, _| {
        Goals::Classes((0..lengths.len()).map(|i| (i % 3) as u8).collect())
    })))
}

/// The same, of which the sum of the channels is to be said, but not at the first step.
pub fn answers() -> Task {
    let goals = |lengths: &[usize], inputs: &[f64]| Goals::Values {
        variables: 1,
        values: inputs.chunks_exact(2).map(|x| x[0] + x[1]).collect(),
        weights: lengths
            .iter()
            .flat_map(|&steps| (0..steps).map(|step| f32::from(u8::from(step > 0))))
            .collect(),
    };
    task(What::Trials(trials_of(goals)))
}

fn trials_of(goals: impl Fn(&[usize], &[f64]) -> Goals) -> TrialsTask {
    let half = |count: usize| {
        let lengths: Vec<usize> = (0..count).map(|i| 4 + i % 6).collect();
        let value = |i: usize, at: usize| {
            let (step, channel) = ((at / 2) as f64, (at % 2) as f64);
            libm::sin(step * (0.3 + 0.6 * (i % 3) as f64) + channel + i as f64)
        };
        let inputs: Vec<f64> =
            (0..count).flat_map(|i| (0..2 * lengths[i]).map(move |at| value(i, at))).collect();
        let goals = goals(&lengths, &inputs);
        Trials::new(2, &lengths, inputs, goals).expect("well formed")
    };
    let labels =
        if matches!(half(3).goals(), Goals::Classes(_)) { &["slow", "middle", "fast"][..] } else { &[] };
    let labels = labels.iter().map(|label| (*label).to_owned()).collect();
    TrialsTask::new(labels, &Names::default(), Read::Mean, half(60), half(30)).expect("a task")
}

/// One of every kind.
pub fn tasks() -> [Task; 7] {
    [images(), texts(), forecast(), generate(30), reach(), trials(), answers()]
}

/// Whether rows go in, and not steps.
pub fn of_rows(task: &Task) -> bool {
    task.kind().io().signal().is_err()
}

/// Whether there is something to classify.
pub fn has_classes(task: &Task) -> bool {
    !task.kind().labels().is_empty()
}

pub fn mlp(layers: usize, residual: bool) -> Backbone {
    mlp_with(layers, residual, r#"{ distribution = "one_hot", value = 0.3 }"#)
}

/// A network whose readout is drawn as `readout` says.
pub fn mlp_with(layers: usize, residual: bool, readout: &str) -> Backbone {
    let layer = r#"{ units = 70, weights = { distribution = "normal", std = 0.2 } }"#;
    let text = format!(
        r"
        seed = 3
        residual = {residual}
        input = {{ height = 6, width = 6 }}
        layers = [{}]
        readout = {{ outputs = 3, weights = {readout} }}
        ",
        vec![layer; layers].join(",")
    );
    Backbone::generate(&Spec::from_toml(&text).expect("a valid spec")).expect("a small backbone")
}

pub fn rnn(task: &Task, gain: f64) -> Backbone {
    let io = task.kind().io();
    let (inputs, outputs) = io.signal().expect("a signal").widths(task.kind().labels().len());
    let text = format!(
        r#"
        kind = "rnn"
        seed = 1
        alpha = 0.1
        beta = 0.9
        units = 40
        recurrent = {{ gain = {gain:?}, weights = {{ distribution = "normal", std = 1.0 }} }}
        input = {{ values = {inputs}, weights = {{ distribution = "uniform", half_width = 1.0 }} }}
        readout = {{ outputs = {outputs}, divided_by = "sqrt_units", weights = {{ distribution = "normal", std = 1.0 }} }}
        initial_state = {{ how = "uniform", half_width = 0.5 }}
        "#
    );
    Backbone::generate(&Spec::from_toml(&text).expect("a valid spec")).expect("a small backbone")
}

/// The backbone of a task: one hidden layer, or a recurrent one.
pub fn backbone(task: &Task) -> Backbone {
    match &task.what {
        What::Texts(texts) => {
            let mut spec = mlp(1, false).spec().clone();
            spec.fit(&texts.io(), texts.labels.len()).expect("it has as many inputs");
            Backbone::generate(&spec).expect("a small backbone")
        }
        _ if of_rows(task) => mlp(1, false),
        _ => rnn(task, 1.3),
    }
}

/// Settings that suit the task, with some changed.
pub fn config(task: &Task, method: Method, change: Settings) -> TrainConfig {
    let common = Settings { backbone: Some("test".into()), method: Some(method), ..Settings::default() };
    let defaults = if of_rows(task) {
        let defaults = Settings {
            epochs: Some(6),
            batch_size: Some(32),
            lr: Some(0.05),
            val_fraction: Some(0.0),
            ..common
        };
        presets::method_settings(method).expect("embedded").over(defaults)
    } else {
        Settings {
            epochs: Some(5),
            batch_size: Some(4),
            lr: Some(0.01),
            bias_init: Some(0.3),
            bias_mean: Some(0.2),
            learn_state: Some(true),
            window: matches!(task.what, What::Forecast(_)).then_some(30),
            clip: Some(10.0),
            ..common
        }
    };
    change.over(defaults).resolve("test").expect("valid settings")
}

/// Stops a run at the first step of an epoch, or never.
#[derive(Default)]
pub struct Listener {
    pub stop_in: Option<u32>,
    pub epochs: Vec<EpochReport>,
    pub warnings: Vec<String>,
}

impl Progress for Listener {
    fn warn(&mut self, words: &str) {
        self.warnings.push(words.to_owned());
    }

    fn step(&mut self, epoch: u32, _epochs: u32, _share: f64) -> ControlFlow<()> {
        if self.stop_in == Some(epoch) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn epoch(&mut self, report: &EpochReport) {
        self.epochs.push(report.clone());
    }
}

pub fn frozen<'a>(
    backbone: &Backbone,
    task: &'a Task,
    config: &TrainConfig,
    budget: Option<u64>,
) -> Result<FrozenHalf<'a>, Error> {
    let mut ignore = |_| ControlFlow::Continue(());
    FrozenHalf::of_run(backbone, task, config, budget, &mut ignore)
}

pub fn fit(
    backbone: &Backbone,
    task: &Task,
    config: &TrainConfig,
    checkpoints: Checkpoints,
    stop_in: Option<u32>,
) -> Result<Fitted, Error> {
    let mut frozen = frozen(backbone, task, config, None)?;
    fit_in(&mut frozen, backbone, task, config, checkpoints, stop_in)
}

/// A run over a frozen half that others may share.
pub fn fit_in(
    frozen: &mut FrozenHalf<'_>,
    backbone: &Backbone,
    task: &Task,
    config: &TrainConfig,
    checkpoints: Checkpoints,
    stop_in: Option<u32>,
) -> Result<Fitted, Error> {
    let mut listener = Listener { stop_in, ..Listener::default() };
    Trainer::new(backbone, task, config, checkpoints).fit(frozen, &mut listener)
}

/// A run from its beginning to its end, on the task's backbone.
pub fn plain(task: &Task, config: &TrainConfig) -> Fitted {
    fit(&backbone(task), task, config, Checkpoints::default(), None).expect("the run ends")
}

/// A run whose settings are an error.
pub fn refused(task: &Task, config: &TrainConfig) -> Error {
    let fitted = fit(&backbone(task), task, config, Checkpoints::default(), None);
    fitted.map(|fitted| fitted.last).expect_err("nothing uses it")
}

/// Where a run keeps its state.
pub fn at(path: &Path, resume: bool) -> Checkpoints {
    Checkpoints { path: Some(path.to_owned()), resume }
}

pub fn product(backbone: &Backbone, task: &Task, config: &TrainConfig, fitted: &Fitted) -> Product {
    let judgement = fitted.judge(backbone, task).expect("finite");
    Product::new(task, config, backbone, fitted, &judgement).expect("finite")
}

/// The bytes of the file that a run comes to.
pub fn bytes(backbone: &Backbone, task: &Task, config: &TrainConfig, fitted: &Fitted) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("file");
    product(backbone, task, config, fitted).save(&path).expect("saved");
    std::fs::read(path).expect("saved")
}

pub fn biases(fitted: &Fitted) -> &[Vec<f32>] {
    match &fitted.learned {
        Learned::Units(parameters) => &parameters.biases,
        Learned::Network(_) => panic!("a network has no frozen half"),
    }
}

pub fn gains(fitted: &Fitted) -> &UnitGains {
    match &fitted.learned {
        Learned::Units(parameters) => &parameters.gains,
        Learned::Network(_) => panic!("a network has no frozen half"),
    }
}

/// What was learned, to the bit.
pub fn learned(fitted: &Fitted) -> String {
    format!("{:?}", fitted.learned)
}

/// The share of images that a network tells right.
pub fn accuracy(fitted: &Fitted, backbone: &Backbone, task: &Task) -> f64 {
    fitted.judge(backbone, task).expect("finite").metric("accuracy", "test").expect("there are classes")
}

/// Settings as a file has them.
pub fn settings(text: &str) -> Result<Settings, Error> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("c.toml");
    std::fs::write(&path, text).expect("a small file");
    Settings::from_file(&path)
}
