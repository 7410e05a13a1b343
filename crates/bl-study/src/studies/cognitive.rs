//! Beyond the paper: one frozen recurrent network that does the twenty cognitive tasks of Yang et al. (2019), by a vector of biases
//! each, by gains, or by both; beside a fully trained network for each task.

use bl_train::{Method, Settings as Change};
use serde::Deserialize;
use serde_json::json;

use super::summaries::{bar, over_seeds, row};
use crate::analysis::MeanSd;
use crate::finding::{Finding, Judged};
use crate::lab::{Lab, Need};
use crate::outcome::Outcome;
use crate::plot::{Axis, BarSeries, Bars, Chart, Figure, Panel, Reference, Role};
use crate::report::{Report, Setting, Table};
use crate::run::Run;
use crate::settings::{self, Options, config};
use crate::study_error::StudyError;

/// What the mean over the tasks should be.
const WANTED: f64 = 0.9;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    seeds: u32,
    units: u32,
    epochs: u32,
    methods: Vec<Method>,
    tasks: Vec<String>,
    full_units: u32,
    full_epochs: u32,
    full_lr: f64,
}

impl Settings {
    /// The methods, fully trained networks last.
    fn methods(&self) -> impl Iterator<Item = Method> {
        self.methods.iter().copied().chain([Method::Full])
    }

    fn run(&self, task: &str, method: Method, seed: u32) -> Result<Run, StudyError> {
        let change = Change { method: Some(method), ..Change::default() };
        let change = if method.is_full() {
            let (epochs, lr) = (Some(self.full_epochs), Some(self.full_lr));
            Change { width: Some(self.full_units), epochs, lr, ..change }
        } else {
            Change { width: Some(self.units), epochs: Some(self.epochs), ..change }
        };
        Run::of(&format!("cognitive/{task}"), seed, change)
    }
}

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let settings: Settings = settings::load("cognitive", config!("cognitive"), options.setting)?;
    let seeds = options.seeds(settings.seeds);
    let mut runs = Vec::new();
    for method in settings.methods() {
        for task in &settings.tasks {
            for seed in 1..=seeds {
                runs.push(settings.run(task, method, seed)?);
            }
        }
    }
    let outcomes = lab.outcomes(&runs, Need::Metrics)?;
    let mut of_runs = outcomes.chunks_exact(seeds as usize);
    let mut table = Table::new(&["method", "task", "performance", "sd", "seeds"]);
    let (mut findings, mut series) = (Vec::new(), Vec::new());
    for method in settings.methods() {
        let mut means = Vec::new();
        for task in &settings.tasks {
            let of_task = performance(of_runs.next().unwrap_or_default())?;
            table.rows.push(row(vec![json!(method.name()), json!(task)], of_task));
            means.push(of_task);
        }
        findings.push(finding(method, &settings.tasks, &means)?);
        let bars = means.into_iter().map(|of| Some(bar(of))).collect();
        series.push(BarSeries { label: method.name().into(), role: role(method), bars });
    }
    let chart = Chart::Bars(Bars {
        x_label: String::new(),
        categories: settings.tasks.clone(),
        y: Axis::linear("Share of trials that are right").over(0.0, 1.0),
        series,
        references: vec![Reference { label: "wanted on average".into(), value: WANTED, role: Role::Null }],
    });
    let title =
        format!("{} cognitive tasks on one backbone of {} units", settings.tasks.len(), settings.units);
    let mut cut = Vec::new();
    if options.setting == Setting::Quick {
        cut.push(format!(
            "{} tasks rather than 20, {} units rather than 1024, {} epochs",
            settings.tasks.len(),
            settings.units,
            settings.epochs
        ));
    }
    let figure = Figure { title: over_seeds(seeds), ..Figure::single(Panel::new(title, chart)) };
    let notes = vec![format!(
        "No figure of the paper: the tasks are those of Yang et al. (Nature Neuroscience 22, 2019), without rule input, for the task is \
         what is learned. A trial is right by their criterion. Fully trained networks have {} units, as theirs, and {} epochs.",
        settings.full_units, settings.full_epochs
    )];
    Ok(Report { findings, figure, table, runs: runs.into_iter().zip(outcomes).collect(), cut, notes })
}

/// The share of trials that are right; 0 where the states explode.
fn performance(outcomes: &[Outcome]) -> Result<MeanSd, StudyError> {
    let of = |outcome: &Outcome| outcome.performance().unwrap_or(0.0);
    Ok(MeanSd::of(&outcomes.iter().map(of).collect::<Vec<_>>())?)
}

fn finding(method: Method, tasks: &[String], means: &[MeanSd]) -> Result<Finding, StudyError> {
    let values: Vec<f64> = means.iter().map(|of| of.mean).collect();
    let mean = MeanSd::of(&values)?.mean;
    let least = (0..values.len()).min_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap_or(0);
    let judged = match method {
        Method::Full => Judged::not_comparable(),
        _ => Judged::when(mean >= WANTED, format!("the mean is at least {WANTED}")),
    };
    Ok(Finding::new(
        &format!("mean performance by {}", method.name()),
        &format!("at least {WANTED}, our own aim"),
        format!("{mean:.3}; the least is {} with {:.3}", tasks[least], values[least]),
        judged,
    ))
}

fn role(method: Method) -> Role {
    match method {
        Method::Bias => Role::Bias,
        Method::Full => Role::Full,
        Method::Gain => Role::Green,
        _ => Role::Purple,
    }
}
