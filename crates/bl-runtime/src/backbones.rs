//! The backbones of all that is loaded: adapters with the same fingerprint share one.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use bl_core::header::BackboneRef;
use bl_core::{Backbone, Fingerprint, Spec};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::Error;

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
    /// The backbone that a header names, generated if no other adapter has it; all together have at most `max` weights.
    pub(crate) fn get(&mut self, stated: &BackboneRef, max: usize) -> Result<Arc<Backbone>, Error> {
        if let Some(backbone) = self.known.get(&stated.fingerprint).and_then(Weak::upgrade) {
            return Ok(backbone);
        }
        self.make_room(stated.spec.frozen_weights(), max)?;
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

    /// Forgets those that nobody has any more, and counts the others' weights.
    fn make_room(&mut self, more: usize, max: usize) -> Result<(), Error> {
        self.known.retain(|_, backbone| backbone.strong_count() > 0);
        let weights = self.known.values().filter_map(Weak::upgrade).map(|b| b.spec().frozen_weights());
        let found = weights.fold(more, usize::saturating_add);
        if found > max { Err(Error::TooManyWeights { found, max }) } else { Ok(()) }
    }
}
