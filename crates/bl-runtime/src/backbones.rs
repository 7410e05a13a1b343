//! The backbones of all that is loaded: adapters with the same fingerprint share one.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use bl_core::header::BackboneRef;
use bl_core::{Backbone, Fingerprint, Spec, memory};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::Error;
use crate::registry::Limits;

/// A backbone lives as long as a version that runs on it.
pub(crate) struct Backbones {
    known: HashMap<Fingerprint, Weak<Backbone>>,
    /// Where they are generated: batches would wait in the queues of threads that they shared. None if the system gives no
    /// more threads.
    threads: Option<ThreadPool>,
}

impl Default for Backbones {
    fn default() -> Self {
        let threads = ThreadPoolBuilder::new().thread_name(|_| "backbone".into()).build().ok();
        Self { known: HashMap::new(), threads }
    }
}

impl Backbones {
    /// The backbone that a header names, generated if no other adapter has it and the limits allow one more.
    pub(crate) fn get(&mut self, stated: &BackboneRef, limits: &Limits) -> Result<Arc<Backbone>, Error> {
        if let Some(backbone) = self.known.get(&stated.fingerprint).and_then(Weak::upgrade) {
            return Ok(backbone);
        }
        self.make_room(&stated.spec, limits)?;
        let backbone = Arc::new(self.generate(&stated.spec)?);
        let (expected, found) = (stated.fingerprint, backbone.fingerprint());
        if expected != found {
            return Err(Error::Regenerated { expected, found }); // a spec from a file may state any fingerprint
        }
        self.insert(&backbone);
        Ok(backbone)
    }

    /// Makes a backbone known that was made elsewhere.
    pub(crate) fn insert(&mut self, backbone: &Arc<Backbone>) {
        self.known.insert(backbone.fingerprint(), Arc::downgrade(backbone));
    }

    fn generate(&self, spec: &Spec) -> Result<Backbone, bl_core::Error> {
        match &self.threads {
            Some(threads) => threads.install(|| Backbone::generate(spec)),
            None => Backbone::generate(spec),
        }
    }

    /// Forgets those that nobody has any more, and counts the others' weights and memory.
    fn make_room(&mut self, more: &Spec, limits: &Limits) -> Result<(), Error> {
        more.check_memory()?; // one that never fits is not told to wait for room
        self.known.retain(|_, backbone| backbone.strong_count() > 0);
        let (mut weights, mut bytes) = (more.frozen_weights(), more.cost().peak);
        for backbone in self.known.values().filter_map(Weak::upgrade) {
            weights = weights.saturating_add(backbone.spec().frozen_weights());
            bytes = bytes.saturating_add(backbone.spec().cost().kept);
        }
        if weights > limits.backbone_weights {
            return Err(Error::TooManyWeights { found: weights, max: limits.backbone_weights });
        }
        let max = memory::limit();
        if bytes > max { Err(Error::TooMuchMemory { found: bytes, max }) } else { Ok(()) }
    }
}
