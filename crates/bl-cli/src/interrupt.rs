//! Ctrl-C, as a flag that long work looks at.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::printer::Printer;

/// Within this time a further signal is the same wish: `timeout` sends two, and so do a terminal that closes and a wrapper
/// that passes Ctrl-C on.
const SAME_WISH: Duration = Duration::from_secs(2);

/// Whether the user wants to stop.
#[derive(Clone, Debug)]
pub struct Interrupt(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    asked: AtomicBool,
    /// How many look at the flag.
    heeded_by: AtomicUsize,
}

/// For as long as it lives, its owner looks at the flag, and ends in order.
#[derive(Debug)]
pub struct Heeded(Interrupt);

impl Interrupt {
    /// Watches for Ctrl-C and the system's request to end. It ends the program at once while nobody [heeds](Self::heed) it:
    /// what waits for a file or a network would never look; and so does a second one, some seconds after the first.
    pub fn install(out: Printer) -> anyhow::Result<Self> {
        let flags = Arc::new(Flags::default());
        let seen = Arc::clone(&flags);
        let mut first: Option<Instant> = None;
        watch(move || {
            const ENDED_BY_SIGNAL: i32 = 130;
            match answer(first.map(|first| first.elapsed()), seen.heeded_by.load(Ordering::SeqCst) > 0) {
                Answer::Stop => {
                    first = Some(Instant::now());
                    seen.asked.store(true, Ordering::SeqCst);
                    out.say(format!(
                        "stopping     in order; a signal more than {} s from now ends the program at once",
                        SAME_WISH.as_secs()
                    ));
                }
                Answer::Ignore => {}
                Answer::End => {
                    if first.is_some() {
                        out.warn("ended at once, by a second signal: what was under way is lost");
                    }
                    std::process::exit(ENDED_BY_SIGNAL);
                }
            }
        })?;
        Ok(Self(flags))
    }

    /// From here on, until what is returned is dropped, somebody calls [`Self::check`] often.
    #[must_use]
    pub fn heed(&self) -> Heeded {
        self.0.heeded_by.fetch_add(1, Ordering::SeqCst);
        Heeded(self.clone())
    }

    /// Break once the user wants to stop.
    pub fn check(&self) -> ControlFlow<()> {
        if self.0.asked.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Heeded {
    /// As [`Interrupt::check`].
    pub fn check(&self) -> ControlFlow<()> {
        self.0.check()
    }
}

impl Drop for Heeded {
    fn drop(&mut self) {
        self.0.0.heeded_by.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What to do at a signal.
#[derive(Debug, PartialEq)]
enum Answer {
    Stop,
    Ignore,
    End,
}

/// `since` is the time since the first one, if this is not the first.
fn answer(since: Option<Duration>, is_heeded: bool) -> Answer {
    match since {
        None if is_heeded => Answer::Stop,
        Some(since) if since <= SAME_WISH => Answer::Ignore, // the stop may be at its last step, which nobody heeds
        _ => Answer::End,
    }
}

#[cfg(unix)]
fn watch(mut asked: impl FnMut() + Send + 'static) -> anyhow::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let hang_up = (!is_ignored(SIGHUP)).then_some(SIGHUP); // `nohup` ignores it for a program, and that stays
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM].into_iter().chain(hang_up))?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || signals.forever().for_each(|_| asked()))?;
    Ok(())
}

#[cfg(not(unix))]
fn watch(asked: impl FnMut() + Send + 'static) -> anyhow::Result<()> {
    Ok(ctrlc::set_handler(asked)?)
}

/// Whether who started this program wants a signal to be ignored, where the system tells.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_within_moments_are_one_wish() {
        let check = |since: Option<u64>, is_heeded, expected| {
            assert_eq!(
                answer(since.map(Duration::from_millis), is_heeded),
                expected,
                "{since:?} {is_heeded}"
            );
        };
        check(None, true, Answer::Stop);
        check(None, false, Answer::End);
        for is_heeded in [true, false] {
            check(Some(0), is_heeded, Answer::Ignore);
            check(Some(1_900), is_heeded, Answer::Ignore);
            check(Some(2_100), is_heeded, Answer::End);
        }
    }
}
