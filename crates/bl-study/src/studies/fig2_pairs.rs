//! The runs that figures 2 and E.4 show: on each seed's weights a bias-trained network and two masks.

use bl_core::{Adapter, Backbone, Distribution, Prepared, UnitGains};
use bl_train::Method;
use serde::Deserialize;

use crate::analysis::{MeanSd, sweep};
use crate::lab::{Lab, Need};
use crate::outcome::Outcome;
use crate::run::{Data, Run, plain_backbone, plain_config};
use crate::settings::{self, Options, config};
use crate::stage::Stage;
use crate::study_error::StudyError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) seeds: u32,
    pub(super) width: u32,
    pub(super) epochs: u32,
    pub(super) train: usize,
    lr: f64,
    pub(super) thresholds: Vec<f64>,
    pub(super) null_draws: usize,
}

impl Settings {
    /// The place of a threshold that a finding speaks of.
    pub(super) fn at(&self, threshold: f64) -> Result<usize, StudyError> {
        let at = self.thresholds.iter().position(|t| (t - threshold).abs() < 1e-9);
        at.ok_or(StudyError::NoThreshold { threshold })
    }
}

const TASK: &str = "mnist";
/// Seed of the second mask of each network, far from those of the first.
const SECOND: u64 = 1000;

/// One seed's networks and what their units do on the test set.
pub(super) struct Pair {
    pub(super) bias: Outcome,
    pub(super) mask: Outcome,
    /// Variances of the hidden units on the test images.
    pub(super) bias_variance: Vec<f64>,
    pub(super) mask_variance: Vec<f64>,
    pub(super) other_mask_variance: Vec<f64>,
    pub(super) mask_on: Vec<bool>,
    pub(super) other_mask_on: Vec<bool>,
    /// Accuracy and number of units of the bias-trained network with those units alone whose variance is above each
    /// threshold.
    pub(super) kept: Vec<(usize, f64)>,
}

pub(super) struct Pairs {
    pub(super) settings: Settings,
    /// One for each seed.
    pub(super) of_seed: Vec<Pair>,
    pub(super) runs: Vec<(Run, Outcome)>,
    pub(super) cut: Vec<String>,
}

impl Pairs {
    /// A figure of each seed, summed up.
    pub(super) fn over(&self, f: impl Fn(&Pair) -> Result<f64, StudyError>) -> Result<MeanSd, StudyError> {
        Ok(MeanSd::of(&self.of_seed.iter().map(f).collect::<Result<Vec<_>, _>>()?)?)
    }
}

impl Pair {
    /// Units of the bias-trained network that are ON at a threshold of variance.
    pub(super) fn bias_on(&self, threshold: f64) -> Result<Vec<bool>, StudyError> {
        Ok(sweep(&self.bias_variance, &[threshold])?.remove(0).mask)
    }
}

pub(super) fn pairs(lab: &mut Lab<'_>, options: &Options) -> Result<Pairs, StudyError> {
    let settings: Settings = settings::load("fig2", config!("fig2"), options.setting)?;
    let seeds = options.seeds(settings.seeds);
    let runs: Vec<Run> = (1..=u64::from(seeds)).flat_map(|seed| of_seed(&settings, seed)).collect();
    let outcomes = lab.outcomes(&runs, Need::Parameters)?;
    let mut pairs = Vec::new();
    for (runs, outcomes) in runs.chunks_exact(3).zip(outcomes.chunks_exact(3)) {
        pairs.push(look(lab, &settings, runs, outcomes)?);
    }
    let cut = options.cut_seeds(settings.seeds, 5);
    Ok(Pairs { settings, of_seed: pairs, runs: runs.into_iter().zip(outcomes).collect(), cut })
}

/// Biases, a mask, and another mask on the same weights.
fn of_seed(settings: &Settings, seed: u64) -> [Run; 3] {
    [(Method::Bias, seed), (Method::Mask, seed), (Method::Mask, SECOND + seed)].map(|(method, of_run)| Run {
        data: Some(Data::of(TASK, Some(settings.train))),
        backbone: plain_backbone(seed, &[settings.width], &Distribution::Normal { std: 1.0 / 28.0 }),
        config: plain_config(TASK, method, settings.epochs, settings.lr, of_run),
    })
}

fn look(
    lab: &mut Lab<'_>,
    settings: &Settings,
    runs: &[Run],
    outcomes: &[Outcome],
) -> Result<Pair, StudyError> {
    let adapters = runs.iter().map(|run| lab.adapter(run)).collect::<Result<Vec<_>, _>>()?;
    let data = lab.task(&runs[0])?;
    let (backbone, test) = (Backbone::generate(&runs[0].backbone)?, &data.images()?.test);
    let stage = Stage::new(backbone.mlp()?, &test.images, &test.labels)?;
    let bias_variance = stage.task_variance(&adapters[0])?;
    let kept = sweep(&bias_variance, &settings.thresholds)?
        .into_iter()
        .map(|on| {
            let ((_, pre), biases) = (adapters[0].header.io.images()?, &adapters[0].parameters.biases);
            let rest = Prepared::with_gains(stage.mlp, pre, biases, &UnitGains::Mask(on.mask))?;
            Ok((on.count, stage.accuracy(&rest)?))
        })
        .collect::<Result<_, StudyError>>()?;
    Ok(Pair {
        bias: outcomes[0].clone(),
        mask: outcomes[1].clone(),
        mask_variance: stage.task_variance(&adapters[1])?,
        other_mask_variance: stage.task_variance(&adapters[2])?,
        mask_on: on_units(&adapters[1]),
        other_mask_on: on_units(&adapters[2]),
        bias_variance,
        kept,
    })
}

fn on_units(adapter: &Adapter) -> Vec<bool> {
    match &adapter.parameters.gains {
        UnitGains::Mask(on) => on.clone(),
        _ => vec![true; adapter.parameters.biases[0].len()],
    }
}
