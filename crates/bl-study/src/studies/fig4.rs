//! Figures 4A, 4B and E.2D: forecasts of Lorenz' system, against trained parameters and against width.

use bl_tasks::kinds::ForecastJudgement;
use bl_train::{Method, Settings as Change};
use serde::Deserialize;
use serde_json::json;

use super::summaries::{self, over_seeds, point};
use crate::analysis::MeanSd;
use crate::finding::{Finding, Judged};
use crate::lab::{Lab, Need};
use crate::outcome::Outcome;
use crate::plot::{Axis, Chart, Figure, Line, Lines, Panel, Point, Reference, Role};
use crate::report::{Report, Setting, Table};
use crate::run::Run;
use crate::settings::{self, Options, config};
use crate::study_error::StudyError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) seeds: u32,
    widths: Vec<u32>,
    epochs: u32,
    full_lr: f64,
    /// Of the fully trained network as wide as the widest.
    wide_epochs: u32,
    wide_lr: f64,
}

/// Samples that figure 4B draws.
const SHOWN: usize = 1000;

/// One network size of one method.
struct Size {
    method: Method,
    width: u32,
    parameters: f64,
    r2: Option<MeanSd>,
    failed: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    Parameters,
    Width,
}

pub(super) fn parameters(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    study(lab, options, View::Parameters)
}

pub(super) fn widths(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    study(lab, options, View::Width)
}

/// The settings, which figure 4C shares.
pub(super) fn load(options: &Options) -> Result<Settings, StudyError> {
    settings::load("fig4", config!("fig4"), options.setting)
}

/// The widest networks of both methods, from the first seed.
pub(super) fn widest(settings: &Settings) -> Result<[Run; 2], StudyError> {
    let width = settings.widths.iter().copied().max().unwrap_or(1);
    let full = Change {
        method: Some(Method::Full),
        width: Some(width),
        epochs: Some(settings.wide_epochs),
        lr: Some(settings.wide_lr),
        gain: FULL_GAIN,
        ..Change::default()
    };
    Ok([bias(settings, width, 1)?, Run::of("lorenz", 1, full)?])
}

fn bias(settings: &Settings, width: u32, seed: u32) -> Result<Run, StudyError> {
    let change = Change { width: Some(width), epochs: Some(settings.epochs), ..Change::default() };
    Run::of("lorenz", seed, change)
}

/// A recurrent matrix that is trained too may start from a gain of 1: from √2, narrow networks explode before their first
/// training step.
const FULL_GAIN: Option<f64> = Some(1.0);

fn full(settings: &Settings, parameters: u32, seed: u32) -> Result<Run, StudyError> {
    let change = Change {
        method: Some(Method::Full),
        match_parameters: Some(parameters.into()),
        epochs: Some(settings.epochs),
        lr: Some(settings.full_lr),
        gain: FULL_GAIN,
        ..Change::default()
    };
    Run::of("lorenz", seed, change)
}

fn study(lab: &mut Lab<'_>, options: &Options, view: View) -> Result<Report, StudyError> {
    let settings = load(options)?;
    let seeds = options.seeds(settings.seeds);
    let mut runs = Vec::new();
    for &width in &settings.widths {
        for make in [bias, full] {
            for seed in 1..=seeds {
                runs.push(make(&settings, width, seed)?);
            }
        }
    }
    runs.extend(widest(&settings)?.into_iter().skip(1));
    if view == View::Parameters {
        lab.outcomes(&widest(&settings)?, Need::Parameters)?; // which the figure shows
    }
    let outcomes = lab.outcomes(&runs, Need::Metrics)?;
    let many = runs.len() - 1; // all but the wide fully trained one
    let mut sizes = Vec::new();
    for (runs, outcomes) in runs[..many].chunks(seeds as usize).zip(outcomes[..many].chunks(seeds as usize)) {
        let (r2, failed) = summaries::r2(outcomes)?;
        let (method, width) = (runs[0].config.method, width_of(&runs[0]));
        sizes.push(Size { method, width, parameters: outcomes[0].parameters as f64, r2, failed });
    }
    let wide = &outcomes[many];
    let mut cut = options.cut_seeds(settings.seeds, 5);
    if options.setting == Setting::Quick {
        cut.push(format!("widths up to {} rather than 1024", settings.widths.iter().max().unwrap_or(&0)));
    }
    Ok(Report {
        findings: findings(&sizes, wide, view),
        figure: Figure { title: over_seeds(seeds), ..figure(lab, &settings, &sizes, view)? },
        table: table(&runs, &outcomes),
        runs: runs.into_iter().zip(outcomes).collect(),
        cut,
        notes: notes(&settings),
    })
}

fn notes(settings: &Settings) -> Vec<String> {
    vec![
        "Teacher-forced: every forecast is of the sample 27 (0.27 units of time) ahead, from true values; 3000 held-out samples after a \
         washout of 50 from a zero state. x is standardised by the 10,000 training samples; windows of 120."
            .into(),
        format!(
            "The paper's rate 0.001, weight decay 0.1 and unstated rest are not ours: biases 0.02 and full {}, both falling as half a cosine, \
             gradients clipped at norm 1, gain √2 for biases and 1 for full (configs/tasks/series.toml has the search).",
            settings.full_lr
        ),
        "The half width of the autocorrelation of x is 27 samples over a long run, as the paper says, and 20 to 61 over short windows."
            .into(),
    ]
}

fn table(runs: &[Run], outcomes: &[Outcome]) -> Table {
    let mut table = Table::new(&[
        "method",
        "width",
        "trained_parameters",
        "seed",
        "teacher_forced_r2",
        "free_run_valid_samples",
        "failed",
        "isa",
    ]);
    for (run, outcome) in runs.iter().zip(outcomes) {
        table.rows.push(vec![
            json!(run.config.method),
            json!(width_of(run)),
            json!(outcome.parameters),
            json!(run.config.seed),
            json!(outcome.r2()),
            json!(outcome.valid_samples()),
            json!(outcome.failed),
            json!(outcome.isa),
        ]);
    }
    table
}

fn width_of(run: &Run) -> u32 {
    run.backbone.hidden_units() as u32
}

fn of(sizes: &[Size], method: Method) -> impl Iterator<Item = &Size> {
    sizes.iter().filter(move |size| size.method == method)
}

/// Whether networks of the paper's width forecast as well as its own.
fn of_width(width: u32, r2: Option<f64>) -> Judged {
    match width {
        1024 => Judged::when(r2.is_some_and(|r2| r2 > 0.99), "the mean is above 0.99"),
        _ => Judged::not_comparable(),
    }
}

fn findings(sizes: &[Size], wide: &Outcome, view: View) -> Vec<Finding> {
    let words = |method| {
        let each = of(sizes, method).map(|size| match (size.r2, size.failed) {
            (None, _) => format!("{}: failed", size.width),
            (Some(r2), 0) => format!("{}: {:.4}", size.width, r2.mean),
            (Some(r2), failed) => format!("{}: {:.4} ({failed} failed)", size.width, r2.mean),
        });
        each.collect::<Vec<_>>().join(", ")
    };
    let means: Vec<f64> = of(sizes, Method::Bias).filter_map(|size| size.r2.map(|r2| r2.mean)).collect();
    let rises = means.windows(2).all(|pair| pair[1] > pair[0] - 0.005);
    let judged = Judged::when(rises, "no width is more than 0.005 below the one before");
    let curve = Finding::new("biases: R² by width", "rises with width", words(Method::Bias), judged);
    let mean = |size: &Size| size.r2.map_or(f64::NEG_INFINITY, |r2| r2.mean);
    let pairs = || of(sizes, Method::Full).zip(of(sizes, Method::Bias));
    let above = pairs().filter(|(full, bias)| mean(full) > mean(bias)).count();
    let full = |paper: &str| {
        let ours = format!("at {above} of {} sizes: {}", pairs().count(), words(Method::Full));
        let judged = Judged::when(above == pairs().count(), "full is above at every size");
        Finding::new("full with as many trained parameters: R² by width", paper, ours, judged)
    };
    if view == View::Width {
        return vec![curve, full("above")];
    }
    let last = of(sizes, Method::Bias).last();
    let best = last.and_then(|size| size.r2);
    let width = last.map_or(0, |size| size.width);
    let small = of(sizes, Method::Bias).filter(|size| size.width < 64);
    let small_words: Vec<String> = small
        .map(|size| {
            let r2 = size.r2.map_or("failed".to_owned(), |r2| r2.to_string());
            format!("{}: {r2}", size.width)
        })
        .collect();
    let mut findings = vec![
        Finding::new(
            &format!("biases, {width} units: R² 27 ahead, teacher-forced"),
            "above 0.99 at 1024 units",
            best.map_or("failed".into(), |r2| r2.to_string()),
            of_width(width, best.map(|r2| r2.mean)),
        ),
        Finding::new(
            &format!("full, {width} units: the same"),
            "above 0.99 at 1024 units",
            wide.r2().map_or("failed".into(), |r2| format!("{r2:.4}, one seed")),
            of_width(width, wide.r2()),
        ),
        curve,
        full("above the biases"),
    ];
    if !small_words.is_empty() {
        findings.push(
            Finding::new("below 64 units", "unstable", small_words.join(", "), Judged::not_comparable())
                .because("gradients are clipped here, so narrow networks are poor rather than unstable"),
        );
    }
    findings
}

/// The time between two samples of a forecast series.
pub(super) fn spacing(judged: &ForecastJudgement) -> f64 {
    judged.free.first().and_then(|run| run.valid.criterion.spacing).unwrap_or(1.0)
}

fn figure(lab: &mut Lab<'_>, settings: &Settings, sizes: &[Size], view: View) -> Result<Figure, StudyError> {
    let curve = |label: &str, role, method| {
        let at = |size: &Size| {
            let x = if view == View::Width { f64::from(size.width) } else { size.parameters };
            let Point { y, sd, .. } = point(x, size.r2?);
            Some(Point { x, y: 1.0 - y, sd })
        };
        Line { points: of(sizes, method).filter_map(at).collect(), ..Line::new(label, role) }
    };
    let x = if view == View::Width { "Hidden units" } else { "Trained parameters" };
    let scaling = Chart::Lines(Lines {
        x: Axis::log10(x),
        y: Axis::log10("1 − R² on the held-out part, 27 samples ahead"),
        series: vec![curve("full", Role::Full, Method::Full), curve("bias", Role::Bias, Method::Bias)],
        references: vec![Reference { label: "R² of 0.99".into(), value: 0.01, role: Role::Null }],
    });
    let scaling = Panel::new("Teacher-forced forecasts of Lorenz' x", scaling);
    if view == View::Width {
        return Ok(Figure::single(scaling));
    }
    let mut series = Vec::new();
    for (run, (label, role)) in
        widest(settings)?.iter().zip([("biases trained", Role::Bias), ("fully trained", Role::Full)])
    {
        let judged = lab.forecast(run)?;
        let (spacing, forced) = (spacing(&judged), judged.teacher_forced);
        let shown = SHOWN.min(forced.target.len());
        if series.is_empty() {
            series.push(Line::over_time("truth", Role::Mask, spacing, &forced.target[..shown]));
        }
        series.push(Line::over_time(label, role, spacing, &forced.forecast[..shown]).dashed());
    }
    let over = Chart::Lines(Lines {
        x: Axis::linear("Time on the held-out part"),
        y: Axis::linear("x"),
        series,
        references: vec![],
    });
    Ok(Figure::row("", vec![scaling, Panel::new("The widest networks, seed 1", over)]))
}
