//! Learning a task in time.

use bl_core::UnitGains;
use bl_core::recurrent::{Adaptation, RecurrentBackbone, RecurrentNet};
use bl_tasks::time::{Judgement, TimeTask, judge};

use super::config::RecurrentConfig;
use super::frozen::Frozen;
use super::full::Full;
use super::lesson::Lesson;
use super::network::RecurrentNetwork;
use crate::checkpoint::{EpochFigures, RunIdentity};
use crate::config::Method;
use crate::error::Error;
use crate::learn::{Checkpoints, EpochReport, Learning, Plan, Progress};

/// Learns one task in time for a backbone.
pub struct RecurrentTrainer<'a> {
    backbone: &'a RecurrentBackbone,
    config: &'a RecurrentConfig,
    task: &'a TimeTask,
    checkpoints: Checkpoints,
}

/// A finished run.
#[derive(Clone, Debug)]
pub struct RecurrentFitted {
    /// What it learned.
    pub learned: RecurrentLearned,
    /// The last epoch's figures.
    pub last: EpochReport,
    /// Every epoch's figures, those before it was resumed too.
    pub epochs: Vec<EpochFigures>,
    /// Trajectories learned on: windows, targets, or one.
    pub trajectories: usize,
}

/// What a run learned.
#[derive(Clone, Debug)]
pub enum RecurrentLearned {
    /// What an adapter holds.
    Units {
        /// b
        biases: Vec<f32>,
        /// m
        gains: UnitGains,
        /// r₀, where it was learned.
        initial: Option<Vec<f32>>,
    },
    /// A network of its own.
    Network(Box<RecurrentNetwork>),
}

impl RecurrentLearned {
    /// The network that was learned, on its backbone.
    pub fn with_net<T>(
        &self,
        backbone: &RecurrentBackbone,
        act: impl FnOnce(&dyn RecurrentNet) -> T,
    ) -> Result<T, Error> {
        match self {
            Self::Network(network) => Ok(act(&**network)),
            Self::Units { biases, gains, initial } => {
                let gains = gains.factors();
                let adaptation = Adaptation { biases, gains: &gains, initial: initial.as_deref() };
                Ok(act(&backbone.with(adaptation)?))
            }
        }
    }

    /// What it is worth on the task's held-out part.
    pub fn judge(&self, backbone: &RecurrentBackbone, task: &TimeTask) -> Result<Judgement, Error> {
        Ok(self.with_net(backbone, |net| judge(task, net))?.map_err(bl_tasks::Error::from)?)
    }
}

impl<'a> RecurrentTrainer<'a> {
    /// A trainer. A fully trained network starts from the backbone's weights.
    pub fn new(
        backbone: &'a RecurrentBackbone,
        config: &'a RecurrentConfig,
        task: &'a TimeTask,
        checkpoints: Checkpoints,
    ) -> Self {
        Self { backbone, config, task, checkpoints }
    }

    /// Learns. The same configuration gives the same parameters to the bit, however many threads there are and however
    /// often the run is stopped and resumed.
    pub fn fit(&self, progress: &mut dyn Progress) -> Result<RecurrentFitted, Error> {
        let lesson = Lesson::new(self.task, self.config)?;
        let rows: Vec<u32> = (0..lesson.rows() as u32).collect();
        let trajectories = rows.len();
        let (state, last, learned) = if self.config.method == Method::Full {
            let mut objective = Full::new(self.backbone, self.config, &lesson);
            let (state, last) = self.learning()?.run(&mut objective, rows, progress, |_, _| Ok(None))?;
            let network = Box::new(objective.network(state.parameters.clone()));
            (state, last, RecurrentLearned::Network(network))
        } else {
            let mut objective = Frozen::new(self.backbone, self.config, &lesson);
            let (state, last) = self.learning()?.run(&mut objective, rows, progress, |_, _| Ok(None))?;
            let learned = objective.learned(state.parameters.clone());
            (state, last, learned)
        };
        Ok(RecurrentFitted { learned, last, epochs: state.epochs, trajectories })
    }

    fn learning(&self) -> Result<Learning<'_>, Error> {
        let RecurrentConfig {
            epochs, batch_size, lr, schedule, weight_decay, seed, clip, stop_at_loss, ..
        } = *self.config;
        let plan = Plan { epochs, batch_size, lr, schedule, weight_decay, seed, clip, stop_at_loss };
        let (train_sha256, _) = self.task.digests();
        let run =
            RunIdentity::new(self.config, self.backbone.fingerprint(), train_sha256, self.backbone.isa())?;
        Ok(Learning { plan, checkpoints: &self.checkpoints, run })
    }
}
