//! Biases, a mask or gains of a recurrent backbone, and r₀: the kernel's adjoint through time.

use bl_core::{Rnn, RnnHalf};
use bl_kernels::{Batch, BatchLoss, Drive};
use bl_tasks::Loss;

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
        let inputs = self.loss.inputs(rows);
        let batch = Batch { inputs: &inputs.x, steps: inputs.steps, trajectories: rows.len() };
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
        Ok(BatchLoss { sum: wrong.sum, correct: 0 })
    }

    fn validate(&mut self, parameters: &[Vec<f32>], rows: &[u32]) -> Result<Validation, Error> {
        let half = RnnHalf::new(self.rnn, &self.units.parameters(parameters.to_vec()))?;
        validation(self.loss, rows, self.config.batch_size, |x, steps, count| {
            Ok(self.rnn.run(x, steps, &mut half.initial().repeat(count), &half)?)
        })
    }

    fn has_classes(&self) -> bool {
        false
    }

    fn learned(&self, parameters: Vec<Vec<f32>>) -> Learned {
        self.units.learned(parameters)
    }
}

/// The mean loss of some rows, a batch at a time; not a number where the states explode, which a run may recover from.
/// `run` is given the inputs, the number of steps, and that of the rows.
pub(super) fn validation(
    loss: &dyn Loss,
    rows: &[u32],
    batch_size: u32,
    run: impl Fn(&[f32], usize, usize) -> Result<Vec<f32>, Error>,
) -> Result<Validation, Error> {
    let mut sum = 0.0;
    for batch in rows.chunks(batch_size as usize) {
        let inputs = loss.inputs(batch);
        let y = run(&inputs.x, inputs.steps, batch.len())?;
        let is_finite = y.iter().all(|y| y.is_finite());
        sum += if is_finite { loss.gradient(batch, &y)?.sum } else { f64::NAN };
    }
    let loss = sum / rows.len() as f64;
    Ok(Validation { accuracy: None, loss: Some(loss), tie: loss })
}
