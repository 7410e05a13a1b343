//! Figure E.4: what dropping quiet units costs, which units agree, and how alike their variances are.

use serde_json::json;

use super::fig2_pairs::{Pair, Pairs, pairs};
use super::summaries::{bar, over_seeds, point};
use crate::analysis::{MeanSd, Overlap, null_model, overlap, pearson};
use crate::finding::{Finding, Judged};
use crate::lab::Lab;
use crate::plot::{
    Axis, Bar, BarSeries, Bars, Chart, Cloud, Figure, Line, Lines, Panel, Point, Role, Scatter,
};
use crate::report::{Report, Table};
use crate::settings::Options;
use crate::study_error::StudyError;

/// The threshold of variance above which a bias-trained unit counts as ON, as in the paper's text.
const THRESHOLD: f64 = 0.1;

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let all = pairs(lab, options)?;
    let kept = kept(&all)?;
    let agreement = Agreement::of(&all)?;
    let correlations = Correlations::of(&all)?;
    Ok(Report {
        findings: [correlations.findings(), agreement.findings(), vec![kept_finding(&kept)]].concat(),
        figure: Figure::row(
            over_seeds(all.of_seed.len() as u32),
            vec![
                Panel::new("Dropping quiet units", kept_chart(&kept)),
                Panel::new("Which units agree", agreement.chart()),
                Panel::new("Units ON in both, seed 1", correlations.chart(&all.of_seed[0])?),
            ],
        ),
        table: table(&kept, &agreement),
        runs: all.runs,
        cut: all.cut,
        notes: vec![],
    })
}

/// Accuracy with the units above each threshold alone, from few units to many.
fn kept(all: &Pairs) -> Result<Vec<Point>, StudyError> {
    let points = (0..all.settings.thresholds.len()).rev().map(|at| {
        let count = all.over(|pair| Ok(pair.kept[at].0 as f64))?;
        Ok(point(count.mean, all.over(|pair| Ok(pair.kept[at].1))?))
    });
    points.collect()
}

fn kept_finding(kept: &[Point]) -> Finding {
    let path = kept.iter().rev().map(|p| format!("{:.0}: {:.3}", p.x, p.y)).collect::<Vec<_>>().join(", ");
    let lost = |share: f64| 100.0 * (at(kept, 1.0) - at(kept, share));
    let falls = lost(0.6) < 5.0 && lost(0.2) > 30.0;
    Finding::new(
        "accuracy as quiet units are dropped",
        "falls slowly, then fast",
        path,
        Judged::when(falls, "60 % of the units cost less than 5 points, 20 % of them more than 30"),
    )
}

/// Accuracy with a share of the units, between the two nearest numbers of units.
fn at(kept: &[Point], share: f64) -> f64 {
    let Some((first, last)) = kept.first().zip(kept.last()) else { return f64::NAN };
    let units = (share * last.x).max(first.x);
    let pair = kept.windows(2).find(|pair| units <= pair[1].x);
    pair.map_or(last.y, |pair| {
        let share = (units - pair[0].x) / (pair[1].x - pair[0].x).max(1.0);
        pair[0].y + share * (pair[1].y - pair[0].y)
    })
}

fn kept_chart(kept: &[Point]) -> Chart {
    Chart::Lines(Lines {
        x: Axis::linear("Units kept ON"),
        y: Axis::linear("Test accuracy"),
        series: vec![Line { points: kept.to_vec(), markers: true, ..Line::new("bias", Role::Bias) }],
        references: vec![],
    })
}

/// Probabilities that a unit is in the same state in two networks.
struct Agreement {
    bias_and_mask: [MeanSd; 3],
    mask_and_mask: [MeanSd; 3],
    chance: [f64; 3],
}

type Probability = fn(&Overlap) -> f64;
const PROBABILITIES: [(&str, Probability); 3] = [
    ("ON | ON", |o| o.on_a_given_on_b.unwrap_or(0.0)),
    ("OFF | OFF", |o| o.off_a_given_off_b.unwrap_or(0.0)),
    ("same", |o| o.matching),
];

impl Agreement {
    fn of(all: &Pairs) -> Result<Self, StudyError> {
        let bias = |pair: &Pair| Ok::<_, StudyError>(overlap(&pair.bias_on(THRESHOLD)?, &pair.mask_on)?);
        let masks = |pair: &Pair| Ok::<_, StudyError>(overlap(&pair.mask_on, &pair.other_mask_on)?);
        let on = (all.over(|pair| Ok(bias(pair)?.on_a))?.mean, all.over(|pair| Ok(bias(pair)?.on_b))?.mean);
        let null = null_model(on.0, on.1, all.settings.null_draws, 0)?;
        let three = |overlap: &dyn Fn(&Pair) -> Result<Overlap, StudyError>| {
            let of = |f: Probability| all.over(|pair| Ok(f(&overlap(pair)?)));
            let [on, off, same] = PROBABILITIES.map(|(_, f)| of(f));
            Ok::<_, StudyError>([on?, off?, same?])
        };
        Ok(Self {
            bias_and_mask: three(&bias)?,
            mask_and_mask: three(&masks)?,
            chance: PROBABILITIES.map(|(_, f)| f(&null)),
        })
    }

    fn findings(&self) -> Vec<Finding> {
        let same = [self.chance[2], self.bias_and_mask[2].mean, self.mask_and_mask[2].mean];
        vec![Finding::new(
            "same state (ON or OFF): chance, bias and mask, two masks",
            "in this order",
            format!("{:.3}, {:.3}, {:.3}", same[0], same[1], same[2]),
            Judged::when(same.is_sorted_by(|a, b| a < b), "each is above the one before"),
        )]
    }

    fn chart(&self) -> Chart {
        let bars = |of: &[MeanSd]| of.iter().map(|of| Some(bar(*of))).collect();
        let series = |label: &str, role, bars| BarSeries { label: label.into(), role, bars };
        let chance = self.chance.iter().map(|&value| Some(Bar { value, sd: 0.0 })).collect();
        Chart::Bars(Bars {
            x_label: String::new(),
            categories: PROBABILITIES.map(|(name, _)| name.to_owned()).to_vec(),
            y: Axis::linear("Probability").over(0.0, 1.0),
            series: vec![
                series("chance", Role::Null, chance),
                series("bias and mask", Role::Bias, bars(&self.bias_and_mask)),
                series("mask and mask", Role::Mask, bars(&self.mask_and_mask)),
            ],
            references: vec![],
        })
    }
}

/// How alike the variances of units are that are ON in two networks.
struct Correlations {
    bias_and_mask: MeanSd,
    mask_and_mask: MeanSd,
}

impl Correlations {
    fn of(all: &Pairs) -> Result<Self, StudyError> {
        let r = |points: Vec<(f64, f64)>| {
            let (xs, ys): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
            Ok::<_, StudyError>(pearson(&xs, &ys)?.map_or(0.0, |correlation| correlation.r))
        };
        Ok(Self {
            bias_and_mask: all.over(|pair| r(on_in_both(pair)?))?,
            mask_and_mask: all.over(|pair| {
                let both =
                    (0..pair.mask_on.len()).filter(|&unit| pair.mask_on[unit] && pair.other_mask_on[unit]);
                r(both.map(|unit| (pair.mask_variance[unit], pair.other_mask_variance[unit])).collect())
            })?,
        })
    }

    fn findings(&self) -> Vec<Finding> {
        let Self { bias_and_mask, mask_and_mask } = self;
        vec![
            Finding::new(
                "correlation of unit variances, bias and mask",
                "0.5030 ± 0.0087",
                bias_and_mask.to_string(),
                Judged::against(*bias_and_mask, (0.503, 0.0087)),
            )
            .because("over units that the mask keeps ON and whose variance in the bias-trained network is above 0.1"),
            Finding::new(
                "correlation of unit variances, two masks",
                "0.9999 ± 0.0000",
                mask_and_mask.to_string(),
                Judged::within(mask_and_mask.mean, (0.9998, 1.0), "it is"),
            ),
        ]
    }

    /// Every third unit is shown: all would make a figure of a megabyte and no clearer.
    fn chart(&self, pair: &Pair) -> Result<Chart, StudyError> {
        let label = format!("every third unit, r = {:.3}", self.bias_and_mask);
        let points = on_in_both(pair)?.into_iter().step_by(3).collect();
        let x = Axis::linear("Variance in the bias-trained network");
        let y = Axis::linear("Variance under the mask");
        let series = vec![Cloud::new(label, Role::Purple, points)];
        Ok(Chart::Scatter(Scatter { diagonal: Some("equal".into()), ..Scatter::new(x, y, series) }))
    }
}

/// Variances of the units that are ON in both networks of a pair.
fn on_in_both(pair: &Pair) -> Result<Vec<(f64, f64)>, StudyError> {
    let bias_on = pair.bias_on(THRESHOLD)?;
    let both = (0..bias_on.len()).filter(|&unit| bias_on[unit] && pair.mask_on[unit]);
    Ok(both.map(|unit| (pair.bias_variance[unit], pair.mask_variance[unit])).collect())
}

fn table(kept: &[Point], agreement: &Agreement) -> Table {
    let mut table = Table::new(&["what", "x", "y", "sd"]);
    for p in kept {
        table.rows.push(vec![json!("accuracy with so many units"), json!(p.x), json!(p.y), json!(p.sd)]);
    }
    for (at, (name, _)) in PROBABILITIES.iter().enumerate() {
        for (of, found) in [("bias", agreement.bias_and_mask[at]), ("mask", agreement.mask_and_mask[at])] {
            let what = format!("P({name}), {of} and mask");
            table.rows.push(vec![json!(what), json!(null), json!(found.mean), json!(found.sd)]);
        }
        table.rows.push(vec![
            json!(format!("P({name}), chance")),
            json!(null),
            json!(agreement.chance[at]),
            json!(null),
        ]);
    }
    table
}
