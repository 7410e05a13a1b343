//! How fast an answer comes: a server that sends a byte now and then is never silent, and never done.

use std::time::{Duration, Instant};

/// Bytes that must come within each window, unless the answer ends in it: a hundredth of a slow modem's.
pub(crate) const LEAST: usize = 1 << 10;

/// What came in the window of now.
pub(crate) struct Pace {
    window: Duration,
    since: Instant,
    bytes: usize,
    /// When something came.
    last: Instant,
}

impl Pace {
    pub(crate) fn new(window: Duration) -> Self {
        let now = Instant::now();
        Self { window, since: now, bytes: 0, last: now }
    }

    /// How long a window is.
    pub(crate) fn window(&self) -> Duration {
        self.window
    }

    /// How long to wait for more.
    pub(crate) fn left(&self) -> Duration {
        self.window.saturating_sub(self.since.elapsed())
    }

    /// Whether it has stopped, and is not merely slow.
    pub(crate) fn is_silent(&self) -> bool {
        self.last.elapsed() > self.window / 2
    }

    /// Counts what came; false if it was too little for too long.
    pub(crate) fn goes_on(&mut self, bytes: usize) -> bool {
        self.last = Instant::now();
        self.bytes += bytes;
        if self.bytes >= LEAST {
            (self.since, self.bytes) = (self.last, 0);
        }
        self.since.elapsed() < self.window
    }
}
