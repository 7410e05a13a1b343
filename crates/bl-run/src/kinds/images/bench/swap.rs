//! What it costs to take another adapter, against the number of adapters that are loaded.

use std::hint::black_box;
use std::time::Instant;

use bl_core::Preactivations;
use bl_runtime::Expect;
use serde::Serialize;

use super::copies::Copies;
use crate::latency::{Effort, Quantiles};

#[derive(Serialize)]
pub(super) struct Swap {
    /// Adapters in memory.
    pub(super) loaded: usize,
    /// Finding an adapter by its name, a different one each time: what a request does.
    pub(super) select: Quantiles,
    /// Putting another version behind a name.
    pub(super) publish: Quantiles,
    /// Finding an adapter and computing its half of one image, a different one each time.
    pub(super) answer: Quantiles,
}

pub(super) fn measure(copies: &Copies, p: &Preactivations, effort: Effort) -> anyhow::Result<Swap> {
    let (runtime, names, versions) = (&copies.runtime, &copies.names, &copies.versions);
    // A step that shares no factor with the count visits all, far from each other.
    let at = |run: usize| run.wrapping_mul(7919) % names.len();
    let select = effort.times(|run| {
        let name = &names[at(run)];
        let begin = Instant::now();
        let version = runtime.get(name)?;
        let seconds = begin.elapsed().as_secs_f64();
        black_box(version);
        Ok(seconds)
    })?;
    let publish = effort.times(|run| {
        let (name, version) = (&names[at(run)], &versions[at(run + 1)]);
        let begin = Instant::now();
        let replaced = runtime.publish(name, version, Expect::Anything)?;
        let seconds = begin.elapsed().as_secs_f64();
        black_box(replaced);
        Ok(seconds)
    })?;
    let answer = effort.times(|run| {
        let name = &names[at(run)];
        let begin = Instant::now();
        let version = runtime.get(name)?;
        let (mlp, half) = version.model().mlp()?;
        black_box(mlp.logits(p, 0..1, half)?);
        Ok(begin.elapsed().as_secs_f64())
    })?;
    let [select, publish, answer] = [select, publish, answer].map(|times| Quantiles::of(&times));
    Ok(Swap { loaded: names.len(), select, publish, answer })
}
