//! What the runs of a study train on: a task, the first images of one, or a mixture of several.

use std::collections::BTreeMap;
use std::sync::Arc;

use bl_tasks::{DataDir, Images, Parts, Request, Source, Split, Task, What};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use crate::run::{Data, Run};
use crate::study_error::StudyError;

/// A task made ready for runs.
pub struct OpenedTask {
    /// Its training images are cut or mixed as asked for.
    pub task: Task,
    /// How much there is, and its digests.
    pub(crate) parts: Parts,
}

impl OpenedTask {
    fn new(task: Task) -> Self {
        Self { parts: task.kind().parts(), task }
    }

    /// Its images; an error where it has none.
    pub fn images(&self) -> Result<&Images, StudyError> {
        self.task.images().ok_or_else(|| no_images(&self.task.name))
    }
}

/// Opens each task once.
pub(crate) struct TaskCache {
    data_dir: DataDir,
    open: BTreeMap<String, Arc<OpenedTask>>,
}

impl TaskCache {
    pub(crate) fn new(data_dir: DataDir) -> Self {
        Self { data_dir, open: BTreeMap::new() }
    }

    /// The task of a run.
    pub(crate) fn of_run(&mut self, run: &Run) -> Result<Arc<OpenedTask>, StudyError> {
        let config = &run.config;
        if let Some(data) = &run.data {
            return self.of_images(data);
        }
        let request = config.request(self.data_dir.clone())?;
        let key = format!("{} {request:?}", config.task);
        self.get(key, || Ok(Task::open(&config.task, &request)?))
    }

    /// A task with the training images that are asked for.
    pub(crate) fn of_images(&mut self, data: &Data) -> Result<Arc<OpenedTask>, StudyError> {
        let request = Request::of(self.data_dir.clone());
        self.get(format!("{}/{:?}", data.tasks.join("+"), data.train), || {
            let tasks = data.tasks.iter().map(|name| Task::open(name, &request));
            let mut tasks = tasks.collect::<Result<Vec<_>, _>>()?;
            match (tasks.len(), data.train) {
                (1, None) => Ok(tasks.remove(0)),
                (1, Some(count)) => take(tasks.remove(0), count),
                _ => mix(tasks, data.train),
            }
        })
    }

    fn get(
        &mut self,
        key: String,
        open: impl FnOnce() -> Result<Task, StudyError>,
    ) -> Result<Arc<OpenedTask>, StudyError> {
        if let Some(found) = self.open.get(&key) {
            return Ok(Arc::clone(found));
        }
        let opened = Arc::new(OpenedTask::new(open()?));
        self.open.insert(key, Arc::clone(&opened));
        Ok(opened)
    }

    /// Forgets tasks, for memory.
    pub(crate) fn clear(&mut self) {
        self.open.clear();
    }
}

fn no_images(task: &str) -> StudyError {
    StudyError::NoImages { task: task.to_owned() }
}

/// The images of a task, to be changed; an error where it has none.
fn images_of(what: What, name: &str) -> Result<Images, StudyError> {
    match what {
        What::Images(images) => Ok(images),
        _ => Err(no_images(name)),
    }
}

/// The first images. The embedded sample is smaller than what studies of the official set ask for: then all.
fn take(task: Task, count: usize) -> Result<Task, StudyError> {
    let Images { labels, input, train, test, .. } = images_of(task.what, &task.name)?;
    let found = train.len();
    if task.source == Source::Official && count > found {
        return Err(StudyError::TooFewSamples { task: task.name, wanted: count, found });
    }
    let what = What::Images(Images::new(labels, input, train.take(count), test)?);
    Ok(Task { what, ..task })
}

/// All test images, and `count` training images drawn at random from all tasks together.
fn mix(tasks: Vec<Task>, count: Option<usize>) -> Result<Task, StudyError> {
    let mut all = tasks.into_iter();
    let first = all.next().ok_or(StudyError::NoTasks)?;
    let Images { labels, input, mut train, mut test, .. } = images_of(first.what, &first.name)?;
    for task in all {
        let images = images_of(task.what, &task.name)?;
        for (into, from) in [(&mut train, images.train), (&mut test, images.test)] {
            into.images.extend(from.images);
            into.labels.extend(from.labels);
        }
    }
    if let Some(count) = count {
        train = drawn(&train, count);
    }
    let what = What::Images(Images::new(labels, input, train, test)?);
    Ok(Task { name: "mixture".into(), title: "Mixture".into(), what, ..first })
}

/// `count` images, each at most once.
fn drawn(from: &Split, count: usize) -> Split {
    let mut rows: Vec<usize> = (0..from.len()).collect();
    let mut draw = ChaCha8Rng::seed_from_u64(0);
    let count = count.min(rows.len());
    for at in 0..count {
        let other = at + ((u64::from(draw.next_u32()) * (rows.len() - at) as u64) >> 32) as usize;
        rows.swap(at, other);
    }
    from.subset(&rows[..count])
}
