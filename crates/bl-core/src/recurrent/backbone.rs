//! A recurrent network's frozen weights, shared by every task.

use bl_kernels::{Isa, Recurrence};

use super::net::{Adaptation, Adapted};
use super::spec::{InitialState, RecurrentSpec};
use crate::backbone::{Lattice, READOUT_NAME, generate_columns, generate_rows};
use crate::base_bias::uniform;
use crate::error::Error;
use crate::fingerprint::{Fingerprint, Hasher};
use crate::lattice::Streams;

/// W's name, in files and as part of the generator's key.
pub(crate) const RECURRENT_NAME: &str = "recurrent.weight";
/// B's name.
pub(crate) const INPUT_NAME: &str = "input.weight";

/// Frozen random weights W, B and C. Nothing changes them once they are made.
pub struct RecurrentBackbone {
    spec: RecurrentSpec,
    fingerprint: Fingerprint,
    recurrent: Lattice,
    input: Lattice,
    readout: Lattice,
    initial: Vec<f32>,
    recurrence: Recurrence,
    isa: Isa,
}

impl RecurrentBackbone {
    /// Draws every weight from the spec: the same bits on every platform.
    pub fn generate(spec: &RecurrentSpec) -> Result<Self, Error> {
        spec.validate()?;
        let (units, seed) = (spec.units as usize, spec.seed);
        let [inputs, outputs] = [spec.input.values, spec.readout.outputs].map(|n| n as usize);
        let gain = spec.recurrent.gain / f64::from(spec.units).sqrt();
        let w = generate_rows(seed, RECURRENT_NAME, &spec.recurrent.weights, None, units, units);
        let b = generate_rows(seed, INPUT_NAME, &spec.input.weights, None, units, inputs);
        let c = generate_columns(seed, READOUT_NAME, &spec.readout.weights, units, outputs);
        let per_width = 1.0 / spec.readout.divided_by.at(spec.units);
        Self::from_lattices(spec, w.scaled(gain), b, c.scaled(per_width))
    }

    /// Puts a backbone together from its matrices, generated or read from a file.
    pub(crate) fn from_lattices(
        spec: &RecurrentSpec,
        recurrent: Lattice,
        input: Lattice,
        readout: Lattice,
    ) -> Result<Self, Error> {
        let mut hasher = Hasher::new(spec)?;
        for matrix in [&recurrent, &input, &readout] {
            hasher.add(matrix);
        }
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
        Ok(Self {
            spec: spec.clone(),
            fingerprint: hasher.finish(),
            recurrent,
            input,
            readout,
            initial,
            recurrence,
            isa: Isa::best(),
        })
    }

    /// The same backbone computing with another instruction set, for tests and benchmarks.
    #[must_use]
    pub fn with_isa(mut self, isa: Isa) -> Self {
        self.isa = isa;
        self
    }

    /// What the weights were generated from.
    pub fn spec(&self) -> &RecurrentSpec {
        &self.spec
    }

    /// What identifies the weights.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
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

    /// The network that an adapter makes of this backbone.
    pub fn with<'a>(&'a self, adaptation: Adaptation<'a>) -> Result<Adapted<'a>, Error> {
        Adapted::new(self, adaptation)
    }
}
