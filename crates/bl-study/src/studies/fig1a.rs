//! Figures 1A, E.2A and E.2B: accuracy against the number of trained parameters, three views of the same runs.

use bl_core::Distribution;
use bl_train::Method;
use serde::Deserialize;
use serde_json::json;

use super::summaries::{accuracy, over_seeds, row, spread};
use crate::analysis::MeanSd;
use crate::finding::{Finding, Judged};
use crate::lab::{Lab, Need};
use crate::outcome::Outcome;
use crate::plot::{Axis, Chart, Figure, Line, LineStyle, Lines, Panel, Point, Role};
use crate::report::{Report, Setting, Table};
use crate::run::{Data, Run, plain_backbone, plain_config};
use crate::settings::{self, Options, config};
use crate::study_error::StudyError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    seeds: u32,
    widths: Vec<u32>,
    full_widths: Vec<u32>,
    epochs: u32,
    train: usize,
    lr: f64,
}

/// One network size of one method: its runs, one per seed.
struct Size {
    method: &'static str,
    width: u32,
    parameters: f64,
    accuracy: MeanSd,
}

const TASK: &str = "fashion";
const UNIFORM: &str = "bias, uniform";
const NORMAL: &str = "bias, Gaussian";
const FULL: &str = "full";

fn runs(settings: &Settings, seeds: u32) -> Vec<(&'static str, u32, Run)> {
    let uniform = Distribution::Uniform { half_width: 0.1 };
    let normal = Distribution::Normal { std: 1.0 / 28.0 };
    let families = [
        (UNIFORM, Method::Bias, &uniform, &settings.widths),
        (NORMAL, Method::Bias, &normal, &settings.widths),
        (FULL, Method::Full, &normal, &settings.full_widths),
    ];
    let mut runs = Vec::new();
    for (name, method, weights, widths) in families {
        for &width in widths {
            for seed in 1..=seeds {
                let run = Run {
                    data: Some(Data::of(TASK, Some(settings.train))),
                    backbone: plain_backbone(seed.into(), &[width], weights),
                    config: plain_config(TASK, method, settings.epochs, settings.lr, seed.into()),
                };
                runs.push((name, width, run));
            }
        }
    }
    runs
}

/// The three views.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    Parameters,
    LogError,
    Width,
}

pub(super) fn parameters(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    study(lab, options, View::Parameters)
}

pub(super) fn log_log(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    study(lab, options, View::LogError)
}

pub(super) fn widths(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    study(lab, options, View::Width)
}

fn study(lab: &mut Lab<'_>, options: &Options, view: View) -> Result<Report, StudyError> {
    let settings: Settings = settings::load("fig1a", config!("fig1a"), options.setting)?;
    let seeds = options.seeds(settings.seeds);
    let planned = runs(&settings, seeds);
    let all: Vec<Run> = planned.iter().map(|(.., run)| run.clone()).collect();
    let outcomes = lab.outcomes(&all, Need::Metrics)?;
    let points = points(&planned, &outcomes)?;

    let mut table = Table::new(&["network", "width", "trained_parameters", "test_accuracy", "sd", "seeds"]);
    for p in &points {
        table.rows.push(row(vec![json!(p.method), json!(p.width), json!(p.parameters)], p.accuracy));
    }
    let findings = match view {
        View::Parameters => against_parameters(&points),
        View::LogError => scaling(&points),
        View::Width => against_width(&points),
    };
    let mut cut = options.cut_seeds(settings.seeds, 5);
    if options.setting == Setting::Quick {
        cut.push(format!(
            "{} epochs rather than 20, {} training images rather than 50,000, widths up to {} rather than 32,768",
            settings.epochs,
            settings.train,
            settings.widths.iter().max().unwrap_or(&0)
        ));
    }
    Ok(Report {
        findings,
        figure: Figure { title: over_seeds(seeds), ..figure(&points, view) },
        table,
        runs: all.into_iter().zip(outcomes).collect(),
        cut,
        notes: vec![
            "A fully trained network of n units has 795 n parameters, so its curve begins at 795.".into(),
        ],
    })
}

fn points(planned: &[(&'static str, u32, Run)], outcomes: &[Outcome]) -> Result<Vec<Size>, StudyError> {
    let mut points = Vec::new();
    let mut from = 0;
    while from < planned.len() {
        let (method, width, _) = planned[from];
        let same = planned[from..].iter().take_while(|(m, w, _)| (*m, *w) == (method, width)).count();
        let of_size = &outcomes[from..from + same];
        points.push(Size {
            method,
            width,
            parameters: of_size[0].parameters as f64,
            accuracy: accuracy(of_size)?,
        });
        from += same;
    }
    Ok(points)
}

fn figure(points: &[Size], view: View) -> Figure {
    let line = |name: &str, role| {
        let of_method = points.iter().filter(|p| p.method == name && (view != View::Width || p.width >= 64));
        let points = of_method.map(|p| {
            let (x, y) = match view {
                View::Parameters => (p.parameters, p.accuracy.mean),
                View::LogError => (p.parameters, 1.0 - p.accuracy.mean),
                View::Width => (f64::from(p.width), p.accuracy.mean),
            };
            Point { x, y, sd: p.accuracy.sd.unwrap_or(0.0) }
        });
        Line { points: points.collect(), markers: true, style: LineStyle::Solid, ..Line::new(name, role) }
    };
    let (x, y) = match view {
        View::Parameters => (Axis::log10("Trained parameters"), Axis::linear("Test accuracy")),
        View::LogError => (Axis::log10("Trained parameters"), Axis::log10("Test error")),
        View::Width => (Axis::log10("Hidden units"), Axis::linear("Test accuracy")),
    };
    let series = vec![line(FULL, Role::Full), line(UNIFORM, Role::Bias), line(NORMAL, Role::BiasVariant)];
    let chart = Chart::Lines(Lines { x, y, series, references: vec![] });
    Figure::single(Panel::new("Fashion-MNIST", chart))
}

fn of<'p>(points: &'p [Size], name: &str) -> Vec<&'p Size> {
    points.iter().filter(|p| p.method == name).collect()
}

/// Accuracy of a method at a number of parameters, between the two nearest sizes on a logarithmic scale.
fn at(points: &[&Size], parameters: f64) -> Option<f64> {
    let after = points.iter().position(|p| p.parameters >= parameters)?;
    let high = points[after];
    if high.parameters <= parameters || after == 0 {
        return (high.parameters <= parameters).then_some(high.accuracy.mean);
    }
    let low = points[after - 1];
    let share = (parameters / low.parameters).ln() / (high.parameters / low.parameters).ln();
    Some(low.accuracy.mean + share * (high.accuracy.mean - low.accuracy.mean))
}

fn against_parameters(points: &[Size]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in [UNIFORM, NORMAL] {
        let bias = of(points, name);
        let falls = bias.windows(2).all(|pair| pair[1].accuracy.mean > pair[0].accuracy.mean - 0.005);
        let gain = |from: Option<&&Size>, to: Option<&&Size>| {
            from.zip(to).map_or(0.0, |(from, to)| to.accuracy.mean - from.accuracy.mean)
        };
        let small = bias.iter().rfind(|size| size.width < 5000);
        let early = gain(bias.first(), small) > 0.8 * gain(bias.first(), bias.last());
        let path = bias
            .iter()
            .map(|p| format!("{}: {:.3}", p.width, p.accuracy.mean))
            .collect::<Vec<_>>()
            .join(", ");
        findings.push(Finding::new(
            &format!("error against size, {name}"),
            "falls with size, big gains below 5,000 units",
            format!("accuracy at {path}"),
            Judged::when(
                falls && early,
                "no size is more than 0.5 points below the one before, and 80 % of the gain comes below 5,000 units",
            ),
        ));
    }
    let full = of(points, FULL);
    let bias = of(points, NORMAL);
    let compare = |full: &Size| Some((full.accuracy.mean, at(&bias, full.parameters)?));
    if let Some((full_at, bias_at)) = full.first().and_then(|p| compare(p)) {
        let what = format!("smallest count that both have ({} parameters)", full[0].parameters);
        let ours = format!("bias {bias_at:.4}, full {full_at:.4}");
        findings.push(Finding::new(
            &what,
            "bias above full",
            ours,
            Judged::when(bias_at > full_at, "bias is above"),
        ));
    }
    let largest = full.iter().rev().find_map(|p| Some((p.parameters, compare(p)?)));
    if let Some((parameters, (full_at, bias_at))) = largest {
        let what = format!("largest count that both have ({parameters} parameters)");
        let ours = format!("bias {bias_at:.4}, full {full_at:.4}");
        let judged = Judged::within(100.0 * (bias_at - full_at), (-2.0, 0.0), "bias − full in points is");
        findings.push(Finding::new(&what, "bias slightly below full", ours, judged));
    }
    findings
}

/// The slope of log error against log parameters, by least squares.
fn scaling(points: &[Size]) -> Vec<Finding> {
    let slope = |name: &str| {
        let xy: Vec<(f64, f64)> =
            of(points, name).iter().map(|p| (p.parameters.ln(), (1.0 - p.accuracy.mean).ln())).collect();
        let n = xy.len() as f64;
        let mean = |f: fn(&(f64, f64)) -> f64| xy.iter().map(f).sum::<f64>() / n;
        let (mx, my) = (mean(|p| p.0), mean(|p| p.1));
        let covariance: f64 = xy.iter().map(|(x, y)| (x - mx) * (y - my)).sum();
        covariance / xy.iter().map(|(x, _)| (x - mx).powi(2)).sum::<f64>()
    };
    let ours =
        format!("{UNIFORM} {:.3}, {NORMAL} {:.3}, {FULL} {:.3}", slope(UNIFORM), slope(NORMAL), slope(FULL));
    let falls = slope(UNIFORM) < 0.0 && slope(NORMAL) < 0.0;
    vec![
        Finding::new(
            "exponent of error against parameters",
            "a figure only: error falls",
            ours,
            Judged::when(falls, "both exponents of bias learning are negative"),
        ),
        spread(&of(points, NORMAL).iter().map(|p| p.accuracy).collect::<Vec<_>>()),
    ]
}

fn against_width(points: &[Size]) -> Vec<Finding> {
    let (full, bias) = (of(points, FULL), of(points, NORMAL));
    let same = full.iter().filter_map(|f| bias.iter().find(|b| b.width == f.width).map(|b| (*f, *b)));
    let pairs: Vec<_> = same.collect();
    let above = pairs.iter().all(|(full, bias)| full.accuracy.mean > bias.accuracy.mean);
    let gaps: Vec<String> =
        pairs.iter().map(|(f, b)| format!("{} {:+.3}", f.width, f.accuracy.mean - b.accuracy.mean)).collect();
    vec![Finding::new(
        "full above bias at the same width",
        "bias learning needs much wider layers",
        format!("full − bias: {}", gaps.join(", ")),
        Judged::when(above, "full is above at every width"),
    )]
}
