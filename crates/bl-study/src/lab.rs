//! Carries out the runs of a study: those that are not finished yet, and all that share a frozen half over one
//! cache.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use bl_core::{Backbone, BiasAdapter, Evaluation, UnitGains};
use bl_tasks::DataDir;
use bl_train::{
    Checkpoints, EpochReport, Fitted, Learned, Method, NetworkFile, Product, Progress, Trainer, TrainingSet,
};
use serde::{Deserialize, Serialize};

use crate::data::{Prepared, Shelf};
use crate::run::{Data, Outcome, Run};
use crate::store::{Identity, Store};
use crate::study_error::StudyError;

/// Hears of a study's progress, and may stop it.
pub trait Watch {
    /// Something worth a line.
    fn say(&mut self, words: &str);
    /// The share of all work that is done, and what is being done.
    fn share(&mut self, done: f64, doing: &str) -> ControlFlow<()>;
}

/// What runs cost, and what sharing their caches saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it; seconds")]
pub struct Cost {
    pub runs: usize,
    /// Learning, over all runs, whenever they ran.
    pub train_seconds: f64,
    /// Filling caches.
    pub cache_seconds: f64,
    /// What filling them would have cost besides, had each run its own.
    pub cache_seconds_saved: f64,
}

/// Where runs are carried out and kept.
pub struct Lab<'w> {
    results: PathBuf,
    store: Store,
    shelf: Shelf,
    cache_memory: Option<u64>,
    watch: &'w mut dyn Watch,
}

impl<'w> Lab<'w> {
    /// A lab that keeps its results in a folder.
    pub fn new(results: &Path, data: DataDir, cache_memory: Option<u64>, watch: &'w mut dyn Watch) -> Self {
        Self {
            results: results.to_owned(),
            store: Store::new(results),
            shelf: Shelf::new(data),
            cache_memory,
            watch,
        }
    }

    /// The results folder.
    pub fn results(&self) -> &Path {
        &self.results
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Who hears of the progress.
    pub fn watch(&mut self) -> &mut dyn Watch {
        self.watch
    }

    /// The pictures of a run.
    pub fn data(&mut self, data: &Data) -> Result<Rc<Prepared>, StudyError> {
        self.shelf.get(data)
    }

    /// Where the data of some runs came from, each task once.
    pub(crate) fn sources(&mut self, runs: &[(Run, Outcome)]) -> Result<Vec<String>, StudyError> {
        let mut sources = Vec::new();
        for (run, _) in runs {
            let data = self.shelf.get(&run.data)?;
            let source = format!("{} ({})", run.data.tasks.join(" + "), data.task.source);
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        Ok(sources)
    }

    fn identity(&mut self, run: &Run) -> Result<Identity, StudyError> {
        let data = self.shelf.get(&run.data)?;
        Ok(Identity {
            run: run.clone(),
            train_sha256: data.train_sha256.clone(),
            test_sha256: data.test_sha256.clone(),
        })
    }

    /// The adapter of a finished run.
    pub fn adapter(&mut self, run: &Run) -> Result<BiasAdapter, StudyError> {
        let identity = self.identity(run)?;
        self.store.adapter(&identity)
    }

    /// The network of a finished run.
    pub fn network(&mut self, run: &Run) -> Result<NetworkFile, StudyError> {
        let identity = self.identity(run)?;
        self.store.network(&identity)
    }

    /// Outcomes of all runs, in their order. Finished ones are read; the others are carried out now, and kept as soon
    /// as each is done.
    pub fn outcomes(&mut self, runs: &[Run], need: Need) -> Result<Vec<Outcome>, StudyError> {
        let mut outcomes: Vec<Option<Outcome>> = Vec::new();
        for run in runs {
            let identity = self.identity(run)?;
            let found = self.store.load(&identity)?;
            let whole = need == Need::Figures || self.store.product(&identity)?.exists();
            outcomes.push(found.filter(|_| whole));
        }
        let found = outcomes.iter().flatten().count();
        if found > 0 {
            self.watch.say(&format!("{found} of {} runs are finished already", runs.len()));
        }
        for first in 0..runs.len() {
            if outcomes[first].is_some() {
                continue;
            }
            let shares = |at: &usize| outcomes[*at].is_none() && share_cache(&runs[first], &runs[*at]);
            let group: Vec<usize> = (first..runs.len()).filter(shares).collect();
            let done = outcomes.iter().flatten().count();
            self.group(runs, &group, done, need, &mut outcomes)?;
        }
        self.shelf.clear();
        Ok(outcomes.into_iter().flatten().collect())
    }

    /// Runs of one task and backbone, over one cache.
    fn group(
        &mut self,
        runs: &[Run],
        group: &[usize],
        mut done: usize,
        need: Need,
        outcomes: &mut [Option<Outcome>],
    ) -> Result<(), StudyError> {
        let first = &runs[group[0]];
        let data = self.shelf.get(&first.data)?;
        let backbone = Backbone::generate(&first.backbone)?;
        let methods: Vec<Method> = group.iter().map(|&at| runs[at].config.method).collect();
        let batch = group.iter().map(|&at| runs[at].config.batch_size).max().unwrap_or(1);
        let (watch, total) = (&mut *self.watch, runs.len());
        let mut filling = |_| watch.share(done as f64 / total as f64, "frozen half");
        let mut set =
            TrainingSet::new(&backbone, &data.task.train, &methods, batch, self.cache_memory, &mut filling)?;
        for (nth, &at) in group.iter().enumerate() {
            let run = &runs[at];
            let identity = self.identity(run)?;
            let fitted = self.fit(run, &identity, &backbone, &mut set, (done, total))?;
            let test = fitted.evaluate(&backbone, data.preprocessing, &data.task.test)?;
            if need == Need::Parameters {
                Product::new(&data.task, &run.config, &backbone, data.preprocessing, &fitted, &test)?
                    .save(&self.store.product(&identity)?)?;
            }
            let outcome = outcome(&fitted, &test, &backbone, &set, nth > 0);
            self.store.save(&identity, &outcome)?;
            let _ = std::fs::remove_file(self.store.checkpoint(&identity)?); // the run is over; there may be none
            done += 1;
            self.watch.say(&format!(
                "{done:>4}/{total}  {}  {:.2} %  {:.1} s",
                label(run),
                100.0 * outcome.test_accuracy,
                outcome.train_seconds
            ));
            outcomes[at] = Some(outcome);
        }
        Ok(())
    }

    /// Carries out one run, from its checkpoint if it has one that this machine can go on from.
    fn fit(
        &mut self,
        run: &Run,
        identity: &Identity,
        backbone: &Backbone,
        set: &mut TrainingSet<'_>,
        (done, total): (usize, usize),
    ) -> Result<Fitted, StudyError> {
        let preprocessing = self.shelf.get(&run.data)?.preprocessing;
        let path = self.store.checkpoint(identity)?;
        let mut resume = path.exists();
        loop {
            let checkpoints = Checkpoints { path: Some(path.clone()), resume };
            let mut listener = Listener { watch: &mut *self.watch, done, total, label: label(run) };
            let trainer = Trainer::new(backbone, &run.config, preprocessing, checkpoints);
            match trainer.fit(set, &mut listener) {
                Err(bl_train::Error::OtherRun { .. } | bl_train::Error::Core(_)) if resume => {
                    self.watch.say(&format!(
                        "checkpoint of {} cannot be used here: the run starts anew",
                        label(run)
                    ));
                    resume = false;
                }
                result => return Ok(result?),
            }
        }
    }
}

fn outcome(
    fitted: &Fitted,
    test: &Evaluation,
    backbone: &Backbone,
    set: &TrainingSet<'_>,
    shared_cache: bool,
) -> Outcome {
    Outcome {
        test_accuracy: test.accuracy(),
        test_loss: test.loss,
        train_accuracy: fitted.train_accuracy(),
        train_loss: fitted.last.train_loss,
        parameters: parameters(fitted),
        on_units: on_units(fitted),
        curve: fitted.epochs.iter().map(|epoch| epoch.accuracy).collect(),
        train_samples: fitted.train_samples,
        test_samples: test.total(),
        epoch_seconds: fitted.epoch_seconds(),
        train_seconds: fitted.epochs.iter().map(|epoch| epoch.seconds).sum(),
        cache_seconds: set.seconds(),
        shared_cache,
        isa: backbone.isa().to_string(),
        threads: rayon::current_num_threads(),
    }
}

/// What a study needs of its runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Their figures.
    Figures,
    /// Their adapters or networks too.
    Parameters,
}

/// Whether two runs have the same frozen half of the same pictures. What a fully trained network starts from is its
/// own.
fn share_cache(one: &Run, other: &Run) -> bool {
    let frozen = |run: &Run| run.config.method != Method::Full;
    one.data == other.data && one.backbone == other.backbone && frozen(one) == frozen(other)
}

fn label(run: &Run) -> String {
    let widths: Vec<String> = run.backbone.layers.iter().map(|layer| layer.units.to_string()).collect();
    format!(
        "{} {} {} seed {}.{}",
        run.data.tasks.join("+"),
        run.config.method.name(),
        widths.join("-"),
        run.backbone.seed,
        run.config.seed
    )
}

fn parameters(fitted: &Fitted) -> usize {
    match &fitted.learned {
        Learned::Network(network) => network.parameter_count(),
        Learned::Units { biases, .. } => biases.iter().map(Vec::len).sum(),
    }
}

fn on_units(fitted: &Fitted) -> Option<usize> {
    match &fitted.learned {
        Learned::Units { gains: UnitGains::Mask(on), .. } => Some(on.iter().filter(|on| **on).count()),
        _ => None,
    }
}

/// What these runs cost, whenever they were carried out.
pub(crate) fn cost(outcomes: &[Outcome]) -> Cost {
    let mut cost = Cost { runs: outcomes.len(), ..Cost::default() };
    for outcome in outcomes {
        cost.train_seconds += outcome.train_seconds;
        let cache =
            if outcome.shared_cache { &mut cost.cache_seconds_saved } else { &mut cost.cache_seconds };
        *cache += outcome.cache_seconds;
    }
    cost
}

struct Listener<'l> {
    watch: &'l mut dyn Watch,
    done: usize,
    total: usize,
    label: String,
}

impl Progress for Listener<'_> {
    fn step(&mut self, epoch: u32, epochs: u32, share: f64) -> ControlFlow<()> {
        let of_run = (f64::from(epoch - 1) + share) / f64::from(epochs);
        self.watch.share((self.done as f64 + of_run) / self.total as f64, &self.label)
    }

    fn epoch(&mut self, _report: &EpochReport) {}
}
