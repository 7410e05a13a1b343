//! How good a forecast is.
//!
//! Two kinds must not be confused, and a report names which it is:
//! - *teacher-forced*: every prediction, a horizon ahead, is made from true values: [`r_squared`] and
//!   [`nrmse`];
//! - *free-running*: predictions are fed back in place of true values, and a chaotic series is lost
//!   sooner or later: [`valid_time`].
//!
//! ```
//! use bl_tasks::forecast::{Criterion, nrmse, r_squared, valid_time};
//!
//! let target = [0.0, 1.0, 0.0, -1.0];
//! let forecast = [0.0, 1.0, 0.5, -1.5];
//! assert_eq!(r_squared(&target, &forecast)?, 0.75);
//! assert_eq!(nrmse(&target, &forecast)?, 0.5);
//! let criterion = Criterion { threshold: 0.4, deviation: 0.707, spacing: Some(0.01), lyapunov: None };
//! assert_eq!(valid_time(&target, &forecast, &criterion)?.time(), Some(0.02));
//! # Ok::<(), bl_tasks::forecast::Fault>(())
//! ```

mod fault;
mod fit;
mod valid_time;

pub use fault::Fault;
pub use fit::{nrmse, r_squared};
pub use valid_time::{Criterion, THRESHOLD, ValidTime, valid_time};
