//! Carries out the runs of a study: those that are not finished yet.

mod judged;
mod shared;
mod side_by_side;
mod work;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bl_core::{Adapter, Model};
use bl_tasks::{DataDir, Judgement};
use bl_train::NetworkFile;

use crate::data::{OpenedTask, TaskCache};
use crate::outcome::Outcome;
use crate::report::Document;
use crate::run::{Data, Run};
use crate::store::{Identity, Store};
use crate::study_error::StudyError;

/// Receives the progress of a study, and may stop it.
pub trait Watch {
    /// Something worth a line.
    fn say(&mut self, words: &str);
    /// The share of all work that is done, and what is being done.
    fn share(&mut self, done: f64, doing: &str) -> ControlFlow<()>;
}

/// What a study needs of its runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Their metrics.
    Metrics,
    /// The same; those that are carried out now leave their adapters for another study.
    MetricsFirst,
    /// Their adapters or networks too.
    Parameters,
}

/// Where runs are carried out and kept.
pub struct Lab<'w> {
    results: PathBuf,
    store: Store,
    tasks: TaskCache,
    cache_memory: Option<u64>,
    /// An earlier report, whose runs count as finished.
    kept: Option<Document>,
    /// Whether any of them was asked for.
    has_used_kept: bool,
    watch: &'w mut dyn Watch,
}

/// A run with what it trains on.
struct Planned<'r> {
    run: &'r Run,
    data: Arc<OpenedTask>,
    identity: Identity,
}

impl<'w> Lab<'w> {
    /// A lab that keeps its results in a folder.
    pub fn new(results: &Path, data: DataDir, cache_memory: Option<u64>, watch: &'w mut dyn Watch) -> Self {
        Self {
            results: results.to_owned(),
            store: Store::new(results),
            tasks: TaskCache::new(data),
            cache_memory,
            kept: None,
            has_used_kept: false,
            watch,
        }
    }

    /// Takes the outcomes of an earlier report for those of its runs, where `runs/` has none. What they learned is not in
    /// it: a study that looks at it has those runs carried out again.
    pub(crate) fn count_as_finished(&mut self, kept: Document) {
        self.kept = Some(kept);
    }

    /// Whether what was found rests on them.
    pub(crate) fn has_used_kept(&self) -> bool {
        self.has_used_kept
    }

    /// The results folder.
    pub fn results(&self) -> &Path {
        &self.results
    }

    /// Who receives the progress.
    pub fn watch(&mut self) -> &mut dyn Watch {
        self.watch
    }

    /// The task of a run.
    pub fn task(&mut self, run: &Run) -> Result<Arc<OpenedTask>, StudyError> {
        self.tasks.of_run(run)
    }

    /// The images that a run may ask for.
    pub fn data(&mut self, data: &Data) -> Result<Arc<OpenedTask>, StudyError> {
        self.tasks.of_images(data)
    }

    /// Where the images of some runs came from, each task once.
    pub(crate) fn sources(&mut self, runs: &[(Run, Outcome)]) -> Result<Vec<String>, StudyError> {
        let mut sources = Vec::new();
        for data in runs.iter().filter_map(|(run, _)| run.data.as_ref()) {
            let source = source(data, &*self.data(data)?);
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        Ok(sources)
    }

    fn identity(&mut self, run: &Run) -> Result<Identity, StudyError> {
        Ok(Identity::new(run, &*self.task(run)?))
    }

    /// The adapter of a finished run.
    pub fn adapter(&mut self, run: &Run) -> Result<Adapter, StudyError> {
        let identity = self.identity(run)?;
        self.store.adapter(&identity)
    }

    /// The network of a finished run.
    pub fn network(&mut self, run: &Run) -> Result<NetworkFile, StudyError> {
        let identity = self.identity(run)?;
        let path = self.store.product(&identity)?;
        self.store.network(&identity)?.ok_or(StudyError::OtherContent { path, what: "kind of file" })
    }

    /// What a finished run is worth, by what it left.
    pub fn judge(&mut self, run: &Run) -> Result<Judgement, StudyError> {
        let data = self.task(run)?;
        let (identity, kind) = (Identity::new(run, &data), data.task.kind());
        if let Some(file) = self.store.network(&identity)? {
            return Ok(kind.judge(file.network.net())?);
        }
        let adapter = self.store.adapter(&identity)?;
        let backbone = Arc::new(adapter.generate_backbone()?);
        Ok(kind.judge(&Model::new(adapter, backbone)?)?)
    }

    /// Outcomes of all runs, in their order. Finished ones are read; the others are carried out now, and kept as soon as
    /// each is done: those of feed-forward networks grouped by the frozen half that they share, those of recurrent networks
    /// side by side.
    pub fn outcomes(&mut self, runs: &[Run], need: Need) -> Result<Vec<Outcome>, StudyError> {
        let mut planned = Vec::new();
        let mut outcomes = Vec::new();
        for run in runs {
            let data = self.task(run)?;
            let identity = Identity::new(run, &data);
            outcomes.push(match self.finished(&identity, need)? {
                None => self.take_kept(run, &data, need),
                finished => finished,
            });
            planned.push(Planned { run, data, identity });
        }
        let found = outcomes.iter().flatten().count();
        if found > 0 {
            self.watch.say(&format!("{found} of {} runs are finished already", runs.len()));
        }
        self.shared(&planned, need, &mut outcomes)?;
        self.side_by_side(&planned, need, &mut outcomes)?;
        self.tasks.clear();
        Ok(outcomes.into_iter().flatten().collect())
    }

    /// The outcome of a run that has all that is needed. One that failed has learned nothing.
    fn finished(&self, identity: &Identity, need: Need) -> Result<Option<Outcome>, StudyError> {
        let Some(outcome) = self.store.load(identity)? else { return Ok(None) };
        let is_whole =
            need != Need::Parameters || outcome.failed.is_some() || self.store.product(identity)?.exists();
        Ok(is_whole.then_some(outcome))
    }

    /// The outcome that an earlier report has of a run: of data from the same source, as far as a report says.
    fn take_kept(&mut self, run: &Run, data: &OpenedTask, need: Need) -> Option<Outcome> {
        let kept = self.kept.as_ref()?;
        let is_same = run.data.as_ref().is_none_or(|of| kept.sources.contains(&source(of, data)));
        let record = kept.records().find(|record| record.run == *run).filter(|_| is_same)?;
        let is_whole = need != Need::Parameters || record.outcome.failed.is_some();
        let outcome = is_whole.then(|| record.outcome.clone())?;
        self.has_used_kept = true;
        Some(outcome)
    }
}

/// Where the images of a run came from.
fn source(data: &Data, opened: &OpenedTask) -> String {
    format!("{} ({})", data.tasks.join(" + "), opened.task.source)
}
