//! The backbones of all that is loaded: adapters with the same fingerprint share one.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use bl_core::recurrent::{RecurrentBackbone, RecurrentRef};
use bl_core::{Backbone, Fingerprint, header::BackboneRef};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::Error;

/// A backbone lives as long as a generation that runs on it.
pub(crate) struct Backbones {
    pictures: HashMap<Fingerprint, Weak<Backbone>>,
    time: HashMap<Fingerprint, Weak<RecurrentBackbone>>,
    /// Where they are generated: batches would wait in the queues of threads that they shared. None if the system gives no
    /// more threads.
    threads: Option<ThreadPool>,
}

impl Default for Backbones {
    fn default() -> Self {
        let threads = ThreadPoolBuilder::new().thread_name(|_| "backbone".into()).build().ok();
        Self { pictures: HashMap::new(), time: HashMap::new(), threads }
    }
}

impl Backbones {
    fn generate<T: Send>(&self, generate: impl FnOnce() -> T + Send) -> T {
        match &self.threads {
            Some(threads) => threads.install(generate),
            None => generate(),
        }
    }

    /// The backbone that a header names, generated if no other adapter has it; all together have at most `max` weights.
    pub(crate) fn pictures(&mut self, stated: &BackboneRef, max: usize) -> Result<Arc<Backbone>, Error> {
        if let Some(backbone) = self.pictures.get(&stated.fingerprint).and_then(Weak::upgrade) {
            return Ok(backbone);
        }
        self.make_room(stated.spec.frozen_weights(), max)?;
        let backbone = Arc::new(self.generate(|| Backbone::generate(&stated.spec))?);
        check(stated.fingerprint, backbone.fingerprint())?;
        self.insert(&backbone);
        Ok(backbone)
    }

    /// As [`Self::pictures`].
    pub(crate) fn time(
        &mut self,
        stated: &RecurrentRef,
        max: usize,
    ) -> Result<Arc<RecurrentBackbone>, Error> {
        if let Some(backbone) = self.time.get(&stated.fingerprint).and_then(Weak::upgrade) {
            return Ok(backbone);
        }
        self.make_room(stated.spec.frozen_weights(), max)?;
        let backbone = Arc::new(self.generate(|| RecurrentBackbone::generate(&stated.spec))?);
        check(stated.fingerprint, backbone.fingerprint())?;
        self.time.insert(stated.fingerprint, Arc::downgrade(&backbone));
        Ok(backbone)
    }

    /// Makes a backbone known that was made elsewhere.
    pub(crate) fn insert(&mut self, backbone: &Arc<Backbone>) {
        self.pictures.insert(backbone.fingerprint(), Arc::downgrade(backbone));
    }

    /// Forgets those that nobody has any more, and counts the others' weights.
    fn make_room(&mut self, more: usize, max: usize) -> Result<(), Error> {
        self.pictures.retain(|_, backbone| backbone.strong_count() > 0);
        self.time.retain(|_, backbone| backbone.strong_count() > 0);
        let pictures = self.pictures.values().filter_map(Weak::upgrade).map(|b| b.spec().frozen_weights());
        let time = self.time.values().filter_map(Weak::upgrade).map(|b| b.spec().frozen_weights());
        let found = pictures.chain(time).fold(more, usize::saturating_add);
        if found > max { Err(Error::TooManyWeights { found, max }) } else { Ok(()) }
    }
}

/// A spec from a file may state another fingerprint than it generates.
fn check(expected: Fingerprint, found: Fingerprint) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Regenerated { expected, found }) }
}
