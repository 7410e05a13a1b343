//! Small tasks in time, a backbone for each, and whole runs.

use bl_core::recurrent::{RecurrentBackbone, RecurrentSpec};
use bl_tasks::reaching::Plant;
use bl_tasks::series::{Plan, Scale, Series};
use bl_tasks::time::{ForecastTask, GenerateTask, ReachTask, TimeTask, What};
use bl_train::{
    Checkpoints, Error, Method, RecurrentConfig, RecurrentFitted, RecurrentProduct, RecurrentTrainer,
    Settings, TimeSettings,
};

use crate::support::Listener;

pub(crate) const METHODS: [Method; 5] = Method::ALL;

fn task(what: What) -> TimeTask {
    TimeTask { name: "small".into(), title: "Small".into(), source: "simulated", what }
}

fn wave(samples: usize) -> Series {
    let values = (0..samples).map(|t| (0.5 * t as f64).sin() + 0.4 * (0.23 * t as f64).cos()).collect();
    Series::new("wave", values).expect("finite numbers")
}

pub(crate) fn forecast() -> TimeTask {
    let (series, plan) = (wave(300), Plan { washout: 5, horizon: 2, learn: 1, test: 60 });
    let scale = Scale::standard(series.split(&plan).expect("long enough").train).expect("it varies");
    task(What::Forecast(ForecastTask { series, plan, scale }))
}

pub(crate) fn generate(steps: usize) -> TimeTask {
    let series = wave(3 * steps);
    let scale = Scale::to_unit_range(&series.values()[..steps]).expect("it varies");
    task(What::Generate(GenerateTask { series, steps, scale }))
}

pub(crate) fn reach() -> TimeTask {
    let plant = Plant { steps: 30, ..Plant::default() };
    task(What::Reach(ReachTask { plant, unit: 0.07, ..ReachTask::default() }))
}

pub(crate) fn tasks() -> [TimeTask; 3] {
    [forecast(), generate(30), reach()]
}

pub(crate) fn spec(task: &TimeTask, gain: f64) -> RecurrentSpec {
    let (inputs, outputs) = task.signal().widths();
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
    RecurrentSpec::from_toml(&text).expect("a valid spec")
}

pub(crate) fn backbone(task: &TimeTask) -> RecurrentBackbone {
    RecurrentBackbone::generate(&spec(task, 1.3)).expect("a small backbone")
}

pub(crate) fn config(task: &TimeTask, method: Method, change: Settings) -> RecurrentConfig {
    let forecast = matches!(task.what, What::Forecast(_));
    let defaults = Settings {
        backbone: Some("test".into()),
        method: Some(method),
        epochs: Some(5),
        batch_size: Some(4),
        lr: Some(0.01),
        bias_init: Some(0.3),
        time: TimeSettings {
            bias_mean: Some(0.2),
            learn_state: Some(true),
            window: forecast.then_some(30),
            clip: Some(10.0),
            ..TimeSettings::default()
        },
        ..Settings::default()
    };
    change.resolve_in_time("small", defaults).expect("valid settings")
}

pub(crate) fn fit(
    backbone: &RecurrentBackbone,
    config: &RecurrentConfig,
    task: &TimeTask,
    checkpoints: Checkpoints,
    stop_in: Option<u32>,
) -> Result<RecurrentFitted, Error> {
    let mut listener = Listener { stop_in, epochs: Vec::new() };
    RecurrentTrainer::new(backbone, config, task, checkpoints).fit(&mut listener)
}

pub(crate) fn plain(config: &RecurrentConfig, task: &TimeTask) -> RecurrentFitted {
    fit(&backbone(task), config, task, Checkpoints::default(), None).expect("the run ends")
}

/// The bytes of the file that a run comes to.
pub(crate) fn bytes(fitted: &RecurrentFitted, config: &RecurrentConfig, task: &TimeTask) -> Vec<u8> {
    let backbone = backbone(task);
    let judgement = fitted.learned.judge(&backbone, task).expect("finite");
    let product = RecurrentProduct::new(task, config, &backbone, fitted, &judgement).expect("finite");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("file");
    product.save(&path).expect("saved");
    std::fs::read(path).expect("saved")
}
