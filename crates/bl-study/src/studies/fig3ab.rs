//! Figures 3A and 3B: a cosine by biases alone, and what that does to the Jacobian.

use bl_core::{Backbone, BaseBias, Half, Parameters};
use bl_train::Settings as Change;
use serde::Deserialize;
use serde_json::json;

use crate::analysis::{
    DecayingOscillation, Eigenvalue, ReluRecurrence, eigenvalues, leading_pair, spectral_radius,
};
use crate::finding::{Finding, Judged};
use crate::lab::{Lab, Need};
use crate::outcome::Outcome;
use crate::plot::{Axis, Chart, Circle, Cloud, Figure, Line, Lines, Panel, Role, Scatter};
use crate::report::{Report, Table};
use crate::run::Run;
use crate::settings::{self, Options, config};
use crate::study_error::StudyError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    seeds: u32,
    units: u32,
    epochs: u32,
    /// Losses at which training is examined.
    losses: Vec<f64>,
}

/// Steps after which a network that comes to rest has done so.
const LONG: usize = 1000;

/// Half of the loss of a network whose output is 0: the mean square of a cosine is 0.5.
const HALF: f64 = 0.25;

/// A network at some time of its training.
struct Stage {
    /// The loss at which it was, or none at the start and in the end.
    loss: Option<f64>,
    /// y over [`LONG`] steps.
    output: Vec<f64>,
    /// At the last state.
    jacobian: Vec<Eigenvalue>,
    decay: Option<DecayingOscillation>,
}

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let settings: Settings = settings::load("fig3ab", config!("fig3ab"), options.setting)?;
    let seeds = options.seeds(settings.seeds);
    let run = |seed, stop_at_loss| {
        let (width, epochs) = (Some(settings.units), Some(settings.epochs));
        Run::of("cosine", seed, Change { width, epochs, stop_at_loss, ..Change::default() })
    };
    let mut runs = (1..=seeds).map(|seed| run(seed, None)).collect::<Result<Vec<_>, _>>()?;
    for &loss in &settings.losses {
        runs.push(run(1, Some(loss))?); // the same run, stopped on its way
    }
    let outcomes = lab.outcomes(&runs, Need::Parameters)?;

    let judged = lab.generated(&runs[0])?;
    let learned = lab.adapter(&runs[0])?;
    let (backbone, io) = (learned.generate_backbone()?, &learned.header.io);
    let of_w = eigenvalues(&widened(&backbone.rnn()?.recurrent().weights()), backbone.rnn()?.units())?;
    let initial = Parameters::of_biases(vec![initial_biases(&runs[0])]);
    let start = stage(&backbone, &Half::new(&backbone, io, &initial)?, None)?;
    let end = stage(&backbone, &backbone.prepare(&learned)?, None)?;
    let mut middle = Vec::new();
    for (run, &loss) in runs[seeds as usize..].iter().zip(&settings.losses) {
        middle.push(stage(&backbone, &backbone.prepare(&lab.adapter(run)?)?, Some(loss))?);
    }
    let shown = middle.iter().find(|stage| stage.loss.is_some_and(|loss| loss <= HALF));

    let figure = figure(&judged.target, &judged.generated, judged.steps, &of_w, &start, shown);
    let mut table = Table::new(&[
        "stage",
        "seed",
        "loss",
        "decay_period",
        "decay_per_step",
        "pair_modulus",
        "pair_period",
        "r2",
        "isa",
    ]);
    let (r2, isa) = (|at: usize| json!(outcomes[at].r2()), |at: usize| json!(outcomes[at].isa));
    let first = seeds as usize;
    let all = [("start", &start, json!(null), isa(0))].into_iter();
    let all = all.chain(
        middle.iter().enumerate().map(|(at, stage)| ("middle", stage, r2(first + at), isa(first + at))),
    );
    for (name, stage, r2, isa) in all.chain([("end", &end, r2(0), isa(0))]) {
        let pair = leading_pair(&stage.jacobian);
        table.rows.push(vec![
            json!(name),
            json!(1),
            json!(stage.loss),
            json!(stage.decay.as_ref().map(|decay| decay.period.samples)),
            json!(stage.decay.as_ref().map(|decay| decay.decay)),
            json!(pair.map(Eigenvalue::modulus)),
            json!(pair.and_then(Eigenvalue::period)),
            r2,
            isa,
        ]);
    }
    for (at, outcome) in outcomes.iter().enumerate().take(first).skip(1) {
        let none = json!(null);
        let (seed, loss) = (json!(at + 1), json!(outcome.train_loss));
        let empty = [none.clone(), none.clone(), none.clone(), none];
        table.rows.push([vec![json!("end"), seed, loss], empty.to_vec(), vec![r2(at), isa(at)]].concat());
    }
    Ok(Report {
        findings: findings(&outcomes[..first], &of_w, &start, &middle, shown),
        figure,
        table,
        runs: runs.into_iter().zip(outcomes).collect(),
        cut: options.cut_seeds(settings.seeds, 1),
        notes: vec![
            "The paper shows one network and states no schedule and no number of epochs; configs/tasks/cosine.toml says what ours \
             are worth. Whether a seed succeeds depends on the instruction set."
                .into(),
            format!(
                "Mid-training is seed 1, stopped when its loss first is at one of several values. The one that is shown and judged \
                 is at {HALF}, half of the loss of a network that says nothing: chosen before its period was seen."
            ),
        ],
    })
}

/// The biases that a run begins with.
fn initial_biases(run: &Run) -> Vec<f32> {
    let config = &run.config;
    let base =
        BaseBias { half_width: config.bias_init, mean: config.bias_mean.unwrap_or(0.0), seed: config.seed };
    base.draw(0, run.backbone.hidden_units())
}

fn widened(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| value.into()).collect()
}

/// Lets a network run for long, and takes the Jacobian where it has come to.
fn stage(backbone: &Backbone, half: &Half, loss: Option<f64>) -> Result<Stage, StudyError> {
    let (rnn, half) = backbone.with(half).rnn()?;
    let (units, spec) = (rnn.units(), rnn.spec());
    let mut state = half.initial().to_vec();
    let y = rnn.run(&[], LONG, &mut state, half)?;
    let weights = rnn.recurrent().weights();
    let gains = half.gains();
    let (alpha, beta) = (spec.alpha as f32, spec.beta as f32);
    let recurrence = ReluRecurrence { weights: &weights, gains, alpha, beta };
    let before = widened(&state);
    let after = recurrence.step(&widened(half.bias()), &before)?;
    let active: Vec<bool> =
        after.iter().zip(&before).map(|(after, before)| *after > f64::from(alpha) * before).collect();
    let output = widened(&y);
    let finite = output.iter().all(|y| y.is_finite());
    Ok(Stage {
        loss,
        decay: if finite { DecayingOscillation::fit(&output)? } else { None },
        output,
        jacobian: eigenvalues(&recurrence.jacobian(&active)?, units)?,
    })
}

fn findings(
    learned: &[Outcome],
    of_w: &[Eigenvalue],
    start: &Stage,
    middle: &[Stage],
    shown: Option<&Stage>,
) -> Vec<Finding> {
    let r2: Vec<String> = learned
        .iter()
        .map(|outcome| outcome.r2().map_or("failed".to_owned(), |r2| format!("{r2:.5}")))
        .collect();
    let good = learned.iter().filter(|outcome| outcome.r2().is_some_and(|r2| r2 > 0.99)).count();
    let mut findings = vec![
        Finding::new(
            "R² over the 125 steps, one value per seed",
            "learned",
            format!("{good} of {} seeds: {}", learned.len(), r2.join(", ")),
            Judged::when(10 * good >= 9 * learned.len(), "R² is above 0.99 in 9 of 10 seeds"),
        ),
        Finding::new(
            "spectral radius of W, gain 1",
            "a disc of radius 1 that stays",
            format!("{:.3}", spectral_radius(of_w)),
            Judged::within(spectral_radius(of_w), (0.9, 1.1), "it is"),
        ),
    ];
    let Some(shown) = shown else {
        findings.push(Finding::new(
            "a decaying oscillation during training",
            "period 23.75",
            format!("no loss of {HALF} or less was examined"),
            Judged::not_comparable(),
        ));
        return findings;
    };
    let period = shown.decay.as_ref().map_or(f64::NAN, |decay| decay.period.samples);
    findings.push(Finding::new(
        &format!("period of the decaying oscillation at a loss of {HALF}"),
        "23.75, near 25",
        format!("{period:.2} (by loss, {})", periods(middle)),
        Judged::within(period, (22.75, 24.75), "it is"),
    ));
    if let Some(pair) = leading_pair(&shown.jacobian) {
        let before = leading_pair(&start.jacobian).map_or(0.0, Eigenvalue::modulus);
        let next = shown.jacobian.iter().map(|value| value.modulus());
        let next = next.filter(|modulus| *modulus < pair.modulus() - 1e-9).fold(0.0, f64::max);
        findings.push(
            Finding::new(
                "leading complex pair of the Jacobian during training",
                "outside the disc of the others",
                format!(
                    "modulus {:.3}, period {:.2}; the next eigenvalue {next:.3} (before training the pair has {before:.3})",
                    pair.modulus(),
                    pair.period().unwrap_or(f64::NAN)
                ),
                Judged::when(pair.modulus() > 1.05 * next, "its modulus is 5 % above the next one's"),
            ),
        );
    }
    findings
}

/// The period of each stage, or that it has none.
fn periods(stages: &[Stage]) -> String {
    let each = stages.iter().map(|stage| {
        let period = stage.decay.as_ref().map_or("none".to_owned(), |of| format!("{:.1}", of.period.samples));
        format!("{}: {period}", stage.loss.unwrap_or(f64::NAN))
    });
    each.collect::<Vec<_>>().join(", ")
}

fn figure(
    target: &[f64],
    generated: &[f64],
    steps: usize,
    of_w: &[Eigenvalue],
    start: &Stage,
    shown: Option<&Stage>,
) -> Figure {
    let end = (2 * steps).min(target.len());
    let mut series = vec![
        Line::over_time("target", Role::Mask, 1.0, &target[..end]),
        Line::over_time("biases trained", Role::Bias, 1.0, &generated[..end.min(generated.len())]).dashed(),
    ];
    if let Some(stage) = shown {
        series.insert(0, Line::over_time("mid-training", Role::Null, 1.0, &stage.output[..end]));
    }
    let axis = |label: &str| Axis::linear(label).over(-1.2, 1.2);
    let lines = Chart::Lines(Lines {
        x: Axis::linear("Step (trained on the first 125)"),
        y: axis("y"),
        series,
        references: vec![],
    });
    let cloud = |label: &str, role, of: &[Eigenvalue]| {
        Cloud::new(label, role, of.iter().map(|value| (value.re, value.im)).collect())
    };
    let plane = |series| {
        let scatter = Scatter::new(axis("Real part"), axis("Imaginary part"), series);
        let circle = Some(Circle { label: "radius 1".into(), radius: 1.0 });
        Chart::Scatter(Scatter { equal_scales: true, circle, ..scatter })
    };
    let mut jacobians = vec![cloud("at the start", Role::Null, &start.jacobian)];
    if let Some(stage) = shown {
        jacobians.push(cloud("mid-training", Role::Bias, &stage.jacobian));
        let pair = leading_pair(&stage.jacobian).map(|up| vec![up, Eigenvalue { im: -up.im, ..up }]);
        jacobians.push(cloud("its leading pair", Role::BiasVariant, &pair.unwrap_or_default()));
    }
    Figure::row(
        "Seed 1",
        vec![
            Panel::new("A cosine by biases alone", lines),
            Panel::new("Eigenvalues of W, frozen", plane(vec![cloud("W", Role::Mask, of_w)])),
            Panel::new("Eigenvalues of the Jacobian", plane(jacobians)),
        ],
    )
}
