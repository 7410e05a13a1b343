//! The memory that all bodies have together.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::failure::Failure;

/// What room is counted in, in bytes.
pub(crate) const UNIT: usize = 1 << 10;
/// A body up to this size needs no room of the common one: the number of connections bounds them well enough, and large
/// ones cannot keep them out.
const SMALL: usize = 64 << 10;

/// A part of that memory, given back when it is dropped.
pub(crate) struct Room {
    of: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// None yet, of a semaphore that counts [`UNIT`]s.
    pub(crate) fn of(all: &Arc<Semaphore>) -> Self {
        Self { of: Arc::clone(all), taken: None }
    }

    /// Takes as much as `bytes` need in all.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> Result<(), Failure> {
        let taken = self.taken.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = if bytes > SMALL { bytes.div_ceil(UNIT).saturating_sub(taken) } else { 0 };
        if more == 0 {
            return Ok(());
        }
        let permits =
            Arc::clone(&self.of).try_acquire_many_owned(more as u32).map_err(|_| Failure::busy())?;
        match &mut self.taken {
            Some(taken) => taken.merge(permits),
            none => *none = Some(permits),
        }
        Ok(())
    }
}
