//! Figure 2C: the variances of the units that each kind of network uses.

use serde_json::json;

use super::fig2_pairs::{Pair, pairs};
use super::summaries::over_seeds;
use crate::analysis::{MeanSd, histogram, linear_edges};
use crate::finding::{Finding, Judged};
use crate::lab::Lab;
use crate::plot::{Axis, Chart, Figure, Histograms, Panel, Role, Steps};
use crate::report::{Report, Table};
use crate::settings::Options;
use crate::study_error::StudyError;

/// Below this the paper shows nothing.
const LEAST: f64 = 0.1;
const BINS: usize = 40;

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let all = pairs(lab, options)?;
    let above = |values: &[f64]| values.iter().copied().filter(|v| *v > LEAST).collect::<Vec<f64>>();
    let of_bias = |pair: &Pair| above(&pair.bias_variance);
    let of_mask = |pair: &Pair| above(&pair.mask_variance);
    let largest = all.of_seed.iter().flat_map(of_bias).fold(LEAST, f64::max);
    // The longest tail is a handful of units: the axis ends where a thousandth of them is left.
    let mut sorted: Vec<f64> = all.of_seed.iter().flat_map(of_bias).collect();
    sorted.sort_by(f64::total_cmp);
    let end = sorted.get(sorted.len() * 999 / 1000).copied().unwrap_or(largest);
    let edges = linear_edges(LEAST, end, BINS)?;

    let means = |of: &dyn Fn(&Pair) -> Vec<f64>| all.over(|pair| Ok(MeanSd::of(&of(pair))?.mean));
    let (bias, mask) = (means(&of_bias)?, means(&of_mask)?);
    let mut table = Table::new(&["network", "from", "to", "units", "sd"]);
    let mut steps = |label: &str, role, of: &dyn Fn(&Pair) -> Vec<f64>| -> Result<Steps, StudyError> {
        let counts = all
            .of_seed
            .iter()
            .map(|pair| {
                let within: Vec<f64> = of(pair).into_iter().filter(|v| *v <= end).collect();
                Ok(histogram(&within, &edges)?.counts)
            })
            .collect::<Result<Vec<_>, StudyError>>()?;
        let (mut means, mut sds) = (Vec::new(), Vec::new());
        for bin in 0..BINS {
            let MeanSd { mean, sd, .. } =
                MeanSd::of(&counts.iter().map(|c| c[bin] as f64).collect::<Vec<_>>())?;
            table.rows.push(vec![
                json!(label),
                json!(edges[bin]),
                json!(edges[bin + 1]),
                json!(mean),
                json!(sd),
            ]);
            means.push(mean);
            sds.push(sd.unwrap_or(0.0));
        }
        Ok(Steps { label: label.into(), role, edges: edges.clone(), counts: means, sds })
    };
    let series = vec![steps("bias", Role::Bias, &of_bias)?, steps("mask", Role::Mask, &of_mask)?];
    let findings = vec![Finding::new(
        "mean variance of the units above 0.1",
        "bias learning uses higher variances",
        format!("bias {bias:.3}, mask {mask:.3}"),
        Judged::when(
            bias.mean - mask.mean > bias.sd.unwrap_or(0.0) + mask.sd.unwrap_or(0.0),
            "the mean of biases is above, and the intervals do not overlap",
        ),
    )];
    let chart = Chart::Histograms(Histograms {
        x: Axis::linear("Variance of a hidden unit over the test set"),
        y: Axis::linear("Units"),
        series,
    });
    Ok(Report {
        findings,
        figure: Figure {
            title: over_seeds(all.of_seed.len() as u32),
            ..Figure::single(Panel::new("Variances above 0.1", chart))
        },
        table,
        runs: all.runs,
        cut: all.cut,
        notes: vec![],
    })
}
