//! Figure E.2E: several hidden layers.

use bl_core::Distribution;
use bl_train::Method;
use serde::Deserialize;
use serde_json::json;

use super::{Options, accuracies};
use crate::analysis::MeanSd;
use crate::lab::{Lab, Need};
use crate::plot::{Axis, Chart, Figure, Line, Lines, Panel, Point, Role};
use crate::report::{Finding, Report, Setting, Table, Verdict};
use crate::run::{Data, Run, plain_backbone, plain_config};
use crate::settings::{self, config};
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
                data: Data::of(TASK, settings.train),
                backbone: plain_backbone(seed.into(), &vec![settings.width; depth as usize], &weights),
                config: plain_config(TASK, method, settings.epochs, lr, seed.into()),
            }));
        }
    }
    let outcomes = lab.outcomes(&runs, Need::Figures)?;

    let mut table = Table::new(&["network", "hidden_layers", "test_accuracy", "sd", "seeds"]);
    let mut of_depth = outcomes.chunks_exact(seeds as usize);
    let mut series = Vec::new();
    for (method, _, role) in methods {
        let mut points = Vec::new();
        for (&depth, outcomes) in settings.depths.iter().zip(&mut of_depth) {
            let MeanSd { mean, sd, n } = MeanSd::of(&accuracies(outcomes))?;
            table.rows.push(vec![json!(method.name()), json!(depth), json!(mean), json!(sd), json!(n)]);
            points.push(Point { x: depth.into(), y: mean, sd: sd.unwrap_or(0.0) });
        }
        series.push(Line { points, markers: true, ..Line::new(method.name(), role) });
    }
    let list = |line: &Line| line.points.iter().map(|p| format!("{:.3}", p.y)).collect::<Vec<_>>().join(" ");
    let learns = series[0].points.iter().all(|p| p.y > 0.6);
    let ours = format!("bias {}, full {}", list(&series[0]), list(&series[1]));
    let findings = vec![Finding::new(
        &format!("accuracy at depth {:?}", settings.depths),
        "bias learning works beyond one layer",
        ours,
        Verdict::of(learns),
    )];
    let mut cut = options.cut_seeds(settings.seeds, 5);
    if options.setting == Setting::Quick {
        cut.push(format!(
            "{} units a layer of 2048, up to {} layers, {} epochs, 10,000 training pictures",
            settings.width,
            settings.depths.iter().max().unwrap_or(&0),
            settings.epochs
        ));
    }
    let (x, y) = (Axis::linear("Hidden layers"), Axis::linear("Test accuracy"));
    let chart = Chart::Lines(Lines { x, y, series, references: vec![] });
    let title = format!("Fashion-MNIST, {} units a layer", settings.width);
    Ok(Report {
        findings,
        figure: Figure::single(Panel { title, chart }),
        table,
        runs: runs.into_iter().zip(outcomes).collect(),
        cut,
        notes: vec![],
    })
}
