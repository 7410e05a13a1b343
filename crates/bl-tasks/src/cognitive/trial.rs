//! A trial: what a network sees, what it should say, and whether it was right.

use std::f64::consts::PI;
use std::ops::Range;

use super::draw::Draw;
use super::ring::{bump, distance, population_vector};
use super::table::{Cue, TABLE};
use super::{Cognitive, DT, RULES, Settings};

/// Target of the fixation output while it should be high.
const HIGH: f32 = 0.85;
/// Target of every output that should be low; a bump stands on it.
const LOW: f32 = 0.05;
/// A fixation output below this has broken fixation.
const THRESHOLD: f32 = 0.5;
/// How far from the target a right response may be: 36°.
const TOLERANCE: f64 = PI / 5.0;
/// Steps at the beginning of the response that no error counts in, and at the beginning of a trial in which a network
/// need not fixate yet: 100 ms.
const GRACE: usize = (100.0 / DT) as usize;
/// Weight of an error in the response; before, it is 1.
const RESPONSE_WEIGHT: f32 = 5.0;
/// How many times more an error of the fixation output counts than one of a unit of the ring.
const FIXATION_WEIGHT: f32 = 2.0;

/// One trial of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct CognitiveTrial {
    /// How long it is, in steps of [`DT`].
    pub steps: usize,
    /// `[steps, 1 + 2 ring]`: the fixation point and two modalities, with noise.
    pub inputs: Vec<f32>,
    /// `[steps, 1 + ring]`: fixation and response. Fixation is 0.85 while it is due, then 0.05; the response is 0.05 plus,
    /// from when it is due, `0.8 exp(−½ (8 |ψ − θ_i| / π)²)` for direction ψ.
    pub targets: Vec<f32>,
    /// `[steps, 1 + ring]`: what a squared error counts, the paper's `m`. For the ring 1 before the response, 0 in its
    /// first 100 ms, 5 in the rest of it; twice that for fixation. The paper's loss is the mean of `m (z − ẑ)²`.
    pub weights: Vec<f32>,
    /// Where fixation has to be kept: from 100 ms on until the response is due, or to the end if none is.
    pub fixation: Range<usize>,
    /// The epoch of the response, whether one is right or not.
    pub response: Range<usize>,
    /// Where to respond, in radians; none if it is right to go on fixating.
    pub direction: Option<f64>,
    /// What is shown, but for the noise.
    pub stimuli: Vec<Stimulus>,
}

/// A bump of input.
#[derive(Clone, Debug, PartialEq)]
pub struct Stimulus {
    /// 0 or 1. What is in both modalities is two of these.
    pub modality: usize,
    /// ψ, in radians.
    pub direction: f64,
    /// γ, about 1.
    pub strength: f64,
    /// When it is shown.
    pub steps: Range<usize>,
}

impl Settings {
    /// A trial of a task, a pure function of (settings, task, seed, index).
    pub fn trial(&self, task: Cognitive, seed: u64, index: u64) -> CognitiveTrial {
        let (mut trial, mut draw) = self.drawn(task, seed, index);
        let fixation_on = match TABLE[task.index()].course.cue {
            Cue::FixationOff => trial.response.start,
            Cue::StimulusOn => trial.steps,
        };
        trial.inputs = self.seen(&trial.stimuli, trial.steps, fixation_on);
        draw.add_noise(&mut trial.inputs, self.deviation());
        trial
    }

    /// The same without inputs, in a fraction of the time.
    pub fn without_inputs(&self, task: Cognitive, seed: u64, index: u64) -> CognitiveTrial {
        self.drawn(task, seed, index).0
    }

    /// Steps of a trial.
    pub fn steps(&self, task: Cognitive, seed: u64, index: u64) -> usize {
        TABLE[task.index()].course.draw(&mut Draw::of_trial(task, seed, index)).steps
    }

    /// Steps of the longest trial that there may be.
    pub fn longest(&self, task: Cognitive) -> usize {
        TABLE[task.index()].course.longest()
    }

    /// A trial without inputs, and the draws that their noise goes on with.
    fn drawn(&self, task: Cognitive, seed: u64, index: u64) -> (CognitiveTrial, Draw) {
        let (description, mut draw) = (&TABLE[task.index()], Draw::of_trial(task, seed, index));
        let times = description.course.draw(&mut draw);
        let (stimuli, direction) = description.rule.draw(&mut draw, &times.shown, self.coherences);
        let (steps, response) = (times.steps, times.response);
        let fixated = if direction.is_some() { response.start } else { steps };
        let trial = CognitiveTrial {
            steps,
            inputs: Vec::new(),
            targets: self.targets(direction, steps, fixated),
            weights: self.weights(&response, steps),
            fixation: GRACE..fixated,
            response,
            direction,
            stimuli,
        };
        (trial, draw)
    }

    /// The inputs of a trial, with a rule after them: one unit for each task, at 1 for `rule` and at 0 for the others, with
    /// noise. That is what a network needs to know that is to do many tasks.
    ///
    /// # Shapes
    /// - returns: `[steps, 1 + 2 ring + 20]`
    pub fn with_rule(&self, trial: &CognitiveTrial, rule: Cognitive, seed: u64, index: u64) -> Vec<f32> {
        let mut rules = vec![0.0; trial.steps * RULES];
        rules.iter_mut().skip(rule.index()).step_by(RULES).for_each(|unit| *unit = 1.0);
        Draw::of_rule(rule, seed, index).add_noise(&mut rules, self.deviation());
        let rows = trial.inputs.chunks_exact(self.inputs()).zip(rules.chunks_exact(RULES));
        rows.flat_map(|(inputs, rule)| inputs.iter().chain(rule).copied()).collect()
    }

    /// The inputs without noise.
    fn seen(&self, stimuli: &[Stimulus], steps: usize, fixation_on: usize) -> Vec<f32> {
        let mut inputs = vec![0.0; steps * self.inputs()];
        inputs.iter_mut().step_by(self.inputs()).take(fixation_on).for_each(|fixation| *fixation = 1.0);
        for Stimulus { modality, direction, strength, steps } in stimuli {
            let bump: Vec<f32> = bump(*direction, *strength, self.ring).map(|x| x as f32).collect();
            let rows = inputs.chunks_exact_mut(self.inputs()).skip(steps.start).take(steps.len());
            for row in rows {
                let ring = row[1 + modality * self.ring..].iter_mut();
                ring.zip(&bump).for_each(|(input, x)| *input += x);
            }
        }
        inputs
    }

    fn targets(&self, direction: Option<f64>, steps: usize, fixated: usize) -> Vec<f32> {
        let fixating = [vec![HIGH], vec![LOW; self.ring]].concat();
        let mut responding = vec![LOW; self.outputs()];
        if let Some(direction) = direction {
            let bump = bump(direction, 1.0, self.ring);
            responding[1..].iter_mut().zip(bump).for_each(|(target, x)| *target += x as f32);
        }
        [fixating.repeat(fixated), responding.repeat(steps - fixated)].concat()
    }

    fn weights(&self, response: &Range<usize>, steps: usize) -> Vec<f32> {
        let of_step = |step: usize| match step.checked_sub(response.start) {
            None => 1.0,
            Some(since) if since < GRACE => 0.0,
            Some(_) => RESPONSE_WEIGHT,
        };
        let row = |weight: f32| [vec![FIXATION_WEIGHT * weight], vec![weight; self.ring]].concat();
        (0..steps).flat_map(|step| row(of_step(step))).collect()
    }
}

impl CognitiveTrial {
    /// Whether outputs are right by the published criterion: "A trial is considered correct only if the network correctly
    /// maintained fixation and responded to the correct direction. The response direction of the network is read out using
    /// a population vector method. The decoded response direction is considered correct if it is within 36° of the target
    /// direction. If the activity of the fixation output falls below 0.5, the network is considered to have broken
    /// fixation." (Methods, "Tasks and performances".)
    ///
    /// The paper does not say when. Here as in the authors' code (`get_perf`), the response is what the outputs are at the
    /// last step, and is one only if the fixation output is below 0.5 there. Fixation has to be kept over all of
    /// [`fixation`](Self::fixation), which leaves out the first 100 ms, as the code's cost does: a network begins at rest.
    /// (The code's own criterion looks at the last step alone.)
    ///
    /// # Shapes
    /// - `outputs`: `[steps, 1 + ring]`
    ///
    /// # Panics
    /// If there are not as many outputs as targets.
    pub fn is_right(&self, outputs: &[f32]) -> bool {
        assert_eq!(outputs.len(), self.targets.len(), "outputs are as many as targets");
        let outputs: Vec<&[f32]> = outputs.chunks_exact(outputs.len() / self.steps).collect();
        let kept = outputs[self.fixation.clone()].iter().all(|output| output[0] >= THRESHOLD);
        let end = outputs[self.steps - 1];
        let responds = |direction| {
            let response = population_vector(&end[1..]);
            end[0] < THRESHOLD && response.is_some_and(|response| distance(response, direction) < TOLERANCE)
        };
        kept && self.direction.is_none_or(responds)
    }
}
