//! Wall time of the parts of a run.

use std::time::Instant;

pub(super) struct Clock {
    begin: Instant,
    last: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        let now = Instant::now();
        Self { begin: now, last: now }
    }

    pub(super) fn lap(&mut self) -> f64 {
        let now = Instant::now();
        (now - std::mem::replace(&mut self.last, now)).as_secs_f64()
    }

    pub(super) fn total(&self) -> f64 {
        self.begin.elapsed().as_secs_f64()
    }
}
