//! Mackey and Glass' equation, whose rate of change depends on the past.

use super::{Fault, Integrator, Lyapunov, Sampling, Trajectory};

/// The equation of Mackey and Glass, one variable with a delay:
///
/// ```text
/// dx/dt = β x(t − τ) / (1 + x(t − τ)ⁿ) − γ x(t)
/// ```
///
/// M. C. Mackey and L. Glass, *Oscillation and chaos in physiological control systems*, Science 197
/// (1977). Its state is all of x over the last τ, so it is no [`System`](super::System).
#[derive(Clone, Debug, PartialEq)]
pub struct MackeyGlass {
    /// τ, the delay; usually 17, which is mildly chaotic.
    pub tau: f64,
    /// β, the rate of production; usually 0.2.
    pub beta: f64,
    /// γ, the rate of decay; usually 0.1.
    pub gamma: f64,
    /// n, how steeply production falls; usually 10.
    pub n: f64,
}

impl Default for MackeyGlass {
    fn default() -> Self {
        Self { tau: 17.0, beta: 0.2, gamma: 0.1, n: 10.0 }
    }
}

impl MackeyGlass {
    /// A usual value of x before time 0.
    pub const START: f64 = 1.2;

    const NAME: &'static str = "mackey-glass";
    const COMPONENTS: &'static [&'static str] = &["x"];

    /// `dx/dt` where x is `now`, and was `then` a delay ago.
    pub fn derivative(&self, now: f64, then: f64) -> f64 {
        self.beta * then / (1.0 + libm::pow(then, self.n)) - self.gamma * now
    }

    /// The largest Lyapunov exponent of the equation. A coarse step makes another system: Euler's
    /// method with steps of 1, a common choice, has 0.0084.
    pub fn lyapunov(&self) -> Option<Lyapunov> {
        (*self == Self::default()).then(|| {
            Lyapunov::known(
                0.0050,
                "measured for this project: growth of small differences, RK4 with steps of 0.2, mean of 128 \
                 starts over 18000 units of time, standard error 0.00003; 0.006 is often quoted",
            )
        })
    }

    /// Follows the equation from a past in which x was `start` all the time.
    ///
    /// The step must divide the delay. Euler's method then finds `x(t − τ)` among its own samples,
    /// without error. Runge and Kutta's needs it between two samples as well: there the cubic of
    /// Hermite through their values and slopes is of order 4, as the method is, and the only point
    /// where x has a corner (t = 0) is a sample.
    pub fn simulate(&self, sampling: &Sampling, start: f64) -> Result<Trajectory, Fault> {
        sampling.check()?;
        let mut past = Past::new(self, sampling.dt, start)?;
        let steps = sampling.steps();
        for step in 0..=steps {
            if !past.values[step].is_finite() {
                return Err(Fault::Diverged { system: Self::NAME, component: Self::COMPONENTS[0], step });
            }
            if step < steps {
                past.step(self, sampling.integrator);
            }
        }
        Ok(Trajectory {
            system: Self::NAME,
            components: Self::COMPONENTS,
            spacing: sampling.spacing(),
            values: past.values.into_iter().step_by(sampling.every).collect(),
            lyapunov: self.lyapunov(),
        })
    }
}

/// Everything so far.
///
/// # Shapes
/// - `values`: `[steps + 1]`, x at the times `i · dt`
/// - `slopes`: `[steps]`, dx/dt there, from the right
struct Past {
    dt: f64,
    delay: usize,
    start: f64,
    values: Vec<f64>,
    slopes: Vec<f64>,
}

impl Past {
    fn new(equation: &MackeyGlass, dt: f64, start: f64) -> Result<Self, Fault> {
        let delay = (equation.tau / dt).round();
        // As near as decimal steps such as 0.1 come to their name.
        let divides = delay >= 1.0 && (delay * dt - equation.tau).abs() <= 1e-9 * equation.tau;
        if !divides {
            return Err(Fault::Delay { delay: equation.tau, dt });
        }
        Ok(Self { dt, delay: delay as usize, start, values: vec![start], slopes: Vec::new() })
    }

    fn step(&mut self, equation: &MackeyGlass, integrator: Integrator) {
        let (dt, now) = (self.dt, self.values.len() - 1);
        let x = self.values[now];
        let k1 = equation.derivative(x, self.delayed(now));
        self.slopes.push(k1);
        self.values.push(match integrator {
            Integrator::Euler => x + dt * k1,
            Integrator::Rk4 => {
                let (middle, end) = (self.delayed_middle(now), self.delayed(now + 1));
                let k2 = equation.derivative(x + dt / 2.0 * k1, middle);
                let k3 = equation.derivative(x + dt / 2.0 * k2, middle);
                let k4 = equation.derivative(x + dt * k3, end);
                x + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
            }
        });
    }

    /// x at step `step`, a delay before.
    fn delayed(&self, step: usize) -> f64 {
        step.checked_sub(self.delay).map_or(self.start, |then| self.values[then])
    }

    /// x half a step after `step`, a delay before: Hermite's cubic at the middle of an interval,
    /// `(x₀ + x₁)/2 + dt/8 (x₀′ − x₁′)`.
    fn delayed_middle(&self, step: usize) -> f64 {
        let Some(then) = step.checked_sub(self.delay) else { return self.start };
        let (x, slope) = (&self.values[then..], &self.slopes[then..]);
        f64::midpoint(x[0], x[1]) + self.dt / 8.0 * (slope[0] - slope[1])
    }
}
