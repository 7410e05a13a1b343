//! What is learned of the hidden units under each method: which vectors, where they start, what they mean, and the gradient
//! of each from the kernels' own.

use bl_core::{Parameters, UnitGains};
use bl_kernels::Wrt;

use super::{Initial, Learned};
use crate::config::TrainConfig;
use crate::draws::initial_mask;
use crate::mask::{binary_mask, soft_mask, temperature, to_mask_gradient};

/// Parameters, in this order and as far as they are learned: b, m (or the g of a mask), r₀.
pub(crate) struct Units<'a> {
    config: &'a TrainConfig,
    /// b at the start: fixed where it is not learned.
    base: Vec<f32>,
    /// r₀ of the backbone; empty where there is no state.
    state: &'a [f32],
    /// m of the step; empty for 1.
    gains: Vec<f32>,
    /// τ
    temperature: f64,
}

/// Parameters by what they mean.
pub(crate) struct View<'p> {
    /// b
    pub(crate) bias: &'p [f32],
    /// r₀
    pub(crate) state: &'p [f32],
}

/// The gradient as the kernels give it; what is not learned may be empty.
pub(crate) struct UnitGradient<'g> {
    pub(crate) bias: &'g [f32],
    /// What a step of b moves the kernel's bias.
    pub(crate) bias_scale: f32,
    pub(crate) gains: &'g [f32],
    /// `[rows, units]`
    pub(crate) state: &'g [f32],
}

impl<'a> Units<'a> {
    pub(crate) fn new(config: &'a TrainConfig, units: usize, state: &'a [f32]) -> Self {
        let base = config.base_bias().draw(0, units);
        Self { config, base, state, gains: Vec::new(), temperature: 1.0 }
    }

    /// b at the start.
    pub(crate) fn base(&self) -> &[f32] {
        &self.base
    }

    /// What the kernels differentiate with respect to.
    pub(crate) fn wrt(&self) -> Wrt {
        match (self.config.method.learns_bias(), self.config.method.learns_gain()) {
            (true, true) => Wrt::Both,
            (false, _) => Wrt::UnitGain,
            (true, false) => Wrt::Bias,
        }
    }

    pub(crate) fn initial(&self) -> Vec<Initial> {
        let initial = |name: &str, values| Initial { name: name.into(), values };
        let TrainConfig { method, seed, bias_init, .. } = *self.config;
        let units = self.base.len();
        let mut parameters = Vec::new();
        if method.learns_bias() {
            parameters.push(initial("hidden.0.bias", self.base.clone()));
        }
        if method.learns_gain() {
            let values =
                if method.is_mask() { initial_mask(seed, units, bias_init) } else { vec![1.0; units] };
            parameters.push(initial("hidden.0.gain", values));
        }
        if self.config.learns_state() {
            parameters.push(initial("state.0", self.state.to_vec()));
        }
        parameters
    }

    pub(crate) fn begin_epoch(&mut self, epoch: u32) {
        if let Some(last) = self.config.final_temperature {
            self.temperature = temperature(last, epoch, self.config.epochs);
        }
    }

    /// Sets m to the parameters of a step, soft if it is a mask, and says which b and r₀ they are.
    pub(crate) fn set<'p>(&'p mut self, parameters: &'p [Vec<f32>]) -> (View<'p>, &'p [f32]) {
        let method = self.config.method;
        let mut given = parameters.iter();
        let mut next = |wanted: bool| if wanted { given.next() } else { None };
        let bias = next(method.learns_bias());
        match next(method.learns_gain()) {
            Some(g) if method.is_mask() => soft_mask(g, self.temperature, &mut self.gains),
            Some(gains) => self.gains.clone_from(gains),
            None => {}
        }
        let state = next(self.config.learns_state()).map_or(self.state, |state| state);
        (View { bias: bias.unwrap_or(&self.base), state }, &self.gains)
    }

    /// Turns the kernels' gradient into one of the parameters.
    pub(crate) fn write(&self, parameters: &[Vec<f32>], from: &UnitGradient<'_>, into: &mut [Vec<f32>]) {
        let method = self.config.method;
        let mut into = into.iter_mut().zip(parameters);
        if method.learns_bias()
            && let Some((into, _)) = into.next()
        {
            into.iter_mut().zip(from.bias).for_each(|(db, dc)| *db = from.bias_scale * dc);
        }
        if method.learns_gain()
            && let Some((into, g)) = into.next()
        {
            into.copy_from_slice(from.gains);
            if method.is_mask() {
                to_mask_gradient(g, self.temperature, &self.gains, into);
            }
        }
        if self.config.learns_state()
            && let Some((into, _)) = into.next()
        {
            into.fill(0.0);
            for of_row in from.state.chunks_exact(into.len()) {
                into.iter_mut().zip(of_row).for_each(|(sum, x)| *sum += x);
            }
        }
    }

    /// What the parameters mean at test time: a mask is binary.
    pub(crate) fn parameters(&self, parameters: Vec<Vec<f32>>) -> Parameters {
        let method = self.config.method;
        let mut parameters = parameters.into_iter();
        let mut next = |wanted: bool| if wanted { parameters.next() } else { None };
        let biases = vec![next(method.learns_bias()).unwrap_or_else(|| self.base.clone())];
        let gains = match next(method.learns_gain()) {
            None => UnitGains::One,
            Some(g) if method.is_mask() => UnitGains::Mask(binary_mask(&g)),
            Some(gains) => UnitGains::Learned(gains),
        };
        Parameters { gains, initial: next(self.config.learns_state()), ..Parameters::of_biases(biases) }
    }

    pub(crate) fn learned(&self, parameters: Vec<Vec<f32>>) -> Learned {
        Learned::Units(self.parameters(parameters))
    }
}
