//! `bl-run bench` of classifiers of texts on pretrained encoders: one text, batches, and batches of several tasks.

use std::time::Instant;

use bl_cli::words::{duration, grouped};
use bl_core::Adapter;
use bl_runtime::{Input, Query, Scratch};
use serde::Serialize;

use crate::kinds::images::{Copies, TASKS};
use crate::kinds::{Measured, fields};
use crate::latency::{Effort, Quantiles, quantile};
use crate::models::Loaded;

/// Texts computed together.
const BATCHES: [usize; 3] = [1, 8, 32];
/// A sentence of 20 words, most of which are one token.
const SENTENCE: &str =
    "the film is long and loud, yet I would see it again with friends on a rainy evening in May";

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    tokens: usize,
    batches: Vec<Batch>,
}

/// Texts of one task, and the same texts of several.
#[derive(Serialize)]
struct Batch {
    texts: usize,
    one_task: Quantiles,
    tasks: usize,
    mixed: Quantiles,
    /// Median of the ratios of runs that followed each other.
    ratio: f64,
}

pub(super) fn bench(group: &[&Loaded], effort: Effort) -> anyhow::Result<Measured> {
    let model = &group[0].model;
    let texts = vec![SENTENCE.to_owned(); model.header.io.text()?.texts()];
    let input = Input::of_texts(model, &texts)?;
    let tokens = if let Input::Tokens(tokens) = &input { tokens.ids.len() } else { 0 };
    let mut copies = Copies::new(model);
    copies.grow(&Adapter::load(&group[0].path)?, TASKS)?;
    let models: Vec<_> = copies.versions.iter().map(|version| version.model()).collect();
    let mut scratch = Scratch::default();
    let mut batches = Vec::new();
    for texts in BATCHES {
        let mut time = |tasks: usize| -> anyhow::Result<f64> {
            let queries: Vec<_> =
                (0..texts).map(|text| Query { image: 0, model: models[text % tasks] }).collect();
            let begin = Instant::now();
            std::hint::black_box(bl_runtime::predict(&[&input], &queries, &mut scratch)?);
            Ok(begin.elapsed().as_secs_f64())
        };
        let (mut ones, mut alls) = (Vec::new(), Vec::new());
        effort.times(|_| {
            let (one, all) = (time(1)?, time(TASKS)?); // in turn: what disturbs one disturbs the other
            ones.push(one);
            alls.push(all);
            Ok(one + all)
        })?;
        let count = ones.len().saturating_sub(Effort::WARM_UP).max(1).min(ones.len());
        let (ones, alls) = (&ones[ones.len() - count..], &alls[alls.len() - count..]);
        let ratios: Vec<f64> = ones.iter().zip(alls).map(|(one, all)| all / one).collect();
        let (one_task, mixed) = (Quantiles::of(ones), Quantiles::of(alls));
        batches.push(Batch { texts, one_task, tasks: TASKS, mixed, ratio: quantile(&ratios, 0.5) });
    }
    let report = Report { tokens, batches };
    Ok(Measured { fields: fields(&report)?, sides: "<>>>>", rows: rows(&report) })
}

fn rows(report: &Report) -> Vec<Vec<String>> {
    let us = |us: f64| duration(us / 1e6);
    let head = [
        format!("texts of {} tokens", report.tokens),
        "one task".into(),
        "8 tasks".into(),
        "ratio".into(),
        "texts/s".into(),
    ];
    let row = |batch: &Batch| {
        let rate = 1e6 * batch.texts as f64 / batch.one_task.p50_us;
        vec![
            format!("  {}", batch.texts),
            us(batch.one_task.p50_us),
            us(batch.mixed.p50_us),
            format!("{:.2}", batch.ratio),
            grouped(rate.round() as usize),
        ]
    };
    std::iter::once(head.to_vec()).chain(report.batches.iter().map(row)).collect()
}
