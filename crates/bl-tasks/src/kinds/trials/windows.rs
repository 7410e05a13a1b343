//! Windows of long trials, as what is learned from: each begins with a washout, and the next one some steps later.

use crate::Error;
use crate::kind::LessonSettings;
use crate::kinds::WINDOW;
use crate::trials::{Goal, Goals, Source};

use super::{Cut, Scaled, scaled};

/// Steps from the beginning of a window to that of the next, unless the settings say otherwise.
const STRIDE: usize = 8;

/// All windows of one length in which something is asked after the washout.
pub(super) struct Windows<'a> {
    of: Scaled<'a>,
    length: usize,
    stride: usize,
    cut: Cut,
    /// The trial, and the step of it, where each begins.
    begins: Vec<(u32, u32)>,
}

impl<'a> Windows<'a> {
    pub(super) fn new(of: Scaled<'a>, cut: Cut, settings: LessonSettings) -> Result<Self, Error> {
        let (length, stride) = (settings.window.unwrap_or(WINDOW), settings.stride.unwrap_or(STRIDE).max(1));
        if length <= cut.washout {
            return Err(Error::WindowInWashout { window: length, washout: cut.washout });
        }
        let mut begins = Vec::new();
        for trial in 0..of.trials.len() {
            let asked = asked_before(of, trial);
            let last = of.trials.steps(trial).checked_sub(length);
            let firsts = last.into_iter().flat_map(|last| (0..=last).step_by(stride));
            let asks = |first: &usize| asked[first + length] > asked[first + cut.washout];
            begins.extend(firsts.filter(asks).map(|first| (trial as u32, first as u32)));
        }
        if begins.is_empty() {
            let samples = of.trials.lengths().1 + cut.horizon;
            return Err(Error::NoWindow { samples, window: length, horizon: cut.horizon });
        }
        Ok(Self { of, length, stride, cut, begins })
    }
}

/// How much is asked before each step, and in all.
fn asked_before(of: Scaled<'_>, trial: usize) -> Vec<usize> {
    let steps = of.trials.steps(trial);
    let mut sums = vec![0; steps + 1];
    if let (Goals::Values { variables, .. }, Goal::Values { weights, .. }) =
        (of.trials.goals(), of.trials.goal(trial))
    {
        for (step, weights) in weights.chunks_exact(*variables).enumerate() {
            sums[step + 1] = sums[step] + weights.iter().filter(|weight| **weight > 0.0).count();
        }
    }
    sums
}

impl Source for Windows<'_> {
    fn trials(&self) -> usize {
        self.begins.len()
    }

    fn steps(&self, _: usize) -> usize {
        self.length
    }

    fn overlap(&self) -> Option<usize> {
        Some((self.length + self.cut.horizon).div_ceil(self.stride))
    }

    fn samples_of_last(&self, rows: usize) -> usize {
        let Some(&(trial, first)) = self.begins.len().checked_sub(rows).and_then(|nth| self.begins.get(nth))
        else {
            return 0;
        };
        let trials = trial as usize..self.of.trials.len();
        trials.map(|trial| self.of.trials.steps(trial)).sum::<usize>() - first as usize
    }

    fn inputs(&self, window: usize) -> Vec<f32> {
        let (trial, first) = self.begins[window];
        let channels = self.of.trials.channels();
        let of = first as usize * channels..(first as usize + self.length) * channels;
        scaled(&self.of.trials.inputs(trial as usize)[of], &self.of.form.inputs)
    }

    fn goal(&self, window: usize) -> Goal<f32> {
        let (trial, first) = self.begins[window];
        let steps = first as usize..first as usize + self.length;
        let mut goal = self.of.of_network(self.of.trials.goal_of(trial as usize, steps));
        if let Goal::Values { weights, .. } = &mut goal {
            let variables = weights.len() / self.length;
            weights[..self.cut.washout * variables].fill(0.0);
        }
        goal
    }
}
