//! Task variance: how much a hidden unit's activation varies over the test set of a task.

use super::{check_finite, check_length};
use crate::error::Error;

/// Added to the maximum that a unit's variances are divided by, so that a unit that is silent in every
/// task stays zero instead of becoming 0/0 (paper, Appendix C.1).
pub const NORMALISE_EPSILON: f64 = 1e-9;

/// The vector of each unit's task variances, divided by its largest entry plus [`NORMALISE_EPSILON`]:
/// what is clustered and shown in the paper's Fig. 1C.
///
/// # Shapes
/// - `task_variances`: `[tasks][units]`
/// - returns: `[units][tasks]`
pub fn normalise(task_variances: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, Error> {
    let units = task_variances.first().ok_or(Error::Empty { what: "tasks" })?.len();
    for variances in task_variances {
        check_length("variances of a task", units, variances.len())?;
        check_finite("variances of a task", variances)?;
        if let Some(index) = variances.iter().position(|&variance| variance < 0.0) {
            return Err(Error::Negative { what: "variances of a task", index, value: variances[index] });
        }
    }
    Ok((0..units)
        .map(|unit| {
            let largest = task_variances.iter().map(|task| task[unit]).fold(0.0, f64::max);
            task_variances.iter().map(|task| task[unit] / (largest + NORMALISE_EPSILON)).collect()
        })
        .collect())
}
