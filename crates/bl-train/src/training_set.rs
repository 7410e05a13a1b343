//! A training set and the frozen half of it, which any number of runs share.

use std::ops::ControlFlow;
use std::time::Instant;

use bl_core::{Backbone, Prepared};
use bl_tasks::Split;

use crate::cache::{Batch, Cache, CacheMode, default_budget};
use crate::config::Method;
use crate::error::Error;

/// Labelled pictures with their pre-activations under one backbone. Filling the cache is the greater part of a short
/// run, and the same for every seed, learning rate and method: a sweep fills it once.
pub struct TrainingSet<'a> {
    pub(crate) data: &'a Split,
    pub(crate) sha256: String,
    cache: Option<Cache<'a>>,
    seconds: f64,
}

impl<'a> TrainingSet<'a> {
    /// Fills the cache if it fits into `budget` bytes (what is free, with a margin, by default), for runs of these
    /// methods with batches of at most `batch_size`. Fully trained networks need none. `progress` gets the share
    /// done.
    pub fn new(
        backbone: &Backbone,
        data: &'a Split,
        methods: &[Method],
        batch_size: u32,
        budget: Option<u64>,
        progress: &mut dyn FnMut(f64) -> ControlFlow<()>,
    ) -> Result<Self, Error> {
        let begin = Instant::now();
        let cache = if methods.iter().all(|&method| method == Method::Full) {
            None
        } else {
            let budget = budget.unwrap_or_else(default_budget);
            match Cache::new(backbone, &data.images, batch_size as usize, budget, progress)? {
                ControlFlow::Continue(cache) => Some(cache),
                ControlFlow::Break(()) => return Err(Error::Interrupted { epoch: 0, checkpoint: None }),
            }
        };
        Ok(Self { data, sha256: data.sha256(), cache, seconds: begin.elapsed().as_secs_f64() })
    }

    /// Time that filling the cache took.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// How the pre-activations are had.
    pub fn mode(&self) -> CacheMode {
        self.cache.as_ref().map_or(CacheMode::None, Cache::mode)
    }

    /// Bytes of them held.
    pub fn bytes(&self) -> u64 {
        self.cache.as_ref().map_or(0, Cache::bytes)
    }

    /// The pre-activations of some rows, at most a batch.
    pub(crate) fn batch(&mut self, backbone: &Backbone, rows: &[u32]) -> Result<Batch<'_>, Error> {
        let cache = self.cache.as_mut().ok_or(Error::NoCache)?;
        cache.batch(backbone, rows, &self.data.labels)
    }

    /// Class scores of any number of rows under one adapter, a batch at a time.
    pub(crate) fn scores(
        &mut self,
        backbone: &Backbone,
        rows: &[u32],
        batch_size: u32,
        adapter: &Prepared,
    ) -> Result<Vec<f32>, Error> {
        let mut scores = Vec::with_capacity(rows.len() * backbone.outputs());
        for rows in rows.chunks(batch_size as usize) {
            let batch = self.batch(backbone, rows)?;
            scores.extend(backbone.logits_of_rows(batch.p, &batch.rows, adapter)?);
        }
        Ok(scores)
    }
}
