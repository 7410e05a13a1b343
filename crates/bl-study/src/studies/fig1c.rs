//! Figure 1C: which units serve which tasks.

use bl_core::Backbone;
use serde::Deserialize;
use serde_json::json;

use super::fig1b;
use crate::analysis::{
    Clustering, CrossValidation, KMeansOptions, cross_validate, k_means, normalise, spearman,
};
use crate::finding::{Finding, Judged};
use crate::lab::{Lab, Need};
use crate::plot::{Chart, Figure, HeatMap, Panel, Strip};
use crate::report::{Report, Setting, Table};
use crate::run::Run;
use crate::settings::{self, Options, config};
use crate::stage::Stage;
use crate::study_error::StudyError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    clusters: usize,
    tried: Vec<usize>,
    folds: usize,
    least_gain: f64,
    restarts: usize,
}

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let settings: Settings = settings::load("fig1c", config!("fig1c"), options.setting)?;
    let tasks = fig1b::Settings::load(options.setting)?;
    let runs: Vec<Run> = tasks.tasks.iter().map(|task| tasks.bias_run(task, 1)).collect();
    let outcomes = lab.outcomes(&runs, Need::Parameters)?;
    let backbone = Backbone::generate(&runs[0].backbone)?;
    let (mut variances, mut biases) = (Vec::new(), Vec::new());
    for run in &runs {
        let data = lab.task(run)?;
        let (mut adapter, test) = (lab.adapter(run)?, &data.images()?.test);
        let stage = Stage::new(backbone.mlp()?, &test.images, &test.labels)?;
        variances.push(stage.task_variance(&adapter)?);
        biases.push(adapter.parameters.biases.remove(0));
    }
    let units = normalise(&variances)?;
    let k_means_options = KMeansOptions { restarts: settings.restarts, ..KMeansOptions::default() };
    let clusters = k_means(&units, settings.clusters, &k_means_options)?;
    let held_out = cross_validate(
        &units,
        &CrossValidation {
            clusters: settings.tried.clone(),
            folds: settings.folds,
            least_gain: settings.least_gain,
            k_means: KMeansOptions { restarts: 2, ..KMeansOptions::default() },
        },
    )?;
    let correlations = (0..settings.clusters)
        .map(|cluster| mean_spearman(&clusters.members(cluster), &variances, &biases))
        .collect::<Result<Vec<_>, _>>()?;

    let positive = correlations.iter().flatten().filter(|r| **r > 0.0).count();
    let known = correlations.iter().flatten().count();
    let listed: Vec<String> = correlations.iter().flatten().map(|r| format!("{r:.2}")).collect();
    let findings = vec![
        selectivity(&clusters),
        Finding::new(
            "Spearman correlation of task variance and bias, by cluster",
            "positive in all clusters, to a varying degree",
            format!("{positive} of {known} positive: {}", listed.join(" ")),
            Judged::when(positive == known, "all are positive"),
        ),
        Finding::new(
            "K by cross-validation",
            "20 clusters (appendix C.1)",
            format!("{} by our rule", held_out.chosen),
            Judged::not_comparable(),
        )
        .because(format!(
            "held-out distance keeps falling up to the largest K tried; the rule stops where one more cluster explains less \
             than {} % of the held-out variance. The figure has 20, like the paper's",
            100.0 * settings.least_gain
        )),
    ];
    let mut cut = vec![];
    if options.setting == Setting::Quick {
        cut.push(format!("{} units rather than 32,000, trained as quick fig1b", tasks.width));
    }
    let chart = heat_map(&tasks.tasks, &clusters, correlations);
    Ok(Report {
        findings,
        figure: Figure::single(Panel::new("Task variance of hidden units, one seed", chart)),
        table: table(&tasks.tasks, &clusters),
        runs: runs.into_iter().zip(outcomes).collect(),
        cut,
        notes: vec![
            "Correlations are over the tasks of each unit, then averaged over the units of a cluster.".into(),
        ],
    })
}

/// Mean over units of the correlation, across tasks, of their variance and their bias.
fn mean_spearman(
    members: &[usize],
    variances: &[Vec<f64>],
    biases: &[Vec<f32>],
) -> Result<Option<f64>, StudyError> {
    let mut all = Vec::new();
    for &unit in members {
        let tv: Vec<f64> = variances.iter().map(|task| task[unit]).collect();
        let bias: Vec<f64> = biases.iter().map(|task| task[unit].into()).collect();
        all.extend(spearman(&tv, &bias)?.map(|correlation| correlation.r));
    }
    Ok((!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64))
}

/// A cluster is selective if one task has more than twice the variance of any other, shared if most tasks have
/// more than half of the largest.
pub(super) fn selectivity(clusters: &Clustering) -> Finding {
    let (mut selective, mut shared) = (0, 0);
    for centroid in &clusters.centroids {
        let mut sorted = centroid.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        selective += usize::from(sorted[0] > 2.0 * sorted[1]);
        shared += usize::from(sorted[sorted.len() / 2] > 0.5 * sorted[0]);
    }
    Finding::new(
        "clusters of units",
        "task-selective clusters, and fewer shared ones",
        format!("{selective} serve one task, {shared} most tasks, of {}", clusters.centroids.len()),
        Judged::when(
            0 < shared && shared < selective,
            "there are both, and more serve one task than most",
        ),
    )
    .because("one task: its variance is more than twice any other's; most tasks: the median is above half the largest")
}

pub(super) fn heat_map(tasks: &[String], clusters: &Clustering, strip: Vec<Option<f64>>) -> Chart {
    let rows =
        (0..tasks.len()).map(|task| clusters.centroids.iter().map(|c| c[task].clamp(0.0, 1.0)).collect());
    Chart::HeatMap(HeatMap {
        rows: tasks.to_vec(),
        columns: (1..=clusters.centroids.len()).map(|cluster| cluster.to_string()).collect(),
        x_label: "Cluster of hidden units".into(),
        colour_label: "Normalised task variance".into(),
        values: rows.collect(),
        strip: (!strip.is_empty()).then(|| Strip { label: "Spearman".into(), values: strip }),
    })
}

pub(super) fn table(tasks: &[String], clusters: &Clustering) -> Table {
    let mut table = Table::new(&["cluster", "units", "task", "normalised_variance"]);
    for (cluster, (centroid, size)) in clusters.centroids.iter().zip(&clusters.sizes).enumerate() {
        for (task, value) in tasks.iter().zip(centroid) {
            table.rows.push(vec![json!(cluster + 1), json!(size), json!(task), json!(value)]);
        }
    }
    table
}
