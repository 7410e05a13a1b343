//! Centre-out reaching: a point mass is moved from rest to a target by forces that a network controls.
//!
//! Section C.5 of Williams et al. (ICLR 2025): [`Plant`] is the mass, [`targets`] where it should go,
//! [`Loss`] equation 31, and [`Plant::gradient`] how a network learns of it. [`BellShape`] measures
//! what figure 5C shows.
//!
//! ```
//! use bl_tasks::reaching::{DISTANCE, Loss, Plant, targets};
//!
//! let (plant, loss) = (Plant::default(), Loss::default());
//! let target = targets(6, DISTANCE)[0];
//! let controls = vec![[0.0, 0.0]; plant.steps];
//! let movement = plant.run(&controls)?;
//! assert!((loss.value(movement.end(), target) - 49.0).abs() < 1e-9); // (0.07 / 0.01)²: it did not move
//! let gradient = plant.gradient(&loss.gradient(movement.end(), target));
//! assert!(gradient[0][0] < 0.0); // more force to the right would help
//! # Ok::<(), bl_tasks::reaching::Fault>(())
//! ```

mod bell;
mod loss;
mod plant;
mod targets;

pub use bell::BellShape;
pub use loss::Loss;
pub use plant::{Fault, Movement, Plant, State};
pub use targets::{DISTANCE, targets, targets_between};
