//! How adapters are learned. Pre-activations `p = B x` never change during training, so they are computed
//! once and every epoch is only the adapter half `y = A φ(p + b)` and its gradient:
//!
//! ```text
//! db_i = Σ_n 1[p_ni + b_i > 0] · (Aᵀ δ_n)_i
//! ```

mod adam;
mod cache;
mod checkpoint;
mod config;
mod draws;
mod error;
mod gradient;
pub mod memory;
pub mod presets;
mod report;
mod trainer;

pub use cache::{CacheMode, default_budget};
pub use checkpoint::checkpoint_path;
pub use config::{Method, Schedule, Settings, TrainConfig};
pub use error::Error;
pub use report::{CacheReport, DatasetReport, Report, Seconds, adapter, median, standardisation};
pub use trainer::{EpochReport, Fitted, Progress, Resources, Trainer};
