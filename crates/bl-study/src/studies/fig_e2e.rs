//! Figure E.2E: several hidden layers.

use bl_core::Distribution;
use bl_train::Method;
use serde::Deserialize;
use serde_json::json;

use super::summaries::{accuracy, bar, over_seeds, row};
use crate::finding::{Finding, Judged};
use crate::lab::{Lab, Need};
use crate::plot::{Axis, BarSeries, Bars, Chart, Figure, Panel, Role};
use crate::report::{Report, Setting, Table};
use crate::run::{Data, Run, plain_backbone, plain_config};
use crate::settings::{self, Options, config};
use crate::study_error::StudyError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    seeds: u32,
    width: u32,
    depths: Vec<u32>,
    train: Option<usize>,
    epochs: u32,
    lr: f64,
    full_lr: f64,
    half_width: f64,
}

const TASK: &str = "fashion";

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let settings: Settings = settings::load("figE2e", config!("figE2e"), options.setting)?;
    let seeds = options.seeds(settings.seeds);
    let weights = Distribution::Uniform { half_width: settings.half_width };
    let methods = [(Method::Bias, settings.lr, Role::Bias), (Method::Full, settings.full_lr, Role::Full)];
    let mut runs = Vec::new();
    for (method, lr, _) in methods {
        for &depth in &settings.depths {
            runs.extend((1..=seeds).map(|seed| Run {
                data: Some(Data::of(TASK, settings.train)),
                backbone: plain_backbone(seed.into(), &vec![settings.width; depth as usize], &weights),
                config: plain_config(TASK, method, settings.epochs, lr, seed.into()),
            }));
        }
    }
    let outcomes = lab.outcomes(&runs, Need::Metrics)?;

    let mut table = Table::new(&["network", "hidden_layers", "test_accuracy", "sd", "seeds"]);
    let mut of_depth = outcomes.chunks_exact(seeds as usize);
    let (mut series, mut means) = (Vec::new(), Vec::new());
    for (method, _, role) in methods {
        let mut bars = Vec::new();
        for (&depth, outcomes) in settings.depths.iter().zip(&mut of_depth) {
            let found = accuracy(outcomes)?;
            table.rows.push(row(vec![json!(method.name()), json!(depth)], found));
            bars.push(Some(bar(found)));
            means.push(found.mean);
        }
        series.push(BarSeries { label: method.name().into(), role, bars });
    }
    let (bias, full) = means.split_at(settings.depths.len());
    let list = |of: &[f64]| of.iter().map(|mean| format!("{mean:.3}")).collect::<Vec<_>>().join(" ");
    let learns = bias.iter().all(|mean| *mean > bias[0] - 0.02);
    let findings = vec![Finding::new(
        &format!("accuracy at {:?} hidden layers", settings.depths),
        "bias learning works beyond one layer",
        format!("bias {}, full {}", list(bias), list(full)),
        Judged::when(learns, "no depth of bias learning is more than 2 points below one layer"),
    )];
    let mut cut = options.cut_seeds(settings.seeds, 5);
    if options.setting == Setting::Quick {
        cut.push(format!(
            "{} units a layer rather than 2048, up to {} layers, {} epochs rather than 20, {} training images rather than \
             60,000",
            settings.width,
            settings.depths.iter().max().unwrap_or(&0),
            settings.epochs,
            settings.train.unwrap_or(60_000)
        ));
    }
    let chart = Chart::Bars(Bars {
        x_label: "Hidden layers".into(),
        categories: settings.depths.iter().map(u32::to_string).collect(),
        y: Axis::linear("Test accuracy").over(0.0, 1.0),
        series,
        references: vec![],
    });
    let title = format!("Fashion-MNIST, {} units a layer", settings.width);
    Ok(Report {
        findings,
        figure: Figure { title: over_seeds(seeds), ..Figure::single(Panel::new(title, chart)) },
        table,
        runs: runs.into_iter().zip(outcomes).collect(),
        cut,
        notes: vec![],
    })
}
