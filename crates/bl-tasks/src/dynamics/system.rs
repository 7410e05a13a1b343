//! What every system of ordinary differential equations says of itself.

use std::borrow::Cow;

/// An autonomous system `ds/dt = f(s)`.
pub trait System {
    /// Its name, lower-case, as on the command line.
    fn name(&self) -> &'static str;

    /// The names of the components of its state; their number is the dimension.
    fn components(&self) -> &'static [&'static str];

    /// A usual state to start from.
    fn start(&self) -> Vec<f64>;

    /// `f(s)`.
    ///
    /// # Shapes
    /// - `state`, `out`: `[dimensions]`
    fn derivative(&self, state: &[f64], out: &mut [f64]);

    /// The largest Lyapunov exponent, where it is known: for the usual parameters only.
    fn lyapunov(&self) -> Option<Lyapunov>;
}

/// A largest Lyapunov exponent λ: small differences grow as `exp(λ t)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Lyapunov {
    /// λ, per unit of time.
    pub exponent: f64,
    /// Who says so.
    pub source: Cow<'static, str>,
}

impl Lyapunov {
    pub(super) fn known(exponent: f64, source: &'static str) -> Self {
        Self { exponent, source: Cow::Borrowed(source) }
    }
}
