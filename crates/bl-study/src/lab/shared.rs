//! Runs of feed-forward networks: all that share a frozen half go over one cache, one after the other on all threads.

use std::ops::ControlFlow;

use bl_core::Backbone;
use bl_train::{EpochReport, FrozenHalf, Method, Progress};

use super::work::{Listen, Work, line};
use super::{Lab, Need, Planned, Watch};
use crate::outcome::Outcome;
use crate::run::Run;
use crate::study_error::StudyError;

impl Lab<'_> {
    /// Carries out the runs of feed-forward networks that have no outcome yet.
    pub(super) fn shared(
        &mut self,
        planned: &[Planned<'_>],
        need: Need,
        outcomes: &mut [Option<Outcome>],
    ) -> Result<(), StudyError> {
        for first in 0..planned.len() {
            let one = planned[first].run;
            if outcomes[first].is_some() || !one.has_frozen_half() {
                continue;
            }
            let shares = |at: &usize| outcomes[*at].is_none() && share_cache(one, planned[*at].run);
            let group: Vec<usize> = (first..planned.len()).filter(shares).collect();
            self.group(planned, &group, need, outcomes)?;
        }
        Ok(())
    }

    /// Runs of one task and backbone, over one cache.
    fn group(
        &mut self,
        planned: &[Planned<'_>],
        group: &[usize],
        need: Need,
        outcomes: &mut [Option<Outcome>],
    ) -> Result<(), StudyError> {
        let (mut done, total) = (outcomes.iter().flatten().count(), planned.len());
        let first = &planned[group[0]];
        let backbone = Backbone::generate(&first.run.backbone)?;
        let configs = || group.iter().map(|&at| &planned[at].run.config);
        let methods: Vec<Method> = configs().map(|config| config.method).collect();
        let batch = configs().map(|config| config.batch_size).max().unwrap_or(1);
        let watch = &mut *self.watch;
        let mut filling = |_| watch.share(done as f64 / total as f64, "frozen half");
        let (task, memory) = (&first.data.task, self.cache_memory);
        let mut frozen = FrozenHalf::new(&backbone, task, &methods, batch, memory, &mut filling)?;
        for (nth, &at) in group.iter().enumerate() {
            let (planned, store) = (&planned[at], &self.store);
            let label = planned.run.label();
            let mut listener = Listener { watch: &mut *self.watch, done, total, label: &label };
            let work = Work { planned, backbone: &backbone, store, need, shared: nth > 0 };
            let outcome = work.carry_out(&mut frozen, &mut listener)?;
            done += 1;
            self.watch.say(&line(done, total, &label, &outcome));
            outcomes[at] = Some(outcome);
        }
        Ok(())
    }
}

/// Whether two runs have the same frozen half of the same images. What a fully trained network starts from is its own.
fn share_cache(one: &Run, other: &Run) -> bool {
    let is_full = |run: &Run| run.config.method.is_full();
    one.data == other.data && one.backbone == other.backbone && is_full(one) == is_full(other)
}

struct Listener<'l> {
    watch: &'l mut dyn Watch,
    done: usize,
    total: usize,
    label: &'l str,
}

impl Progress for Listener<'_> {
    fn step(&mut self, epoch: u32, epochs: u32, share: f64) -> ControlFlow<()> {
        let of_run = (f64::from(epoch - 1) + share) / f64::from(epochs);
        self.watch.share((self.done as f64 + of_run) / self.total as f64, self.label)
    }

    fn epoch(&mut self, _report: &EpochReport) {}
}

impl Listen for Listener<'_> {
    fn say(&mut self, words: String) {
        self.watch.say(&words);
    }
}
