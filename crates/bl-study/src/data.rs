//! The pictures of a study's runs: a task, the first part of one, or a mixture of several.

use std::collections::BTreeMap;
use std::rc::Rc;

use bl_core::Preprocessing;
use bl_tasks::{DataDir, ImageTask, Split};
use bl_train::standardisation;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use crate::run::Data;
use crate::study_error::StudyError;

/// A task made ready for runs.
pub struct Prepared {
    /// Its pictures; the training part is cut or mixed as asked for.
    pub task: ImageTask,
    /// Standardisation by the training part.
    pub preprocessing: Preprocessing,
    /// Digest of the training part.
    pub train_sha256: String,
    /// Digest of the test part.
    pub test_sha256: String,
}

/// Opens each task once.
pub(crate) struct Shelf {
    data_dir: DataDir,
    open: BTreeMap<String, Rc<Prepared>>,
}

impl Shelf {
    pub(crate) fn new(data_dir: DataDir) -> Self {
        Self { data_dir, open: BTreeMap::new() }
    }

    pub(crate) fn get(&mut self, data: &Data) -> Result<Rc<Prepared>, StudyError> {
        let key = format!("{}/{:?}", data.tasks.join("+"), data.train);
        if let Some(found) = self.open.get(&key) {
            return Ok(Rc::clone(found));
        }
        let mut tasks = data
            .tasks
            .iter()
            .map(|name| ImageTask::open(name, &self.data_dir))
            .collect::<Result<Vec<_>, _>>()?;
        let task = if tasks.len() == 1 {
            let mut task = tasks.remove(0);
            if let Some(count) = data.train {
                task.train = take(&task, count)?;
            }
            task
        } else {
            mix(tasks, data.train)?
        };
        let prepared = Rc::new(Prepared {
            preprocessing: standardisation(&task)?,
            train_sha256: task.train.sha256(),
            test_sha256: task.test.sha256(),
            task,
        });
        self.open.insert(key, Rc::clone(&prepared));
        Ok(prepared)
    }

    /// Forgets tasks, for memory.
    pub(crate) fn clear(&mut self) {
        self.open.clear();
    }
}

/// The first pictures. The embedded sample is smaller than what studies of the official set ask for: then all.
fn take(task: &ImageTask, count: usize) -> Result<Split, StudyError> {
    if task.source == bl_tasks::Source::Official && count > task.train.len() {
        let found = task.train.len();
        return Err(StudyError::TooFewSamples { task: task.name.clone(), wanted: count, found });
    }
    Ok(task.train.take(count))
}

/// All test pictures, and `count` training pictures drawn at random from all tasks together.
fn mix(tasks: Vec<ImageTask>, count: Option<usize>) -> Result<ImageTask, StudyError> {
    let mut all = tasks.into_iter();
    let mut mixed = all.next().ok_or(StudyError::NoTasks)?;
    "mixture".clone_into(&mut mixed.name);
    "Mixture".clone_into(&mut mixed.title);
    for task in all {
        for (into, from) in [(&mut mixed.train, task.train), (&mut mixed.test, task.test)] {
            into.images.extend(from.images);
            into.labels.extend(from.labels);
        }
    }
    if let Some(count) = count {
        let mut rows: Vec<usize> = (0..mixed.train.len()).collect();
        let mut draw = ChaCha8Rng::seed_from_u64(0);
        let count = count.min(rows.len());
        for at in 0..count {
            let other = at + ((u64::from(draw.next_u32()) * (rows.len() - at) as u64) >> 32) as usize;
            rows.swap(at, other);
        }
        mixed.train = mixed.train.subset(&rows[..count]);
    }
    Ok(mixed)
}
