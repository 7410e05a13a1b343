//! Frozen halves that outlive their runs: for many settings of one task, the products with the frozen weights are computed once.

use std::collections::VecDeque;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bl_core::{Backbone, Fingerprint, Preactivations};
use bl_tasks::Task;

use crate::augment::Augment;
use crate::config::TrainConfig;
use crate::error::Error;
use crate::frozen_half::FrozenHalf;

/// The frozen halves of the last runs, as far as there is room. Runs that are under way have theirs to themselves.
pub struct Halves {
    max_bytes: u64,
    /// The last one first.
    kept: Mutex<VecDeque<Kept>>,
}

struct Kept {
    sha256: String,
    backbone: Fingerprint,
    p: Preactivations,
}

impl Kept {
    fn bytes(&self) -> u64 {
        Preactivations::bytes(self.p.rows(), self.p.units()) as u64
    }
}

impl Halves {
    /// None yet, and so many bytes of them at most.
    pub fn new(max_bytes: u64) -> Self {
        Self { max_bytes, kept: Mutex::default() }
    }

    /// Bytes that are held.
    pub fn bytes(&self) -> u64 {
        self.lock().iter().map(Kept::bytes).sum()
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// That of an earlier run on the same data and backbone, or a new one, as [`FrozenHalf::of_run`].
    pub fn take<'a>(
        &self,
        backbone: &Backbone,
        task: &'a Task,
        config: &TrainConfig,
        budget: Option<u64>,
        progress: &mut dyn FnMut(f64) -> ControlFlow<()>,
    ) -> Result<FrozenHalf<'a>, Error> {
        let varies = task.images().and_then(|images| Augment::of(config, &images.train)).is_some();
        let (sha256, fingerprint) = (task.kind().parts().train_sha256, backbone.fingerprint());
        let is_that = |kept: &Kept| kept.sha256 == sha256 && kept.backbone == fingerprint;
        let known = {
            let mut all = self.lock();
            all.iter().position(is_that).filter(|_| !varies).and_then(|place| all.remove(place))
        };
        match known {
            Some(kept) => Ok(FrozenHalf::kept(task, kept.sha256, kept.backbone, kept.p)),
            None => FrozenHalf::of_run(backbone, task, config, budget, progress),
        }
    }

    /// Keeps that of a run that is over, if it has one, and forgets the oldest ones where there is no room for it.
    pub fn keep(&self, frozen: FrozenHalf<'_>) {
        let Some((sha256, backbone, p)) = frozen.into_kept() else { return };
        let kept = Kept { sha256, backbone, p };
        if kept.bytes() > self.max_bytes {
            return;
        }
        let mut all = self.lock();
        all.push_front(kept);
        while all.iter().map(Kept::bytes).sum::<u64>() > self.max_bytes {
            all.pop_back();
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner) // every change is one insertion or removal
    }
}

impl fmt::Debug for Halves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Halves {{ {} of at most {} bytes }}", self.bytes(), self.max_bytes)
    }
}
