//! One training run of a study.

use bl_core::spec::{InputShape, LayerSpec, MlpKind, ReadoutSpec};
use bl_core::{Distribution, MlpSpec, Spec};
use bl_tasks::{DataDir, Task};
use bl_train::presets::{self, Source};
use bl_train::{Method, Settings, TrainConfig};
use serde::{Deserialize, Serialize};

use crate::study_error::StudyError;

/// Everything that the outcome of a run is a function of, but for the data's own content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Which images it trains on; none of a simulated task, which the configuration describes in full.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub data: Option<Data>,
    /// The frozen weights; of a fully trained network the architecture, and what a recurrent one starts from.
    pub backbone: Spec,
    /// The task, and how it is trained.
    pub config: TrainConfig,
}

/// Which images a run trains on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Names of tasks: one, or several to be mixed (they share the classes).
    pub tasks: Vec<String>,
    /// The first so many training images; of a mixture, so many drawn at random. All, if not stated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub train: Option<usize>,
}

impl Data {
    /// Training images of one task.
    pub fn of(task: &str, train: Option<usize>) -> Self {
        Self { tasks: vec![task.to_owned()], train }
    }
}

impl Run {
    /// A run on a simulated task with its own settings but for `change`, on weights of the preset from `seed`; the biases
    /// start from the same seed.
    pub fn of(task: &str, seed: u32, change: Settings) -> Result<Self, StudyError> {
        let config = presets::configure(task, Settings { seed: Some(seed.into()), ..change })?;
        let opened = Task::open(task, &config.request(no_data())?)?;
        let Source::Spec(mut backbone) = presets::find(&config.backbone)? else {
            let known = presets::backbone_names().collect();
            return Err(bl_train::Error::UnknownBackbone { name: config.backbone, known }.into());
        };
        backbone.set_seed(seed.into());
        if let Some(gain) = config.gain {
            backbone.set_gain(gain)?;
        }
        backbone.fit(&opened.kind().io(), opened.kind().labels().len())?;
        let matched = config.match_parameters.and_then(|parameters| backbone.width_for(parameters));
        if let Some(width) = config.width.or(matched) {
            backbone.set_width(width);
        }
        Ok(Self { data: None, backbone, config })
    }

    /// Whether its network is feed-forward: then it has a frozen half, which runs may share.
    pub(crate) fn has_frozen_half(&self) -> bool {
        self.backbone.mlp().is_ok()
    }

    /// Whether it can fail at learning, which is a result then: states may explode, class scores do not.
    pub(crate) fn may_fail(&self) -> bool {
        !self.has_frozen_half()
    }

    /// g, the scale of recurrent weights; a network without them is an error.
    pub(crate) fn gain(&self) -> Result<f64, StudyError> {
        Ok(self.backbone.rnn()?.recurrent.gain)
    }

    /// What a line of progress calls it.
    pub(crate) fn label(&self) -> String {
        let Self { data, backbone, config } = self;
        let task = data.as_ref().map_or(config.task.clone(), |data| data.tasks.join("+"));
        let widths: Vec<String> = backbone.layers().iter().map(usize::to_string).collect();
        let gain = self.gain().map_or(String::new(), |gain| format!(" gain {gain:.2}"));
        let (method, widths, seed) = (config.method.name(), widths.join("-"), backbone.seed());
        format!("{task} {method} {widths}{gain} seed {seed}.{}", config.seed)
    }
}

/// For tasks that need none.
pub(crate) fn no_data() -> DataDir {
    DataDir { root: "data".into(), explicit: false }
}

/// A backbone of `widths` hidden layers for images of 28 × 28 and ten classes, all weights from one distribution.
pub(crate) fn plain_backbone(seed: u64, widths: &[u32], weights: &Distribution) -> Spec {
    Spec::Mlp(MlpSpec {
        generator: bl_core::GENERATOR,
        kind: MlpKind::Mlp,
        seed,
        activation: bl_core::spec::Activation::Relu,
        residual: false,
        input: InputShape { height: 28, width: 28, channels: 1 },
        front: None,
        layers: widths.iter().map(|&units| LayerSpec { units, weights: weights.clone() }).collect(),
        readout: ReadoutSpec { outputs: 10, weights: weights.clone() },
    })
}

/// How a run trains when the paper's settings hold: Adam at a constant rate, batches of 512.
pub(crate) fn plain_config(task: &str, method: Method, epochs: u32, lr: f64, seed: u64) -> TrainConfig {
    TrainConfig {
        method,
        seed,
        val_fraction: Some(0.0),
        final_temperature: (method == Method::Mask).then_some(0.001),
        ..TrainConfig::new(task, "study".to_owned(), epochs, lr)
    }
}
