//! Figure 2A: biases against masks on the same weights, and how many units each uses.

use serde_json::json;

use super::Options;
use super::fig2_pairs::{Pair, pairs};
use crate::analysis::MeanSd;
use crate::lab::Lab;
use crate::plot::{Axis, Bar, BarSeries, Bars, Chart, Figure, Line, Lines, Panel, Point, Reference, Role};
use crate::report::{Finding, Report, Table, Verdict};
use crate::run::Outcome;
use crate::study_error::StudyError;

/// The threshold of task variance that the paper's text speaks of.
const THRESHOLD: f64 = 0.1;

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let all = pairs(lab, options)?;
    let over = |f: &dyn Fn(&Pair) -> f64| MeanSd::of(&all.pairs.iter().map(f).collect::<Vec<_>>());
    let bias = over(&|pair| pair.bias.test_accuracy)?;
    let mask = over(&|pair| pair.mask.test_accuracy)?;
    let on = over(&|pair| pair.mask.on_units.unwrap_or(0) as f64)?;
    let at = all.settings.at(THRESHOLD)?;
    let kept = over(&|pair| pair.kept[at].0 as f64)?;
    let cost = over(&|pair| 100.0 * (pair.bias.test_accuracy - pair.kept[at].1))?;
    let wins = all.pairs.iter().filter(|pair| pair.bias.test_accuracy > pair.mask.test_accuracy).count();
    let units = all.settings.width;
    let near = |found: f64, expected: f64| Verdict::of((found / expected - 1.0).abs() < 0.1);

    let findings = vec![
        Finding::new(
            "bias, test accuracy",
            "0.934 ± 0.001",
            bias.to_string(),
            Verdict::of(bias.mean >= 0.934),
        ),
        Finding::new(
            "mask, test accuracy",
            "0.919 ± 0.002",
            mask.to_string(),
            Verdict::of(mask.mean >= 0.919),
        ),
        Finding::new(
            "bias above mask on the same weights",
            "roughly 1 % above",
            format!(
                "in {wins} of {} seeds, {:.2} points above",
                all.pairs.len(),
                100.0 * (bias.mean - mask.mean)
            ),
            Verdict::of(wins == all.pairs.len()),
        ),
        Finding::new(
            "units that the mask keeps ON",
            "4527 ± 44 of 10,000",
            format!("{on:.0} of {units}"),
            near(on.mean, 4527.0),
        ),
        Finding::new(
            "bias: units of task variance above 0.1",
            "6226 ± 47 of 10,000",
            format!("{kept:.0} of {units}"),
            near(kept.mean, 6226.0),
        ),
        Finding::new(
            "bias: points of accuracy lost with those units alone",
            "about 1",
            format!("{cost:.2}"),
            Verdict::of(cost.mean < 2.0),
        ),
    ];
    let mut table = Table::new(&[
        "seed",
        "bias_accuracy",
        "mask_accuracy",
        "mask_on_units",
        "bias_units_above_0.1",
        "accuracy_with_those",
    ]);
    for (seed, pair) in (1..).zip(&all.pairs) {
        let (count, accuracy) = pair.kept[at];
        table.rows.push(vec![
            json!(seed),
            json!(pair.bias.test_accuracy),
            json!(pair.mask.test_accuracy),
            json!(pair.mask.on_units),
            json!(count),
            json!(accuracy),
        ]);
    }
    let curve = |label: &str, role, of: &dyn Fn(&Pair) -> &Outcome| -> Result<Line, StudyError> {
        let epochs = all.settings.epochs as usize;
        let points = (0..epochs).map(|epoch| {
            let values: Vec<f64> = all.pairs.iter().map(|pair| of(pair).curve[epoch]).collect();
            let MeanSd { mean, sd, .. } = MeanSd::of(&values)?;
            Ok(Point { x: (epoch + 1) as f64, y: mean, sd: sd.unwrap_or(0.0) })
        });
        let points = points.collect::<Result<_, StudyError>>()?;
        Ok(Line { points, markers: false, ..Line::new(label, role) })
    };
    let curves = Chart::Lines(Lines {
        x: Axis::linear("Epoch"),
        y: Axis::linear("Training accuracy (while learning)"),
        series: vec![
            curve("bias", Role::Bias, &|pair| &pair.bias)?,
            curve("mask", Role::Mask, &|pair| &pair.mask)?,
        ],
        references: vec![],
    });
    let bar = |of: MeanSd| vec![Some(Bar { value: of.mean, sd: of.sd.unwrap_or(0.0) })];
    let reference = |label: &str, value, role| Reference { label: label.into(), value, role };
    let bars = Chart::Bars(Bars {
        x_label: String::new(),
        categories: vec![String::new()],
        y: Axis::linear("Test accuracy").over(0.9, 0.945),
        series: vec![
            BarSeries { label: "bias".into(), role: Role::Bias, bars: bar(bias) },
            BarSeries { label: "mask".into(), role: Role::Mask, bars: bar(mask) },
        ],
        references: vec![
            reference("paper, bias: 0.934", 0.934, Role::Bias),
            reference("paper, mask: 0.919", 0.919, Role::Mask),
        ],
    });
    let panel = |title: &str, chart| Panel { title: title.into(), chart };
    Ok(Report {
        findings,
        figure: Figure::row("", vec![panel("Learning MNIST", curves), panel("On the test set", bars)]),
        table,
        runs: all.runs,
        cut: all.cut,
        notes: vec!["The mask is soft while it learns and binary on the test set, as in the paper.".into()],
    })
}
