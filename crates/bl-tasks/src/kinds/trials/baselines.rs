//! What a table is worth without a network: the last known value of a target, and a linear regression on what goes in.
//!
//! ```text
//! persistence    ŷ(t + h) = y(t)                 where the target is among the inputs
//! linear         ŷ(t + h) = a₀ + Σ aₖ xₖ(t)      with  Σ (y − ŷ)² + λ Σ aₖ²  least
//! ```

use super::{Scaled, TrialsTask};
use crate::forecast::r_squared;
use crate::kinds::forecast::solved;
use crate::trials::{Goal, Source};

/// λ per sample; what goes in has a variance near 1.
const PENALTY: f64 = 1e-6;
/// More inputs are not regressed on.
const MOST: usize = 256;

/// R² of the two, for each variable.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Baselines {
    /// None where the target is not known.
    pub(super) persistence: Vec<Option<f64>>,
    /// None if there is too little to learn from.
    pub(super) linear: Vec<Option<f64>>,
}

impl Baselines {
    /// Learned from the training half of a task, judged on its test half; nothing of trials that are no table.
    pub(super) fn of(task: &TrialsTask) -> Self {
        if task.cut.is_none() {
            return Self::default();
        }
        let (inputs, variables) = (&task.form.inputs, task.form.variables());
        let known = |name: &String| inputs.iter().position(|of| of.name == *name);
        let persistence = |(nth, name): (usize, &String)| {
            let (place, scale) = (known(name)?, (inputs[known(name)?].scale, variables[nth].scale));
            let last = |x: &[f32]| {
                let own = scale.0.offset + scale.0.unit * f64::from(x[place]);
                (own - scale.1.offset) / scale.1.unit
            };
            judged(task.test(), nth, last)
        };
        let linear = |nth: usize| {
            let weights = learned(task.train(), nth)?;
            judged(task.test(), nth, |x| said(&weights, x))
        };
        let names = variables.iter().map(|of| &of.name);
        Self {
            persistence: names.enumerate().map(persistence).collect(),
            linear: (0..variables.len()).map(linear).collect(),
        }
    }
}

/// Hands over what goes in at each step that counts, and the value of a variable.
fn each(of: Scaled<'_>, variable: usize, mut take: impl FnMut(&[f32], f64)) {
    let channels = of.trials.channels();
    for trial in 0..of.trials() {
        let (inputs, Goal::Values { values, weights }) = (of.inputs(trial), of.goal(trial)) else { return };
        let variables = values.len() / of.steps(trial).max(1);
        for (step, x) in inputs.chunks_exact(channels).enumerate() {
            let at = step * variables + variable;
            if weights[at] > 0.0 {
                take(x, f64::from(values[at]));
            }
        }
    }
}

fn judged(of: Scaled<'_>, variable: usize, forecast: impl Fn(&[f32]) -> f64) -> Option<f64> {
    let (mut target, mut found) = (Vec::new(), Vec::new());
    each(of, variable, |x, y| {
        target.push(y);
        found.push(forecast(x));
    });
    r_squared(&target, &found).ok()
}

fn said(weights: &[f64], x: &[f32]) -> f64 {
    x.iter().zip(&weights[1..]).map(|(x, a)| a * f64::from(*x)).sum::<f64>() + weights[0]
}

/// a₀ and a₁ …, by the normal equations.
fn learned(of: Scaled<'_>, variable: usize) -> Option<Vec<f64>> {
    let n = of.trials.channels() + 1;
    if n > MOST {
        return None;
    }
    let (mut g, mut b, mut rows) = (vec![0.0; n * n], vec![0.0; n], 0.0);
    each(of, variable, |x, y| {
        let row = |k: usize| if k == 0 { 1.0 } else { f64::from(x[k - 1]) };
        for i in 0..n {
            (0..=i).for_each(|j| g[i * n + j] += row(i) * row(j));
            b[i] += row(i) * y;
        }
        rows += 1.0;
    });
    (1..n).for_each(|i| g[i * n + i] += PENALTY * rows);
    if rows > n as f64 { solved(g, b) } else { None }
}
