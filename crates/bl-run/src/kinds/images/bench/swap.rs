//! What it costs to take another adapter, against the number of adapters that are loaded.

use std::hint::black_box;
use std::time::Instant;

use bl_core::Preactivations;
use bl_runtime::Expect;
use serde::Serialize;

use super::crowd::Crowd;
use crate::latency::{Effort, Quantiles};

#[derive(Serialize)]
pub(crate) struct Swap {
    /// Adapters in memory.
    pub(crate) loaded: usize,
    /// Finding an adapter by its name, a different one each time: what a request does.
    pub(crate) select: Quantiles,
    /// Putting another generation behind a name.
    pub(crate) publish: Quantiles,
    /// Finding an adapter and computing its half of one picture, a different one each time.
    pub(crate) answer: Quantiles,
}

pub(crate) fn measure(crowd: &Crowd, p: &Preactivations, effort: Effort) -> anyhow::Result<Swap> {
    let (runtime, names, generations) = (&crowd.runtime, &crowd.names, &crowd.generations);
    // A step that shares no factor with the count visits all, far from each other.
    let at = |run: usize| run.wrapping_mul(7919) % names.len();
    let select = effort.times(|run| {
        let name = &names[at(run)];
        let begin = Instant::now();
        let generation = runtime.get(name)?;
        let seconds = begin.elapsed().as_secs_f64();
        black_box(generation);
        Ok(seconds)
    })?;
    let publish = effort.times(|run| {
        let (name, generation) = (&names[at(run)], &generations[at(run + 1)]);
        let begin = Instant::now();
        let replaced = runtime.publish(name, generation, Expect::Anything)?;
        let seconds = begin.elapsed().as_secs_f64();
        black_box(replaced);
        Ok(seconds)
    })?;
    let answer = effort.times(|run| {
        let name = &names[at(run)];
        let begin = Instant::now();
        let generation = runtime.get(name)?;
        let model = generation.pictures()?;
        black_box(model.backbone.logits(p, 0..1, &model.prepared)?);
        Ok(begin.elapsed().as_secs_f64())
    })?;
    let [select, publish, answer] = [select, publish, answer].map(|times| Quantiles::of(&times));
    Ok(Swap { loaded: names.len(), select, publish, answer })
}
