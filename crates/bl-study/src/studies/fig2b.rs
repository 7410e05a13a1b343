//! Figure 2B: do bias-trained networks and masks use the same units?

use serde_json::json;

use super::fig2_pairs::pairs;
use super::summaries::{over_seeds, point};
use crate::analysis::{null_model, overlap};
use crate::finding::{Finding, Judged};
use crate::lab::Lab;
use crate::plot::{Axis, Chart, Figure, Line, LineStyle, Lines, Panel, Point, Role};
use crate::report::{Report, Table};
use crate::settings::Options;
use crate::study_error::StudyError;

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let all = pairs(lab, options)?;
    let masks = all.over(|pair| Ok(overlap(&pair.mask_on, &pair.other_mask_on)?.on_both))?;
    let share_on_mask = all.over(|pair| Ok(overlap(&pair.mask_on, &pair.mask_on)?.on_a))?;
    let mut table = Table::new(&["threshold", "bias_and_mask", "sd", "mask_and_mask", "null", "bias_on"]);
    let (mut both, mut chance, mut ceiling) = (Vec::new(), Vec::new(), Vec::new());
    for (at, &threshold) in all.settings.thresholds.iter().enumerate() {
        let found = all.over(|pair| Ok(overlap(&pair.bias_on(threshold)?, &pair.mask_on)?.on_both))?;
        let bias_on = all.over(|pair| Ok(overlap(&pair.bias_on(threshold)?, &pair.mask_on)?.on_a))?;
        let null = null_model(bias_on.mean, share_on_mask.mean, all.settings.null_draws, at as u64)?.on_both;
        table.rows.push(vec![
            json!(threshold),
            json!(found.mean),
            json!(found.sd),
            json!(masks.mean),
            json!(null),
            json!(bias_on.mean),
        ]);
        both.push(point(threshold, found));
        chance.push(Point { x: threshold, y: null, sd: 0.0 });
        ceiling.push(point(threshold, masks));
    }
    // At 0 nearly every unit is ON in the bias-trained network: chance and match are the same there.
    let low = both.iter().zip(&chance).filter(|(p, _)| p.x > 0.0 && p.x <= 0.3);
    let between = low.clone().all(|(found, null)| found.y > null.y && found.y < masks.mean);
    let ours: Vec<String> =
        low.map(|(p, null)| format!("{}: {:.3} (chance {:.3})", p.x, p.y, null.y)).collect();
    let findings = vec![Finding::new(
        "P(ON in both) at low thresholds",
        "between chance and mask against mask",
        format!("{}; mask against mask {masks:.3}", ours.join(", ")),
        Judged::when(between, "it is, at every threshold above 0 and at most 0.3"),
    )];
    let line = |label: &str, role, style, points| Line { style, points, ..Line::new(label, role) };
    let chart = Chart::Lines(Lines {
        x: Axis::linear("Threshold of task variance"),
        y: Axis::linear("P(unit ON in both)").over(0.0, 0.5),
        series: vec![
            line("mask and mask", Role::Mask, LineStyle::Dashed, ceiling),
            line("bias and mask", Role::Bias, LineStyle::Solid, both),
            line("chance", Role::Null, LineStyle::Solid, chance),
        ],
        references: vec![],
    });
    let title = "The same units ON in two networks of the same weights".to_owned();
    Ok(Report {
        findings,
        figure: Figure {
            title: over_seeds(all.of_seed.len() as u32),
            ..Figure::single(Panel::new(title, chart))
        },
        table,
        runs: all.runs,
        cut: all.cut,
        notes: vec![
            "Chance: 10,000 draws of two independent Bernoulli variables with the mean shares of ON units."
                .into(),
        ],
    })
}
