//! Figure E.3: one fully trained network for all sets at once, its units clustered as in figure 1C.

use std::ops::ControlFlow;

use bl_core::Distribution;
use bl_tasks::kinds::evaluate;
use bl_train::{Method, MlpNetwork};
use serde::Deserialize;

use super::fig1c::{heat_map, selectivity, table};
use crate::analysis::{KMeansOptions, UnitVariance, k_means, normalise};
use crate::finding::{Finding, Judged};
use crate::lab::{Lab, Need};
use crate::plot::{Figure, Panel};
use crate::report::{Report, Setting};
use crate::run::{Data, Run, plain_backbone, plain_config};
use crate::settings::{self, Options, config};
use crate::study_error::StudyError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    tasks: Vec<String>,
    width: u32,
    train: usize,
    epochs: u32,
    lr: f64,
    clusters: usize,
    restarts: usize,
}

/// Test accuracies of the paper's network.
const PAPER: [(&str, &str); 8] = [
    ("ethiopic", "0.9924"),
    ("fashion", "0.8624"),
    ("kannada", "0.8883"),
    ("kmnist", "0.0000"),
    ("mnist", "0.9354"),
    ("nko", "0.9995"),
    ("osmanya", "0.9979"),
    ("vai", "0.9910"),
];

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let settings: Settings = settings::load("figE3", config!("figE3"), options.setting)?;
    let run = Run {
        data: Some(Data { tasks: settings.tasks.clone(), train: Some(settings.train) }),
        backbone: plain_backbone(1, &[settings.width], &Distribution::Normal { std: 1.0 / 28.0 }),
        config: plain_config("mixture", Method::Full, settings.epochs, settings.lr, 1),
    };
    let outcomes = lab.outcomes(std::slice::from_ref(&run), Need::Parameters)?;
    let file = lab.network(&run)?;
    let network = file.network.mlp()?;
    let (mut variances, mut findings) = (Vec::new(), Vec::new());
    for task in &settings.tasks {
        let data = lab.data(&Data::of(task, None))?;
        let test = &data.images()?.test;
        let seen = evaluate(network, test, &mut |_| ControlFlow::Continue(()))?;
        let accuracy = seen.map_or(f64::NAN, |seen| seen.accuracy());
        let paper = PAPER.iter().find(|(name, _)| name == task).map_or("", |(_, accuracy)| accuracy);
        findings.push(accuracy_finding(task, paper, accuracy, options.setting));
        variances.push(task_variance(network, &test.images, settings.width as usize)?);
    }
    let options_of_k = KMeansOptions { restarts: settings.restarts, ..KMeansOptions::default() };
    let clusters = k_means(&normalise(&variances)?, settings.clusters, &options_of_k)?;
    findings.push(selectivity(&clusters));
    let mut cut = vec![];
    if options.setting == Setting::Quick {
        cut.push(format!(
            "{} units rather than 32,000, {} images rather than 200,000, {} epochs rather than 15, rate {} rather than \
             0.00001",
            settings.width, settings.train, settings.epochs, settings.lr
        ));
    }
    let chart = heat_map(&settings.tasks, &clusters, Vec::new());
    Ok(Report {
        findings,
        figure: Figure::single(Panel::new("One fully trained network, eight sets, one seed", chart)),
        table: table(&settings.tasks, &clusters),
        runs: vec![run].into_iter().zip(outcomes).collect(),
        cut,
        notes: vec![
            "Ten outputs for all sets. With them an accuracy of exactly 0 on KMNIST, as the paper has it, means that no \
             image ever got its own digit, which chance alone would do 1,000 times in 10,000: we take it for a slip \
             in that set's labels, not for interference."
                .into(),
            "Initial weights are Xavier, not N(0, 1/d) as in the paper.".into(),
        ],
    })
}

fn accuracy_finding(task: &str, paper: &str, found: f64, setting: Setting) -> Finding {
    let (what, ours) = (format!("accuracy, {task}"), format!("{found:.4}"));
    match (setting, paper.parse::<f64>()) {
        (Setting::Full, Ok(expected)) => {
            let judged =
                Judged::within(100.0 * (found - expected), (-1.0, 1.0), "the difference in points is");
            Finding::new(&what, paper, ours, judged)
        }
        _ => Finding::new(&what, paper, ours, Judged::not_comparable())
            .because("a smaller network, trained for less"),
    }
}

fn task_variance(network: &MlpNetwork, images: &[u8], units: usize) -> Result<Vec<f64>, StudyError> {
    const TOGETHER: usize = 500;
    let inputs = network.spec().input.values();
    let mut variance = UnitVariance::new(units);
    for images in images.chunks(TOGETHER * inputs) {
        for row in network.activations(images)?.chunks_exact(units) {
            variance.add(row)?;
        }
    }
    Ok(variance.variances()?)
}
