//! A fully trained recurrent network: `r_t = α r_{t−1} + β φ(W r_{t−1} + B x_t + b)`, `y_t = C r_t`, all of it learned.

use bl_core::{Net, RnnSpec, Spec};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, Array3, ArrayView1, ArrayView2, ArrayView3, Axis, ShapeError, Slice, Zip};

use super::{Named, Whole};

/// A network whose weights are its own. Its spec gives the size and the leak; the distributions and the seed say what it
/// started from.
#[derive(Clone, Debug, PartialEq)]
pub struct RnnNetwork {
    spec: RnnSpec,
    /// In the order of [`Self::shapes`].
    parameters: Vec<Vec<f32>>,
    /// r₀, learned or not.
    initial: Vec<f32>,
}

impl RnnNetwork {
    pub(crate) fn new(spec: RnnSpec, parameters: Vec<Vec<f32>>, initial: Vec<f32>) -> Self {
        Self { spec, parameters, initial }
    }

    /// Names and shapes: `recurrent.weight` W, `input.weight` B, `hidden.0.bias` b, `readout.weight` C, `state.0` r₀.
    pub(crate) fn shapes(spec: &RnnSpec) -> Vec<(String, Vec<usize>)> {
        let [n, i, o] = [spec.units, spec.input.values, spec.readout.outputs].map(|n| n as usize);
        let shapes = [
            ("recurrent.weight", vec![n, n]),
            ("input.weight", vec![n, i]),
            ("hidden.0.bias", vec![n]),
            ("readout.weight", vec![o, n]),
            ("state.0", vec![n]),
        ];
        shapes.map(|(name, shape)| (name.to_owned(), shape)).into()
    }

    /// Its size and leak.
    pub fn spec(&self) -> &RnnSpec {
        &self.spec
    }

    /// Parameter vectors by name and shape.
    pub fn parameters(&self) -> impl Iterator<Item = (String, Vec<usize>, &[f32])> {
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

/// The parameters as matrices, and the leak.
pub(crate) struct Weights<'a> {
    pub(crate) w: ArrayView2<'a, f32>,
    pub(crate) b: ArrayView2<'a, f32>,
    pub(crate) bias: ArrayView1<'a, f32>,
    pub(crate) c: ArrayView2<'a, f32>,
    pub(crate) alpha: f32,
    pub(crate) beta: f32,
}

/// States of an unrolled network.
pub(crate) struct States {
    /// r before each step, and after the last: `[steps + 1, trajectories, units]`
    pub(crate) r: Array3<f32>,
    /// φ of each step: `[steps, trajectories, units]`
    pub(crate) h: Array3<f32>,
    /// `[steps · trajectories, outputs]`
    pub(crate) y: Array2<f32>,
}

impl<'a> Weights<'a> {
    pub(crate) fn new(spec: &RnnSpec, parameters: &'a [Vec<f32>]) -> Result<Self, ShapeError> {
        let [n, i, o] = [spec.units, spec.input.values, spec.readout.outputs].map(|n| n as usize);
        let matrix = |at: usize, shape| ArrayView2::from_shape(shape, &parameters[at]);
        let (alpha, beta) = (spec.alpha as f32, spec.beta as f32);
        let bias = ArrayView1::from(&parameters[2][..]);
        Ok(Self { w: matrix(0, (n, n))?, b: matrix(1, (n, i))?, bias, c: matrix(3, (o, n))?, alpha, beta })
    }

    /// # Shapes
    /// - `x`: `[steps · trajectories, inputs]`; `r`: `[trajectories, units]`
    pub(crate) fn unroll(&self, x: ArrayView2<'_, f32>, steps: usize, r: ArrayView2<'_, f32>) -> States {
        let (trajectories, units) = r.dim();
        let driven = x.dot(&self.b.t()) + self.bias;
        let mut all_r = Array3::zeros((steps + 1, trajectories, units));
        let mut all_h = Array3::zeros((steps, trajectories, units));
        all_r.index_axis_mut(Axis(0), 0).assign(&r);
        for step in 0..steps {
            let (done, mut rest) = all_r.view_mut().split_at(Axis(0), step + 1);
            let (before, mut after) = (done.index_axis(Axis(0), step), rest.index_axis_mut(Axis(0), 0));
            let mut h = all_h.index_axis_mut(Axis(0), step);
            h.assign(&of_step(driven.view(), step, trajectories));
            general_mat_mul(1.0, &before, &self.w.t(), 1.0, &mut h);
            h.mapv_inplace(|sum| if sum > 0.0 || sum.is_nan() { sum } else { 0.0 }); // what is no number stays to be seen
            Zip::from(&mut after)
                .and(&before)
                .and(&h)
                .for_each(|after, r, h| *after = self.alpha * r + self.beta * h);
        }
        let y = flat(all_r.slice_axis(Axis(0), Slice::from(1..))).dot(&self.c.t());
        States { r: all_r, h: all_h, y }
    }
}

/// The rows of one step of `[steps · trajectories, …]`.
pub(crate) fn of_step(all: ArrayView2<'_, f32>, step: usize, trajectories: usize) -> ArrayView2<'_, f32> {
    let rows = step * trajectories..(step + 1) * trajectories;
    let mut all = all;
    all.slice_axis_inplace(Axis(0), Slice::from(rows));
    all
}

/// `[steps, trajectories, units]` as `[steps · trajectories, units]`.
pub(crate) fn flat(states: ArrayView3<'_, f32>) -> ArrayView2<'_, f32> {
    let (steps, trajectories, units) = states.dim();
    states.into_shape_with_order((steps * trajectories, units)).expect("whole steps lie together")
}

impl Whole for RnnNetwork {
    fn architecture(&self) -> Spec {
        self.spec.clone().into()
    }

    fn named(&self) -> Named<'_> {
        let state = ("state.0".to_owned(), vec![self.initial.len()], &*self.initial);
        self.parameters().chain([state]).collect()
    }

    fn count(&self) -> usize {
        self.parameter_count()
    }
}

impl Net for RnnNetwork {
    fn family(&self) -> &'static str {
        RnnSpec::FAMILY
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
        let trajectories = state.len() / self.initial.len();
        let weights = Weights::new(&self.spec, &self.parameters).map_err(shape)?;
        let x = ArrayView2::from_shape((steps * trajectories, self.inputs()), x).map_err(shape)?;
        let r = ArrayView2::from_shape((trajectories, self.initial.len()), state).map_err(shape)?;
        let states = weights.unroll(x, steps, r);
        *state = states.r.index_axis(Axis(0), steps).iter().copied().collect();
        Ok(states.y.into_raw_vec_and_offset().0)
    }
}

/// Values of another shape than the network's.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes it so")]
pub(crate) fn shape(error: ShapeError) -> bl_core::Error {
    bl_core::Error::Shape { found: error.to_string() }
}
