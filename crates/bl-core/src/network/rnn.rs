//! The recurrent network of a backbone.
//!
//! ```text
//! r_t = α r_{t−1} + β m ∘ φ(W r_{t−1} + B x_t + b)          y_t = C r_t
//! ```
//!
//! W, B and C are frozen; b (or the mask m, and r₀ if asked for) is the adapter.

use std::borrow::Cow;

use bl_kernels::{Batch, Drive, Isa, Recurrence};

use super::Frozen;
use crate::adapter::{Parameters, uniform};
use crate::error::Error;
use crate::generator::Streams;
use crate::lattice::Lattice;
use crate::spec::{InitialState, RnnSpec};

/// A frozen recurrent network. Nothing changes it once it is made.
pub struct Rnn {
    spec: RnnSpec,
    recurrent: Lattice,
    input: Lattice,
    readout: Lattice,
    initial: Vec<f32>,
    recurrence: Recurrence,
    isa: Isa,
}

impl Rnn {
    /// Puts a network together from W, B and C.
    pub(crate) fn new(spec: &RnnSpec, matrices: Vec<Lattice>) -> Result<Self, Error> {
        let found = matrices.len() as f64;
        let Ok([recurrent, input, readout]) = <[Lattice; 3]>::try_from(matrices) else {
            return Err(Error::OutOfRange { what: "number of matrices", found, min: 3.0, max: 3.0 });
        };
        let units = spec.units as usize;
        let initial = match spec.initial_state {
            InitialState::Zero => vec![0.0; units],
            InitialState::Uniform { half_width } => {
                uniform(&mut Streams::new(spec.seed, "initial.state").of_unit(0), units, half_width)
            }
        };
        let leak = (spec.alpha as f32, spec.beta as f32);
        let recurrence =
            Recurrence::new(&recurrent.q, &recurrent.scales, &input.weights(), &readout.weights(), leak)?;
        let (spec, isa) = (spec.clone(), Isa::chosen()?);
        Ok(Self { spec, recurrent, input, readout, initial, recurrence, isa })
    }

    /// What the weights were generated from.
    pub fn spec(&self) -> &RnnSpec {
        &self.spec
    }

    /// The instruction set it computes with.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// Hidden units N.
    pub fn units(&self) -> usize {
        self.spec.units as usize
    }

    /// W, `[units, units]`: row i is what unit i receives.
    pub fn recurrent(&self) -> &Lattice {
        &self.recurrent
    }

    /// B, `[units, inputs]`.
    pub fn input(&self) -> &Lattice {
        &self.input
    }

    /// C, `[outputs, units]`.
    pub fn readout(&self) -> &Lattice {
        &self.readout
    }

    /// r₀ of every adapter that has none of its own, `[units]`.
    pub fn initial(&self) -> &[f32] {
        &self.initial
    }

    /// The weights as the kernels take them.
    pub fn recurrence(&self) -> &Recurrence {
        &self.recurrence
    }

    /// Takes one or more trajectories through `steps` steps with an adapter. Not finite if the states explode: that is
    /// for the caller to judge.
    ///
    /// # Shapes
    /// - `x`: `[steps, trajectories, inputs]`
    /// - `state`: `[trajectories, units]`, that before the first step, then that after the last
    /// - returns y: `[steps, trajectories, outputs]`
    pub fn run(
        &self,
        x: &[f32],
        steps: usize,
        state: &mut Vec<f32>,
        adapter: &RnnHalf,
    ) -> Result<Vec<f32>, Error> {
        let trajectories = state.len() / self.units();
        let batch = Batch { inputs: x, steps, trajectories, lengths: &[] };
        let drive = Drive { bias: &adapter.bias, gains: &adapter.gains, initial: state };
        let unrolled = self.recurrence.forward(self.isa, &drive, &batch)?;
        *state = unrolled.last;
        Ok(unrolled.outputs)
    }
}

impl Frozen for Rnn {
    fn family(&self) -> &'static str {
        RnnSpec::FAMILY
    }

    fn widths(&self) -> (usize, usize) {
        self.spec.widths()
    }

    fn matrices(&self) -> Vec<Cow<'_, Lattice>> {
        [&self.recurrent, &self.input, &self.readout].map(Cow::Borrowed).into()
    }

    fn isa(&self) -> Isa {
        self.isa
    }

    fn set_isa(&mut self, isa: Isa) {
        self.isa = isa;
    }
}

/// What a task adds to a recurrent network, made ready for it: an argument of [`Rnn::run`].
#[derive(Clone, Debug, PartialEq)]
pub struct RnnHalf {
    bias: Vec<f32>,
    gains: Vec<f32>,
    initial: Vec<f32>,
}

impl RnnHalf {
    /// Parameters of the network's width.
    pub fn new(rnn: &Rnn, parameters: &Parameters) -> Result<Self, Error> {
        let units = rnn.units();
        let found: Vec<usize> = parameters.biases.iter().map(Vec::len).collect();
        if found != [units] {
            return Err(Error::BiasWidths { expected: vec![units], found });
        }
        let gains = parameters.gains.factors();
        if !gains.is_empty() && gains.len() != units {
            return Err(Error::GainWidth { expected: units, found: gains.len() });
        }
        let initial = parameters.initial.as_deref().unwrap_or(rnn.initial()).to_vec();
        if initial.len() != units {
            return Err(Error::StateWidth { expected: units, found: initial.len() });
        }
        Ok(Self { bias: parameters.biases[0].clone(), gains, initial })
    }

    /// b, `[units]`
    pub fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// m, `[units]`; empty for 1
    pub fn gains(&self) -> &[f32] {
        &self.gains
    }

    /// r₀, `[units]`
    pub fn initial(&self) -> &[f32] {
        &self.initial
    }

    /// Memory that it holds, beside the backbone.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.bias) + size_of_val(&*self.gains) + size_of_val(&*self.initial)
    }
}
