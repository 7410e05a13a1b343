//! Biases, a mask or gains of a recurrent backbone, and r₀: the kernel's adjoint through time.

use bl_core::UnitGains;
use bl_core::recurrent::RecurrentBackbone;
use bl_kernels::{Batch, BatchLoss, Drive, Wrt};

use super::config::RecurrentConfig;
use super::lesson::Lesson;
use super::trainer::RecurrentLearned;
use crate::config::Method;
use crate::error::Error;
use crate::mask::{binary_mask, soft_mask, temperature, to_mask_gradient};
use crate::objective::{Initial, Objective};

/// Parameters, in this order and as far as they are learned: b, m (or the g of a mask), r₀.
pub(crate) struct Frozen<'a> {
    backbone: &'a RecurrentBackbone,
    config: &'a RecurrentConfig,
    lesson: &'a Lesson<'a>,
    /// b at the start: fixed where it is not learned.
    base: Vec<f32>,
    /// m of the step
    gains: Vec<f32>,
    /// τ
    temperature: f64,
}

impl<'a> Frozen<'a> {
    pub(crate) fn new(
        backbone: &'a RecurrentBackbone,
        config: &'a RecurrentConfig,
        lesson: &'a Lesson<'a>,
    ) -> Self {
        let base = config.base_bias().draw(0, backbone.units());
        Self { backbone, config, lesson, base, gains: Vec::new(), temperature: 1.0 }
    }

    fn learns_bias(&self) -> bool {
        matches!(self.config.method, Method::Bias | Method::BiasGain)
    }

    fn learns_gains(&self) -> bool {
        matches!(self.config.method, Method::Mask | Method::Gain | Method::BiasGain)
    }

    /// What the parameters mean.
    pub(crate) fn learned(&self, parameters: Vec<Vec<f32>>) -> RecurrentLearned {
        let mut parameters = parameters.into_iter();
        let mut next = |wanted: bool| if wanted { parameters.next() } else { None };
        let biases = next(self.learns_bias()).unwrap_or_else(|| self.base.clone());
        let gains = match next(self.learns_gains()) {
            None => UnitGains::One,
            Some(g) if self.config.method == Method::Mask => UnitGains::Mask(binary_mask(&g)),
            Some(gains) => UnitGains::Learned(gains),
        };
        RecurrentLearned::Units { biases, gains, initial: next(self.config.learn_state) }
    }
}

impl Objective for Frozen<'_> {
    fn initial(&self) -> Vec<Initial> {
        let initial = |name: &str, values| Initial { name: name.into(), values };
        let mut parameters = Vec::new();
        if self.learns_bias() {
            parameters.push(initial("hidden.0.bias", self.base.clone()));
        }
        if self.learns_gains() {
            let RecurrentConfig { method, seed, bias_init, .. } = *self.config;
            parameters.push(initial(
                "hidden.0.gain",
                match method {
                    Method::Mask => crate::draws::initial_mask(seed, self.backbone.units(), bias_init),
                    _ => vec![1.0; self.backbone.units()],
                },
            ));
        }
        if self.config.learn_state {
            parameters.push(initial("state.0", self.backbone.initial().to_vec()));
        }
        parameters
    }

    fn begin_epoch(&mut self, epoch: u32) {
        if let Some(last) = self.config.final_temperature {
            self.temperature = temperature(last, epoch, self.config.epochs);
        }
    }

    fn loss_and_gradient(
        &mut self,
        parameters: &[Vec<f32>],
        rows: &[u32],
        into: &mut [Vec<f32>],
    ) -> Result<BatchLoss, Error> {
        let mut given = parameters.iter();
        let mut next = |wanted: bool| if wanted { given.next() } else { None };
        let bias = next(self.learns_bias()).unwrap_or(&self.base);
        let g = next(self.learns_gains());
        match g {
            Some(g) if self.config.method == Method::Mask => soft_mask(g, self.temperature, &mut self.gains),
            Some(gains) => self.gains.clone_from(gains),
            None => {}
        }
        let initial = next(self.config.learn_state).map_or(self.backbone.initial(), |state| state);

        let (net, isa) = (self.backbone.recurrence(), self.backbone.isa());
        let shown = self.lesson.show(rows);
        let batch = Batch { inputs: &shown.x, steps: shown.steps, trajectories: rows.len() };
        let drive = Drive { bias, gains: &self.gains, initial };
        let unrolled = net.forward(isa, &drive, &batch).map_err(bl_core::Error::from)?;
        if let Some(time) = unrolled.exploded {
            return Err(Error::Exploded { epoch: 0, step: 0, time });
        }
        let wrong = self.lesson.judge(rows, &unrolled.outputs)?;
        let wrt = match self.config.method {
            Method::Mask | Method::Gain => Wrt::UnitGain,
            Method::BiasGain => Wrt::Both,
            Method::Bias | Method::Full => Wrt::Bias,
        };
        let truncate = self.config.truncate.map(|steps| steps as usize);
        let gradient = net
            .backward(isa, &drive, &unrolled, &wrong.delta, wrt, truncate)
            .map_err(bl_core::Error::from)?;

        let mut into = into.iter_mut();
        if self.learns_bias()
            && let Some(into) = into.next()
        {
            into.copy_from_slice(&gradient.bias);
        }
        if let Some(g) = g
            && let Some(into) = into.next()
        {
            into.copy_from_slice(&gradient.gains);
            if self.config.method == Method::Mask {
                to_mask_gradient(g, self.temperature, &self.gains, into);
            }
        }
        if let Some(into) = into.next() {
            into.fill(0.0);
            for of_row in gradient.initial.chunks_exact(into.len()) {
                into.iter_mut().zip(of_row).for_each(|(sum, x)| *sum += x);
            }
        }
        Ok(BatchLoss { sum: wrong.sum, correct: 0 })
    }

    fn has_classes(&self) -> bool {
        false
    }
}
