//! How long the two halves of an image's computation take.

use std::time::Instant;

use bl_core::{Error, Model, Preactivations};

use crate::latency::Effort;

/// Times of one image, in seconds, one entry per run.
#[derive(Debug, Default)]
pub(super) struct Times {
    pub(super) frozen: Vec<f64>,
    pub(super) adapter: Vec<f64>,
    pub(super) both: Vec<f64>,
}

/// One image at a time, as a server sees them.
///
/// # Shapes
/// - `images`: `[any number, inputs]`, taken in turn
pub(super) fn one_image(model: &Model, images: &[u8], effort: Effort) -> Result<Times, Error> {
    let (mlp, half) = model.mlp()?;
    let inputs = mlp.inputs();
    let mut p = Preactivations::zeroed(1, mlp.units())?;
    let mut times = Times::default();
    let mut start = Instant::now();
    for (run, image) in images.chunks_exact(inputs).cycle().enumerate() {
        if run == Effort::WARM_UP {
            (times, start) = (Times::default(), Instant::now());
        }
        if run >= Effort::WARM_UP && !effort.go_on(run - Effort::WARM_UP, start) {
            break;
        }
        let begin = Instant::now();
        mlp.preactivations_into(image, &mut p, 0)?;
        let halfway = Instant::now();
        std::hint::black_box(mlp.logits(&p, 0..1, half)?);
        let end = Instant::now();
        times.frozen.push((halfway - begin).as_secs_f64());
        times.adapter.push((end - halfway).as_secs_f64());
        times.both.push((end - begin).as_secs_f64());
    }
    Ok(times)
}

/// Seconds of each batch through both halves.
///
/// # Shapes
/// - `images`: `[batch, inputs]`
pub(super) fn batches(model: &Model, images: &[u8], effort: Effort) -> anyhow::Result<Vec<f64>> {
    let (mlp, half) = model.mlp()?;
    let batch = images.len() / mlp.inputs();
    let mut p = Preactivations::zeroed(batch, mlp.units()).map_err(Error::from)?;
    effort.times(|_| {
        let begin = Instant::now();
        mlp.preactivations_into(images, &mut p, 0)?;
        std::hint::black_box(mlp.logits(&p, 0..batch, half)?);
        Ok(begin.elapsed().as_secs_f64())
    })
}
