//! Figure E.2C: the distribution of the frozen weights.

use bl_core::Distribution;
use bl_train::Method;
use serde::Deserialize;
use serde_json::json;

use super::summaries::{accuracy, over_seeds, point, row};
use crate::finding::{Finding, Judged};
use crate::lab::{Lab, Need};
use crate::plot::{Axis, Chart, Figure, Line, Lines, Panel, Role};
use crate::report::{Report, Setting, Table};
use crate::run::{Data, Run, plain_backbone, plain_config};
use crate::settings::{self, Options, config};
use crate::study_error::StudyError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    seeds: u32,
    width: u32,
    train: Option<usize>,
    epochs: u32,
    lr: f64,
    half_widths: Vec<f64>,
    stds: Vec<f64>,
    means: Vec<f64>,
    mixture_std: f64,
}

const TASK: &str = "mnist";

/// Distributions of one form, by their scale.
struct Family<'a> {
    name: &'static str,
    role: Role,
    scales: &'a [f64],
    distribution: Box<dyn Fn(f64) -> Distribution>,
}

fn families(settings: &Settings) -> [Family<'_>; 3] {
    let std = settings.mixture_std;
    let family = |name, role, scales, distribution: Box<dyn Fn(f64) -> Distribution>| Family {
        name,
        role,
        scales,
        distribution,
    };
    [
        family(
            "uniform, half width γ",
            Role::Bias,
            &settings.half_widths,
            Box::new(|x| Distribution::Uniform { half_width: x }),
        ),
        family("Gaussian, SD σ", Role::Full, &settings.stds, Box::new(|x| Distribution::Normal { std: x })),
        family(
            "two Gaussians at ±μ",
            Role::Green,
            &settings.means,
            Box::new(move |x| Distribution::Mixture { mean: x, std }),
        ),
    ]
}

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let settings: Settings = settings::load("figE2c", config!("figE2c"), options.setting)?;
    let seeds = options.seeds(settings.seeds);
    let families = families(&settings);
    let mut runs = Vec::new();
    for Family { scales, distribution, .. } in &families {
        for &x in *scales {
            runs.extend((1..=seeds).map(|seed| Run {
                data: Some(Data::of(TASK, settings.train)),
                backbone: plain_backbone(seed.into(), &[settings.width], &distribution(x)),
                config: plain_config(TASK, Method::Bias, settings.epochs, settings.lr, seed.into()),
            }));
        }
    }
    let outcomes = lab.outcomes(&runs, Need::Metrics)?;

    let mut table = Table::new(&["distribution", "scale", "test_accuracy", "sd", "seeds"]);
    let mut of_scale = outcomes.chunks_exact(seeds as usize);
    let (mut series, mut best) = (Vec::new(), Vec::new());
    for Family { name, role, scales, .. } in &families {
        let mut points = Vec::new();
        for (&x, outcomes) in scales.iter().zip(&mut of_scale) {
            let found = accuracy(outcomes)?;
            table.rows.push(row(vec![json!(name), json!(x)], found));
            points.push(point(x, found));
        }
        let top = points.iter().copied().max_by(|a, b| a.y.total_cmp(&b.y));
        best.extend(top.map(|p| (*name, p)));
        series.push(Line { points, markers: true, ..Line::new(*name, *role) });
    }
    let all = series.iter().flat_map(|line| &line.points).map(|p| p.y);
    let (worst, top) = all.fold((1.0_f64, 0.0_f64), |(low, high), y| (low.min(y), high.max(y)));
    let bests: Vec<String> = best.iter().map(|(name, p)| format!("{name} {:.4} (at {})", p.y, p.x)).collect();
    let others = best[1..].iter().all(|(_, p)| p.y > best[0].1.y - 0.005);
    let findings = vec![
        Finding::new(
            "accuracy over all distributions",
            "depends on the distribution",
            format!("from {worst:.3} to {top:.3}"),
            Judged::when(top - worst > 0.01, "the best and the worst are more than 1 point apart"),
        ),
        Finding::new(
            "best of each family",
            "others similar to uniform, or better",
            bests.join(", "),
            Judged::when(others, "none is more than 0.5 points below the best uniform one"),
        ),
    ];
    let mut cut = options.cut_seeds(settings.seeds, 5);
    if options.setting == Setting::Quick {
        cut.push(format!(
            "{} units rather than 10,000, {} epochs rather than 20, fewer scales",
            settings.width, settings.epochs
        ));
    }
    let (x, y) = (Axis::log10("Scale of the weights (γ, σ or μ)"), Axis::linear("Test accuracy"));
    let chart = Chart::Lines(Lines { x, y, series, references: vec![] });
    let title = format!("MNIST, {} units", settings.width);
    Ok(Report {
        findings,
        figure: Figure { title: over_seeds(seeds), ..Figure::single(Panel::new(title, chart)) },
        table,
        runs: runs.into_iter().zip(outcomes).collect(),
        cut,
        notes: vec![
            "The readout is drawn from the same distribution as the first layer, so the scale sets both."
                .into(),
        ],
    })
}
