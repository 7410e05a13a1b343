//! Figure E.4: what dropping quiet units costs, which units agree, and how alike their variances are.

use serde_json::json;

use super::Options;
use super::fig2_pairs::{Pair, pairs};
use crate::analysis::{MeanSd, Overlap, null_model, overlap, pearson, sweep};
use crate::lab::Lab;
use crate::plot::{
    Axis, Bar, BarSeries, Bars, Chart, Cloud, Figure, Line, Lines, Panel, Point, Role, Scatter,
};
use crate::report::{Finding, Report, Table, Verdict};
use crate::study_error::StudyError;

/// The threshold at which a bias-learned unit counts as ON, as in the paper's text.
const THRESHOLD: f64 = 0.1;

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let all = pairs(lab, options)?;
    let over = |f: &dyn Fn(&Pair) -> Result<f64, StudyError>| -> Result<MeanSd, StudyError> {
        Ok(MeanSd::of(&all.pairs.iter().map(f).collect::<Result<Vec<_>, _>>()?)?)
    };

    let mut table = Table::new(&["what", "x", "y", "sd"]);
    let mut curve = Vec::new();
    for at in 0..all.settings.thresholds.len() {
        let count = over(&|pair| Ok(pair.kept[at].0 as f64))?;
        let accuracy = over(&|pair| Ok(pair.kept[at].1))?;
        curve.push(Point { x: count.mean, y: accuracy.mean, sd: accuracy.sd.unwrap_or(0.0) });
        table.rows.push(vec![
            json!("accuracy of ON units"),
            json!(count.mean),
            json!(accuracy.mean),
            json!(accuracy.sd),
        ]);
    }
    curve.reverse(); // from few units to many

    let on = |pair: &Pair| Ok::<_, StudyError>(sweep(&pair.bias_variance, &[THRESHOLD])?.remove(0).mask);
    let of_bias = |pair: &Pair| Ok::<_, StudyError>(overlap(&on(pair)?, &pair.mask_on)?);
    let of_masks = |pair: &Pair| Ok::<_, StudyError>(overlap(&pair.mask_on, &pair.other_mask_on)?);
    let bias_on = over(&|pair| Ok(of_bias(pair)?.on_a))?.mean;
    let mask_on = over(&|pair| Ok(of_bias(pair)?.on_b))?.mean;
    let null = null_model(bias_on, mask_on, all.settings.null_draws, 0)?;
    let three: [(&str, fn(&Overlap) -> f64); 3] = [
        ("ON | ON", |o| o.on_a_given_on_b.unwrap_or(0.0)),
        ("OFF | OFF", |o| o.off_a_given_off_b.unwrap_or(0.0)),
        ("same", |o| o.matching),
    ];
    let (mut biases, mut masks, mut chance) = (Vec::new(), Vec::new(), Vec::new());
    for (name, f) in three {
        let (bias, mask) = (over(&|pair| Ok(f(&of_bias(pair)?)))?, over(&|pair| Ok(f(&of_masks(pair)?)))?);
        let bar = |of: MeanSd| Some(Bar { value: of.mean, sd: of.sd.unwrap_or(0.0) });
        biases.push(bar(bias));
        masks.push(bar(mask));
        chance.push(Some(Bar { value: f(&null), sd: 0.0 }));
        for (of, found) in [("bias and mask", bias), ("mask and mask", mask)] {
            table.rows.push(vec![
                json!(format!("P({name}), {of}")),
                json!(null),
                json!(found.mean),
                json!(found.sd),
            ]);
        }
    }

    let common = |pair: &Pair| {
        let on = (0..pair.mask_on.len())
            .filter(|&unit| pair.mask_on[unit] && pair.bias_variance[unit] > THRESHOLD);
        on.map(|unit| (pair.bias_variance[unit], pair.mask_variance[unit])).collect::<Vec<_>>()
    };
    let r = |points: Vec<(f64, f64)>| {
        let (xs, ys): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
        Ok::<_, StudyError>(pearson(&xs, &ys)?.map_or(0.0, |correlation| correlation.r))
    };
    let bias_mask = over(&|pair| r(common(pair)))?;
    let both_masks = |pair: &Pair| {
        let on = (0..pair.mask_on.len()).filter(|&unit| pair.mask_on[unit] && pair.other_mask_on[unit]);
        on.map(|unit| (pair.mask_variance[unit], pair.other_mask_variance[unit])).collect()
    };
    let mask_mask = over(&|pair| r(both_masks(pair)))?;
    let findings = vec![
        Finding::new(
            "correlation of unit variances, bias and mask",
            "0.5030 ± 0.0087",
            bias_mask.to_string(),
            Verdict::of((bias_mask.mean - 0.503).abs() < 0.05),
        )
        .because(
            "over the units that the mask keeps ON and whose variance in the bias-learned network is above 0.1",
        ),
        Finding::new(
            "correlation of unit variances, two masks",
            "0.9999 ± 0.0000",
            mask_mask.to_string(),
            Verdict::of(mask_mask.mean > 0.999),
        ),
        Finding::new(
            "same state (ON or OFF): chance, bias and mask, two masks",
            "in this order",
            format!("{:.3}, {:.3}, {:.3}", null.matching, value(biases[2]), value(masks[2])),
            Verdict::of(null.matching < value(biases[2]) && value(biases[2]) < value(masks[2])),
        ),
        Finding::new(
            "accuracy as quiet units are dropped",
            "falls slowly, then fast",
            curve.iter().rev().map(|p| format!("{:.0}: {:.3}", p.x, p.y)).collect::<Vec<_>>().join(", "),
            Verdict::of(curve.windows(2).all(|pair| pair[0].y <= pair[1].y + 0.005)),
        ),
    ];
    let panel = |title: &str, chart| Panel { title: title.into(), chart };
    let series = |label: &str, role, bars| BarSeries { label: label.into(), role, bars };
    let accuracy = Chart::Lines(Lines {
        x: Axis::linear("Units kept ON"),
        y: Axis::linear("Test accuracy"),
        series: vec![Line { points: curve, markers: true, ..Line::new("bias", Role::Bias) }],
        references: vec![],
    });
    let bars = Chart::Bars(Bars {
        x_label: String::new(),
        categories: three.map(|(name, _)| name.to_owned()).to_vec(),
        y: Axis::linear("Probability").over(0.0, 1.0),
        series: vec![
            series("chance", Role::Null, chance),
            series("bias and mask", Role::Bias, biases),
            series("mask and mask", Role::Mask, masks),
        ],
        references: vec![],
    });
    let cloud =
        Cloud { label: format!("r = {bias_mask:.3}"), role: Role::Purple, points: common(&all.pairs[0]) };
    let scatter = Chart::Scatter(Scatter {
        x: Axis::linear("Variance in the bias-learned network"),
        y: Axis::linear("Variance under the mask"),
        series: vec![cloud],
        diagonal: Some("equal".into()),
    });
    Ok(Report {
        findings,
        figure: Figure::row(
            "",
            vec![
                panel("Dropping quiet units", accuracy),
                panel("Which units agree", bars),
                panel("Units ON in both", scatter),
            ],
        ),
        table,
        runs: all.runs,
        cut: all.cut,
        notes: vec![],
    })
}

fn value(bar: Option<Bar>) -> f64 {
    bar.map_or(0.0, |bar| bar.value)
}
