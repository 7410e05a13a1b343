//! The frozen half of a training set, which any number of runs share.

use std::ops::ControlFlow;
use std::time::Instant;

use bl_core::{Backbone, Fingerprint, Mlp, Preactivations, Prepared};
use bl_tasks::{Lesson, LessonSettings, Task};

use crate::augment::Augment;
use crate::cache::{Batch, Cache, CacheMode, default_budget};
use crate::config::TrainConfig;
use crate::error::Error;
use crate::method::Method;

/// The pre-activations of a training set under one backbone. Filling the cache is the greater part of a short run, and the
/// same for every seed, learning rate and method: a sweep fills it once. Recurrent networks and fully trained ones have
/// none.
pub struct FrozenHalf<'a> {
    pub(crate) sha256: String,
    task: &'a Task,
    backbone: Fingerprint,
    cache: Option<Cache<'a>>,
    augment: Option<Augment>,
    epoch: u32,
    seconds: f64,
}

impl<'a> FrozenHalf<'a> {
    /// Fills the cache if it fits into `budget` bytes (by default what is free, with a margin), for runs of these methods with
    /// batches of at most `batch_size`. `progress` gets the share done.
    pub fn new(
        backbone: &Backbone,
        task: &'a Task,
        methods: &[Method],
        batch_size: u32,
        budget: Option<u64>,
        progress: &mut dyn FnMut(f64) -> ControlFlow<()>,
    ) -> Result<Self, Error> {
        Self::filled(backbone, task, methods, None, batch_size, budget, progress)
    }

    /// As [`new`](Self::new) for one run. If its images vary from epoch to epoch, nothing can be cached.
    pub fn of_run(
        backbone: &Backbone,
        task: &'a Task,
        config: &TrainConfig,
        budget: Option<u64>,
        progress: &mut dyn FnMut(f64) -> ControlFlow<()>,
    ) -> Result<Self, Error> {
        let augment = task.images().and_then(|images| Augment::of(config, &images.train));
        Self::filled(backbone, task, &[config.method], augment, config.batch_size, budget, progress)
    }

    fn filled(
        backbone: &Backbone,
        task: &'a Task,
        methods: &[Method],
        augment: Option<Augment>,
        batch_size: u32,
        budget: Option<u64>,
        progress: &mut dyn FnMut(f64) -> ControlFlow<()>,
    ) -> Result<Self, Error> {
        let begin = Instant::now();
        let is_needed = !backbone.spec().has_state() && !methods.iter().all(|method| method.is_full());
        let lesson = is_needed.then(|| task.kind().lesson(LessonSettings::default())).transpose()?;
        let cache = match lesson {
            Some(Lesson::Classes(data) | Lesson::Numbers { rows: data, .. }) => {
                backbone.spec().check_fits(&task.kind().io(), task.kind().labels().len())?;
                let budget = budget.unwrap_or_else(default_budget);
                match Cache::new(
                    backbone.mlp()?,
                    &data.images,
                    augment,
                    batch_size as usize,
                    budget,
                    progress,
                )? {
                    ControlFlow::Continue(cache) => Some(cache),
                    ControlFlow::Break(()) => return Err(Error::Interrupted { epoch: 0, checkpoint: None }),
                }
            }
            _ => None, // the trainer says if this network cannot learn it
        };
        let sha256 = task.kind().parts().train_sha256;
        let backbone = backbone.fingerprint();
        Ok(Self { sha256, task, backbone, cache, augment, epoch: 0, seconds: begin.elapsed().as_secs_f64() })
    }

    /// One that was kept, for a run on the same data and backbone.
    pub(crate) fn kept(task: &'a Task, sha256: String, backbone: Fingerprint, p: Preactivations) -> Self {
        let cache = Some(Cache::Full(p));
        Self { sha256, task, backbone, cache, augment: None, epoch: 0, seconds: 0.0 }
    }

    /// What identifies it, and the pre-activations, if they are all cached and as they are.
    pub(crate) fn into_kept(self) -> Option<(String, Fingerprint, Preactivations)> {
        let is_plain = self.augment.is_none();
        let p = self.cache.filter(|_| is_plain)?.into_full()?;
        Some((self.sha256, self.backbone, p))
    }

    /// Refuses another backbone or task than it was made for: its rows would be trained on with labels of others. Images vary
    /// as the run says, or not at all.
    pub(crate) fn check_owner(
        &self,
        backbone: &Backbone,
        task: &Task,
        config: &TrainConfig,
    ) -> Result<(), Error> {
        if self.augment != task.images().and_then(|images| Augment::of(config, &images.train)) {
            return Err(Error::OtherFrozenHalf { what: "augmentation" });
        }
        if self.backbone != backbone.fingerprint() {
            return Err(Error::OtherFrozenHalf { what: "backbone" });
        }
        if std::ptr::eq(self.task, task) || self.sha256 == task.kind().parts().train_sha256 {
            return Ok(());
        }
        Err(Error::OtherFrozenHalf { what: "task" })
    }

    /// Time that filling the cache took.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// Whether pre-activations are cached or recomputed.
    pub fn mode(&self) -> CacheMode {
        self.cache.as_ref().map_or(CacheMode::None, Cache::mode)
    }

    /// Bytes of them held.
    pub fn bytes(&self) -> u64 {
        self.cache.as_ref().map_or(0, Cache::bytes)
    }

    /// What is trained on from here on is that epoch's.
    pub(crate) fn begin_epoch(&mut self, epoch: u32) {
        self.epoch = epoch;
    }

    /// The pre-activations of some rows to train on, at most a batch, with their labels.
    pub(crate) fn batch<'b>(
        &'b mut self,
        mlp: &Mlp,
        rows: &[u32],
        labels: &'b [u8],
    ) -> Result<Batch<'b>, Error> {
        self.cache.as_mut().ok_or(Error::NoCache)?.batch(mlp, rows, labels, Some(self.epoch))
    }

    /// Class scores of any number of rows under one adapter, a batch at a time; images are as they are.
    pub(crate) fn scores(
        &mut self,
        mlp: &Mlp,
        rows: &[u32],
        batch_size: u32,
        labels: &[u8],
        adapter: &Prepared,
    ) -> Result<Vec<f32>, Error> {
        let mut scores = Vec::with_capacity(rows.len() * mlp.outputs());
        for rows in rows.chunks(batch_size as usize) {
            let batch = self.cache.as_mut().ok_or(Error::NoCache)?.batch(mlp, rows, labels, None)?;
            scores.extend(mlp.logits_of_rows(batch.p, &batch.rows, adapter)?);
        }
        Ok(scores)
    }
}
