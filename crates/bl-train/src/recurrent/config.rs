//! What a training run in time is asked to do.

use bl_core::BaseBias;
use bl_tasks::time::Request;
use serde::{Deserialize, Serialize};

use crate::config::{MAX_EXACT, Method, Schedule, Settings, range};
use crate::error::Error;

/// A run's settings with nothing left open; stored in the adapter. Times are in samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in `Settings` and `TimeSettings`")]
pub struct RecurrentConfig {
    pub task: String,
    pub backbone: String,
    pub method: Method,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub match_parameters: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub gain: Option<f64>,
    pub epochs: u32,
    pub batch_size: u32,
    pub lr: f64,
    pub schedule: Schedule,
    pub weight_decay: f64,
    pub bias_init: f64,
    pub bias_mean: f64,
    pub learn_state: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub final_temperature: Option<f64>,
    pub seed: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub horizon: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub washout: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub window: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stride: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub truncate: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub clip: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stop_at_loss: Option<f64>,
}

/// Of a forecaster, unless the settings say otherwise.
pub(crate) const WINDOW: u32 = 120;
const STRIDE: u32 = 8;

impl Settings {
    /// What the settings ask for of a task in time, over the task's own defaults.
    pub fn resolve_in_time(self, task: &str, defaults: Self) -> Result<RecurrentConfig, Error> {
        if self.val_fraction.is_some() {
            return Err(Error::SettingOfPictures { key: "val_fraction", task: task.to_owned() });
        }
        let stated = self.time.stop_at_loss;
        let mut all = self.over(defaults);
        if all.method == Some(Method::Mask) {
            all.time.stop_at_loss = stated; // a task's own is for the other methods: the temperature has to fall
        }
        let missing = |key| move || Error::MissingSetting { key };
        let (method, time) = (all.method.unwrap_or(Method::Bias), all.time);
        let config = RecurrentConfig {
            task: task.to_owned(),
            backbone: all.backbone.ok_or_else(missing("backbone"))?,
            method,
            width: all.width,
            match_parameters: all.match_parameters,
            gain: time.gain,
            epochs: all.epochs.ok_or_else(missing("epochs"))?,
            batch_size: all.batch_size.unwrap_or(16),
            lr: all.lr.ok_or_else(missing("lr"))?,
            schedule: all.schedule.unwrap_or(Schedule::Constant),
            weight_decay: all.weight_decay.unwrap_or(0.0),
            bias_init: all.bias_init.unwrap_or(0.01),
            bias_mean: time.bias_mean.unwrap_or(0.0),
            learn_state: time.learn_state.unwrap_or(false),
            final_temperature: all.final_temperature.or((method == Method::Mask).then_some(0.001)),
            seed: all.seed.unwrap_or(1),
            column: time.column,
            horizon: time.horizon,
            washout: time.washout,
            window: time.window,
            stride: time.stride,
            truncate: time.truncate,
            clip: time.clip,
            stop_at_loss: time.stop_at_loss,
        };
        config.validate()?;
        Ok(config)
    }
}

impl RecurrentConfig {
    /// What the task is asked for.
    pub fn request(&self) -> Request {
        let samples = |n: Option<u32>| n.map(|n| n as usize);
        Request {
            column: self.column.clone(),
            horizon: samples(self.horizon),
            washout: samples(self.washout),
            window: Some(self.window() as usize),
        }
    }

    /// Samples of a window, washout included.
    pub(crate) fn window(&self) -> u32 {
        self.window.unwrap_or(WINDOW)
    }

    /// From the beginning of a window to that of the next.
    pub(crate) fn stride(&self) -> u32 {
        self.stride.unwrap_or(STRIDE)
    }

    /// The biases that a run begins with, and keeps where they are not learned.
    pub(crate) fn base_bias(&self) -> BaseBias {
        BaseBias { half_width: self.bias_init, mean: self.bias_mean, seed: self.seed }
    }

    /// The width, where it is not the spec's: stated, or such that a fully trained network has about as many parameters
    /// as are to be matched, `n² + n (inputs + 1 + outputs)`.
    pub fn width_for(&self, inputs: usize, outputs: usize) -> Option<u32> {
        let linear = (inputs + 1 + outputs) as f64;
        let matched = |wanted: u64| {
            let n = ((linear * linear + 4.0 * wanted as f64).sqrt() - linear) / 2.0;
            n.round().max(1.0) as u32
        };
        self.width.or(self.match_parameters.map(matched))
    }

    fn validate(&self) -> Result<(), Error> {
        let count = |key, n: Option<u32>, least: f64| range(key, n.unwrap_or(1).into(), least, 1e9);
        range("width", self.width.unwrap_or(1).into(), 1.0, f64::from(1 << 24))?;
        range("match_parameters", self.match_parameters.unwrap_or(1) as f64, 1.0, 1e10)?;
        range("gain", self.gain.unwrap_or(1.0), 1e-6, 1e6)?;
        range("epochs", self.epochs.into(), 1.0, 1e6)?;
        range("batch_size", self.batch_size.into(), 1.0, 1e6)?;
        range("lr", self.lr, f64::MIN_POSITIVE, 1e38)?;
        range("weight_decay", self.weight_decay, 0.0, 1e6)?;
        range("bias_init", self.bias_init, 0.0, 1e30)?;
        range("bias_mean", self.bias_mean, -1e30, 1e30)?;
        range("seed", self.seed as f64, 0.0, MAX_EXACT)?;
        range("final_temperature", self.final_temperature.unwrap_or(1.0), 1e-6, 1.0)?;
        range("clip", self.clip.unwrap_or(1.0), f64::MIN_POSITIVE, 1e38)?;
        range("stop_at_loss", self.stop_at_loss.unwrap_or(0.0), 0.0, 1e38)?;
        count("horizon", self.horizon, 1.0)?;
        count("washout", self.washout, 0.0)?;
        count("window", self.window, 1.0)?;
        count("stride", self.stride, 1.0)?;
        count("truncate", self.truncate, 1.0)?;
        let method = self.method.name();
        let of_other = |key, of| Err(Error::SettingOfOtherMethod { key, of, method });
        if self.match_parameters.is_some() && self.method != Method::Full {
            return of_other("match_parameters", "full");
        }
        if self.final_temperature.is_some() && self.method != Method::Mask {
            return of_other("final_temperature", "mask");
        }
        let both = |one, other| Err(Error::Contradiction { one, other });
        if self.match_parameters.is_some() && self.width.is_some() {
            return both("match_parameters", "width");
        }
        if self.final_temperature.is_some() && self.stop_at_loss.is_some() {
            return both("stop_at_loss", "method mask"); // the temperature has to fall to its end
        }
        Ok(())
    }
}
