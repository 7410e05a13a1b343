//! The configurations that the program carries, from `configs/`.

use std::path::Path;

use bl_core::recurrent::{RecurrentBackbone, RecurrentSpec};
use bl_core::{Backbone, BackboneSpec, InputShape};
use bl_tasks::ImageTask;
use bl_tasks::time::TimeTask;
use serde::de::DeserializeOwned;

use crate::config::{Method, Settings};
use crate::error::Error;
use crate::recurrent::RecurrentConfig;

macro_rules! embedded {
    ($folder:literal: $($name:literal),+) => {
        [$(($name, include_str!(concat!("../../../configs/", $folder, "/", $name, ".toml")))),+]
    };
}

const TASKS: [(&str, &str); 9] = embedded!("tasks":
    "mnist", "kmnist", "fashion", "kannada", "ethiopic", "vai", "osmanya", "nko", "folder");
/// The task's own settings are those of the method `bias`.
const METHODS: [(&str, &str); 4] = embedded!("methods": "mask", "gain", "bias_gain", "full");
const BACKBONES: [(&str, &str); 2] = embedded!("backbones": "images", "paper-fig2");
/// `series` has those of a user's own series.
const TIME_TASKS: [(&str, &str); 7] = embedded!("tasks":
    "cosine", "vanderpol", "lorenz", "rossler", "mackeyglass", "reach", "series");
const RECURRENT_BACKBONES: [(&str, &str); 3] = embedded!("backbones": "oscillators", "series", "reach");

/// The default settings of a task; a folder of the user's has those of `folder`.
pub fn task_settings(task: &str) -> Result<Settings, Error> {
    let (name, text) = TASKS.iter().find(|(name, _)| *name == task).unwrap_or(&TASKS[TASKS.len() - 1]);
    Settings::from_toml(text, &format!("configs/tasks/{name}.toml"))
}

/// The default settings of a task in time; a file of the user's has those of `series`.
pub fn time_task_settings(task: &str) -> Result<Settings, Error> {
    let known = TIME_TASKS.iter().find(|(name, _)| *name == task);
    let (name, text) = known.unwrap_or(&TIME_TASKS[TIME_TASKS.len() - 1]);
    Settings::from_toml(text, &format!("configs/tasks/{name}.toml"))
}

/// The settings that a method has in place of the task's.
pub fn method_settings(method: Method) -> Result<Settings, Error> {
    let name = method.name();
    let text = METHODS.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text);
    Settings::from_toml(text, &format!("configs/methods/{name}.toml"))
}

/// Names of the backbones in `configs/backbones`.
pub fn backbone_names() -> impl Iterator<Item = &'static str> {
    BACKBONES.iter().chain(&RECURRENT_BACKBONES).map(|(name, _)| *name)
}

/// Whether a backbone is one of those, rather than the user's own.
pub fn is_preset(name: &str) -> bool {
    backbone_names().any(|known| known == name)
}

/// Where a backbone comes from.
pub enum BackboneSource {
    /// To be generated.
    Spec(BackboneSpec),
    /// Read from a file, weights and all.
    File(Box<Backbone>),
}

/// Where a recurrent backbone comes from.
pub enum RecurrentSource {
    /// To be generated.
    Spec(RecurrentSpec),
    /// Read from a file, weights and all.
    File(Box<RecurrentBackbone>),
}

/// Finds a recurrent backbone by name, or reads a spec (`.toml`) or a backbone file (`.safetensors`).
pub fn recurrent_backbone(name: &str) -> Result<RecurrentSource, Error> {
    if let Some((_, text)) = RECURRENT_BACKBONES.iter().find(|(known, _)| *known == name) {
        return Ok(RecurrentSource::Spec(RecurrentSpec::from_toml(text)?));
    }
    if BACKBONES.iter().any(|(known, _)| *known == name) {
        return Err(bl_core::Error::OtherBackbone { expected: "time", found: "pictures" }.into());
    }
    let path = Path::new(name);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("safetensors") => Ok(RecurrentSource::File(Box::new(RecurrentBackbone::load(path)?))),
        Some("toml") => {
            let text = std::fs::read_to_string(path)
                .map_err(|source| Error::ReadConfig { path: path.to_owned(), source })?;
            let spec = RecurrentSpec::from_toml(&text).map_err(|error| error.in_file(path))?;
            Ok(RecurrentSource::Spec(spec))
        }
        Some("json") => {
            let spec: RecurrentSpec = spec_in_config(path)?;
            spec.validate().map_err(|error| error.in_file(path))?;
            Ok(RecurrentSource::Spec(spec))
        }
        _ => Err(Error::UnknownBackbone { name: name.to_owned() }),
    }
}

/// The spec in the `config.json` of a backbone's repository.
fn spec_in_config<S: DeserializeOwned>(path: &Path) -> Result<S, Error> {
    let text = std::fs::read(path).map_err(|source| Error::ReadConfig { path: path.to_owned(), source })?;
    let spec = serde_json::from_slice(&text)
        .and_then(|mut config: serde_json::Value| serde_json::from_value(config["spec"].take()));
    let json = |source| bl_core::Error::Json { what: "backbone spec", source };
    Ok(spec.map_err(|error| json(error).in_file(path))?)
}

/// A backbone of either kind.
pub enum AnyBackbone {
    /// For pictures.
    Pictures(BackboneSource),
    /// For tasks in time.
    Time(RecurrentSource),
}

/// Finds a backbone of either kind by name, or reads a spec (`.toml`) or a backbone file (`.safetensors`).
pub fn any_backbone(name: &str) -> Result<AnyBackbone, Error> {
    let path = Path::new(name);
    let in_time = match path.extension().and_then(|extension| extension.to_str()) {
        Some("toml") => {
            let text = std::fs::read_to_string(path).unwrap_or_default(); // whoever reads it next says what is wrong
            let table = text.parse::<toml::Table>().unwrap_or_default();
            table.get("kind").and_then(toml::Value::as_str) == Some("rnn")
        }
        Some("json") => {
            let spec: serde_json::Value = spec_in_config(path)?;
            spec["kind"] == "rnn"
        }
        Some("safetensors") => match backbone(name) {
            Err(Error::Core(error)) if is_of_time(&error) => true,
            other => return other.map(AnyBackbone::Pictures),
        },
        _ => RECURRENT_BACKBONES.iter().any(|(known, _)| *known == name),
    };
    if in_time {
        recurrent_backbone(name).map(AnyBackbone::Time)
    } else {
        backbone(name).map(AnyBackbone::Pictures)
    }
}

/// Whether a backbone file is one of tasks in time, where one of pictures was looked for.
pub fn is_of_time(error: &bl_core::Error) -> bool {
    match error {
        bl_core::Error::InFile { source, .. } => is_of_time(source),
        bl_core::Error::OtherBackbone { .. } => true,
        _ => false,
    }
}

/// The backbone that a configuration asks for, with the width, the gain and the inputs and outputs of its task.
pub fn recurrent_for(config: &RecurrentConfig, task: &TimeTask) -> Result<RecurrentBackbone, Error> {
    if BACKBONES.iter().any(|(name, _)| *name == config.backbone) {
        let (name, task) = (config.backbone.clone(), task.name.clone());
        let (expected, found) = ("time", "pictures");
        return Err(Error::BackboneOfOtherDomain { name, task, expected, found });
    }
    let (inputs, outputs) = task.signal().widths();
    let width = config.width_for(inputs, outputs);
    match recurrent_backbone(&config.backbone)? {
        RecurrentSource::Spec(mut spec) => {
            (spec.input.values, spec.readout.outputs) = (inputs as u32, outputs as u32);
            spec.units = width.unwrap_or(spec.units);
            spec.recurrent.gain = config.gain.unwrap_or(spec.recurrent.gain);
            Ok(RecurrentBackbone::generate(&spec)?)
        }
        RecurrentSource::File(backbone) => {
            let spec = backbone.spec();
            let found = (spec.input.values as usize, spec.readout.outputs as usize);
            if let Some(width) = width.filter(|&width| width as usize != backbone.units()) {
                return Err(Error::WidthOfFile { backbone: backbone.units(), width });
            }
            if found != (inputs, outputs) {
                let task = task.name.clone();
                return Err(Error::RecurrentFileForOtherTask { task, expected: (inputs, outputs), found });
            }
            if config.gain.is_some_and(|gain| gain.to_bits() != spec.recurrent.gain.to_bits()) {
                return Err(Error::Contradiction { one: "gain", other: "backbone" });
            }
            Ok(*backbone)
        }
    }
}

/// Finds a backbone by name, or reads a spec (`.toml`) or a backbone file (`.safetensors`).
pub fn backbone(name: &str) -> Result<BackboneSource, Error> {
    if let Some((_, text)) = BACKBONES.iter().find(|(known, _)| *known == name) {
        return Ok(BackboneSource::Spec(BackboneSpec::from_toml(text)?));
    }
    if RECURRENT_BACKBONES.iter().any(|(known, _)| *known == name) {
        return Err(bl_core::Error::OtherBackbone { expected: "pictures", found: "time" }.into());
    }
    let path = Path::new(name);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("safetensors") => Ok(BackboneSource::File(Box::new(Backbone::load(path)?))),
        Some("toml") => {
            let text = std::fs::read_to_string(path)
                .map_err(|source| Error::ReadConfig { path: path.to_owned(), source })?;
            let spec = BackboneSpec::from_toml(&text).map_err(|error| error.in_file(path))?;
            Ok(BackboneSource::Spec(spec))
        }
        Some("json") => {
            let spec: BackboneSpec = spec_in_config(path)?;
            spec.validate().map_err(|error| error.in_file(path))?;
            Ok(BackboneSource::Spec(spec))
        }
        _ => Err(Error::UnknownBackbone { name: name.to_owned() }),
    }
}

/// The spec for one task: the preset's, with another width where asked for, and with the task's picture
/// size and number of classes, which the preset of a user's own folder cannot know.
pub fn fit_spec(mut spec: BackboneSpec, task: &ImageTask, width: Option<u32>) -> Result<BackboneSpec, Error> {
    let input = task.input;
    spec.input = InputShape { height: input.height, width: input.width, channels: input.channels };
    spec.readout.outputs = task.labels.len() as u32;
    if let Some(width) = width {
        spec.layers.iter_mut().for_each(|layer| layer.units = width);
    }
    spec.validate()?;
    Ok(spec)
}

/// Whether a backbone file, which cannot be fitted, is one for this task.
pub fn check_file_fits(backbone: &Backbone, task: &ImageTask, width: Option<u32>) -> Result<(), Error> {
    if let Some(width) = width.filter(|&width| width as usize != backbone.units()) {
        return Err(Error::WidthOfFile { backbone: backbone.units(), width });
    }
    let (spec, input) = (backbone.spec(), task.input);
    let of_file = (spec.input.height, spec.input.width, spec.input.channels);
    let of_task = (input.height, input.width, input.channels);
    if of_file == of_task && backbone.outputs() == task.labels.len() {
        return Ok(());
    }
    let size = |(height, width, channels): (u32, u32, u32)| format!("{height} × {width} × {channels}");
    Err(Error::FileForOtherTask {
        task: task.name.clone(),
        backbone: size(of_file),
        outputs: backbone.outputs(),
        pictures: size(of_task),
        classes: task.labels.len(),
    })
}
