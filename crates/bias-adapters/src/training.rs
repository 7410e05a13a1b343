//! Training in one call.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use bl_core::io::Signal;
use bl_core::{Adapter, Backbone};
use bl_tasks::{Judgement, Source, Task};
use bl_train::{
    Checkpoints, EpochReport, Fitted, FrozenHalf, Halves, Product, Progress, Settings, TrainConfig, Trainer,
    presets,
};

use crate::{Error, Model};

/// What came of a run.
pub struct Trained {
    /// What was learned.
    pub adapter: Adapter,
    /// What it is worth on the held-out part of the task.
    pub judgement: Judgement,
    /// The configuration, with nothing left open.
    pub config: TrainConfig,
    /// The frozen weights.
    pub backbone: Arc<Backbone>,
    /// Every epoch's metrics.
    pub fitted: Fitted,
}

impl Trained {
    /// Writes the adapter's file.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        Ok(self.adapter.save(path)?)
    }

    /// The model, to answer at once.
    pub fn into_model(self) -> Result<Model, Error> {
        Model::new(self.adapter, self.backbone)
    }
}

/// Trains an adapter for a task. What the settings leave open is as in `configs/`: settings of the task, its method, and the
/// backbone that it shares with other tasks; a task of your own has those of a folder of images or of a series.
///
/// The same configuration and data give the same adapter, byte for byte, on every machine.
///
/// ```no_run
/// use bias_adapters::{Settings, task::{Request, Task}, train};
///
/// let task = Task::open("mnist", &Request::default())?; // the embedded sample, unless there are official files
/// let trained = train(&task, Settings { epochs: Some(10), ..Settings::default() })?;
/// trained.save("mnist.safetensors")?;
/// # Ok::<(), bias_adapters::Error>(())
/// ```
pub fn train(task: &Task, settings: Settings) -> Result<Trained, Error> {
    train_with(task, settings, &mut Silent)
}

/// As [`train`], with a `progress` that receives every step and epoch and can cancel the run. The frozen half is computed
/// before the first epoch: its share that is done is that of an epoch 0.
pub fn train_with(task: &Task, settings: Settings, progress: &mut dyn Progress) -> Result<Trained, Error> {
    train_in(task, settings, Run::default(), progress)
}

/// Where a run keeps its state, and what it may take; nothing here changes the result.
#[derive(Clone, Debug, Default)]
pub struct Run<'a> {
    /// Where a checkpoint is kept, and whether to go on from it.
    pub checkpoints: Checkpoints,
    /// Bytes for pre-activations of the training set; what is free, with a margin, if not stated.
    pub cache_memory: Option<u64>,
    /// Frozen halves of earlier runs, of which one on the same data and backbone is taken; this run's is kept there.
    pub halves: Option<&'a Halves>,
}

/// As [`train_with`], with a checkpoint or a limit for the cache.
pub fn train_in(
    task: &Task,
    settings: Settings,
    run: Run<'_>,
    progress: &mut dyn Progress,
) -> Result<Trained, Error> {
    check_opened(task, &settings)?;
    let config = presets::configure_open(task, settings)?;
    if config.method.is_full() {
        return Err(Error::FullMethod);
    }
    let backbone = presets::backbone_for(&config, task)?.backbone;
    let mut share = |share| progress.step(0, config.epochs, share);
    let mut frozen = match run.halves {
        Some(halves) => halves.take(&backbone, task, &config, run.cache_memory, &mut share)?,
        None => FrozenHalf::of_run(&backbone, task, &config, run.cache_memory, &mut share)?,
    };
    let fitted = Trainer::new(&backbone, task, &config, run.checkpoints).fit(&mut frozen, progress);
    if let Some(halves) = run.halves {
        halves.keep(frozen);
    }
    let fitted = fitted?;
    let judgement = fitted.judge_what_can_be(&backbone, task, progress);
    match Product::new(task, &config, &backbone, &fitted, &judgement)? {
        Product::Adapter(adapter) => {
            Ok(Trained { adapter: *adapter, judgement, config, backbone: Arc::new(backbone), fitted })
        }
        Product::Network(_) => Err(Error::FullMethod),
    }
}

/// What an open task has fixed cannot be set any more; it would be recorded without being true.
fn check_opened(task: &Task, settings: &Settings) -> Result<(), Error> {
    let io = task.kind().io();
    let Ok(Signal::Forecast(signal)) = io.signal() else { return Ok(()) };
    let count = |n: Option<u32>| n.map(|n| n.to_string());
    let column = settings.column.clone().filter(|_| task.source == Source::File);
    let stated = [
        ("horizon", signal.horizon.to_string(), count(settings.horizon)),
        ("washout", signal.washout.to_string(), count(settings.washout)),
        ("column", signal.variable.clone(), column),
    ];
    for (key, expected, found) in stated {
        if let Some(found) = found.filter(|found| *found != expected) {
            return Err(Error::OtherSetting { task: task.name.clone(), key, expected, found });
        }
    }
    Ok(())
}

struct Silent;

impl Progress for Silent {
    fn step(&mut self, _: u32, _: u32, _: f64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn epoch(&mut self, _: &EpochReport) {}
}
