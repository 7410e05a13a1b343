//! Memory of all pictures that are read and decoded at a time: one budget, whatever the number of threads and the size of
//! each. Who finds no room waits for others to be done; one that needs more than all of it is decoded while no other is.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes: two or three large pictures, or hundreds of small ones.
const BUDGET: u64 = 1 << 30;

static TAKEN: Mutex<Taken> = Mutex::new(Taken { bytes: 0, decoding: 0 });
static LESS_TAKEN: Condvar = Condvar::new();

struct Taken {
    bytes: u64,
    /// Pictures. Their files are taken before, so somebody goes on though files alone fill the budget.
    decoding: u64,
}

/// A part of the budget, given back when it is dropped.
pub(super) struct Share(Taken);

impl Share {
    /// For a file, before it is read.
    pub(super) fn of_file(bytes: u64) -> Self {
        Self::take(Taken { bytes, decoding: 0 }, |taken| taken.bytes == 0)
    }

    /// For a picture, before it is decoded.
    pub(super) fn of_picture(bytes: u64) -> Self {
        Self::take(Taken { bytes, decoding: 1 }, |taken| taken.decoding == 0)
    }

    fn take(own: Taken, is_alone: impl Fn(&Taken) -> bool) -> Self {
        let no_room = |taken: &mut Taken| !is_alone(taken) && taken.bytes.saturating_add(own.bytes) > BUDGET;
        let taken = LESS_TAKEN.wait_while(locked(), no_room);
        let mut taken = taken.unwrap_or_else(PoisonError::into_inner);
        taken.bytes = taken.bytes.saturating_add(own.bytes);
        taken.decoding += own.decoding;
        Self(own)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = locked();
        taken.bytes = taken.bytes.saturating_sub(self.0.bytes);
        taken.decoding -= self.0.decoding;
        drop(taken);
        LESS_TAKEN.notify_all();
    }
}

/// A panic while it is held leaves the numbers whole.
fn locked() -> MutexGuard<'static, Taken> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn no_number_of_threads_takes_more_than_the_budget() {
        const FILE: u64 = BUDGET / 8;
        let (taken, most) = (AtomicU64::new(0), AtomicU64::new(0));
        let decode = |bytes: u64| {
            let file = Share::of_file(FILE);
            let share = Share::of_picture(bytes);
            let now = taken.fetch_add(bytes, Ordering::SeqCst) + bytes;
            most.fetch_max(now, Ordering::SeqCst);
            std::thread::sleep(std::time::Duration::from_millis(2));
            taken.fetch_sub(bytes, Ordering::SeqCst);
            drop((file, share));
        };
        // Files alone fill the budget; two pictures fit beside each other, and one needs more than all.
        std::thread::scope(|scope| {
            for nth in 0..32 {
                scope.spawn(move || decode(if nth % 8 == 0 { BUDGET * 2 } else { BUDGET / 4 }));
            }
        });
        assert_eq!(taken.into_inner(), 0);
        assert!(most.into_inner() <= BUDGET * 2, "one alone at most");
    }
}
