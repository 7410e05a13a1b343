//! The runs whose checkpoints and ends are kept. All that goes into them is arithmetic without a function of the platform's
//! (no `sin`, no `exp`).

use bl_core::io::{Fit, InputSchema, Polarity};
use bl_core::{Backbone, Isa, Spec};
use bl_tasks::kinds::{ForecastTask, GenerateTask, ReachTask};
use bl_tasks::reaching::Plant;
use bl_tasks::series::{Plan, Scale, Series};
use bl_tasks::{Images, Source, Task, What};
use bl_train::{Checkpoints, Error, Method, Product, Settings, TrainConfig, presets};

use crate::support::{fit, split};

/// A run, the epoch (from 1) in which it was stopped, and the file that it ends in.
pub(super) struct Run {
    pub(super) name: &'static str,
    pub(super) end: &'static str,
    pub(super) train: fn(Checkpoints, Option<u32>) -> Result<Vec<u8>, Error>,
}

pub(super) const STOPPED_IN: u32 = 4;

pub(super) const RUNS: [Run; 5] = [
    Run {
        name: "image-bias",
        end: "adapter-image-bias.safetensors",
        train: |checkpoints, stop| of_images(1, Method::Bias, checkpoints, stop),
    },
    Run {
        name: "image-mask",
        end: "adapter-image-mask.safetensors",
        train: |checkpoints, stop| of_images(1, Method::Mask, checkpoints, stop),
    },
    Run {
        name: "image-full",
        end: "network-image.safetensors",
        train: |checkpoints, stop| of_images(1, Method::Full, checkpoints, stop),
    },
    Run {
        name: "forecast-bias",
        end: "adapter-forecast-bias-state.safetensors",
        train: |checkpoints, stop| in_time(&forecast(), Method::Bias, true, checkpoints, stop),
    },
    Run {
        name: "forecast-full",
        end: "network-forecast.safetensors",
        train: |checkpoints, stop| in_time(&forecast(), Method::Full, true, checkpoints, stop),
    },
];

fn portable() -> Isa {
    *Isa::all().last().expect("portable code is always there")
}

pub(super) fn mlp(layers: usize) -> Backbone {
    let spec = format!(
        r#"
        seed = 3
        residual = {}
        input = {{ height = 6, width = 6 }}
        layers = [{}]
        readout = {{ outputs = 3, weights = {{ distribution = "one_hot", value = 0.3 }} }}
        "#,
        layers > 1,
        vec![r#"{ units = 24, weights = { distribution = "normal", std = 0.2 } }"#; layers].join(",")
    );
    let spec = Spec::from_toml(&spec).expect("a valid spec");
    Backbone::generate(&spec).expect("a small backbone").with_isa(portable())
}

/// Bars at three heights, and what is known of them.
fn bars() -> Task {
    let labels = ["top", "middle", "bottom"].map(String::from).into();
    let input = InputSchema { height: 6, width: 6, channels: 1, polarity: Polarity::AsIs, fit: Fit::Whole };
    let images = Images::new(labels, input, split(120), split(45)).expect("they differ");
    Task {
        name: "bars".into(),
        title: "Bars at three heights".into(),
        source: Source::Folder,
        notice: None,
        prepared: None,
        licence: Some("CC0-1.0".into()),
        what: What::Images(images),
    }
}

/// The product of a whole run.
fn trained(
    backbone: &Backbone,
    task: &Task,
    config: &TrainConfig,
    checkpoints: Checkpoints,
    stop_in: Option<u32>,
) -> Result<Product, Error> {
    let fitted = fit(backbone, task, config, checkpoints, stop_in)?;
    Product::new(task, config, backbone, &fitted, &fitted.judge(backbone, task)?)
}

/// The bytes of the file that a run comes to.
pub(super) fn of_images(
    layers: usize,
    method: Method,
    checkpoints: Checkpoints,
    stop_in: Option<u32>,
) -> Result<Vec<u8>, Error> {
    let stated = Settings {
        backbone: Some("test".into()),
        method: Some(method),
        val_fraction: Some(0.1),
        ..Settings::default()
    };
    let defaults = Settings { epochs: Some(6), batch_size: Some(32), lr: Some(0.05), ..Settings::default() };
    let config = stated.over(presets::method_settings(method)?).over(defaults).resolve("test")?;
    let product = trained(&mlp(layers), &bars(), &config, checkpoints, stop_in)?;
    written(|path| product.licensed(Some("CC0-1.0")).save(path))
}

fn task(what: What) -> Task {
    Task {
        name: "logistic".into(),
        title: "The logistic map".into(),
        source: Source::Simulated,
        notice: None,
        prepared: None,
        licence: None,
        what,
    }
}

/// A chaotic series that needs nothing but products.
fn logistic(samples: usize) -> Series {
    let next = |x: &f64| Some(3.9 * x * (1.0 - x));
    let values = std::iter::successors(Some(0.3), next).take(samples).collect();
    Series::new("level", values).expect("finite numbers")
}

pub(super) fn forecast() -> Task {
    let (series, plan) = (logistic(200), Plan { washout: 5, horizon: 2, learn: 1, test: 60 });
    let scale = Scale::standard(series.split(&plan).expect("long enough").train).expect("it varies");
    task(What::Forecast(ForecastTask { series, plan, scale }))
}

pub(super) fn generate() -> Task {
    let series = logistic(90);
    let scale = Scale::to_unit_range(&series.values()[..30]).expect("it varies");
    task(What::Generate(GenerateTask { series, steps: 30, scale }))
}

pub(super) fn reach() -> Task {
    let plant = Plant { steps: 30, ..Plant::default() };
    task(What::Reach(ReachTask { plant, unit: 0.07, ..ReachTask::default() }))
}

pub(super) fn rnn(task: &Task) -> Backbone {
    let io = task.kind().io();
    let (inputs, outputs) = io.signal().expect("a signal").widths(0);
    let text = format!(
        r#"
        kind = "rnn"
        seed = 1
        alpha = 0.1
        beta = 0.9
        units = 16
        recurrent = {{ gain = 1.1, weights = {{ distribution = "normal", std = 1.0 }} }}
        input = {{ values = {inputs}, weights = {{ distribution = "uniform", half_width = 1.0 }} }}
        readout = {{ outputs = {outputs}, divided_by = "sqrt_units", weights = {{ distribution = "normal", std = 1.0 }} }}
        initial_state = {{ how = "uniform", half_width = 0.5 }}
        "#
    );
    let spec = Spec::from_toml(&text).expect("a valid spec");
    Backbone::generate(&spec).expect("a small backbone").with_isa(portable())
}

/// The bytes of the file that a run comes to.
pub(super) fn in_time(
    task: &Task,
    method: Method,
    learn_state: bool,
    checkpoints: Checkpoints,
    stop_in: Option<u32>,
) -> Result<Vec<u8>, Error> {
    let settings = Settings {
        backbone: Some("test".into()),
        method: Some(method),
        epochs: Some(6),
        batch_size: Some(4),
        lr: Some(0.01),
        bias_init: Some(0.3),
        bias_mean: Some(0.2),
        learn_state: Some(learn_state),
        window: matches!(task.what, What::Forecast(_)).then_some(30),
        clip: Some(10.0),
        ..Settings::default()
    };
    let config = settings.resolve("logistic")?;
    let product = trained(&rnn(task), task, &config, checkpoints, stop_in)?;
    written(|path| product.save(path))
}

pub(super) fn written(save: impl FnOnce(&std::path::Path) -> Result<(), Error>) -> Result<Vec<u8>, Error> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("file");
    save(&path)?;
    Ok(std::fs::read(path).expect("it was written"))
}
