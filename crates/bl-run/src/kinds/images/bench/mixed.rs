//! Batches of several tasks beside batches of one.

use std::time::Instant;

use bl_runtime::{Ask, Scratch, answer};
use serde::Serialize;

use super::crowd::Crowd;
use crate::latency::{Effort, quantile};

/// Tasks in a mixed batch.
pub(crate) const TASKS: usize = 8;

#[derive(Serialize)]
pub(crate) struct Mixed {
    /// Pictures; 1: every task answers for the one picture.
    pub(crate) pictures: usize,
    pub(crate) tasks: usize,
    /// Medians.
    pub(crate) one_task_us: f64,
    pub(crate) all_tasks_us: f64,
    /// Median of the ratios of runs that followed each other.
    pub(crate) ratio: f64,
}

/// # Shapes
/// - `images`: `[pictures, inputs]`
pub(crate) fn measure(crowd: &Crowd, images: &[u8], inputs: usize, effort: Effort) -> anyhow::Result<Mixed> {
    let images: Vec<&[u8]> = images.chunks_exact(inputs).collect();
    let models: Vec<_> = crowd.generations[..TASKS]
        .iter()
        .map(|generation| generation.pictures())
        .collect::<Result<_, _>>()?;
    let pictures = images.len();
    let one: Vec<Ask<'_>> = (0..pictures).map(|image| Ask { image, model: models[0] }).collect();
    let all: Vec<Ask<'_>> = if pictures == 1 {
        models.iter().map(|model| Ask { image: 0, model }).collect()
    } else {
        (0..pictures).map(|image| Ask { image, model: models[image % TASKS] }).collect()
    };
    let mut scratch = Scratch::default();
    let mut time = |asks: &[Ask<'_>]| -> anyhow::Result<f64> {
        let begin = Instant::now();
        std::hint::black_box(answer(&images, asks, &mut scratch)?);
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
        pictures,
        tasks: TASKS,
        one_task_us: 1e6 * quantile(&ones, 0.5),
        all_tasks_us: 1e6 * quantile(&alls, 0.5),
        ratio: quantile(&ratios, 0.5),
    })
}
