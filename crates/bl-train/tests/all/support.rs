//! A small task, a small backbone, and a listener that can stop a run.

#![allow(missing_docs, unreachable_pub, reason = "for the tests alone")]

use std::ops::ControlFlow;

use bl_core::{Backbone, BackboneSpec, Preprocessing};
use bl_tasks::Split;
use bl_train::{
    Checkpoints, EpochReport, Error, Fitted, Learned, Progress, Settings, TrainConfig, Trainer, TrainingSet,
};

pub const STANDARDISE: Preprocessing = Preprocessing { mean: 0.4, std: 0.3 };

/// Pictures of 6 × 6: class k is bright in row k, with noise.
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
    Split { images, labels, height: 6, width: 6 }
}

pub fn backbone(layers: usize, residual: bool) -> Backbone {
    let layer = r#"{ units = 70, weights = { distribution = "normal", std = 0.2 } }"#;
    Backbone::generate(
        &BackboneSpec::from_toml(&format!(
            r#"
            seed = 3
            residual = {residual}
            input = {{ height = 6, width = 6 }}
            layers = [{}]
            readout = {{ outputs = 3, weights = {{ distribution = "one_hot", value = 0.3 }} }}
            "#,
            vec![layer; layers].join(",")
        ))
        .expect("a valid spec"),
    )
    .expect("a small backbone")
}

pub fn config(change: Settings) -> TrainConfig {
    let defaults = Settings {
        backbone: Some("test".into()),
        epochs: Some(6),
        batch_size: Some(32),
        lr: Some(0.05),
        ..Settings::default()
    };
    change.resolve("test", defaults).expect("valid settings")
}

/// Stops a run at the first step of an epoch, or never.
pub struct Listener {
    pub stop_in: Option<u32>,
    pub epochs: Vec<EpochReport>,
}

impl Progress for Listener {
    fn step(&mut self, epoch: u32, _epochs: u32, _share: f64) -> ControlFlow<()> {
        if self.stop_in == Some(epoch) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn epoch(&mut self, report: &EpochReport) {
        self.epochs.push(report.clone());
    }
}

pub fn fit(
    backbone: &Backbone,
    config: &TrainConfig,
    checkpoints: Checkpoints,
    stop_in: Option<u32>,
) -> Result<Fitted, Error> {
    let data = split(200);
    let mut set = set(backbone, config, &data, None)?;
    fit_in(&mut set, backbone, config, checkpoints, stop_in)
}

/// A run over a cache that others may share.
pub fn fit_in(
    set: &mut TrainingSet<'_>,
    backbone: &Backbone,
    config: &TrainConfig,
    checkpoints: Checkpoints,
    stop_in: Option<u32>,
) -> Result<Fitted, Error> {
    let mut listener = Listener { stop_in, epochs: Vec::new() };
    Trainer::new(backbone, config, STANDARDISE, checkpoints).fit(set, &mut listener)
}

pub fn set<'a>(
    backbone: &Backbone,
    config: &TrainConfig,
    data: &'a Split,
    budget: Option<u64>,
) -> Result<TrainingSet<'a>, Error> {
    let mut ignore = |_| ControlFlow::Continue(());
    TrainingSet::new(backbone, data, &[config.method], config.batch_size, budget, &mut ignore)
}

pub fn biases(fitted: &Fitted) -> &[Vec<f32>] {
    match &fitted.learned {
        Learned::Units { biases, .. } => biases,
        Learned::Network(_) => panic!("a network has no frozen half"),
    }
}
