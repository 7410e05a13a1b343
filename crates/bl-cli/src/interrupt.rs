//! Ctrl-C, as a flag that long work looks at.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the user wants to stop.
#[derive(Clone, Debug)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Watches for Ctrl-C and the system's request to end. A second one ends the program at once.
    pub fn install() -> anyhow::Result<Self> {
        const ENDED_BY_SIGNAL: i32 = 130;
        let flag = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&flag);
        ctrlc::set_handler(move || {
            if seen.swap(true, Ordering::SeqCst) {
                std::process::exit(ENDED_BY_SIGNAL);
            }
        })?;
        Ok(Self(flag))
    }

    /// Break once the user wants to stop.
    pub fn check(&self) -> ControlFlow<()> {
        if self.0.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
