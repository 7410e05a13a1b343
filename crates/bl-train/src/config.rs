//! What a training run is asked to do: defaults, then a file, then the environment, then flags.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// 2⁵³ − 1: every JSON reader keeps integers up to this.
pub(crate) const MAX_EXACT: f64 = 9_007_199_254_740_991.0;

/// Settings of a run as somebody states them: a file or the command line, each value optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// What only tasks in time have.
    #[serde(flatten)]
    pub time: TimeSettings,
}

/// Settings of tasks in time, which learn from trajectories. Times are in samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TimeSettings {
    /// g of the recurrent weights, in place of the spec's.
    pub gain: Option<f64>,
    /// Biases start uniform around this.
    pub bias_mean: Option<f64>,
    /// Whether the state before the first step is learned too.
    pub learn_state: Option<bool>,
    /// Of a text file, which column.
    pub column: Option<String>,
    /// How far ahead is forecast.
    pub horizon: Option<u32>,
    /// At the beginning of every window, samples that are not judged.
    pub washout: Option<u32>,
    /// A window that is learned from, washout included.
    pub window: Option<u32>,
    /// From the beginning of a window to that of the next.
    pub stride: Option<u32>,
    /// After how many steps back the gradient of the state is dropped (truncated BPTT).
    pub truncate: Option<u32>,
    /// The greatest Euclidean norm of a gradient; longer ones are shortened to it.
    pub clip: Option<f64>,
    /// The loss of an epoch that is good enough to stop.
    pub stop_at_loss: Option<f64>,
}

impl TimeSettings {
    fn over(self, below: Self) -> Self {
        Self {
            gain: self.gain.or(below.gain),
            bias_mean: self.bias_mean.or(below.bias_mean),
            learn_state: self.learn_state.or(below.learn_state),
            column: self.column.or(below.column),
            horizon: self.horizon.or(below.horizon),
            washout: self.washout.or(below.washout),
            window: self.window.or(below.window),
            stride: self.stride.or(below.stride),
            truncate: self.truncate.or(below.truncate),
            clip: self.clip.or(below.clip),
            stop_at_loss: self.stop_at_loss.or(below.stop_at_loss),
        }
    }

    /// The first that is stated, for an error.
    fn stated(&self) -> Option<&'static str> {
        [
            ("gain", self.gain.is_some()),
            ("bias_mean", self.bias_mean.is_some()),
            ("learn_state", self.learn_state.is_some()),
            ("column", self.column.is_some()),
            ("horizon", self.horizon.is_some()),
            ("washout", self.washout.is_some()),
            ("window", self.window.is_some()),
            ("stride", self.stride.is_some()),
            ("truncate", self.truncate.is_some()),
            ("clip", self.clip.is_some()),
            ("stop_at_loss", self.stop_at_loss.is_some()),
        ]
        .into_iter()
        .find_map(|(name, stated)| stated.then_some(name))
    }
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
        let failed = |source| Error::ConfigSyntax { origin: origin.to_owned(), source: Box::new(source) };
        let settings: Self = toml::from_str(text).map_err(failed)?;
        // serde cannot refuse unknown fields of a struct with a flattened part.
        let table: toml::Table = toml::from_str(text).map_err(failed)?;
        let known = serde_json::to_value(Self::default()).ok();
        let known = known.as_ref().and_then(serde_json::Value::as_object);
        match table.keys().find(|key| known.is_some_and(|known| !known.contains_key(*key))) {
            Some(key) => Err(Error::UnknownSetting { origin: origin.to_owned(), key: key.clone() }),
            None => Ok(settings),
        }
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
            time: self.time.over(below.time),
        }
    }

    /// What the settings ask for of `task`, over the defaults of the method and then those of the task.
    pub fn resolve(self, task: &str, defaults: Self) -> Result<TrainConfig, Error> {
        let method = self.method.or(defaults.method).unwrap_or(Method::Bias);
        let all = self.over(crate::presets::method_settings(method)?).over(defaults);
        if let Some(key) = all.time.stated() {
            return Err(Error::SettingInTime { key, task: task.to_owned() });
        }
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

/// A setting within bounds.
pub(crate) fn range(key: &'static str, found: f64, min: f64, max: f64) -> Result<(), Error> {
    if found >= min && found <= max { Ok(()) } else { Err(Error::BadSetting { key, found, min, max }) }
}
