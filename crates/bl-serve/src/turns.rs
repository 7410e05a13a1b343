//! Work that takes a while: done on a thread where nobody waits for it, so many pieces at a time, and no longer than
//! somebody waits for what comes of it.

use std::sync::{Arc, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::failure::Failure;

/// Whether somebody still waits for a piece of work.
pub(crate) struct Wanted(Weak<()>);

impl Wanted {
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.strong_count() > 0
    }

    /// An error once nobody waits.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.is_wanted() { Ok(()) } else { Err(Failure::internal("nobody waits for it any more")) }
    }
}

/// Pieces of work that are done at a time.
pub(crate) struct Places(Arc<Semaphore>);

impl Places {
    pub(crate) fn new(count: usize) -> Self {
        Self(Arc::new(Semaphore::new(count)))
    }

    /// Does a piece of work when its turn comes; one whose client leaves before is never done.
    pub(crate) async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Wanted) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let place = Arc::clone(&self.0).acquire_owned().await;
        done(place.map_err(|error| Failure::internal(error.to_string()))?, work).await
    }

    /// Does it at once; who finds no place is told to come back.
    pub(crate) async fn now<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Wanted) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let place = Arc::clone(&self.0).try_acquire_owned().map_err(|_| Failure::busy())?;
        done(place, work).await
    }
}

async fn done<T: Send + 'static>(
    place: OwnedSemaphorePermit,
    work: impl FnOnce(&Wanted) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let still = Arc::new(());
    let wanted = Wanted(Arc::downgrade(&still));
    let done = tokio::task::spawn_blocking(move || {
        let _place = place; // until it is done, whether or not somebody still waits for it
        work(&wanted)
    });
    let done = done.await.map_err(|error| Failure::internal(error.to_string()))?;
    drop(still);
    done
}
