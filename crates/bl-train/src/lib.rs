//! How adapters are trained. Pre-activations `p = B x` never change during training, so they are computed
//! once and every epoch is only the adapter half `y = A φ(p + b)` and its gradient:
//!
//! ```text
//! db_i = Σ_n 1[p_ni + b_i > 0] · (Aᵀ δ_n)_i
//! ```

mod activity;
mod adam;
mod augment;
mod cache;
mod checkpoint;
mod config;
mod draws;
mod error;
mod frozen_half;
mod halves;
mod learn;
mod mask;
pub mod memory;
mod method;
mod network;
mod network_file;
mod objective;
pub mod presets;
mod product;
mod report;
mod schedule;
mod taken;
mod trainer;

pub use activity::{ActivityError, UnitVariance, unit_activity};
pub use augment::Augmentation;
pub use cache::{CacheMode, default_budget};
pub use checkpoint::{EpochMetrics, checkpoint_path};
pub use config::{Settings, TrainConfig};
pub use error::Error;
pub use frozen_half::FrozenHalf;
pub use halves::Halves;
pub use learn::{Checkpoints, EpochReport, Progress};
pub use method::Method;
pub use network::FullNetwork;
pub use network::mlp::MlpNetwork;
pub use network::rnn::RnnNetwork;
pub use network_file::{NetworkFile, NetworkHeader};
pub use objective::Learned;
pub use product::Product;
pub use report::{CacheReport, DatasetReport, Report, Run, Seconds};
pub use schedule::Schedule;
pub use trainer::{Fitted, Trainer};
