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
mod deep;
mod draws;
mod error;
mod full;
mod learn;
mod mask;
pub mod memory;
mod network;
mod network_file;
mod objective;
pub mod presets;
mod recurrent;
mod report;
mod shallow;
mod trainer;
mod training_set;

pub use cache::{CacheMode, default_budget};
pub use checkpoint::{EpochFigures, checkpoint_path};
pub use config::{Method, Schedule, Settings, TimeSettings, TrainConfig};
pub use error::Error;
pub use learn::{Checkpoints, EpochReport, Progress};
pub use network::Network;
pub use network_file::{NetworkFile, NetworkHeader};
pub use objective::Learned;
pub use recurrent::{
    RecurrentConfig, RecurrentFitted, RecurrentLearned, RecurrentNetwork, RecurrentNetworkFile,
    RecurrentNetworkHeader, RecurrentProduct, RecurrentTrainer,
};
pub use report::{CacheReport, DatasetReport, Product, Report, Seconds, standardisation};
pub use trainer::{Fitted, Trainer};
pub use training_set::TrainingSet;
