//! Figures 3C and 3D: van der Pol's oscillator, and how learning it depends on the gain of the frozen weights.

use bl_train::{Method, Settings as Change};
use serde::Deserialize;
use serde_json::json;

use crate::analysis::MeanSd;
use crate::finding::{Finding, Judged};
use crate::lab::{Lab, Need};
use crate::outcome::Outcome;
use crate::plot::{Axis, Chart, Figure, Line, Lines, Panel, Point, Reference, Role};
use crate::report::{Report, Setting, Table};
use crate::run::Run;
use crate::settings::{self, Options, config, count};
use crate::study_error::StudyError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    seeds: u32,
    gains: Vec<f64>,
    epochs: u32,
    full_units: u32,
    full_epochs: u32,
    full_lr: f64,
}

/// The runs of one method at one gain.
struct Point3 {
    method: Method,
    gain: f64,
    /// What is worse than the mean of the target counts as 0.
    r2: MeanSd,
    failed: usize,
    learned: usize,
    runs: usize,
}

/// R² above which an oscillation counts as learned.
const LEARNED: f64 = 0.9;
/// √2: half of the units are active after a rectifier, so the effective gain is `g / √2`.
const CHAOS: f64 = std::f64::consts::SQRT_2;

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let settings: Settings = settings::load("fig3cd", config!("fig3cd"), options.setting)?;
    let seeds = options.seeds(settings.seeds);
    let mut runs = Vec::new();
    for method in [Method::Bias, Method::Full] {
        for &gain in &settings.gains {
            for seed in 1..=seeds {
                runs.push(run(&settings, method, gain, seed)?);
            }
        }
    }
    let examples = examples(lab, &settings, &runs)?;
    let outcomes = lab.outcomes(&runs, Need::Metrics)?;
    let mut points = Vec::new();
    for (chunk, of_gain) in runs.chunks(seeds as usize).zip(outcomes.chunks(seeds as usize)) {
        let failed = of_gain.iter().filter(|outcome| outcome.failed.is_some()).count();
        let r2 = MeanSd::of(&of_gain.iter().map(counted).collect::<Vec<_>>())?;
        let learned = of_gain.iter().filter(|outcome| outcome.r2().is_some_and(|r2| r2 > LEARNED)).count();
        let (method, gain) = (chunk[0].config.method, chunk[0].gain()?);
        points.push(Point3 { method, gain, r2, failed, learned, runs: seeds as usize });
    }
    let mut table = Table::new(&["method", "gain", "seed", "r2", "train_loss", "failed", "isa"]);
    for (run, outcome) in runs.iter().zip(&outcomes) {
        table.rows.push(vec![
            json!(run.config.method),
            json!(run.gain()?),
            json!(run.config.seed),
            json!(outcome.r2()),
            json!(outcome.train_loss),
            json!(outcome.failed),
            json!(outcome.isa),
        ]);
    }
    let mut cut = options.cut_seeds(settings.seeds, 10);
    if options.setting == Setting::Quick {
        cut.push(format!("{} gains, {} epochs", settings.gains.len(), settings.epochs));
    }
    Ok(Report {
        findings: findings(&points),
        figure: figure(&points, examples, seeds),
        table,
        runs: runs.into_iter().zip(outcomes).collect(),
        cut,
        notes: vec![
            "The paper states no spacing, duration, start, schedule or number of epochs: ours are a sample every 0.2 from (2, 0), 125 \
             samples (3.3 periods), a rate of 0.1 that falls as half a cosine."
                .into(),
            format!(
                "The fully trained network has {} units, as many parameters (675), and starts from weights of the same gain; \
                 rate {} (the paper's 1e-4 needs more epochs than these {}), gradients clipped at norm 1.",
                settings.full_units, settings.full_lr, settings.full_epochs
            ),
        ],
    })
}

/// R², or 0 where it is below or there is none.
fn counted(outcome: &Outcome) -> f64 {
    outcome.r2().unwrap_or(0.0).max(0.0)
}

fn run(settings: &Settings, method: Method, gain: f64, seed: u32) -> Result<Run, StudyError> {
    // Without clipping, single runs of everything end far away (R² of −300,000).
    let clip = (method == Method::Full).then_some(1.0);
    let change = Change { method: Some(method), gain: Some(gain), clip, ..Change::default() };
    Run::of(
        "vanderpol",
        seed,
        match method {
            Method::Full => Change {
                width: Some(settings.full_units),
                epochs: Some(settings.full_epochs),
                lr: Some(settings.full_lr),
                ..change
            },
            _ => Change { epochs: Some(settings.epochs), ..change },
        },
    )
}

/// What networks of the first seed generate at the gains 1 and just below.
fn examples(lab: &mut Lab<'_>, settings: &Settings, runs: &[Run]) -> Result<Vec<Line>, StudyError> {
    let mut lines = Vec::new();
    let below = settings.gains.iter().copied().filter(|&gain| gain < 1.0).fold(0.0, f64::max);
    for (gain, role) in [(1.0, Role::Bias), (below, Role::BiasVariant)] {
        let wanted = |run: &&Run| {
            run.config.method == Method::Bias
                && run.config.seed == 1
                && run.gain().is_ok_and(|found| (found - gain).abs() < 1e-9)
        };
        let Some(run) = runs.iter().find(wanted) else { continue };
        if lab.outcomes(std::slice::from_ref(run), Need::Parameters)?.remove(0).failed.is_some() {
            continue;
        }
        let judged = lab.generated(run)?;
        if lines.is_empty() {
            lines.push(Line::over_time("target", Role::Mask, 0.2, &judged.target[..judged.steps]));
        }
        let label = format!("gain {gain}");
        let generated = &judged.generated[..judged.steps.min(judged.generated.len())];
        lines.push(Line::over_time(&label, role, 0.2, generated).dashed());
    }
    Ok(lines)
}

fn of(points: &[Point3], method: Method) -> impl Iterator<Item = &Point3> {
    points.iter().filter(move |point| point.method == method)
}

fn findings(points: &[Point3]) -> Vec<Finding> {
    let words = |points: &mut dyn Iterator<Item = &Point3>| {
        let each = points.map(|p| format!("{}: {}/{}", p.gain, p.learned, p.runs));
        each.collect::<Vec<_>>().join(", ")
    };
    let rate = |learned: &mut dyn Iterator<Item = &Point3>| {
        let (learned, runs) = learned.fold((0, 0), |(l, r), p| (l + p.learned, r + p.runs));
        learned as f64 / f64::from(runs.max(1) as u32)
    };
    let high = rate(&mut of(points, Method::Bias).filter(|p| (1.0..=CHAOS).contains(&p.gain)));
    let low = rate(&mut of(points, Method::Bias).filter(|p| p.gain < 0.95));
    let full: Vec<f64> = of(points, Method::Full).map(|p| p.r2.mean).collect();
    let spread = full.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &x| (l.min(x), h.max(x)));
    let failed: usize = of(points, Method::Bias).map(|p| p.failed).sum();
    vec![
        Finding::new(
            "biases: networks that learned it (R² above 0.9), gain by gain, from 1 to √2",
            "learned",
            words(&mut of(points, Method::Bias).filter(|p| (1.0..=CHAOS).contains(&p.gain))),
            Judged::when(high >= 0.9, "9 of 10 have learned it"),
        ),
        Finding::new(
            "the same above √2",
            "learned, if it was tried",
            words(&mut of(points, Method::Bias).filter(|p| p.gain > CHAOS)),
            Judged::not_comparable(),
        )
        .because("a random ReLU network of this kind is chaotic there before it learns; how far the paper went is not known"),
        Finding::new(
            "the same below 1",
            "fails: the first peak, then flat",
            words(&mut of(points, Method::Bias).filter(|p| p.gain < 1.0)),
            Judged::when(low <= 0.1, "at most 1 of 10 has learned it"),
        ),
        Finding::new(
            "full: mean R² at the worst and the best gain",
            "does not depend on the gain",
            format!("{:.3} to {:.3}", spread.0, spread.1),
            Judged::when(spread.1 - spread.0 <= 0.1, "they are at most 0.1 apart"),
        ),
        Finding::new("runs of biases whose states exploded", "not stated", failed.to_string(), Judged::not_comparable()),
    ]
}

fn figure(points: &[Point3], examples: Vec<Line>, seeds: u32) -> Figure {
    let curve = |label: &str, role, method| {
        let point = |p: &Point3| {
            let sem = p.r2.sd.map_or(0.0, |sd| sd / (p.r2.n as f64).sqrt());
            Point { x: p.gain, y: p.r2.mean, sd: sem }
        };
        Line { points: of(points, method).map(point).collect(), ..Line::new(label, role) }
    };
    let by_gain = Chart::Lines(Lines {
        x: Axis::linear("Gain g of the recurrent weights"),
        y: Axis::linear("R², at least 0 (mean ± standard error)").over(0.0, 1.05),
        series: vec![curve("full", Role::Full, Method::Full), curve("bias", Role::Bias, Method::Bias)],
        references: vec![Reference { label: "exact".into(), value: 1.0, role: Role::Null }],
    });
    let time = Chart::Lines(Lines {
        x: Axis::linear("Time"),
        y: Axis::linear("Position x").over(-2.6, 2.6),
        series: examples,
        references: vec![],
    });
    Figure::row(
        format!("A: seed 1. B: {}.", count(seeds)),
        vec![Panel::new("Van der Pol by biases alone", time), Panel::new("What the gain decides", by_gain)],
    )
}
