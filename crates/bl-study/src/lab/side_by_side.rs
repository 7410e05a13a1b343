//! Runs of recurrent networks. Many have a single trajectory, which occupies one core: as many runs as there are threads go
//! on at once.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};

use bl_core::Backbone;
use bl_train::{EpochReport, FrozenHalf, Progress};

use super::work::{Listen, Work, line};
use super::{Lab, Need, Planned, Watch};
use crate::outcome::Outcome;
use crate::store::Store;
use crate::study_error::StudyError;

/// What a worker reports.
enum Event {
    /// Something worth a line.
    Said(String),
    /// The share that is done of a run.
    Share(usize, f64),
    /// A run is over.
    Done(usize, Box<Result<Outcome, StudyError>>),
}

impl Lab<'_> {
    /// Carries out the runs of recurrent networks that have no outcome yet.
    pub(super) fn side_by_side(
        &mut self,
        planned: &[Planned<'_>],
        need: Need,
        outcomes: &mut [Option<Outcome>],
    ) -> Result<(), StudyError> {
        let is_waiting = |at: &usize| outcomes[*at].is_none() && !planned[*at].run.has_frozen_half();
        let waiting: Vec<usize> = (0..planned.len()).filter(is_waiting).collect();
        let store = &self.store;
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..rayon::current_num_threads().min(waiting.len()) {
                let sender = sender.clone();
                let (waiting, next, stop) = (&waiting, &next, &stop);
                scope.spawn(move || {
                    while let Some(&at) = waiting.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let mut listener = Listener { at, sender: &sender, stop };
                        let outcome = carry_out(&planned[at], store, need, &mut listener);
                        let _ = sender.send(Event::Done(at, Box::new(outcome))); // nobody listens after an error
                    }
                });
            }
            drop(sender); // so that the channel ends with the workers
            let result = listen(&receiver, planned, outcomes, self.watch);
            stop.store(true, Ordering::Relaxed);
            result
        })
    }
}

/// Carries out one run on this thread; its network has no frozen half to share.
fn carry_out(
    planned: &Planned<'_>,
    store: &Store,
    need: Need,
    listener: &mut Listener<'_>,
) -> Result<Outcome, StudyError> {
    let (run, task) = (planned.run, &planned.data.task);
    let backbone = Backbone::generate(&run.backbone)?;
    let (methods, batch) = ([run.config.method], run.config.batch_size);
    let mut frozen =
        FrozenHalf::new(&backbone, task, &methods, batch, Some(0), &mut |_| ControlFlow::Continue(()))?;
    let work = Work { planned, backbone: &backbone, store, need, shared: false };
    work.carry_out(&mut frozen, listener)
}

/// Passes on what the workers report, until the last of them is done.
fn listen(
    receiver: &Receiver<Event>,
    planned: &[Planned<'_>],
    outcomes: &mut [Option<Outcome>],
    watch: &mut dyn Watch,
) -> Result<(), StudyError> {
    let (mut done, total) = (outcomes.iter().flatten().count(), planned.len());
    let mut shares = vec![0.0; total];
    for event in receiver {
        let at = match event {
            Event::Said(words) => {
                watch.say(&words);
                continue;
            }
            Event::Share(at, share) => {
                shares[at] = share;
                at
            }
            Event::Done(at, outcome) => {
                let outcome = (*outcome)?;
                (shares[at], done) = (0.0, done + 1);
                watch.say(&line(done, total, &planned[at].run.label(), &outcome));
                outcomes[at] = Some(outcome);
                at
            }
        };
        let share = (done as f64 + shares.iter().sum::<f64>()) / total as f64;
        if watch.share(share.min(1.0), &planned[at].run.label()).is_break() {
            return Err(bl_train::Error::Interrupted { epoch: 0, checkpoint: None }.into());
        }
    }
    Ok(())
}

struct Listener<'l> {
    at: usize,
    sender: &'l Sender<Event>,
    stop: &'l AtomicBool,
}

impl Progress for Listener<'_> {
    fn step(&mut self, epoch: u32, epochs: u32, share: f64) -> ControlFlow<()> {
        let of_run = (f64::from(epoch - 1) + share) / f64::from(epochs);
        let _ = self.sender.send(Event::Share(self.at, of_run)); // nobody listens after an error
        if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn epoch(&mut self, _report: &EpochReport) {}
}

impl Listen for Listener<'_> {
    fn say(&mut self, words: String) {
        let _ = self.sender.send(Event::Said(words)); // as above
    }
}
