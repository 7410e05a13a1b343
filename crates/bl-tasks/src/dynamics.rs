//! Trajectories of dynamical systems: the equations, how they are integrated, and what comes out
//! with the true spacing of its samples.
//!
//! ```
//! use bl_tasks::dynamics::{Integrator, Lorenz, Sampling, System, simulate};
//!
//! // As in section C.4.2 of Williams et al. (ICLR 2025): Euler's method with steps of 0.01.
//! let lorenz = Lorenz::default();
//! let sampling = Sampling { integrator: Integrator::Euler, dt: 0.01, every: 1, samples: 1000 };
//! let trajectory = simulate(&lorenz, &sampling, &lorenz.start())?;
//! assert_eq!(trajectory.state(0), [0.0, 1.0, 0.0]);
//! assert_eq!(trajectory.spacing, 0.01);
//! # Ok::<(), bl_tasks::Error>(())
//! ```
//!
//! - [`Lorenz`], [`VanDerPol`] and [`Rossler`] are ordinary differential equations, [`simulate`]d by
//!   [`Euler`](Integrator::Euler) or [`Rk4`](Integrator::Rk4).
//! - [`MackeyGlass`] has a delay and so a simulation of its own; [`cosine`] is exact.
//!
//! Only `+ - * /` and `libm` are used, so a trajectory has the same bits on every platform.

mod cosine;
mod fault;
mod integrator;
mod lorenz;
mod mackey_glass;
mod rossler;
mod system;
mod trajectory;
mod van_der_pol;

pub use cosine::cosine;
pub use fault::Fault;
pub use integrator::Integrator;
pub use lorenz::Lorenz;
pub use mackey_glass::MackeyGlass;
pub use rossler::Rossler;
pub use system::{Lyapunov, System};
pub use trajectory::{Sampling, Trajectory, simulate};
pub use van_der_pol::VanDerPol;
