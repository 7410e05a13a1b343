//! What a run leaves on its way, and what it says of itself at its end.

use std::path::PathBuf;

use bl_core::text::decimal;

use super::{Learning, Progress};
use crate::checkpoint::{EpochMetrics, State};
use crate::error::Error;
use crate::objective::Initial;

/// Keeps checkpoints where they can be kept. One that cannot be written is a pity, and no reason to lose a run.
pub(super) struct Keeper<'a> {
    pub(super) learning: &'a Learning<'a>,
    pub(super) initial: &'a [Initial],
    pub(super) has_failed: bool,
}

impl Keeper<'_> {
    /// Says where the state is kept, if it is; the first time that it cannot be, why.
    pub(super) fn keep(&mut self, state: &State, progress: &mut dyn Progress) -> Option<PathBuf> {
        let path = self.learning.checkpoints.path.clone()?;
        match state.save(&path, &self.learning.run, self.initial) {
            Ok(()) => return Some(path),
            Err(error) if !self.has_failed => {
                progress.warn(&format!("no checkpoint is kept, the run goes on without: {error}"));
                self.has_failed = true;
            }
            Err(_) => {}
        }
        None
    }

    /// The user wants to stop: keeps the last whole epoch, if there is one.
    pub(super) fn stopped(&mut self, before: &State, progress: &mut dyn Progress) -> Error {
        let epoch = before.epochs_done() + 1;
        match (self.keep_learned(before, progress), self.learning.checkpoints.path.clone()) {
            (Some(kept), Some(place)) if kept != place => Error::InterruptedElsewhere { epoch, kept, place },
            (checkpoint, _) => Error::Interrupted { epoch, checkpoint },
        }
    }

    /// The run fails: keeps the last whole epoch, if there is one, for that was good.
    pub(super) fn failed(&mut self, before: &State, progress: &mut dyn Progress) {
        if let Error::InterruptedElsewhere { kept, place, .. } = self.stopped(before, progress) {
            progress.warn(&format!(
                "the checkpoint is in `{}`, for it cannot be written to `{}`",
                kept.display(),
                place.display()
            ));
        }
    }

    /// Elsewhere, if there is no place for it any more: hours of work are in it.
    fn keep_learned(&mut self, before: &State, progress: &mut dyn Progress) -> Option<PathBuf> {
        if before.epochs_done() == 0 {
            return None;
        }
        self.keep(before, progress).or_else(|| {
            let name = self.learning.checkpoints.path.as_ref()?.file_name()?.to_string_lossy();
            let elsewhere = std::env::temp_dir().join(format!("bl-{}-{name}", std::process::id()));
            before.save(&elsewhere, &self.learning.run, self.initial).ok().map(|()| elsewhere)
        })
    }
}

/// What went wrong without an error. `at_first` is the loss before the first step, `wanted` the one to stop at.
pub(super) fn warn_of(
    epochs: &[EpochMetrics],
    at_first: Option<f64>,
    wanted: Option<f64>,
    is_moving: bool,
    progress: &mut dyn Progress,
) {
    const LEARNED: f64 = 1e-3; // a gradient is 0 too where there is nothing left to learn
    const MORE: f64 = 1.02; // batches differ
    if let Some((wanted, last)) = wanted.zip(epochs.last()).filter(|(wanted, last)| last.loss > *wanted) {
        progress.warn(&format!(
            "the loss to stop at, {wanted}, was not reached: it is {} after {} epochs",
            decimal(last.loss),
            epochs.len()
        ));
    }
    let (Some(first), Some(last)) = (at_first, epochs.last()) else { return };
    if !is_moving && last.loss > LEARNED {
        progress.warn(&format!(
            "the gradient was 0 throughout the last epoch, at a loss of {}: every hidden unit that is learned is off, and \
             nothing is learned any more; lower `--lr`, or raise `--bias-mean`",
            decimal(last.loss)
        ));
    } else if last.loss > MORE * first {
        progress.warn(&format!(
            "the loss rose, from {} before the first step to {} in the last epoch: training diverged; lower `--lr`",
            decimal(first),
            decimal(last.loss)
        ));
    }
}
