//! Figures 5 and E.5: centre-out reaching, by biases alone and with everything trained.

use bl_tasks::kinds::{ReachJudgement, Reached};
use bl_train::{Method, Settings as Change};
use serde::Deserialize;
use serde_json::json;

use crate::finding::{Finding, Judged};
use crate::lab::{Lab, Need};
use crate::outcome::Outcome;
use crate::plot::{Axis, Chart, Cloud, Figure, Line, Lines, Movements, Panel, Paths, Point, Reference, Role};
use crate::report::{Report, Setting, Table};
use crate::run::Run;
use crate::settings::{self, Options, config};
use crate::study_error::StudyError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    seeds: u32,
    units: u32,
    epochs: u32,
    full_epochs: u32,
    full_lr: f64,
    stop_at_loss: f64,
}

pub(super) fn biases(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    study(lab, options, Method::Bias)
}

pub(super) fn full(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    study(lab, options, Method::Full)
}

fn study(lab: &mut Lab<'_>, options: &Options, method: Method) -> Result<Report, StudyError> {
    let settings: Settings = settings::load("fig5", config!("fig5"), options.setting)?;
    let seeds = options.seeds(settings.seeds);
    let run = |seed| {
        let (width, stop_at_loss) = (Some(settings.units), Some(settings.stop_at_loss));
        let change = Change { method: Some(method), width, stop_at_loss, ..Change::default() };
        let change = match method {
            Method::Full => {
                Change { epochs: Some(settings.full_epochs), lr: Some(settings.full_lr), ..change }
            }
            _ => Change { epochs: Some(settings.epochs), ..change },
        };
        Run::of("reach", seed, change)
    };
    let runs = (1..=seeds).map(run).collect::<Result<Vec<_>, _>>()?;
    let outcomes = lab.outcomes(&runs, Need::Parameters)?;
    let mut judged = Vec::new();
    for (run, _) in runs.iter().zip(&outcomes).filter(|(_, outcome)| outcome.failed.is_none()) {
        judged.push(lab.reached(run)?);
    }
    let role = if method == Method::Full { Role::Full } else { Role::Bias };
    let mut table =
        Table::new(&["seed", "split", "x", "y", "end_error_m", "loss", "speed_peaks", "peak_at", "isa"]);
    let isa = outcomes.first().map_or("", |outcome| &outcome.isa);
    for (seed, judged) in (1..).zip(&judged) {
        for (split, movements) in [("train", &judged.train), ("test", &judged.test)] {
            table.rows.extend(movements.iter().map(|reached| row(seed, split, reached, isa)));
        }
    }
    let mut cut = options.cut_seeds(settings.seeds, 3);
    if options.setting == Setting::Quick {
        cut.push(format!(
            "{} units rather than 1024, a loss of {} rather than 0.005",
            settings.units, settings.stop_at_loss
        ));
    }
    Ok(Report {
        findings: findings(&settings, method, &outcomes, &judged),
        figure: figure(&settings, role, &outcomes, &judged),
        table,
        runs: runs.into_iter().zip(outcomes).collect(),
        cut,
        notes: vec![
            "The state before the first step is zero, biases start in ±0.01, and the place of the target goes in, in metres, at every step; \
             the paper states none of the three. An epoch presents the six targets once, in one step."
                .into(),
        ],
    })
}

fn row(seed: u32, split: &str, reached: &Reached, isa: &str) -> Vec<serde_json::Value> {
    let bell = reached.bell;
    vec![
        json!(seed),
        json!(split),
        json!(reached.target[0]),
        json!(reached.target[1]),
        json!(reached.end_error),
        json!(reached.loss),
        json!(bell.map(|bell| bell.peaks)),
        json!(bell.map(|bell| bell.peak_at)),
        json!(isa),
    ]
}

fn findings(
    settings: &Settings,
    method: Method,
    outcomes: &[Outcome],
    judged: &[ReachJudgement],
) -> Vec<Finding> {
    let epochs: Vec<String> = outcomes
        .iter()
        .map(|outcome| {
            if outcome.train_loss <= settings.stop_at_loss {
                format!("{} epochs", outcome.epochs)
            } else {
                format!("loss {:.4} after {}", outcome.train_loss, outcome.epochs)
            }
        })
        .collect();
    let solved = outcomes.iter().all(|outcome| outcome.train_loss <= settings.stop_at_loss);
    let mm = |of: fn(&ReachJudgement) -> &[Reached]| {
        let errors: Vec<String> = judged
            .iter()
            .map(|judged| format!("{:.1}", 1e3 * ReachJudgement::mean_end_error(of(judged))))
            .collect();
        format!("{} mm of 70, one value per seed", errors.join(", "))
    };
    let tested = judged.iter().map(|judged| ReachJudgement::mean_end_error(&judged.test)).fold(0.0, f64::max);
    let single = |movements: &[Reached]| {
        movements.iter().filter(|reached| reached.bell.is_some_and(|bell| bell.is_single())).count()
    };
    let (bells, all) = judged
        .iter()
        .fold((0, 0), |(bells, all), judged| (bells + single(&judged.train), all + judged.train.len()));
    let (scale, low, high) =
        if method == Method::Full { ("some 10^3", 316, 3162) } else { ("some 10^4", 3162, 31_623) };
    let in_time = solved && outcomes.iter().all(|outcome| (low..=high).contains(&outcome.epochs));
    let learned =
        judged.iter().map(|judged| ReachJudgement::mean_end_error(&judged.train)).fold(0.0, f64::max);
    let is_comparable = settings.stop_at_loss < 0.01;
    let judge = |judged: Judged| if is_comparable { judged } else { Judged::not_comparable() };
    vec![
        Finding::new(
            &format!("epochs until the loss is {}", settings.stop_at_loss),
            &format!("{scale} until 0.005"),
            epochs.join(", "),
            judge(Judged::when(in_time, format!("every seed needs {low} to {high}"))),
        ),
        Finding::new(
            "distance from training targets at the end",
            "reached",
            mm(|judged| &judged.train),
            judge(Judged::within(1e3 * learned, (0.0, 3.5), "the largest in mm is")),
        ),
        Finding::new(
            "distance from the 12 targets between them",
            "generalises decently",
            mm(|judged| &judged.test),
            judge(Judged::within(1e3 * tested, (0.0, 12.2), "the largest in mm is")),
        )
        .because("a learned target is 24.3 mm away: within half of that, the movement is to its own"),
        Finding::new(
            "movements to training targets whose speed has one peak",
            if method == Method::Full { "more variation over time" } else { "bell-shaped" },
            format!("{bells} of {all}"),
            match method {
                Method::Full => Judged::not_comparable(),
                _ => judge(Judged::when(10 * bells >= 9 * all, "9 of 10 have one")),
            },
        ),
    ]
}

/// The loss of a run, epoch by epoch; only losses above 0 can be drawn on a logarithmic axis.
fn loss_curve(label: &str, role: Role, outcome: &Outcome) -> Line {
    let point = |&(epoch, y): &(usize, f64)| Point { x: epoch as f64, y, sd: 0.0 };
    let points = outcome.curve.iter().filter(|(_, loss)| *loss > 0.0).map(point).collect();
    Line { points, markers: false, ..Line::new(label, role) }
}

fn figure(settings: &Settings, role: Role, outcomes: &[Outcome], judged: &[ReachJudgement]) -> Figure {
    let roles = [role, Role::Mask, Role::Green, Role::Purple, Role::Sky];
    let losses = (1..)
        .zip(outcomes)
        .zip(roles)
        .map(|((seed, outcome), role)| loss_curve(&format!("seed {seed}"), role, outcome));
    let losses = Chart::Lines(Lines {
        x: Axis::linear("Epoch"),
        y: Axis::log10("Loss (equation 31)"),
        series: losses.collect(),
        references: vec![Reference { label: "stop".into(), value: settings.stop_at_loss, role: Role::Null }],
    });
    let cm = |movement: &Reached| -> Vec<(f64, f64)> {
        movement
            .movement
            .states
            .iter()
            .map(|state| (100.0 * state.position[0], 100.0 * state.position[1]))
            .collect()
    };
    let mut panels = vec![Panel::new("Training loss", losses)];
    if let Some(first) = judged.first() {
        let paths = |of: &[Reached]| of.iter().map(cm).collect();
        let targets =
            |of: &[Reached]| of.iter().map(|to| (100.0 * to.target[0], 100.0 * to.target[1])).collect();
        let movements = Chart::Paths(Paths {
            x: Axis::linear("x (cm)"),
            y: Axis::linear("y (cm)"),
            series: vec![
                Movements::new("to targets between", Role::Null, paths(&first.test)),
                Movements::new("to training targets", role, paths(&first.train)),
            ],
            targets: vec![
                Cloud::new("targets between them", Role::Null, targets(&first.test)),
                Cloud::new("training targets", Role::Mask, targets(&first.train)),
            ],
        });
        panels.push(Panel::new("Movements of seed 1", movements));
        let speeds = |label: &str, role, of: &[Reached]| {
            let profiles: Vec<Vec<f64>> = of.iter().map(|reached| reached.movement.speeds()).collect();
            let n = profiles.len() as f64;
            let mut line = Line::over_time(label, role, of[0].movement.dt, &profiles[0]);
            for (step, point) in line.points.iter_mut().enumerate() {
                let mean = profiles.iter().map(|profile| profile[step]).sum::<f64>() / n;
                let square = |profile: &Vec<f64>| (profile[step] - mean) * (profile[step] - mean);
                let sd = (profiles.iter().map(square).sum::<f64>() / n).sqrt();
                *point = Point { y: mean, sd, ..*point };
            }
            line
        };
        let speeds = Chart::Lines(Lines {
            x: Axis::linear("Time (s)"),
            y: Axis::linear("Speed (m/s)").over(0.0, 0.1),
            series: vec![
                speeds("to targets between", Role::Null, &first.test),
                speeds("to training targets", role, &first.train),
            ],
            references: vec![],
        });
        panels.push(Panel::new("Speed of seed 1 (mean ± SD over targets)", speeds));
    }
    Figure::row("", panels)
}
