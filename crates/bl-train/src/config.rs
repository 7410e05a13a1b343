//! What a training run is asked to do: settings in layers, each value optional, and the configuration that they make.

use std::path::Path;

use bl_core::io::Read;
use bl_core::pretrained::Config;
use bl_core::spec::MAX_EXACT;
use bl_core::text::number;
use bl_core::{BaseBias, Spec};
use bl_tasks::series::{Fill, Mend, names_of};
use bl_tasks::texts::{Span, TextForm, Wanted};
use bl_tasks::{DataDir, Fitting, Form, LessonSettings, Request, Size};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::method::Method;
use crate::schedule::Schedule;

/// τ of a mask in the last epoch, unless the settings say otherwise.
const FINAL_TEMPERATURE: f64 = 0.001;

/// Tokens of a text that an encoder reads, unless the settings say otherwise.
const LONGEST: usize = 128;

/// Calls a macro with the name of each optional setting: one list for the layers and for what is stated.
macro_rules! each_setting {
    ($with:ident) => {
        $with!(
            backbone,
            method,
            width,
            match_parameters,
            gain,
            epochs,
            batch_size,
            lr,
            schedule,
            weight_decay,
            bias_init,
            bias_mean,
            learn_state,
            final_temperature,
            seed,
            val_fraction,
            column,
            inputs,
            targets,
            group,
            read,
            sort,
            fill,
            horizon,
            washout,
            window,
            stride,
            truncate,
            clip,
            stop_at_loss,
            fit,
            invert,
            size,
            channels,
            shift,
            rotate,
            flip,
            patience,
            text,
            label,
            values,
            words,
            characters,
            longest
        )
    };
}

/// Settings of a run as somebody states them: a file or the command line, each value optional. Counts of samples are
/// those of a series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Name of a spec in `configs/backbones`, or the path of a spec or of a backbone file.
    pub backbone: Option<String>,
    /// What is learned.
    pub method: Option<Method>,
    /// Units of every hidden layer, in place of the spec's.
    pub width: Option<u32>,
    /// Of the method `full`, in place of a width: about this many learned parameters, for a fair match with a bias adapter
    /// that has as many.
    pub match_parameters: Option<u64>,
    /// g of the recurrent weights, in place of the spec's.
    #[serde(alias = "recurrent_gain")]
    pub gain: Option<f64>,
    /// Number of epochs.
    pub epochs: Option<u32>,
    /// Batch size.
    pub batch_size: Option<u32>,
    /// Learning rate.
    pub lr: Option<f64>,
    /// How the rate changes during the run.
    pub schedule: Option<Schedule>,
    /// L2 penalty on the parameters, added to the gradient.
    pub weight_decay: Option<f64>,
    /// Biases start uniform in [`bias_mean` − `bias_init`, `bias_mean` + `bias_init`), and so does the g of a mask around
    /// 0. Biases that are not learned stay there.
    pub bias_init: Option<f64>,
    /// The middle of that interval.
    pub bias_mean: Option<f64>,
    /// Whether the state before the first step is learned too.
    pub learn_state: Option<bool>,
    /// Temperature τ of a soft mask in the last epoch; it starts at 1 and falls geometrically.
    pub final_temperature: Option<f64>,
    /// Seed of the initial values and of the data order (the backbone has its own).
    pub seed: Option<u64>,
    /// Part of the training set held out, to choose settings without the test set.
    pub val_fraction: Option<f64>,
    /// Of a text file, which column.
    pub column: Option<String>,
    /// Of a table of numbers, the columns that go in, with commas between them.
    pub inputs: Option<String>,
    /// Of a table of numbers, the columns that are to be said.
    pub targets: Option<String>,
    /// Of a table of numbers with several series, the column that tells them apart.
    pub group: Option<String>,
    /// Of trials with a class each, which steps say what class that is.
    pub read: Option<Read>,
    /// Of a text file with times: whether its lines are sorted by them.
    pub sort: Option<bool>,
    /// Of a text file: what is put where a value is missing.
    pub fill: Option<Fill>,
    /// How many samples ahead is forecast.
    pub horizon: Option<u32>,
    /// At the beginning of every window, samples that are not scored.
    pub washout: Option<u32>,
    /// Length of a training window, washout included.
    pub window: Option<u32>,
    /// From the beginning of a window to that of the next.
    pub stride: Option<u32>,
    /// After how many steps back the gradient of the state is dropped (truncated BPTT).
    pub truncate: Option<u32>,
    /// The greatest L2 norm of a gradient; longer ones are shortened to it.
    pub clip: Option<f64>,
    /// The loss of an epoch that is good enough to stop.
    pub stop_at_loss: Option<f64>,
    /// How images become one size.
    pub fit: Option<Fitting>,
    /// Whether images with a bright border are inverted.
    pub invert: Option<bool>,
    /// The size of images, as `28` or `28x40` (height, width).
    pub size: Option<Size>,
    /// 1 for grey images, 3 for colour.
    pub channels: Option<u32>,
    /// Training images are shifted by up to so many pixels, otherwise in every epoch.
    pub shift: Option<f64>,
    /// Training images are turned by up to so many degrees, otherwise in every epoch.
    pub rotate: Option<f64>,
    /// Training images are mirrored, left and right exchanged, every other one and others in every epoch.
    pub flip: Option<bool>,
    /// Stop after so many epochs that are no better on the held-out part, and keep the best.
    pub patience: Option<u32>,
    /// Of a table of texts, the column of the texts, or two with a comma between them.
    pub text: Option<String>,
    /// Of a table of texts, the column of the labels.
    pub label: Option<String>,
    /// Hashed places at which n-grams of texts are counted.
    pub values: Option<u32>,
    /// The longest run of words that is counted.
    pub words: Option<u32>,
    /// Lengths of the runs of characters that are counted, as `3-5`.
    pub characters: Option<Span>,
    /// Of a pretrained encoder, how many tokens of a text it reads.
    pub longest: Option<u32>,
}

/// A run's settings with nothing left open; stored in the adapter. What a network or a task does not take is `None`.
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
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub gain: Option<f64>,
    pub epochs: u32,
    pub batch_size: u32,
    pub lr: f64,
    pub schedule: Schedule,
    pub weight_decay: f64,
    pub bias_init: f64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bias_mean: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub learn_state: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub final_temperature: Option<f64>,
    pub seed: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub val_fraction: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub inputs: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub targets: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub read: Option<Read>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sort: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fill: Option<Fill>,
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
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fit: Option<Fitting>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invert: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub size: Option<Size>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub channels: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shift: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rotate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub flip: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub patience: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub values: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub words: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub characters: Option<Span>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub longest: Option<u32>,
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
        macro_rules! layered {
            ($($setting:ident),+) => { Self { $($setting: self.$setting.or(below.$setting)),+ } };
        }
        each_setting!(layered)
    }

    /// The configuration of a run on `task`; [`crate::presets::configure`] puts the defaults below first.
    pub fn resolve(self, task: &str) -> Result<TrainConfig, Error> {
        let missing = |key| move || Error::MissingSetting { key };
        let method = self.method.unwrap_or(Method::Bias);
        let config = TrainConfig {
            task: task.to_owned(),
            backbone: self.backbone.ok_or_else(missing("backbone"))?,
            method,
            width: self.width,
            match_parameters: self.match_parameters,
            gain: self.gain,
            epochs: self.epochs.ok_or_else(missing("epochs"))?,
            batch_size: self.batch_size.unwrap_or(512),
            lr: self.lr.ok_or_else(missing("lr"))?,
            schedule: self.schedule.unwrap_or(Schedule::Constant),
            weight_decay: self.weight_decay.unwrap_or(0.0),
            bias_init: self.bias_init.unwrap_or(0.01),
            bias_mean: self.bias_mean,
            learn_state: self.learn_state,
            final_temperature: self.final_temperature.or(method.is_mask().then_some(FINAL_TEMPERATURE)),
            seed: self.seed.unwrap_or(1),
            val_fraction: self.val_fraction,
            column: self.column,
            inputs: self.inputs,
            targets: self.targets,
            group: self.group,
            read: self.read,
            sort: self.sort,
            fill: self.fill,
            horizon: self.horizon,
            washout: self.washout,
            window: self.window,
            stride: self.stride,
            truncate: self.truncate,
            clip: self.clip,
            stop_at_loss: self.stop_at_loss,
            fit: self.fit,
            invert: self.invert,
            size: self.size,
            channels: self.channels,
            shift: self.shift,
            rotate: self.rotate,
            flip: self.flip,
            patience: self.patience,
            text: self.text,
            label: self.label,
            values: self.values,
            words: self.words,
            characters: self.characters,
            longest: self.longest,
        };
        config.validate()?;
        Ok(config)
    }
}

/// Names with commas between them.
fn columns(list: Option<&str>) -> Vec<String> {
    list.map_or_else(Vec::new, names_of)
}

impl TrainConfig {
    /// What the task is asked for.
    pub fn request(&self, data: DataDir) -> Request {
        let LessonSettings { window, .. } = self.lesson();
        let encoder = encoder_of(&self.backbone);
        Request {
            column: self.column.clone(),
            inputs: columns(self.inputs.as_deref()),
            targets: columns(self.targets.as_deref()),
            group: self.group.clone(),
            read: self.read,
            mend: Mend { sort: self.sort.unwrap_or(false), fill: self.fill },
            horizon: self.horizon.map(|n| n as usize),
            washout: self.washout.map(|n| n as usize),
            window: Some(window.unwrap_or(bl_tasks::kinds::WINDOW)),
            form: self.form(),
            text: TextForm {
                learned: None,
                values: self.values,
                words: self.words,
                characters: self.characters,
                as_tokens: encoder.is_some(),
                longest: self
                    .longest
                    .or(encoder.map(|encoder| encoder.max_position_embeddings.min(LONGEST) as u32)),
                columns: Wanted::new(self.text.as_deref(), self.label.clone()),
            },
            ..Request::of(data)
        }
    }

    /// Whether the backbone is a pretrained encoder: the folder of one.
    pub(crate) fn has_encoder(&self) -> bool {
        encoder_of(&self.backbone).is_some()
    }

    /// What is wished of the form of images.
    pub(crate) fn form(&self) -> Form {
        let Self { fit, invert, size, channels, .. } = *self;
        Form { learned: None, fit, invert, size, channels }
    }

    /// How the lesson is cut.
    pub(crate) fn lesson(&self) -> LessonSettings {
        LessonSettings { window: self.window.map(|n| n as usize), stride: self.stride.map(|n| n as usize) }
    }

    /// The biases that a run begins with, and keeps where they are not learned.
    pub(crate) fn base_bias(&self) -> BaseBias {
        let mean = self.bias_mean.unwrap_or(0.0);
        BaseBias { half_width: self.bias_init, mean, seed: self.seed }
    }

    /// Whether the state before the first step is learned.
    pub(crate) fn learns_state(&self) -> bool {
        self.learn_state.unwrap_or(false)
    }

    /// Number of parameters that a run learns on a backbone with this spec.
    pub fn learned_parameters(&self, spec: &Spec) -> usize {
        let units = spec.hidden_units();
        let state = if self.learns_state() { units } else { 0 };
        match self.method.kind() {
            Some(kind) if kind.has_head() => {
                let biases = if self.method.learns_bias() { units } else { 0 };
                biases + spec.bert().map_or(0, |spec| spec.outputs() * (spec.config.hidden_size + 1))
            }
            Some(kind) => kind.count(units, state),
            None => units + spec.learnable_weights() + state,
        }
    }

    /// What is allowed, and hardly meant.
    pub fn warnings(&self) -> Vec<String> {
        const USUAL: f64 = 10.0; // biases take 0.1 at most, weights less
        let too_large = |key: &str, x: f64| {
            (x.abs() > USUAL)
                .then(|| format!("`{key}` is {}, far above what is usual (0.0001 to 1)", number(x)))
        };
        let all = [("lr", self.lr), ("weight_decay", self.weight_decay), ("bias_init", self.bias_init)];
        all.into_iter().filter_map(|(key, x)| too_large(key, x)).collect()
    }

    fn validate(&self) -> Result<(), Error> {
        let count = |key, n: Option<u32>, least: f64| range(key, n.unwrap_or(1).into(), least, 1e9);
        range("width", self.width.unwrap_or(1).into(), 1.0, f64::from(1 << 24))?;
        range("match_parameters", self.match_parameters.unwrap_or(1) as f64, 1.0, 1e10)?;
        range("recurrent_gain", self.gain.unwrap_or(1.0), 1e-6, 1e6)?;
        range("epochs", self.epochs.into(), 1.0, 1e6)?;
        range("batch_size", self.batch_size.into(), 1.0, 1e6)?;
        range("lr", self.lr, 1e-38, 1e38)?;
        range("weight_decay", self.weight_decay, 0.0, 1e6)?;
        range("bias_init", self.bias_init, 0.0, 1e30)?;
        range("bias_mean", self.bias_mean.unwrap_or(0.0), -1e30, 1e30)?;
        range("seed", self.seed as f64, 0.0, MAX_EXACT)?;
        range("val_fraction", self.val_fraction.unwrap_or(0.0), 0.0, 0.9)?;
        range("final_temperature", self.final_temperature.unwrap_or(1.0), 1e-6, 1.0)?;
        range("clip", self.clip.unwrap_or(1.0), 1e-38, 1e38)?;
        range("stop_at_loss", self.stop_at_loss.unwrap_or(0.0), 0.0, 1e38)?;
        count("horizon", self.horizon, 0.0)?;
        count("washout", self.washout, 0.0)?;
        count("window", self.window, 1.0)?;
        count("stride", self.stride, 1.0)?;
        count("truncate", self.truncate, 1.0)?;
        count("patience", self.patience, 1.0)?;
        range("shift", self.shift.unwrap_or(0.0), 0.0, 1000.0)?;
        range("rotate", self.rotate.unwrap_or(0.0), 0.0, 180.0)?;
        if let Some(found) = self.channels.filter(|channels| !matches!(channels, 1 | 3)) {
            return Err(Error::BadChannels { found });
        }
        self.no_contradiction()
    }

    /// What only some methods have must not be asked of the others: it would be ignored without a word.
    fn no_contradiction(&self) -> Result<(), Error> {
        let method = self.method.name();
        let of_other = |key, of| Err(Error::SettingOfOtherMethod { key, of, method });
        let both = |one, other| Err(Error::Contradiction { one, other });
        if self.match_parameters.is_some() && !self.method.is_full() {
            return of_other("match_parameters", "full");
        }
        if self.final_temperature.is_some() && !self.method.is_mask() {
            return of_other("final_temperature", "mask");
        }
        if self.patience.is_some() && self.method.is_mask() {
            return both("patience", "method mask"); // the temperature has to fall to its end
        }
        if self.patience.is_some() && self.val_fraction.unwrap_or(0.0) == 0.0 {
            return both("patience", "val_fraction 0"); // nothing tells which epoch is best
        }
        if self.match_parameters.is_some() && self.width.is_some() {
            return both("match_parameters", "width");
        }
        if self.final_temperature.is_some() && self.stop_at_loss.is_some() {
            return both("stop_at_loss", "method mask"); // the temperature has to fall to its end
        }
        Ok(())
    }
}

/// The sizes of a pretrained encoder, if a backbone's name is the folder of one.
pub(crate) fn encoder_of(backbone: &str) -> Option<Config> {
    let is_preset = crate::presets::backbone_names().any(|name| name == backbone);
    Config::from_file(&Path::new(backbone).join("config.json")).ok().filter(|_| !is_preset)
}

/// A setting within bounds.
fn range(key: &'static str, found: f64, min: f64, max: f64) -> Result<(), Error> {
    if found >= min && found <= max { Ok(()) } else { Err(Error::BadSetting { key, found, min, max }) }
}
