//! The point mass, forwards in time and backwards.

/// A point mass in the plane whose force follows the controls u with a lag:
///
/// ```text
/// dx/dt = v    dv/dt = f / m    df/dt = (u − f) / τ_f
/// ```
///
/// by Euler's method, from rest at the centre. It is linear, so its gradient needs no trajectory.
#[derive(Clone, Debug, PartialEq)]
pub struct Plant {
    /// m, in kg; a unit mass in section 3.5 of the paper.
    pub mass: f64,
    /// `τ_f`, in s; 0.04 in the paper.
    pub lag: f64,
    /// The time step, in s; 0.01 in the paper.
    pub dt: f64,
    /// T, the number of steps; 100 in the paper, which is a second.
    pub steps: usize,
}

impl Default for Plant {
    fn default() -> Self {
        Self { mass: 1.0, lag: 0.04, dt: 0.01, steps: 100 }
    }
}

/// Where the mass is, or the gradient of a loss with respect to that.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct State {
    /// x, in m.
    pub position: [f64; 2],
    /// v, in m/s.
    pub velocity: [f64; 2],
    /// f, in N.
    pub force: [f64; 2],
}

/// Controls that are not one for each step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected controls for {expected} steps, found {found}")]
pub struct Fault {
    /// Steps of the plant.
    pub expected: usize,
    /// Controls.
    pub found: usize,
}

/// What the mass did.
///
/// # Shapes
/// - `states`: `[steps + 1]`, from rest to the end
#[derive(Clone, Debug, PartialEq)]
pub struct Movement {
    /// The states.
    pub states: Vec<State>,
    /// The time between two of them, in s.
    pub dt: f64,
}

impl Movement {
    /// The last state.
    pub fn end(&self) -> &State {
        &self.states[self.states.len() - 1]
    }

    /// `‖v‖` in m/s: `[steps + 1]`.
    pub fn speeds(&self) -> Vec<f64> {
        self.states.iter().map(|state| libm::hypot(state.velocity[0], state.velocity[1])).collect()
    }
}

impl Plant {
    /// Moves from rest.
    ///
    /// # Shapes
    /// - `controls` u: `[steps, 2]`, in N
    pub fn run(&self, controls: &[[f64; 2]]) -> Result<Movement, Fault> {
        if controls.len() != self.steps {
            return Err(Fault { expected: self.steps, found: controls.len() });
        }
        let mut states = vec![State::default()];
        for &control in controls {
            states.push(self.step(&states[states.len() - 1], control));
        }
        Ok(Movement { states, dt: self.dt })
    }

    fn step(&self, from: &State, control: [f64; 2]) -> State {
        let mut to = *from;
        for (i, u) in control.into_iter().enumerate() {
            to.position[i] += self.dt * from.velocity[i];
            to.velocity[i] += self.dt / self.mass * from.force[i];
            to.force[i] += self.dt / self.lag * (u - from.force[i]);
        }
        to
    }

    /// The gradient of a loss with respect to the controls, from that with respect to the last state.
    ///
    /// The adjoint of a step, `λ_t = Aᵀ λ_{t+1}` and `∂L/∂u_t = Bᵀ λ_{t+1}`:
    ///
    /// ```text
    /// ∂L/∂u = dt/τ_f λ_f
    /// λ_f ← (1 − dt/τ_f) λ_f + dt/m λ_v    λ_v ← λ_v + dt λ_x    λ_x ← λ_x
    /// ```
    ///
    /// # Shapes
    /// - returns: `[steps, 2]`
    pub fn gradient(&self, end: &State) -> Vec<[f64; 2]> {
        let follow = self.dt / self.lag;
        let mut gradient = vec![[0.0; 2]; self.steps];
        let mut adjoint = *end;
        for control in gradient.iter_mut().rev() {
            for (i, control) in control.iter_mut().enumerate() {
                let State { position, velocity, force } = &mut adjoint;
                *control = follow * force[i];
                force[i] = (1.0 - follow) * force[i] + self.dt / self.mass * velocity[i];
                velocity[i] += self.dt * position[i];
            }
        }
        gradient
    }
}
