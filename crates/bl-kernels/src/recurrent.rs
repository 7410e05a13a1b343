//! A recurrent network whose weights are frozen, over many trajectories at once, and its adjoint:
//!
//! ```text
//! r_t = α r_{t−1} + β m ∘ φ(W r_{t−1} + B x_t + b)          y_t = C r_t
//!
//! a_T = Cᵀ ∂L/∂y_T          g_t = β m ∘ 1[h_t > 0] ∘ a_t        a_{t−1} = α a_t + Wᵀ g_t + Cᵀ ∂L/∂y_{t−1}
//! ∂L/∂b = Σ_t g_t           ∂L/∂m = Σ_t β h_t ∘ a_t             ∂L/∂r_0 = a_0
//! ```
//!
//! with `h_t = φ(…)`. No gradient of W, B or C is computed, so nothing but h is kept. Trajectories do not interact: each tile
//! of them goes through all steps on one core, and cores never wait for each other.
//!
//! # What is exact and what is rounded
//! W is `diag(s) Q` with Q on an 8-bit lattice. A vector v that Q or Qᵀ multiplies (a state, or `s ∘ g_t`) is first
//! rounded to 16 bits, `v ≈ u max|v| / 32767`; the product with u is then exact in integers, 512 terms at a time. So
//! - a component of `Q v` is wrong by at most `½ Σ|q| max|v| / 32767`, and about `√n` times less when errors have either sign;
//! - the same v gives the same product, bit for bit, on every instruction set, and so does all that follows: it is f32, its sums
//!   in one order, nothing fused.
//!
//! States are those of exact arithmetic to some 1e-5 of the largest, not 1e-7, and the last bit of one may turn the
//! rounding of the next. Where a pre-activation is
//! within it of 0, the gate may be the other one, and the gradient jumps there. Over 120 steps of 256 to 1024 units 0 to 8
//! gates of each 61,440 to 245,760 differed from f64; the gradient of the bias was off by 5e-5 (no gate) to 0.12 of its
//! norm, but by 4e-5 to 1.5e-4 from an f64 adjoint through the gates that were taken.
//!
//! A vector below 2^−110 counts as 0; the product with a vector that is not finite is NaN.

use crate::error::{Error, check_len};
use crate::padded_units;
use crate::panels::Panels;

mod unroll;

/// The frozen weights W, B, C and the leak α, β.
pub struct Recurrence {
    pub(crate) units: usize,
    pub(crate) stride: usize,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    /// To multiply states by Q.
    pub(crate) forward: Panels,
    /// To multiply adjoints by Qᵀ.
    pub(crate) backward: Panels,
    /// s, of W's rows, padded with zeros.
    pub(crate) scales: Vec<f32>,
    /// Bᵀ, `[inputs, stride]`
    pub(crate) input: Vec<f32>,
    /// C, `[outputs, stride]`
    pub(crate) readout: Vec<f32>,
    pub(crate) alpha: f32,
    pub(crate) beta: f32,
}

impl Recurrence {
    /// Packs the weights.
    ///
    /// # Shapes
    /// - `w`: lattice values of W, `[units, units]`, row-major: row i is what unit i receives; `scales`: `[units]`
    /// - `input`: B, `[units, inputs]`; `readout`: C, `[outputs, units]`; at least one output
    pub fn new(
        w: &[i8],
        scales: &[f32],
        input: &[f32],
        readout: &[f32],
        (alpha, beta): (f32, f32),
    ) -> Result<Self, Error> {
        let units = scales.len();
        check_len("recurrent weights", units * units, w.len())?;
        if units == 0 || readout.is_empty() {
            return Err(Error::Length { what: "recurrent units and outputs", expected: 1, found: 0 });
        }
        let (inputs, outputs) = (input.len() / units, readout.len() / units);
        check_len("input weights", units * inputs, input.len())?;
        check_len("readout", units * outputs, readout.len())?;
        let stride = padded_units(units);
        let mut padded_scales = scales.to_vec();
        padded_scales.resize(stride, 0.0);
        Ok(Self {
            units,
            stride,
            inputs,
            outputs,
            forward: Panels::new(units, stride, |from, to| w[to * units + from]),
            backward: Panels::new(units, stride, |from, to| w[from * units + to]),
            scales: padded_scales,
            input: padded(inputs, units, stride, |k, unit| input[unit * inputs + k]),
            readout: padded(outputs, units, stride, |o, unit| readout[o * units + unit]),
            alpha,
            beta,
        })
    }

    /// Hidden units.
    pub fn units(&self) -> usize {
        self.units
    }
}

fn padded(rows: usize, units: usize, stride: usize, value: impl Fn(usize, usize) -> f32) -> Vec<f32> {
    let mut all = vec![0.0; rows * stride];
    for row in 0..rows {
        for unit in 0..units {
            all[row * stride + unit] = value(row, unit);
        }
    }
    all
}

/// What an adapter adds to the frozen recurrence.
#[derive(Clone, Copy)]
pub struct Drive<'a> {
    /// b, `[units]`
    pub bias: &'a [f32],
    /// m, `[units]`; empty for 1
    pub gains: &'a [f32],
    /// r₀, `[units]` for all trajectories or `[trajectories, units]`
    pub initial: &'a [f32],
}

/// Trajectories, of one length or each of its own.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    /// x, `[steps, trajectories, inputs]`
    pub inputs: &'a [f32],
    /// Steps T of the longest, at least one.
    pub steps: usize,
    /// Trajectories, at least one.
    pub trajectories: usize,
    /// Steps of each, `[trajectories]`; empty where all have `steps`. A tile of trajectories takes as long as its longest: those of
    /// about the same length should stand side by side.
    pub lengths: &'a [usize],
}

/// The result of a forward pass, with what its adjoint needs.
pub struct Unrolled {
    /// y, `[steps, trajectories, outputs]`, 0 after a trajectory's end
    pub outputs: Vec<f32>,
    /// `r_T` at the end of each, `[trajectories, units]`
    pub last: Vec<f32>,
    /// The first step (from 0) whose outputs are not finite.
    pub exploded: Option<usize>,
    /// h of each tile, `[steps, rows, stride]` of the steps that it takes, 0 after a trajectory's end
    activations: Vec<Vec<f32>>,
    steps: usize,
    trajectories: usize,
    lengths: Vec<usize>,
}

/// Gradients of a loss, each in the layout of its parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct RecurrentGradient {
    /// `[units]`, empty if biases are not learned
    pub bias: Vec<f32>,
    /// `[units]`, empty if gains are not learned
    pub gains: Vec<f32>,
    /// With respect to r₀, `[trajectories, units]`
    pub initial: Vec<f32>,
}
