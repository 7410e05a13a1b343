//! Biases, a mask or gains of a recurrent backbone, and r₀: the kernel's adjoint through time.

use std::borrow::Cow;

use bl_core::{Rnn, RnnHalf};
use bl_kernels::{Batch, BatchLoss, Drive};
use bl_tasks::{Inputs, Loss};

use super::units::{UnitGradient, Units};
use super::{Initial, Learned, Objective, Validation};
use crate::config::TrainConfig;
use crate::error::Error;

/// A recurrent network over the steps of its trajectories.
pub(crate) struct Unrolled<'a> {
    rnn: &'a Rnn,
    config: &'a TrainConfig,
    loss: &'a dyn Loss,
    units: Units<'a>,
}

impl<'a> Unrolled<'a> {
    pub(crate) fn new(rnn: &'a Rnn, config: &'a TrainConfig, loss: &'a dyn Loss) -> Self {
        Self { rnn, config, loss, units: Units::new(config, rnn.units(), rnn.initial()) }
    }
}

impl Objective for Unrolled<'_> {
    fn initial(&self) -> Vec<Initial> {
        self.units.initial()
    }

    fn begin_epoch(&mut self, epoch: u32) {
        self.units.begin_epoch(epoch);
    }

    fn loss_and_gradient(
        &mut self,
        parameters: &[Vec<f32>],
        rows: &[u32],
        into: &mut [Vec<f32>],
    ) -> Result<BatchLoss, Error> {
        let (net, isa) = (self.rnn.recurrence(), self.rnn.isa());
        let wrt = self.units.wrt();
        let (view, gains) = self.units.set(parameters);
        let drive = Drive { bias: view.bias, gains, initial: view.state };
        let rows = &*by_length(self.loss, rows);
        let Inputs { x, steps, lengths } = self.loss.inputs(rows);
        let batch = Batch { inputs: &x, steps, trajectories: rows.len(), lengths: &lengths };
        let unrolled = net.forward(isa, &drive, &batch).map_err(bl_core::Error::from)?;
        if let Some(time) = unrolled.exploded {
            return Err(Error::Exploded { epoch: 0, step: 0, time });
        }
        let wrong = self.loss.gradient(rows, &unrolled.outputs)?;
        let truncate = self.config.truncate.map(|steps| steps as usize);
        let gradient = net
            .backward(isa, &drive, &unrolled, &wrong.delta, wrt, truncate)
            .map_err(bl_core::Error::from)?;
        let gradient = UnitGradient {
            bias: &gradient.bias,
            bias_scale: 1.0,
            gains: &gradient.gains,
            state: &gradient.initial,
        };
        self.units.write(parameters, &gradient, into);
        Ok(BatchLoss { sum: wrong.sum, correct: wrong.correct })
    }

    fn validate(&mut self, parameters: &[Vec<f32>], rows: &[u32]) -> Result<Validation, Error> {
        let half = RnnHalf::new(self.rnn, &self.units.parameters(parameters.to_vec()))?;
        validation(self.loss, rows, self.config.batch_size, |x, steps, count| {
            Ok(self.rnn.run(x, steps, &mut half.initial().repeat(count), &half)?)
        })
    }

    fn has_classes(&self) -> bool {
        self.loss.has_classes()
    }

    fn learned(&self, parameters: Vec<Vec<f32>>) -> Learned {
        self.units.learned(parameters)
    }
}

/// Rows in the order of their lengths, if they differ: those of a tile end together.
fn by_length<'a>(loss: &dyn Loss, rows: &'a [u32]) -> Cow<'a, [u32]> {
    if rows.iter().all(|&row| loss.steps_of(row) == loss.steps_of(rows[0])) {
        return Cow::Borrowed(rows);
    }
    let mut sorted = rows.to_vec();
    sorted.sort_by_key(|&row| loss.steps_of(row));
    Cow::Owned(sorted)
}

/// The mean loss of some rows, a batch at a time; not a number where the states explode, which a run may recover from.
/// `run` is given the inputs, the number of steps, and that of the rows.
pub(super) fn validation(
    loss: &dyn Loss,
    rows: &[u32],
    batch_size: u32,
    run: impl Fn(&[f32], usize, usize) -> Result<Vec<f32>, Error>,
) -> Result<Validation, Error> {
    let (mut sum, mut correct) = (0.0, 0);
    for batch in by_length(loss, rows).chunks(batch_size as usize) {
        let inputs = loss.inputs(batch);
        let y = run(&inputs.x, inputs.steps, batch.len())?;
        if y.iter().all(|y| y.is_finite()) {
            let of_batch = loss.gradient(batch, &y)?;
            sum += of_batch.sum;
            correct += of_batch.correct;
        } else {
            sum = f64::NAN;
        }
    }
    let of_rows = |sum: f64| sum / rows.len() as f64;
    let accuracy = loss.has_classes().then(|| of_rows(correct as f64));
    Ok(Validation { accuracy, loss: Some(of_rows(sum)), tie: of_rows(sum) })
}
