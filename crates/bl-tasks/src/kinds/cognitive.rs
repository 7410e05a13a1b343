//! The cognitive tasks as a kind: trials that are generated when they are needed, judged by the published criterion.

use bl_core::io::{Channel, Output, Read, SeriesScale, Signal, Trials as Form};
use bl_core::{Io, Net};
use serde::Serialize;

use super::trials::{TrialLoss, run_trials};
use crate::Error;
use crate::cognitive::{Cognitive, DT, Settings};
use crate::judgement::{Details, Headline, Judgement, fields, metric};
use crate::kind::{Description, Kind, Lesson, LessonSettings, Misfit, Parts};
use crate::trials::{Goal, Source};

/// Trials of an epoch.
const TRAIN: usize = 6400;
/// Trials that a network is judged by.
const TEST: usize = 1000;

/// One of the twenty tasks.
#[derive(Clone, Debug)]
pub struct CognitiveTask {
    /// Which.
    pub task: Cognitive,
    /// What its trials are like.
    pub settings: Settings,
}

/// Trials of one seed.
#[derive(Clone, Debug)]
pub struct Generated<'a> {
    task: &'a CognitiveTask,
    seed: u64,
    trials: usize,
}

impl CognitiveTask {
    /// A task as it was published.
    pub fn new(task: Cognitive) -> Self {
        Self { task, settings: Settings::default() }
    }

    /// What a network learns from.
    pub fn train(&self) -> Generated<'_> {
        Generated { task: self, seed: 1, trials: TRAIN }
    }

    /// What it is judged by.
    pub fn test(&self) -> Generated<'_> {
        Generated { task: self, seed: 2, trials: TEST }
    }

    /// The share of trials that a network has right, by the published criterion.
    pub fn performance(&self, net: &dyn Net, trials: &Generated<'_>) -> Result<f64, Error> {
        let mut right = 0;
        run_trials(net, trials, |trial, y| {
            let Generated { seed, .. } = *trials;
            right += usize::from(self.settings.without_inputs(self.task, seed, trial as u64).is_right(&y));
            Ok::<(), Error>(())
        })?;
        Ok(right as f64 / trials.trials as f64)
    }
}

impl Source for Generated<'_> {
    fn trials(&self) -> usize {
        self.trials
    }

    fn steps(&self, trial: usize) -> usize {
        self.task.settings.steps(self.task.task, self.seed, trial as u64)
    }

    fn inputs(&self, trial: usize) -> Vec<f32> {
        self.task.settings.trial(self.task.task, self.seed, trial as u64).inputs
    }

    fn goal(&self, trial: usize) -> Goal<f32> {
        let trial = self.task.settings.without_inputs(self.task.task, self.seed, trial as u64);
        Goal::Values { values: trial.targets, weights: trial.weights }
    }
}

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    performance: f64,
    trials: usize,
}

impl Kind for CognitiveTask {
    fn io(&self) -> Io {
        let channel = |name: &str, values| Channel {
            name: name.to_owned(),
            values,
            scale: SeriesScale { offset: 0.0, unit: 1.0 },
            low: 0.0,
            high: 1.0,
        };
        let ring = self.settings.ring;
        let inputs = vec![channel("fixation", 1), channel("modality 1", ring), channel("modality 2", ring)];
        let output = Output::Values { variables: vec![channel("fixation", 1), channel("response", ring)] };
        let longest = self.settings.longest(self.task);
        let form = Form { inputs, output, horizon: 0, washout: 0, spacing: Some(DT), longest };
        Io::Signal { signal: Signal::Trials(form), learned_state: false }
    }

    fn summary(&self) -> String {
        format!("{TRAIN} training and {TEST} test trials, generated; {}", self.task.goal())
    }

    fn headline(&self) -> Option<&'static str> {
        Some("performance")
    }

    fn advice(&self) -> &'static str {
        "a wider network, more epochs, or `--method bias+gain`"
    }

    fn parts(&self) -> Parts {
        Parts {
            unit: "trials",
            train: TRAIN,
            test: TEST,
            train_sha256: self.train().sha256(),
            test_sha256: self.test().sha256(),
        }
    }

    fn describe(&self) -> Description {
        Description { lines: vec![format!("trials     {}", self.task.goal())], ..Description::default() }
    }

    fn lesson(&self, _: LessonSettings) -> Result<Lesson<'_>, Error> {
        Ok(Lesson::Steps(Box::new(TrialLoss { source: Box::new(self.train()), read: Read::Each })))
    }

    fn judge(&self, net: &dyn Net) -> Result<Judgement, Error> {
        let performance = self.performance(net, &self.test())?;
        let report = Report { performance, trials: TEST };
        Ok(Judgement {
            metrics: vec![metric("performance", "test", performance)],
            headline: Some(Headline { name: "performance", value: performance }),
            lines: vec![format!(
                "performance     {:.1} % of {TEST} trials are right: fixation kept, response within 36°",
                100.0 * performance
            )],
            more: Vec::new(),
            summary: fields(&report),
            fields: fields(&report),
            details: Details::Own,
        })
    }

    fn adopt(&mut self, io: &Io, _: &[String]) -> Result<(), Misfit> {
        if self.io() == *io {
            return Ok(());
        }
        let found = format!("is the cognitive task {}", self.task.title());
        Err(Misfit { expected: crate::about::does(io).into(), found, hint: None })
    }
}

impl Generated<'_> {
    /// What identifies them: how they are made.
    fn sha256(&self) -> String {
        use sha2::{Digest, Sha256};
        let Self { task, seed, trials } = self;
        let made = format!("cognitive/1/{}/{seed}/{trials}/{:?}", task.task.name(), task.settings);
        bl_core::text::hex(&Sha256::digest(made))
    }
}
