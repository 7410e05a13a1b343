//! A fully trained recurrent network: `r_t = α r_{t−1} + β φ(W r_{t−1} + B x_t + b)`, `y_t = C r_t`, all of it learned.

use bl_core::recurrent::{RecurrentNet, RecurrentSpec};
use candle_core::{Device, Tensor};

/// A network whose weights are its own. Its spec gives the size and the leak; the distributions and the seed say what it
/// started from.
#[derive(Clone, Debug, PartialEq)]
pub struct RecurrentNetwork {
    spec: RecurrentSpec,
    /// In the order of [`Self::shapes`].
    parameters: Vec<Vec<f32>>,
    /// r₀, learned or not.
    initial: Vec<f32>,
}

impl RecurrentNetwork {
    pub(crate) fn new(spec: RecurrentSpec, parameters: Vec<Vec<f32>>, initial: Vec<f32>) -> Self {
        Self { spec, parameters, initial }
    }

    /// Names and shapes: `recurrent.weight` W, `input.weight` B, `hidden.0.bias` b, `readout.weight` C.
    pub fn shapes(spec: &RecurrentSpec) -> [(&'static str, Vec<usize>); 4] {
        let [n, i, o] = [spec.units, spec.input.values, spec.readout.outputs].map(|n| n as usize);
        [
            ("recurrent.weight", vec![n, n]),
            ("input.weight", vec![n, i]),
            ("hidden.0.bias", vec![n]),
            ("readout.weight", vec![o, n]),
        ]
    }

    /// Its size and leak.
    pub fn spec(&self) -> &RecurrentSpec {
        &self.spec
    }

    /// Parameter vectors by name and shape.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, Vec<usize>, &[f32])> {
        let shapes = Self::shapes(&self.spec).into_iter();
        shapes.zip(&self.parameters).map(|((name, shape), values)| (name, shape, &**values))
    }

    /// Number of learned parameters.
    pub fn parameter_count(&self) -> usize {
        self.parameters.iter().map(Vec::len).sum()
    }

    /// r₀, `[units]`.
    pub fn initial_state(&self) -> &[f32] {
        &self.initial
    }

    /// W, `[units, units]`.
    pub fn recurrent(&self) -> &[f32] {
        &self.parameters[0]
    }

    /// b, `[units]`.
    pub fn biases(&self) -> &[f32] {
        &self.parameters[2]
    }
}

/// The parameters as candle takes them, and the leak.
pub(crate) struct Weights {
    pub(crate) w: Tensor,
    pub(crate) b: Tensor,
    pub(crate) bias: Tensor,
    pub(crate) c: Tensor,
    pub(crate) alpha: f64,
    pub(crate) beta: f64,
}

/// States of an unrolled network: `r[t]` is the state before step t, `[trajectories, units]`; `h[t]` its activation.
pub(crate) struct States {
    pub(crate) r: Vec<Tensor>,
    pub(crate) h: Vec<Tensor>,
    /// `[steps · trajectories, outputs]`
    pub(crate) y: Tensor,
}

impl Weights {
    pub(crate) fn new(spec: &RecurrentSpec, parameters: &[Vec<f32>]) -> candle_core::Result<Self> {
        let shapes = RecurrentNetwork::shapes(spec);
        let tensor = |at: usize| Tensor::from_slice(&parameters[at], shapes[at].1.clone(), &Device::Cpu);
        let (alpha, beta) = (spec.alpha, spec.beta);
        Ok(Self { w: tensor(0)?, b: tensor(1)?, bias: tensor(2)?, c: tensor(3)?, alpha, beta })
    }

    /// # Shapes
    /// - `x`: `[steps · trajectories, inputs]`, none without inputs; `r`: `[trajectories, units]`
    pub(crate) fn unroll(&self, x: Option<&Tensor>, steps: usize, r: Tensor) -> candle_core::Result<States> {
        let trajectories = r.dim(0)?;
        let driven = x.map(|x| x.matmul(&self.b.t()?)?.broadcast_add(&self.bias)).transpose()?;
        let w = self.w.t()?.contiguous()?;
        let (mut all_r, mut all_h) = (vec![r], Vec::with_capacity(steps));
        for step in 0..steps {
            let r = &all_r[step];
            let fed = r.matmul(&w)?;
            let sum = match &driven {
                Some(driven) => (fed + driven.narrow(0, step * trajectories, trajectories)?)?,
                None => fed.broadcast_add(&self.bias)?,
            };
            let h = sum.relu()?;
            let next = match (self.alpha, self.beta) {
                (0.0, 1.0) => h.clone(),
                (alpha, beta) => ((r * alpha)? + (&h * beta)?)?,
            };
            all_h.push(h);
            all_r.push(next);
        }
        let y = Tensor::cat(&all_r[1..], 0)?.matmul(&self.c.t()?)?;
        Ok(States { r: all_r, h: all_h, y })
    }
}

impl RecurrentNet for RecurrentNetwork {
    fn units(&self) -> usize {
        self.spec.units as usize
    }

    fn inputs(&self) -> usize {
        self.spec.input.values as usize
    }

    fn outputs(&self) -> usize {
        self.spec.readout.outputs as usize
    }

    fn initial(&self) -> &[f32] {
        &self.initial
    }

    fn run(&self, x: &[f32], steps: usize, state: &mut Vec<f32>) -> Result<Vec<f32>, bl_core::Error> {
        let weights = Weights::new(&self.spec, &self.parameters)?;
        let trajectories = state.len() / self.units();
        let x = match self.inputs() {
            0 => None,
            inputs => Some(Tensor::from_slice(x, (steps * trajectories, inputs), &Device::Cpu)?),
        };
        let r = Tensor::from_slice(state, (trajectories, self.units()), &Device::Cpu)?;
        let states = weights.unroll(x.as_ref(), steps, r)?;
        *state = states.r[steps].flatten_all()?.to_vec1()?;
        Ok(states.y.flatten_all()?.to_vec1()?)
    }
}
