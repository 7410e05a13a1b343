//! All trajectories through all steps and back, a tile of them on each core.

use super::{Batch, Drive, Recurrence, RecurrentGradient, Unrolled};
use crate::error::{Error, check_len};
use crate::gradient::Wrt;
use crate::isa::Isa;
use crate::parallel;
use crate::recurrent_step::{Backward, Forward};

/// Trajectories that share what is read of the weights.
const TILE: usize = 8;

/// Trajectories that one core takes through all steps together: a tile, but a few are split in two, for two cores. It depends on
/// nothing else, so that sums over trajectories are taken in the same order whatever the number of threads.
fn tile(trajectories: usize) -> usize {
    let tiles = 2 * trajectories.div_ceil(2 * TILE);
    trajectories.div_ceil(tiles)
}

impl Recurrence {
    /// Runs every trajectory through all steps.
    pub fn forward(&self, isa: Isa, drive: &Drive<'_>, batch: &Batch<'_>) -> Result<Unrolled, Error> {
        let Batch { inputs, steps, trajectories, lengths } = *batch;
        check_len("inputs", steps * trajectories * self.inputs, inputs.len())?;
        if !lengths.is_empty() {
            check_len("lengths", trajectories, lengths.len())?;
            if let Some(&index) = lengths.iter().find(|&&of| of > steps) {
                return Err(Error::OutOfRange { what: "step", index, len: steps });
            }
        }
        if steps == 0 || trajectories == 0 {
            return Err(Error::Length { what: "steps and trajectories", expected: 1, found: 0 });
        }
        self.check_drive(drive, trajectories)?;
        let (bias, gains) = (self.pad(drive.bias), self.gains(drive));
        let tile = tile(trajectories);
        let done = parallel::map(trajectories.div_ceil(tile), |i| {
            let first = i * tile;
            let rows = tile.min(trajectories - first);
            let all = [steps; TILE];
            let lengths = if lengths.is_empty() { &all[..rows] } else { &lengths[first..first + rows] };
            let steps = lengths.iter().copied().max().unwrap_or(0);
            let x = of_tile(inputs, self.inputs, trajectories, steps, first, rows);
            let mut r = vec![0.0; rows * self.stride];
            for (row, r) in r.chunks_exact_mut(self.stride).enumerate() {
                let own = if drive.initial.len() == self.units { 0 } else { (first + row) * self.units };
                r[..self.units].copy_from_slice(&drive.initial[own..own + self.units]);
            }
            let mut h = vec![0.0; steps * rows * self.stride];
            let mut y = vec![0.0; steps * rows * self.outputs];
            let net = self;
            isa.run(Forward {
                net,
                bias: &bias,
                gains: &gains,
                x: &x,
                lengths,
                r: &mut r,
                h: &mut h,
                y: &mut y,
            });
            (rows, r, h, y)
        });
        let mut unrolled = Unrolled {
            outputs: vec![0.0; steps * trajectories * self.outputs],
            last: Vec::with_capacity(trajectories * self.units),
            exploded: None,
            activations: Vec::new(),
            steps,
            trajectories,
            lengths: lengths.to_vec(),
        };
        for (first, (rows, r, h, y)) in (0..).step_by(tile).zip(done) {
            for (step, y) in y.chunks_exact(rows * self.outputs).enumerate() {
                let at = (step * trajectories + first) * self.outputs;
                unrolled.outputs[at..at + y.len()].copy_from_slice(y);
            }
            r.chunks_exact(self.stride).for_each(|r| unrolled.last.extend_from_slice(&r[..self.units]));
            unrolled.activations.push(h);
        }
        let of_step = trajectories * self.outputs;
        unrolled.exploded = unrolled.outputs.iter().position(|y| !y.is_finite()).map(|at| at / of_step);
        Ok(unrolled)
    }

    /// The adjoint of [`Self::forward`]. The state's gradient is dropped every `truncate` steps, if given.
    ///
    /// # Shapes
    /// - `delta`: ∂L/∂y, `[steps, trajectories, outputs]`; nothing is read after a trajectory's end
    pub fn backward(
        &self,
        isa: Isa,
        drive: &Drive<'_>,
        unrolled: &Unrolled,
        delta: &[f32],
        wrt: Wrt,
        truncate: Option<usize>,
    ) -> Result<RecurrentGradient, Error> {
        let Unrolled { steps, trajectories, .. } = *unrolled;
        check_len("gradient of the outputs", steps * trajectories * self.outputs, delta.len())?;
        let tile = tile(trajectories);
        check_len("activations", trajectories.div_ceil(tile), unrolled.activations.len())?;
        self.check_drive(drive, trajectories)?;
        let gains = self.gains(drive);
        let truncate = truncate.unwrap_or(usize::MAX).max(1);
        let done = parallel::map(unrolled.activations.len(), |i| {
            let (first, h) = (i * tile, &unrolled.activations[i]);
            let rows = tile.min(trajectories - first);
            let of_step = rows * self.stride;
            let steps = (h.len() / of_step).min(steps); // of the tile's longest
            check_len("activations", steps * of_step, h.len())?;
            let mut delta = of_tile(delta, self.outputs, trajectories, steps, first, rows);
            for (row, &end) in unrolled.lengths.iter().skip(first).take(rows).enumerate() {
                for step in end..steps {
                    delta[(step * rows + row) * self.outputs..][..self.outputs].fill(0.0);
                }
            }
            let mut adjoint = vec![0.0; rows * self.stride];
            let mut of_bias = vec![0.0; if wrt == Wrt::UnitGain { 0 } else { self.stride }];
            let mut of_gain = vec![0.0; if wrt == Wrt::Bias { 0 } else { self.stride }];
            isa.run(Backward {
                net: self,
                gains: &gains,
                h,
                delta: &delta,
                rows,
                truncate,
                adjoint: &mut adjoint,
                of_bias: &mut of_bias,
                of_gain: &mut of_gain,
            });
            Ok((adjoint, of_bias, of_gain))
        });
        let done = done.into_iter().collect::<Result<Vec<_>, Error>>()?;
        let mut all = RecurrentGradient { bias: Vec::new(), gains: Vec::new(), initial: Vec::new() };
        for (adjoint, of_bias, of_gain) in done {
            add(&mut all.bias, &of_bias, self.units);
            add(&mut all.gains, &of_gain, self.units);
            adjoint.chunks_exact(self.stride).for_each(|a| all.initial.extend_from_slice(&a[..self.units]));
        }
        Ok(all)
    }

    fn check_drive(&self, drive: &Drive<'_>, trajectories: usize) -> Result<(), Error> {
        check_len("bias", self.units, drive.bias.len())?;
        if !drive.gains.is_empty() {
            check_len("unit gains", self.units, drive.gains.len())?;
        }
        if drive.initial.len() == self.units {
            return Ok(());
        }
        check_len("initial state", trajectories * self.units, drive.initial.len())
    }

    fn pad(&self, values: &[f32]) -> Vec<f32> {
        let mut padded = values.to_vec();
        padded.resize(self.stride, 0.0);
        padded
    }

    /// β m, padded.
    fn gains(&self, drive: &Drive<'_>) -> Vec<f32> {
        if drive.gains.is_empty() {
            return vec![self.beta; self.stride];
        }
        self.pad(&drive.gains.iter().map(|m| self.beta * m).collect::<Vec<_>>())
    }
}

/// The part `[steps, rows, width]` of `[steps, trajectories, width]` that belongs to a tile.
fn of_tile(
    all: &[f32],
    width: usize,
    trajectories: usize,
    steps: usize,
    first: usize,
    rows: usize,
) -> Vec<f32> {
    let of_step = |step: usize| &all[(step * trajectories + first) * width..][..rows * width];
    (0..steps).flat_map(of_step).copied().collect()
}

fn add(sum: &mut Vec<f32>, part: &[f32], units: usize) {
    if sum.is_empty() {
        sum.extend_from_slice(&part[..units.min(part.len())]);
    } else {
        sum.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
    }
}
