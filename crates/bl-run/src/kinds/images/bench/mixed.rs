//! Batches of several tasks beside batches of one.

use std::time::Instant;

use bl_runtime::{Query, Scratch, predict_batch};
use serde::Serialize;

use super::copies::Copies;
use crate::latency::{Effort, quantile};

/// Tasks in a mixed batch.
pub(in crate::kinds) const TASKS: usize = 8;

#[derive(Serialize)]
pub(super) struct Mixed {
    /// 1: every task answers for the one image.
    #[serde(rename = "pictures")]
    pub(super) images: usize,
    pub(super) tasks: usize,
    /// Medians.
    pub(super) one_task_us: f64,
    pub(super) all_tasks_us: f64,
    /// Median of the ratios of runs that followed each other.
    pub(super) ratio: f64,
}

/// # Shapes
/// - `images`: `[images, inputs]`
pub(super) fn measure(
    copies: &Copies,
    images: &[u8],
    inputs: usize,
    effort: Effort,
) -> anyhow::Result<Mixed> {
    let images: Vec<&[u8]> = images.chunks_exact(inputs).collect();
    let models: Vec<_> = copies.versions[..TASKS].iter().map(|version| version.model()).collect();
    let count = images.len();
    let one: Vec<Query<'_>> = (0..count).map(|image| Query { image, model: models[0] }).collect();
    let all: Vec<Query<'_>> = if count == 1 {
        models.iter().map(|model| Query { image: 0, model }).collect()
    } else {
        (0..count).map(|image| Query { image, model: models[image % TASKS] }).collect()
    };
    let mut scratch = Scratch::default();
    let mut time = |queries: &[Query<'_>]| -> anyhow::Result<f64> {
        let begin = Instant::now();
        std::hint::black_box(predict_batch(&images, queries, &mut scratch)?);
        Ok(begin.elapsed().as_secs_f64())
    };
    let (mut ones, mut alls) = (Vec::new(), Vec::new());
    effort.times(|_| {
        let (one, all) = (time(&one)?, time(&all)?); // in turn: what disturbs one disturbs the other
        ones.push(one);
        alls.push(all);
        Ok(one + all)
    })?;
    let ratios: Vec<f64> = ones.iter().zip(&alls).map(|(one, all)| all / one).collect();
    Ok(Mixed {
        images: count,
        tasks: TASKS,
        one_task_us: 1e6 * quantile(&ones, 0.5),
        all_tasks_us: 1e6 * quantile(&alls, 0.5),
        ratio: quantile(&ratios, 0.5),
    })
}
