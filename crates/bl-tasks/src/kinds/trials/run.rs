//! A network over many trials.

use bl_core::Net;

use super::loss::{longest, of_trial, side_by_side};
use crate::kinds::Fault;
use crate::kinds::run::{BUDGET_BYTES, Cost};
use crate::trials::Source;

/// Trials that are run side by side.
const TOGETHER: usize = 64;

/// Runs every trial, those of about the same length together, and hands over what came out of each: `[steps, outputs]`. A state that
/// explodes is an error.
pub fn run_trials<E: From<Fault>>(
    net: &dyn Net,
    source: &dyn Source,
    mut each: impl FnMut(usize, Vec<f32>) -> Result<(), E>,
) -> Result<(), E> {
    let mut order: Vec<usize> = (0..source.trials()).collect();
    order.sort_by_key(|&trial| source.steps(trial));
    for trials in order.chunks(TOGETHER) {
        let lengths: Vec<usize> = trials.iter().map(|&trial| source.steps(trial)).collect();
        let (steps, count) = (longest(&lengths), trials.len());
        Cost::of(net, steps, count, size_of::<f32>()).within_bytes(BUDGET_BYTES)?;
        let inputs: Vec<Vec<f32>> = trials.iter().map(|&trial| source.inputs(trial)).collect();
        let x = side_by_side(&inputs, &lengths);
        let mut state = net.initial().repeat(count);
        let y = in_pieces(net, &x, steps, &mut state)?;
        for (nth, (&trial, &steps)) in trials.iter().zip(&lengths).enumerate() {
            let own = of_trial(&y, nth, count, net.outputs(), steps);
            if let Some(at) = own.iter().position(|y| !y.is_finite()) {
                return Err(Fault::Exploded { step: at / net.outputs() }.into());
            }
            each(trial, own)?;
        }
    }
    Ok(())
}

/// As [`Net::run`]; what comes out after a trial's own end may be anything.
fn in_pieces(net: &dyn Net, x: &[f32], steps: usize, state: &mut Vec<f32>) -> Result<Vec<f32>, Fault> {
    let piece = crate::kinds::run::piece(state.len());
    let of_step = x.len() / steps;
    let mut y = Vec::new();
    for begin in (0..steps).step_by(piece) {
        let count = piece.min(steps - begin);
        y.extend(net.run(&x[begin * of_step..(begin + count) * of_step], count, state)?);
    }
    Ok(y)
}
