//! Figure 2A: biases against masks on the same weights, and how many units each uses.

use serde_json::json;

use super::fig2_pairs::{Pair, Pairs, pairs};
use super::summaries::{bar, over_seeds, point};
use crate::finding::{Finding, Judged};
use crate::lab::Lab;
use crate::outcome::Outcome;
use crate::plot::{Axis, Bar, BarSeries, Bars, Chart, Figure, Line, Lines, Panel, Role};
use crate::report::{Report, Table};
use crate::settings::Options;
use crate::study_error::StudyError;

/// Test accuracies of the paper's, mean and deviation.
const BIAS: (f64, f64) = (0.934, 0.001);
const MASK: (f64, f64) = (0.919, 0.002);
/// The threshold of task variance that the paper's text speaks of.
const THRESHOLD: f64 = 0.1;

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let all = pairs(lab, options)?;
    let at = all.settings.at(THRESHOLD)?;
    Ok(Report {
        findings: findings(&all, at)?,
        figure: Figure { title: over_seeds(all.of_seed.len() as u32), ..figure(&all)? },
        table: table(&all, at),
        runs: all.runs,
        cut: all.cut,
        notes: vec!["The mask is soft during training and binary on the test set, as in the paper.".into()],
    })
}

fn findings(all: &Pairs, at: usize) -> Result<Vec<Finding>, StudyError> {
    let bias = all.over(|pair| Ok(pair.bias.test_accuracy()))?;
    let mask = all.over(|pair| Ok(pair.mask.test_accuracy()))?;
    let on = all.over(|pair| Ok(pair.mask.on_units().unwrap_or(0) as f64))?;
    let kept = all.over(|pair| Ok(pair.kept[at].0 as f64))?;
    let cost = all.over(|pair| Ok(100.0 * (pair.bias.test_accuracy() - pair.kept[at].1)))?;
    let wins =
        all.of_seed.iter().filter(|pair| pair.bias.test_accuracy() > pair.mask.test_accuracy()).count();
    let (seeds, units) = (all.of_seed.len(), all.settings.width);
    let points = 100.0 * (bias.mean - mask.mean);
    let above = format!("in {wins} of {seeds} seeds, {points:.2} points above");
    Ok(vec![
        Finding::new("bias, test accuracy", "0.934 ± 0.001", bias.to_string(), Judged::against(bias, BIAS)),
        Finding::new("mask, test accuracy", "0.919 ± 0.002", mask.to_string(), Judged::against(mask, MASK)),
        Finding::new(
            "bias above mask on the same weights",
            "roughly 1 % above",
            above,
            if wins == seeds {
                Judged::within(points, (0.5, 2.0), "bias is above in every seed, and in the mean by points")
            } else {
                Judged::when(false, "bias is above in every seed, and in the mean by points 0.5 to 2")
            },
        ),
        Finding::new(
            "units that the mask keeps ON",
            "4527 ± 44 of 10,000",
            format!("{on:.0} of {units}"),
            Judged::against(on, (4527.0, 44.0)),
        ),
        Finding::new(
            "bias: units of task variance above 0.1",
            "6226 ± 47 of 10,000",
            format!("{kept:.0} of {units}"),
            Judged::against(kept, (6226.0, 47.0)),
        ),
        Finding::new(
            "bias: points of accuracy lost with those units alone",
            "about 1",
            format!("{cost:.2}"),
            Judged::within(cost.mean, (0.5, 1.5), "points lost are"),
        ),
    ])
}

fn table(all: &Pairs, at: usize) -> Table {
    let mut table = Table::new(&[
        "seed",
        "bias_accuracy",
        "mask_accuracy",
        "mask_on_units",
        "bias_units_above_0.1",
        "accuracy_with_those",
    ]);
    for (seed, pair) in (1..).zip(&all.of_seed) {
        let (count, accuracy) = pair.kept[at];
        let (bias, mask) = (&pair.bias, &pair.mask);
        table.rows.push(vec![
            json!(seed),
            json!(bias.test_accuracy()),
            json!(mask.test_accuracy()),
            json!(mask.on_units()),
            json!(count),
            json!(accuracy),
        ]);
    }
    table
}

fn figure(all: &Pairs) -> Result<Figure, StudyError> {
    let curves = Chart::Lines(Lines {
        x: Axis::linear("Epoch"),
        y: Axis::linear("Training accuracy (during training)").over(0.8, 0.95),
        series: vec![
            curve(all, "bias", Role::Bias, |pair| &pair.bias)?,
            curve(all, "mask", Role::Mask, |pair| &pair.mask)?,
        ],
        references: vec![],
    });
    let ours = [|pair: &Pair| Ok(pair.bias.test_accuracy()), |pair: &Pair| Ok(pair.mask.test_accuracy())];
    let ours = ours.map(|of| Ok::<_, StudyError>(Some(bar(all.over(of)?))));
    let papers = [BIAS, MASK].map(|(value, sd)| Some(Bar { value, sd }));
    let series = |label: &str, role, bars| BarSeries { label: label.into(), role, bars };
    let bars = Chart::Bars(Bars {
        x_label: "What is trained on the same weights".into(),
        categories: vec!["biases".into(), "a mask".into()],
        y: Axis::linear("Test accuracy").over(0.9, 0.945),
        series: vec![
            series("ours", Role::Bias, ours.into_iter().collect::<Result<_, _>>()?),
            series("the paper's", Role::Null, papers.to_vec()),
        ],
        references: vec![],
    });
    Ok(Figure::row("", vec![Panel::new("Training on MNIST", curves), Panel::new("On the test set", bars)]))
}

fn curve(all: &Pairs, label: &str, role: Role, of: fn(&Pair) -> &Outcome) -> Result<Line, StudyError> {
    let points = (0..all.settings.epochs as usize)
        .map(|epoch| Ok(point((epoch + 1) as f64, all.over(|pair| Ok(of(pair).curve[epoch].1))?)));
    let points = points.collect::<Result<_, StudyError>>()?;
    Ok(Line { points, markers: false, ..Line::new(label, role) })
}
