//! Figure 1B: seven tasks on one backbone, a vector of biases each, beside fully trained networks.

use bl_core::Distribution;
use bl_train::Method;
use serde::Deserialize;
use serde_json::json;

use super::summaries::{accuracy, bar, row};
use crate::analysis::MeanSd;
use crate::finding::{Finding, Judged};
use crate::lab::{Lab, Need};
use crate::outcome::Outcome;
use crate::plot::{Axis, BarSeries, Bars, Chart, Figure, Panel, Role};
use crate::report::{Report, Setting, Table};
use crate::run::{Data, Run, plain_backbone, plain_config};
use crate::settings::{self, Options, config, count};
use crate::study_error::StudyError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) seeds: u32,
    pub(super) width: u32,
    pub(super) tasks: Vec<String>,
    train: Option<usize>,
    epochs: u32,
    lr: f64,
    full_tasks: Vec<String>,
    full_seeds: u32,
    full_epochs: u32,
    full_lr: f64,
}

impl Settings {
    pub(super) fn load(setting: Setting) -> Result<Self, StudyError> {
        settings::load("fig1b", config!("fig1b"), setting)
    }

    /// The run that learns one task's biases.
    pub(super) fn bias_run(&self, task: &str, seed: u32) -> Run {
        self.run(task, Method::Bias, self.epochs, self.lr, seed)
    }

    fn full_run(&self, task: &str, seed: u32) -> Run {
        self.run(task, Method::Full, self.full_epochs, self.full_lr, seed)
    }

    fn run(&self, task: &str, method: Method, epochs: u32, lr: f64, seed: u32) -> Run {
        Run {
            data: Some(Data::of(task, self.train)),
            backbone: plain_backbone(seed.into(), &[self.width], &Distribution::Uniform { half_width: 0.1 }),
            config: plain_config(task, method, epochs, lr, seed.into()),
        }
    }
}

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let settings = Settings::load(options.setting)?;
    let (seeds, full_seeds) =
        (options.seeds(settings.seeds), options.seeds(settings.full_seeds).min(settings.full_seeds));
    let bias: Vec<Run> = settings
        .tasks
        .iter()
        .flat_map(|task| (1..=seeds).map(|seed| settings.bias_run(task, seed)))
        .collect();
    let full: Vec<Run> = settings
        .full_tasks
        .iter()
        .flat_map(|task| (1..=full_seeds).map(|seed| settings.full_run(task, seed)))
        .collect();
    let bias_outcomes = lab.outcomes(&bias, Need::MetricsFirst)?; // figure 1C looks at their adapters
    let full_outcomes = lab.outcomes(&full, Need::Metrics)?;

    let of = |outcomes: &[Outcome], seeds: u32, at: usize| {
        let seeds = seeds as usize;
        accuracy(&outcomes[at * seeds..(at + 1) * seeds])
    };
    let mut table = Table::new(&["task", "network", "test_accuracy", "sd", "seeds"]);
    let mut findings = Vec::new();
    let (mut bias_bars, mut full_bars) = (Vec::new(), Vec::new());
    for (at, task) in settings.tasks.iter().enumerate() {
        let bias = of(&bias_outcomes, seeds, at)?;
        table.rows.push(row(vec![json!(task), json!("bias")], bias));
        bias_bars.push(Some(bar(bias)));
        let full = settings.full_tasks.iter().position(|name| name == task);
        let full = full.map(|at| of(&full_outcomes, full_seeds, at)).transpose()?;
        if let Some(full) = full {
            table.rows.push(row(vec![json!(task), json!("full")], full));
        }
        full_bars.push(full.map(bar));
        findings.push(finding(task, bias, full));
    }
    let errors = settings.tasks.iter().enumerate().map(|(at, _)| of(&bias_outcomes, seeds, at));
    let errors: Vec<f64> =
        errors.collect::<Result<Vec<_>, _>>()?.iter().filter_map(MeanSd::standard_error).collect();
    if !errors.is_empty() {
        let largest = errors.iter().copied().fold(0.0, f64::max);
        findings.push(Finding::new(
            "standard errors of the bias-trained networks",
            "of order 10⁻³",
            format!("at most {largest:.4}"),
            Judged::within(1e3 * largest, (0.3, 3.2), "in thousandths, the largest is"),
        ));
    }
    let mut cut = options.cut_seeds(settings.seeds, 5);
    cut.push(format!(
        "full networks of {} tasks rather than 7, {} and {} epochs",
        settings.full_tasks.len(),
        count(full_seeds),
        settings.full_epochs
    ));
    if options.setting == Setting::Quick {
        cut.push(format!("{} units rather than 32,000, {} epochs", settings.width, settings.epochs));
    }
    let categories = settings.tasks.clone();
    let series = vec![
        BarSeries { label: "full".into(), role: Role::Full, bars: full_bars },
        BarSeries { label: "bias".into(), role: Role::Bias, bars: bias_bars },
    ];
    let chart = Chart::Bars(Bars {
        x_label: String::new(),
        categories,
        y: Axis::linear("Test accuracy").over(0.5, 1.0),
        series,
        references: vec![],
    });
    let title = "Seven tasks on one backbone".to_owned();
    let of_seeds = format!("Bias: mean ± SD of {}. Full: {}.", count(seeds), count(full_seeds));
    Ok(Report {
        findings,
        figure: Figure { title: of_seeds, ..Figure::single(Panel::new(title, chart)) },
        table,
        runs: bias.into_iter().chain(full).zip(bias_outcomes.into_iter().chain(full_outcomes)).collect(),
        cut,
        notes: vec![
            "Afro-MNIST: regenerated from the exemplars, not the official images.".into(),
            "Where bias learning stays below: the paper's weights and rate are not the best for it (figE2c); on this \
             project's own backbone as many biases reach 0.972 on MNIST and 0.849 on KMNIST (README)."
                .into(),
        ],
    })
}

/// Points of accuracy within which two networks are similar.
const SIMILAR: f64 = 2.0;

fn finding(task: &str, bias: MeanSd, full: Option<MeanSd>) -> Finding {
    let Some(full) = full else {
        return Finding::new(task, "similar to full", format!("bias {bias}"), Judged::not_comparable())
            .because("no full network was trained for this task");
    };
    let ours = format!("bias {bias}, full {full}");
    let points = 100.0 * (bias.mean - full.mean);
    let finding = if task == "kmnist" {
        let judged = Judged::when(points < -SIMILAR, format!("bias is more than {SIMILAR} points below"));
        Finding::new(task, "bias significantly worse than full", ours, judged)
    } else {
        let judged = Judged::within(points, (-SIMILAR, SIMILAR), "bias − full in points is");
        Finding::new(task, "similar to full", ours, judged)
    };
    finding.because(format!(
        "bias is {:.1} points {}",
        points.abs(),
        if points < 0.0 { "below" } else { "above" }
    ))
}
