//! What a training run is asked to do: settings in layers, each value optional, and the configuration that they make.

mod settings;

use std::path::Path;

use bl_core::pretrained::{self, Config};
use bl_core::text::number;
use bl_core::{BaseBias, Spec};
use bl_tasks::series::{Mend, names_of};
use bl_tasks::texts::{TextForm, Wanted};
use bl_tasks::{DataDir, Form, LessonSettings, Request};

use crate::error::Error;

pub use settings::{Settings, TrainConfig};

/// τ of a mask in the last epoch, unless the settings say otherwise.
const FINAL_TEMPERATURE: f64 = 0.001;

/// Tokens of a text that an encoder reads, unless the settings say otherwise.
const LONGEST: usize = 128;

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

    /// The configuration of a run on `task`; [`crate::presets::configure`] puts the defaults below first.
    pub fn resolve(self, task: &str) -> Result<TrainConfig, Error> {
        let mut config = self.complete(task)?;
        if config.method.is_mask() {
            config.final_temperature.get_or_insert(FINAL_TEMPERATURE);
        }
        if let Some(found) = config.channels.filter(|channels| !matches!(channels, 1 | 3)) {
            return Err(Error::BadChannels { found });
        }
        config.no_contradiction()?;
        Ok(config)
    }
}

/// Names with commas between them.
fn columns(list: Option<&str>) -> Vec<String> {
    list.map_or_else(Vec::new, names_of)
}

impl TrainConfig {
    /// What the task is asked for.
    pub fn request(&self, data: DataDir) -> Result<Request, Error> {
        let LessonSettings { window, .. } = self.lesson();
        let encoder = encoder_of(&self.backbone);
        let known = encoder.as_ref().map(|_| pretrained::known_in(Path::new(&self.backbone))).transpose()?;
        let of_encoder = encoder.map(|encoder| encoder.max_position_embeddings.min(LONGEST) as u32);
        Ok(Request {
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
                known,
                longest: self.longest.or(of_encoder),
                columns: Wanted::new(self.text.as_deref(), self.label.clone()),
            },
            ..Request::of(data)
        })
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
