//! Carries out the runs in time of a study. Many have a single trajectory, which occupies one core: as many runs as there
//! are threads go on at once.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};

use bl_core::recurrent::{Adapted, RecurrentAdapter, RecurrentBackbone, RecurrentNet};
use bl_tasks::time::TimeTask;
use bl_train::{
    Checkpoints, EpochReport, Progress, RecurrentFitted, RecurrentNetworkFile, RecurrentProduct,
    RecurrentTrainer,
};
use serde::{Deserialize, Serialize};

use crate::lab::{Lab, Watch};
use crate::store::Store;
use crate::study_error::StudyError;
use crate::time_run::{TimeFigures, TimeOutcome, TimeRun};

/// What identifies a run in time: its settings and the content of the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    time_run: TimeRun,
    train_sha256: String,
    test_sha256: String,
}

/// What a finished run left: an adapter with its backbone, or a network.
pub enum Learner {
    /// Weights that stayed as they were, and what was learned.
    Adapter(Box<RecurrentBackbone>, Box<RecurrentAdapter>),
    /// A network of its own.
    Network(Box<RecurrentNetworkFile>),
}

impl Learner {
    /// Acts on the network.
    pub fn with_net<T>(&self, act: impl FnOnce(&dyn RecurrentNet) -> T) -> Result<T, StudyError> {
        Ok(match self {
            Self::Adapter(backbone, adapter) => act(&adapter.on(backbone)?),
            Self::Network(file) => act(&file.network),
        })
    }

    /// The adapter on its backbone; none of a fully trained network.
    pub fn adapted(&self) -> Result<Option<Adapted<'_>>, StudyError> {
        match self {
            Self::Adapter(backbone, adapter) => Ok(Some(adapter.on(backbone)?)),
            Self::Network(_) => Ok(None),
        }
    }
}

/// What a worker has to say.
enum Word {
    /// The share that is done of a run.
    Share(usize, f64),
    /// A run is over.
    Done(usize, Box<Result<TimeOutcome, StudyError>>),
}

impl Lab<'_> {
    /// Outcomes of all runs, in their order. Finished ones are read; the others are carried out now, and kept, with what
    /// they learned, as soon as each is done. A run whose states explode is an outcome too.
    pub fn in_time(&mut self, runs: &[TimeRun]) -> Result<Vec<TimeOutcome>, StudyError> {
        let mut outcomes: Vec<Option<TimeOutcome>> = Vec::new();
        for run in runs {
            outcomes.push(self.store().load(&identity(run)?.1)?);
        }
        let waiting: Vec<usize> = (0..runs.len()).filter(|&at| outcomes[at].is_none()).collect();
        let found = runs.len() - waiting.len();
        if found > 0 {
            self.watch().say(&format!("{found} of {} runs are finished already", runs.len()));
        }
        let store = self.store().clone();
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..rayon::current_num_threads().min(waiting.len()) {
                let sender = sender.clone();
                let (waiting, next, stop, store) = (&waiting, &next, &stop, &store);
                scope.spawn(move || {
                    while let Some(&at) = waiting.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let mut listener = Listener { at, sender: &sender, stop };
                        let outcome = carry_out(&runs[at], store, &mut listener);
                        let _ = sender.send(Word::Done(at, Box::new(outcome))); // nobody listens after an error
                    }
                });
            }
            drop(sender); // so that the channel ends with the workers
            let result = listen(&receiver, runs, found, &mut outcomes, self.watch());
            stop.store(true, Ordering::Relaxed);
            result
        })?;
        Ok(outcomes.into_iter().flatten().collect())
    }

    /// What a finished run learned.
    pub fn learner(&mut self, run: &TimeRun) -> Result<Learner, StudyError> {
        let path = self.store().product(&identity(run)?.1)?;
        if let Some(network) = RecurrentNetworkFile::load(&path)? {
            return Ok(Learner::Network(Box::new(network)));
        }
        let adapter = RecurrentAdapter::load(&path)?;
        Ok(Learner::Adapter(Box::new(adapter.generate_backbone()?), Box::new(adapter)))
    }

    /// The task of a run.
    pub fn time_task(&self, run: &TimeRun) -> Result<TimeTask, StudyError> {
        Ok(TimeTask::open(&run.config.task, &run.config.request())?)
    }
}

fn listen(
    receiver: &Receiver<Word>,
    runs: &[TimeRun],
    found: usize,
    outcomes: &mut [Option<TimeOutcome>],
    watch: &mut dyn Watch,
) -> Result<(), StudyError> {
    let mut shares = vec![0.0; runs.len()];
    let mut done = found;
    for word in receiver {
        let at = match word {
            Word::Share(at, share) => {
                shares[at] = share;
                at
            }
            Word::Done(at, outcome) => {
                let outcome = (*outcome)?;
                (shares[at], done) = (0.0, done + 1);
                let figure = match (&outcome.failed, outcome.r2()) {
                    (Some(why), _) => why.clone(),
                    (None, Some(r2)) => format!("R² {r2:.4}"),
                    (None, None) => format!("loss {:.5}", outcome.train_loss),
                };
                let seconds = outcome.train_seconds;
                watch.say(&format!(
                    "{done:>4}/{}  {}  {figure}  {seconds:.1} s",
                    runs.len(),
                    label(&runs[at])
                ));
                outcomes[at] = Some(outcome);
                at
            }
        };
        let share = (done as f64 + shares.iter().sum::<f64>()) / runs.len() as f64;
        if watch.share(share.min(1.0), &label(&runs[at])).is_break() {
            return Err(bl_train::Error::Interrupted { epoch: 0, checkpoint: None }.into());
        }
    }
    Ok(())
}

fn label(run: &TimeRun) -> String {
    let (spec, config) = (&run.backbone, &run.config);
    let (units, gain, method) = (spec.units, spec.recurrent.gain, config.method.name());
    format!("{} {method} {units} gain {gain:.2} seed {}.{}", config.task, spec.seed, config.seed)
}

fn identity(run: &TimeRun) -> Result<(TimeTask, Identity), StudyError> {
    let task = TimeTask::open(&run.config.task, &run.config.request())?;
    let (train_sha256, test_sha256) = task.digests();
    let identity = Identity { time_run: run.clone(), train_sha256, test_sha256 };
    Ok((task, identity))
}

/// Carries out one run, from its checkpoint if it has one that this machine can go on from.
fn carry_out(run: &TimeRun, store: &Store, listener: &mut Listener<'_>) -> Result<TimeOutcome, StudyError> {
    let (task, identity) = identity(run)?;
    let backbone = RecurrentBackbone::generate(&run.backbone)?;
    let path = store.checkpoint(&identity)?;
    let mut resume = path.exists();
    let outcome = loop {
        let checkpoints = Checkpoints { path: Some(path.clone()), resume };
        match RecurrentTrainer::new(&backbone, &run.config, &task, checkpoints).fit(listener) {
            Err(bl_train::Error::OtherRun { .. } | bl_train::Error::Core(_)) if resume => resume = false,
            Err(error) if is_unstable(&error) => break failed(run, &backbone, error.to_string()),
            Err(error) => return Err(error.into()),
            Ok(fitted) => break finished(run, &task, &backbone, &fitted, store, &identity)?,
        }
    };
    store.save(&identity, &outcome)?;
    let _ = std::fs::remove_file(path); // the run is over; there may be none
    Ok(outcome)
}

fn is_unstable(error: &bl_train::Error) -> bool {
    use bl_train::Error::{Exploded, NonFiniteGradient, NonFiniteLoss};
    matches!(error, Exploded { .. } | NonFiniteLoss { .. } | NonFiniteGradient { .. })
}

fn failed(run: &TimeRun, backbone: &RecurrentBackbone, why: String) -> TimeOutcome {
    TimeOutcome {
        failed: Some(why),
        figures: None,
        train_loss: f64::MAX, // JSON has no infinity
        parameters: run.config.learned_parameters(backbone),
        epochs: 0,
        curve: Vec::new(),
        epoch_seconds: 0.0,
        train_seconds: 0.0,
        isa: backbone.isa().to_string(),
        threads: rayon::current_num_threads(),
    }
}

fn finished(
    run: &TimeRun,
    task: &TimeTask,
    backbone: &RecurrentBackbone,
    fitted: &RecurrentFitted,
    store: &Store,
    identity: &Identity,
) -> Result<TimeOutcome, StudyError> {
    let judgement = match fitted.learned.judge(backbone, task) {
        Ok(judgement) => judgement,
        Err(error @ bl_train::Error::Task(bl_tasks::Error::Time(_))) => {
            return Ok(failed(run, backbone, error.to_string()));
        }
        Err(error) => return Err(error.into()),
    };
    RecurrentProduct::new(task, &run.config, backbone, fitted, &judgement)?
        .save(&store.product(identity)?)?;
    let (epochs, seconds) =
        (fitted.epochs.len(), fitted.epochs.iter().map(|epoch| epoch.seconds).sum::<f64>());
    let every = epochs.div_ceil(50).max(1);
    let shown = |epoch: usize| (epoch - 1).is_multiple_of(every) || epoch == epochs;
    Ok(TimeOutcome {
        failed: None,
        figures: Some(TimeFigures::of(&judgement)),
        train_loss: fitted.last.train_loss,
        parameters: run.config.learned_parameters(backbone),
        epochs,
        curve: (1..)
            .zip(&fitted.epochs)
            .filter(|(n, _)| shown(*n))
            .map(|(n, epoch)| (n, epoch.loss))
            .collect(),
        epoch_seconds: seconds / epochs.max(1) as f64,
        train_seconds: seconds,
        isa: backbone.isa().to_string(),
        threads: rayon::current_num_threads(),
    })
}

struct Listener<'l> {
    at: usize,
    sender: &'l Sender<Word>,
    stop: &'l AtomicBool,
}

impl Progress for Listener<'_> {
    fn step(&mut self, epoch: u32, epochs: u32, share: f64) -> ControlFlow<()> {
        let of_run = (f64::from(epoch - 1) + share) / f64::from(epochs);
        let _ = self.sender.send(Word::Share(self.at, of_run)); // nobody listens after an error
        if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn epoch(&mut self, _report: &EpochReport) {}
}
