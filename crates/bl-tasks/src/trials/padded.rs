//! Trials that were filled up to one length, and the targets of their steps.

use super::Goals;
use super::arrays::ArraysFault;

/// Trials that were filled up to one length.
pub(super) struct Ragged {
    pub(super) lengths: Vec<usize>,
    pub(super) time: usize,
}

impl Ragged {
    /// Values of each trial up to its own end, of those filled up.
    pub(super) fn cut<T: Clone>(&self, values: Vec<T>, width: usize) -> Vec<T> {
        if self.lengths.iter().all(|steps| *steps == self.time) {
            return values;
        }
        let trials = values.chunks_exact(self.time * width).zip(&self.lengths);
        trials.flat_map(|(trial, steps)| &trial[..steps * width]).cloned().collect()
    }

    /// What each value counts: as the mask says, the same for all outputs of a step if it has no axis of these; else 1.
    pub(super) fn weights(
        &self,
        mask: Option<(Vec<usize>, Vec<f64>)>,
        outputs: usize,
    ) -> Result<Vec<f32>, ArraysFault> {
        let (trials, time) = (self.lengths.len(), self.time);
        let Some((shape, mask)) = mask else {
            return Ok(vec![1.0; self.lengths.iter().sum::<usize>() * outputs]);
        };
        if shape == [trials, time, outputs] {
            return Ok(self.cut(mask, outputs).into_iter().map(|weight| weight as f32).collect());
        }
        if shape != [trials, time] {
            let expected = format!("[trials, time], [{trials}, {time}] here, or [trials, time, outputs]");
            return Err(ArraysFault::Shape { name: "mask", expected, found: shape });
        }
        let of_steps = self.cut(mask, 1).into_iter().map(|weight| weight as f32);
        Ok(of_steps.flat_map(|weight| std::iter::repeat_n(weight, outputs)).collect())
    }
}

/// The goals of an array `targets`.
pub(super) fn values(
    (shape, values): (Vec<usize>, Vec<f64>),
    mask: Option<(Vec<usize>, Vec<f64>)>,
    ragged: &Ragged,
    notices: &mut Vec<String>,
) -> Result<Goals, ArraysFault> {
    let name = "targets";
    if let Some(at) = values.iter().position(|value| value.is_infinite()) {
        let (expected, found) = ("numbers, or NaN".into(), values[at].to_string());
        return Err(ArraysFault::Value { name, expected, found, at: position(at, &shape) });
    }
    let (trials, time) = (ragged.lengths.len(), ragged.time);
    let (variables, of_steps) = match *shape {
        [n, t, outputs] if n == trials && t == time => (outputs, true),
        [n, t] if n == trials && t == time => (1, true),
        [n, outputs] if n == trials => (outputs, false),
        [n] if n == trials => (1, false),
        _ => {
            let expected = format!(
                "[trials, time, outputs], [{trials}, {time}, …] here, [trials, time], or [trials, outputs] at the last step"
            );
            return Err(ArraysFault::Shape { name, expected, found: shape });
        }
    };
    let (values, weights) = if of_steps {
        (ragged.cut(values, variables), ragged.weights(mask, variables)?)
    } else {
        if mask.is_some() {
            return Err(ArraysFault::Mask { of: "`targets` of the last step have" });
        }
        notices.push("`targets` have no axis of time: they are asked for at the last step of a trial".into());
        let steps: usize = ragged.lengths.iter().sum();
        let (mut all, mut weights) = (vec![0.0; steps * variables], vec![0.0; steps * variables]);
        let mut end = 0;
        for (steps, last) in ragged.lengths.iter().zip(values.chunks_exact(variables)) {
            end += steps * variables;
            all[end - variables..end].copy_from_slice(last);
            weights[end - variables..end].fill(1.0);
        }
        (all, weights)
    };
    let is_missing = |(value, weight): &(&f64, &f32)| value.is_nan() && **weight > 0.0;
    let missing = values.iter().zip(&weights).filter(is_missing).count();
    if missing > 0 {
        let all = weights.iter().filter(|weight| **weight > 0.0).count();
        notices.push(format!(
            "{missing} of {all} values of `targets` are missing (NaN): they are not asked for"
        ));
    }
    Ok(Goals::Values { variables, values, weights })
}

/// The place of a value in a row-major array.
fn position(mut at: usize, shape: &[usize]) -> Vec<usize> {
    let mut place: Vec<usize> = shape
        .iter()
        .rev()
        .map(|size| {
            let own = at % size;
            at /= size;
            own
        })
        .collect();
    place.reverse();
    place
}
