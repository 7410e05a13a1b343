//! What a network says of trials whose right answers nobody knows.

use bl_core::Net;
use bl_core::io::{Channel, Output, Read, Trials as Form};

use super::loss::read;
use super::{run_trials, scaled};
use crate::kinds::Fault;
use crate::trials::{Goal, Source};

/// Values beyond those of training by more than this part of their range are named.
const ROOM: f64 = 0.1;
/// A smaller share of them is no reason for a warning.
const SHARE: f64 = 0.01;

/// What is said of one trial.
#[derive(Clone, Debug, PartialEq)]
pub enum Answered {
    /// A score for each class: `[classes]`.
    Scores(Vec<f32>),
    /// A score for each class at each step: `[steps, classes]`.
    ScoresOfSteps(Vec<f32>),
    /// The variables at each step, in their own units: `[steps, variables]`.
    Values(Vec<f64>),
}

/// Trials in their own units, as an adapter sees them.
struct Asked<'a> {
    form: &'a Form,
    trials: &'a [&'a [f64]],
}

impl Source for Asked<'_> {
    fn trials(&self) -> usize {
        self.trials.len()
    }

    fn steps(&self, trial: usize) -> usize {
        self.trials[trial].len() / self.form.widths(0).0
    }

    fn inputs(&self, trial: usize) -> Vec<f32> {
        scaled(self.trials[trial], &self.form.inputs)
    }

    /// Nothing is known.
    fn goal(&self, _: usize) -> Goal<f32> {
        Goal::Values { values: Vec::new(), weights: Vec::new() }
    }
}

/// What a network says of each trial.
///
/// # Shapes
/// - each of `trials`: `[steps, channels]`, at least one step, in the units of the variables
pub fn answer_trials(net: &dyn Net, form: &Form, trials: &[&[f64]]) -> Result<Vec<Answered>, Fault> {
    let mut answers = vec![Answered::Scores(Vec::new()); trials.len()];
    run_trials(net, &Asked { form, trials }, |trial, y| {
        answers[trial] = match &form.output {
            Output::Classes { read: Read::Each } => Answered::ScoresOfSteps(y),
            Output::Classes { read: how } => Answered::Scores(read(&y, net.outputs(), *how)),
            Output::Values { variables } => Answered::Values(
                y.iter()
                    .zip(Channel::each(variables).cycle())
                    .map(|(y, of)| of.scale.offset + of.scale.unit * f64::from(*y))
                    .collect(),
            ),
        };
        Ok::<(), Fault>(())
    })?;
    Ok(answers)
}

/// What of these values is far outside what was trained on, in words: the channels, and the share of their values.
///
/// # Shapes
/// - each of `trials`: `[steps, channels]`
pub fn unlike_training(form: &Form, trials: &[&[f64]]) -> Option<String> {
    let (width, _) = form.widths(0);
    let of_channel = |nth: usize| trials.iter().flat_map(move |trial| trial.iter().skip(nth).step_by(width));
    let words = Channel::each(&form.inputs).enumerate().filter_map(|(nth, channel)| {
        let room = ROOM * (channel.high - channel.low);
        let (low, high) = (channel.low - room, channel.high + room);
        let all = of_channel(nth).count();
        let far = of_channel(nth).filter(|x| !(low..=high).contains(*x)).count();
        let share = far as f64 / all.max(1) as f64;
        let most = of_channel(nth).copied().max_by(|a, b| (a - low).abs().total_cmp(&(b - low).abs()))?;
        (share > SHARE).then(|| {
            format!(
                "{:.0} % of `{}` are outside {} to {} of training (such as {most})",
                100.0 * share,
                channel.name,
                channel.low,
                channel.high
            )
        })
    });
    let words: Vec<String> = words.take(5).collect();
    (!words.is_empty()).then(|| words.join("; "))
}
