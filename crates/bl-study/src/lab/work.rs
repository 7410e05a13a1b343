//! One run: from its checkpoint or its beginning to what is kept of it.

use std::path::Path;

use bl_core::Backbone;
use bl_tasks::Judgement;
use bl_train::{Checkpoints, Fitted, FrozenHalf, Product, Progress, Trainer};

use super::{Need, Planned};
use crate::outcome::{CacheUse, Outcome};
use crate::store::Store;
use crate::study_error::StudyError;

/// Receives the progress of one run.
pub(super) trait Listen: Progress {
    /// Something worth a line.
    fn say(&mut self, words: String);
}

/// A run that is to be carried out now.
pub(super) struct Work<'a> {
    pub(super) planned: &'a Planned<'a>,
    pub(super) backbone: &'a Backbone,
    pub(super) store: &'a Store,
    pub(super) need: Need,
    /// Whether an earlier run has filled the cache.
    pub(super) shared: bool,
}

impl Work<'_> {
    /// Learns, and keeps what came of it. A run whose states explode is an outcome too.
    pub(super) fn carry_out(
        &self,
        frozen: &mut FrozenHalf<'_>,
        listener: &mut dyn Listen,
    ) -> Result<Outcome, StudyError> {
        let (run, isa) = (self.planned.run, self.backbone.isa().to_string());
        let checkpoint = self.store.checkpoint(&self.planned.identity)?;
        let outcome = match self.judged(&checkpoint, frozen, listener) {
            Ok((_, judgement)) if run.may_fail() && self.is_unmeasured(&judgement) => {
                Outcome::failed(run, judgement.lines.join("; "), isa)
            }
            Ok((fitted, judgement)) => {
                self.keep(&fitted, &judgement)?;
                let cache = CacheUse { seconds: frozen.seconds(), shared: self.shared };
                Outcome::new(run, &fitted, &judgement, cache, isa)
            }
            Err(error) if run.may_fail() && is_unstable(&error) => {
                Outcome::failed(run, error.to_string(), isa)
            }
            Err(error) => return Err(error.into()),
        };
        self.store.save(&self.planned.identity, &outcome)?;
        let _ = std::fs::remove_file(checkpoint); // the run is over; there may be none
        Ok(outcome)
    }

    /// Whether the metric that matters most cannot be had: the network's state exploded on the way.
    fn is_unmeasured(&self, judgement: &Judgement) -> bool {
        judgement.headline.is_none() && self.planned.data.task.kind().headline().is_some()
    }

    fn judged(
        &self,
        checkpoint: &Path,
        frozen: &mut FrozenHalf<'_>,
        listener: &mut dyn Listen,
    ) -> Result<(Fitted, Judgement), bl_train::Error> {
        let fitted = self.fit(checkpoint, frozen, listener)?;
        let judgement = fitted.judge(self.backbone, &self.planned.data.task)?;
        Ok((fitted, judgement))
    }

    /// Learns, from its checkpoint if it has one that this machine can go on from.
    fn fit(
        &self,
        checkpoint: &Path,
        frozen: &mut FrozenHalf<'_>,
        listener: &mut dyn Listen,
    ) -> Result<Fitted, bl_train::Error> {
        let Planned { run, data, .. } = self.planned;
        let mut resume = checkpoint.exists();
        loop {
            let checkpoints = Checkpoints { path: Some(checkpoint.to_owned()), resume };
            let trainer = Trainer::new(self.backbone, &data.task, &run.config, checkpoints);
            match trainer.fit(frozen, listener) {
                Err(bl_train::Error::OtherRun { .. } | bl_train::Error::Core(_)) if resume => {
                    let label = run.label();
                    listener.say(format!("checkpoint of {label} cannot be used here: the run starts again"));
                    let _ = std::fs::remove_file(checkpoint); // else it would be set aside
                    resume = false;
                }
                result => return result,
            }
        }
    }

    fn keep(&self, fitted: &Fitted, judgement: &Judgement) -> Result<(), StudyError> {
        if self.need != Need::Metrics {
            let Planned { run, data, identity } = self.planned;
            let product = Product::new(&data.task, &run.config, self.backbone, fitted, judgement)?;
            product.save(&self.store.product(identity)?)?;
        }
        Ok(())
    }
}

/// What is said of a run that is over.
pub(super) fn line(done: usize, total: usize, label: &str, outcome: &Outcome) -> String {
    format!("{done:>4}/{total}  {label}  {}  {:.1} s", outcome.headline(), outcome.train_seconds)
}

/// Whether a network's states, or what follows from them, left the numbers.
fn is_unstable(error: &bl_train::Error) -> bool {
    use bl_train::Error::{Exploded, NonFiniteGradient, NonFiniteLoss, Task};
    let of_judgement = matches!(error, Task(bl_tasks::Error::Network(_)));
    of_judgement || matches!(error, Exploded { .. } | NonFiniteLoss { .. } | NonFiniteGradient { .. })
}
