//! The mean squared error of trajectories.

use crate::kind::OutputGradient;

/// The mean squared error of each row over the steps after the washout, for one output.
///
/// # Shapes
/// - `y`: `[steps, rows]`; `target` gives the value of a step and a row
pub(super) fn squares(
    y: &[f32],
    rows: usize,
    washout: usize,
    target: impl Fn(usize, usize) -> f32,
) -> OutputGradient {
    let steps = y.len() / rows;
    let judged = (steps - washout) as f64;
    let factor = (2.0 / (judged * rows as f64)) as f32;
    let mut delta = vec![0.0; y.len()];
    let mut sum = 0.0;
    for step in washout..steps {
        for row in 0..rows {
            let away = y[step * rows + row] - target(step, row);
            sum += f64::from(away) * f64::from(away) / judged;
            delta[step * rows + row] = factor * away;
        }
    }
    OutputGradient { sum, delta, correct: 0 }
}
