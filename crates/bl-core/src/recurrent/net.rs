//! A recurrent network that is ready to run.

use std::borrow::Cow;

use bl_kernels::{Batch, Drive};

use super::backbone::RecurrentBackbone;
use crate::error::Error;

/// A recurrent network whose parameters are settled: a backbone with an adapter, or one that was fully trained.
pub trait RecurrentNet {
    /// Hidden units.
    fn units(&self) -> usize;

    /// Values of `x_t`.
    fn inputs(&self) -> usize;

    /// Values of `y_t`.
    fn outputs(&self) -> usize;

    /// r₀, `[units]`.
    fn initial(&self) -> &[f32];

    /// Takes one or more trajectories through `steps` steps. Not finite, if the states explode: that is for the caller
    /// to judge.
    ///
    /// # Shapes
    /// - `x`: `[steps, trajectories, inputs]`
    /// - `state`: `[trajectories, units]`, that before the first step, then that after the last
    /// - returns y: `[steps, trajectories, outputs]`
    fn run(&self, x: &[f32], steps: usize, state: &mut Vec<f32>) -> Result<Vec<f32>, Error>;
}

/// What a task adds to a recurrent backbone.
#[derive(Clone, Copy, Debug)]
pub struct Adaptation<'a> {
    /// b, `[units]`
    pub biases: &'a [f32],
    /// m, `[units]`; empty for 1
    pub gains: &'a [f32],
    /// r₀, `[units]`, where it is learned
    pub initial: Option<&'a [f32]>,
}

/// A backbone with an adapter.
#[derive(Clone)]
pub struct Adapted<'a> {
    backbone: &'a RecurrentBackbone,
    biases: Cow<'a, [f32]>,
    gains: Cow<'a, [f32]>,
    initial: Cow<'a, [f32]>,
}

impl<'a> Adapted<'a> {
    pub(crate) fn new(backbone: &'a RecurrentBackbone, adaptation: Adaptation<'a>) -> Result<Self, Error> {
        let Adaptation { biases, gains, initial } = adaptation;
        let units = backbone.units();
        let wrong = |found: usize| found != units;
        if wrong(biases.len()) || initial.is_some_and(|state| wrong(state.len())) {
            let found =
                vec![if wrong(biases.len()) { biases.len() } else { initial.map_or(0, <[f32]>::len) }];
            return Err(Error::BiasWidths { expected: vec![units], found });
        }
        if !gains.is_empty() && wrong(gains.len()) {
            return Err(Error::GainWidth { expected: units, found: gains.len() });
        }
        Ok(Self {
            backbone,
            biases: biases.into(),
            gains: gains.into(),
            initial: initial.unwrap_or(backbone.initial()).into(),
        })
    }

    /// As [`Self::new`] with gains of its own.
    pub(crate) fn owning_gains(mut self, gains: Vec<f32>) -> Result<Self, Error> {
        if !gains.is_empty() && gains.len() != self.backbone.units() {
            return Err(Error::GainWidth { expected: self.backbone.units(), found: gains.len() });
        }
        self.gains = gains.into();
        Ok(self)
    }

    /// The frozen weights.
    pub fn backbone(&self) -> &'a RecurrentBackbone {
        self.backbone
    }

    /// b, `[units]`
    pub fn biases(&self) -> &[f32] {
        &self.biases
    }

    /// m, `[units]`; empty for 1
    pub fn gains(&self) -> &[f32] {
        &self.gains
    }
}

impl RecurrentNet for Adapted<'_> {
    fn units(&self) -> usize {
        self.backbone.units()
    }

    fn inputs(&self) -> usize {
        self.backbone.spec().input.values as usize
    }

    fn outputs(&self) -> usize {
        self.backbone.spec().readout.outputs as usize
    }

    fn initial(&self) -> &[f32] {
        &self.initial
    }

    fn run(&self, x: &[f32], steps: usize, state: &mut Vec<f32>) -> Result<Vec<f32>, Error> {
        let trajectories = state.len() / self.units();
        let batch = Batch { inputs: x, steps, trajectories };
        let drive = Drive { bias: &self.biases, gains: &self.gains, initial: state };
        let unrolled = self.backbone.recurrence().forward(self.backbone.isa(), &drive, &batch)?;
        *state = unrolled.last;
        Ok(unrolled.outputs)
    }
}
