//! The memory that all bodies have together, and that all that is made of them has.

use std::sync::Arc;

use axum::http::StatusCode;
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

    /// As [`Self::grow_to`], of a request that says how much it needs: what never fits is not told to come back.
    pub(crate) fn reserve(&mut self, bytes: usize, max: usize) -> Result<(), Failure> {
        if bytes > max.max(SMALL) {
            let error = format!("the request needs {bytes} bytes of memory, at most {max} are allowed");
            return Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "needs_too_much_memory", error)
                .hint("ask for fewer rows at a time; `--max-memory` raises the limit"));
        }
        self.grow_to(bytes)
    }

    /// Takes as much as `bytes` need in all.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> Result<(), Failure> {
        let taken = self.taken.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = if bytes > SMALL { bytes.div_ceil(UNIT).saturating_sub(taken) } else { 0 };
        if more == 0 {
            return Ok(());
        }
        let permits = Arc::clone(&self.of)
            .try_acquire_many_owned(u32::try_from(more).unwrap_or(u32::MAX))
            .map_err(|_| Failure::busy())?;
        match &mut self.taken {
            Some(taken) => taken.merge(permits),
            none => *none = Some(permits),
        }
        Ok(())
    }
}
