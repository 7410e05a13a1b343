//! The twenty cognitive tasks of Yang et al. (Nature Neuroscience 22, 297-306, 2019), as trials that are generated.
//!
//! ```
//! use bl_tasks::cognitive::{Cognitive, Settings};
//!
//! let settings = Settings::default();
//! let trial = settings.trial(Cognitive::DlyAnti, 1, 0);
//! assert_eq!(trial.inputs.len(), trial.steps * (1 + 32 + 32)); // fixation, modality 1, modality 2
//! assert_eq!(trial.targets.len(), trial.steps * (1 + 32)); // fixation, response
//! assert!(trial.is_right(&trial.targets));
//! ```
//!
//! A network sees a fixation point and up to two stimuli, each a bump on a ring of one or both modalities: unit i of
//! preferred direction `θ_i = 2π i / ring` is at `0.8 γ exp(−½ (8 |ψ − θ_i| / π)²)` for a stimulus of strength γ at
//! direction ψ. It has to keep its fixation output high until the response is due, then to lower it and to answer with a
//! bump on the ring of its outputs; in some trials the right answer is to go on fixating.
//!
//! A [`Settings::trial`] is a pure function of (settings, task, seed, index), with the same bits on every platform: stream
//! `index` of `ChaCha8` under a key made of the task and the seed, and only `+ - * /`, square roots and `libm`. So trials
//! are never stored.
//!
//! # What is published, and where
//!
//! What the paper's Methods state is theirs; where they are silent, the authors' own code decides (`task.py`, `train.py`
//! and `network.py` of github.com/gyyang/multitask, commit 817e23d). Code and paper differ in places:
//!
//! | | paper, and here | the authors' code |
//! |---|---|---|
//! | target of the fixation output | 0.85, then 0.05 | 0.8, then 0.05 |
//! | weight of the squared error | 1, then 0 for 100 ms, then 5; twice for fixation | the squares of these; 0 in the first 100 ms too |
//! | stimuli of Dly DM tasks | 300 ms each | 200, 400 or 600 ms each |
//! | stimulus 2 of DMS and DNMS, if it is another | 10° to 350° away | 20° to 340° away |
//! | a right trial | fixation kept, and the right direction | the outputs at the last step |
//!
//! Two statements of the paper are not followed, since they disagree with themselves. Stimuli of DM tasks end as the
//! response is due, as in the code: "till the end of the trial" is at odds with the `T_stim1` they are said to last. And
//! what U(500, 2500) ms is in RT tasks is the fixation epoch, as in the code: their stimulus lasts as long as the response.
//! `MultSen Dly DM` is missing in the paper's list of its family; it is to Dly DM tasks what `MultSen DM` is to DM tasks.
//! From the code are the durations of fixation, of the response, of the stimuli of Dly Go, Dly Anti and matching tasks, and
//! of the delay before the response of Dly DM tasks; and that all trials of a batch last as long, which is not so here.

mod draw;
mod ring;
mod scene;
mod table;
mod task;
mod trial;

pub use ring::population_vector;
pub use task::Cognitive;
pub use trial::{CognitiveTrial, Stimulus};

/// The time of a step, in ms.
pub const DT: f64 = 20.0;
/// The time constant of the published networks, in ms; a step moves a unit by α = [`DT`] / [`TAU`] of its way.
pub const TAU: f64 = 100.0;
/// Units of a rule input: one for each task.
pub const RULES: usize = Cognitive::ALL.len();

/// What trials are like; as published by default.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Units of a ring; 32 in the paper.
    pub ring: usize,
    /// `σ_in`; 0.01 in the paper. Every input has noise `√(2/α) σ_in N(0, 1)` at every step.
    pub noise: f64,
    /// How far apart the strengths of two stimuli are.
    pub coherences: Coherences,
}

/// How far apart the strengths of the two stimuli of the ten decision tasks are: γ + c and γ − c.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coherences {
    /// |c| is 0.01 to 0.08, of Dly DM tasks 0.08 to 0.32.
    #[default]
    Published,
    /// Ten times that, of Dly DM tasks twice: what the paper takes to learn tasks one after the other (its figure 8).
    Easy,
}

impl Default for Settings {
    fn default() -> Self {
        Self { ring: 32, noise: 0.01, coherences: Coherences::Published }
    }
}

impl Settings {
    /// Inputs at a step: fixation and two modalities.
    pub fn inputs(&self) -> usize {
        1 + 2 * self.ring
    }

    /// Outputs at a step: fixation and response.
    pub fn outputs(&self) -> usize {
        1 + self.ring
    }

    /// The standard deviation of an input: `√(2/α) σ_in`.
    fn deviation(&self) -> f64 {
        libm::sqrt(2.0 * TAU / DT) * self.noise
    }
}
