//! What a training run is asked to do: defaults, then a file, then the environment, then flags.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Settings of a run as somebody states them: a file or the command line, each value optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Name of a spec in `configs/backbones`, or the path of a spec or of a backbone file.
    pub backbone: Option<String>,
    /// What is learned.
    pub method: Option<Method>,
    /// Units of every hidden layer, in place of the spec's.
    pub width: Option<u32>,
    /// Of the method `full`, in place of a width: about this many learned parameters, for a fair match with a
    /// bias adapter that has as many.
    pub match_parameters: Option<u64>,
    /// Passes over the training set.
    pub epochs: Option<u32>,
    /// Samples of a step.
    pub batch_size: Option<u32>,
    /// Learning rate.
    pub lr: Option<f64>,
    /// How the rate changes during the run.
    pub schedule: Option<Schedule>,
    /// L2 penalty on the biases, added to the gradient.
    pub weight_decay: Option<f64>,
    /// Biases, and the g of a mask, start uniform in [−`bias_init`, `bias_init`]. Biases that are not learned
    /// stay there.
    pub bias_init: Option<f64>,
    /// Temperature τ of a soft mask in the last epoch; it starts at 1 and falls geometrically.
    pub final_temperature: Option<f64>,
    /// Seed of the initial values and of the data order (the backbone has its own).
    pub seed: Option<u64>,
    /// Part of the training set held out, to choose settings without the test set.
    pub val_fraction: Option<f64>,
}

/// What is learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The biases of the hidden units.
    Bias,
    /// Which units are ON: `φ(p + b₀) · sigmoid(g / τ)` with fixed b₀ and annealed τ, 0 or 1 in the end.
    Mask,
    /// A factor on each unit: `m φ(p + b₀)` with fixed b₀.
    Gain,
    /// Both: `m φ(p + b)`.
    BiasGain,
    /// All weights and the hidden biases: the baseline.
    Full,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Bias, Self::Mask, Self::Gain, Self::BiasGain, Self::Full];

    /// As it is written in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bias => "bias",
            Self::Mask => "mask",
            Self::Gain => "gain",
            Self::BiasGain => "bias_gain",
            Self::Full => "full",
        }
    }
}

/// How the learning rate changes during the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// It does not.
    Constant,
    /// Half a cosine, from `lr` at the first step to 0 after the last.
    Cosine,
}

impl Schedule {
    /// The rate of step `step` (from 0) of `steps`.
    pub fn rate(self, lr: f64, step: u64, steps: u64) -> f64 {
        match self {
            Self::Constant => lr,
            Self::Cosine => {
                lr * 0.5 * (1.0 + libm::cos(std::f64::consts::PI * step as f64 / steps.max(1) as f64))
            }
        }
    }
}

/// A run's settings with nothing left open; stored in the adapter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in `Settings`")]
pub struct TrainConfig {
    pub task: String,
    pub backbone: String,
    pub method: Method,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub match_parameters: Option<u64>,
    pub epochs: u32,
    pub batch_size: u32,
    pub lr: f64,
    pub schedule: Schedule,
    pub weight_decay: f64,
    pub bias_init: f64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub final_temperature: Option<f64>,
    pub seed: u64,
    pub val_fraction: f64,
}

impl Settings {
    /// Reads a file such as those in `configs/tasks`.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Error::ReadConfig { path: path.to_owned(), source })?;
        Self::from_toml(&text, &path.display().to_string())
    }

    /// Reads the text of such a file; `origin` is for the error.
    pub(crate) fn from_toml(text: &str, origin: &str) -> Result<Self, Error> {
        toml::from_str(text)
            .map_err(|source| Error::ConfigSyntax { origin: origin.to_owned(), source: Box::new(source) })
    }

    /// These settings where they are stated, those of `below` where they are not.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            backbone: self.backbone.or(below.backbone),
            method: self.method.or(below.method),
            width: self.width.or(below.width),
            match_parameters: self.match_parameters.or(below.match_parameters),
            epochs: self.epochs.or(below.epochs),
            batch_size: self.batch_size.or(below.batch_size),
            lr: self.lr.or(below.lr),
            schedule: self.schedule.or(below.schedule),
            weight_decay: self.weight_decay.or(below.weight_decay),
            bias_init: self.bias_init.or(below.bias_init),
            final_temperature: self.final_temperature.or(below.final_temperature),
            seed: self.seed.or(below.seed),
            val_fraction: self.val_fraction.or(below.val_fraction),
        }
    }

    /// What the settings ask for of `task`, over the defaults of the method and then those of the task.
    pub fn resolve(self, task: &str, defaults: Self) -> Result<TrainConfig, Error> {
        let method = self.method.or(defaults.method).unwrap_or(Method::Bias);
        let all = self.over(crate::presets::method_settings(method)?).over(defaults);
        let missing = |key| move || Error::MissingSetting { key };
        let config = TrainConfig {
            task: task.to_owned(),
            backbone: all.backbone.ok_or_else(missing("backbone"))?,
            method,
            width: all.width,
            match_parameters: all.match_parameters,
            epochs: all.epochs.ok_or_else(missing("epochs"))?,
            batch_size: all.batch_size.unwrap_or(512),
            lr: all.lr.ok_or_else(missing("lr"))?,
            schedule: all.schedule.unwrap_or(Schedule::Constant),
            weight_decay: all.weight_decay.unwrap_or(0.0),
            bias_init: all.bias_init.unwrap_or(0.01),
            final_temperature: all.final_temperature,
            seed: all.seed.unwrap_or(1),
            val_fraction: all.val_fraction.unwrap_or(0.0),
        };
        config.validate()?;
        Ok(config)
    }
}

impl TrainConfig {
    fn validate(&self) -> Result<(), Error> {
        const MAX_EXACT: f64 = 9_007_199_254_740_991.0; // 2⁵³ − 1: every JSON reader keeps it
        range("width", self.width.unwrap_or(1).into(), 1.0, f64::from(1 << 24))?;
        range("epochs", self.epochs.into(), 1.0, 1e6)?;
        range("batch_size", self.batch_size.into(), 1.0, 1e6)?;
        range("lr", self.lr, f64::MIN_POSITIVE, 1e38)?;
        range("weight_decay", self.weight_decay, 0.0, 1e6)?;
        range("bias_init", self.bias_init, 0.0, 1e38)?;
        range("seed", self.seed as f64, 0.0, MAX_EXACT)?;
        range("val_fraction", self.val_fraction, 0.0, 0.9)?;
        range("match_parameters", self.match_parameters.unwrap_or(1) as f64, 1.0, 1e10)?;
        range("final_temperature", self.final_temperature.unwrap_or(1.0), 1e-6, 1.0)?;
        self.no_contradiction()
    }

    /// What only some methods have must not be asked of the others: it would be ignored without a word.
    fn no_contradiction(&self) -> Result<(), Error> {
        let method = self.method.name();
        let of_other = |key, of| Err(Error::SettingOfOtherMethod { key, of, method });
        if self.match_parameters.is_some() && self.method != Method::Full {
            return of_other("match_parameters", "full");
        }
        if self.final_temperature.is_some() && self.method != Method::Mask {
            return of_other("final_temperature", "mask");
        }
        if self.match_parameters.is_some() && self.width.is_some() {
            return Err(Error::Contradiction { one: "match_parameters", other: "width" });
        }
        Ok(())
    }

    /// The width of the hidden layers, where it is not the spec's.
    ///
    /// # Shapes
    /// A network of one hidden layer of n units has `n (inputs + 1 + outputs)` learned parameters, no output bias.
    pub fn width_for(&self, inputs: usize, outputs: usize) -> Option<u32> {
        let a_unit = (inputs + 1 + outputs) as f64;
        let matched = |wanted: u64| (wanted as f64 / a_unit).round().max(1.0) as u32;
        self.width.or(self.match_parameters.map(matched))
    }
}

fn range(key: &'static str, found: f64, min: f64, max: f64) -> Result<(), Error> {
    if found >= min && found <= max { Ok(()) } else { Err(Error::BadSetting { key, found, min, max }) }
}
