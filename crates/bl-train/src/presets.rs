//! The configurations that the program carries, from `configs/`, and the backbone that a configuration asks for.

use std::path::Path;
use std::sync::Arc;

use bl_core::pretrained::{self, Pretrained};
use bl_core::{Backbone, Spec};
use bl_tasks::{DataDir, Kind, Task, What, settings_of};

use crate::config::{Settings, TrainConfig, encoder_of};
use crate::error::Error;
use crate::method::Method;

macro_rules! embedded {
    ($folder:literal: $($name:literal),+) => {
        [$(($name, include_str!(concat!("../../../configs/", $folder, "/", $name, ".toml")))),+]
    };
}

/// Named by [`bl_tasks::settings_of`].
const TASKS: [(&str, &str); 15] = embedded!("tasks": "encoder", "images", "cifar10", "folder", "colour", "text", "languages", "cosine", "vanderpol", "series", "reach", "values", "numbers", "trials", "cognitive");
/// Of feed-forward networks. A task's own settings are those of the method `bias`.
const METHODS: [(&str, &str); 5] = embedded!("methods": "mask", "gain", "bias_gain", "head", "full");
const BACKBONES: [(&str, &str); 12] = embedded!("backbones": "images", "images-pixels", "images-colour", "text", "paper-fig2", "oscillators", "series", "reach", "values", "numbers", "trials", "cognitive");

/// The configuration of a run: what is stated, over the defaults of its method, of its task, and of the family of networks
/// that the task's own backbone belongs to.
pub fn configure(task: &str, stated: Settings) -> Result<TrainConfig, Error> {
    layered(task_settings(task)?, stated)?.resolve(task)
}

/// As [`configure`], for a task that is open: one of the caller's own has the defaults of a folder of images or of a series.
pub fn configure_open(task: &Task, stated: Settings) -> Result<TrainConfig, Error> {
    let said = stated.clone();
    let config = layered(embedded_settings(task.settings())?, stated)?.resolve(&task.name)?;
    Ok(for_samples(config, &said, task))
}

/// Opens a task and says how it is trained. What is stated is checked before anything is read; the defaults are those of
/// what was found there, and the name stays as it was typed, which finds a folder again.
pub fn open(task: &str, stated: Settings, data: DataDir) -> Result<(Task, TrainConfig), Error> {
    let opened = Task::open(task, &configure(task, stated.clone())?.request(data)?)?;
    let config = TrainConfig { task: task.to_owned(), ..configure_open(&opened, stated)? };
    Ok((opened, config))
}

/// The configuration once it is known how many images there are: settings that nobody states are meant for 60,000.
///
/// A batch is about a hundredth of the training images, as a power of two from 8 to that of the settings, and the epochs grow
/// until there are 1,500 steps. The rate stays.
fn for_samples(config: TrainConfig, stated: &Settings, task: &Task) -> TrainConfig {
    const SMALLEST: u32 = 8;
    /// A hundredth, rounded to the next power of two: √2 below 100 is a step.
    const PART: usize = 71;
    let rows = match &task.what {
        What::Images(images) if !config.method.is_full() => images.train.len(),
        What::Texts(texts) if !config.method.is_full() => texts.train.len(),
        What::Trials(trials) if !config.method.is_full() => {
            trials.lesson(config.lesson()).map_or(1, |lesson| lesson.rows()) // of a table, windows
        }
        What::Own(kind) if !config.method.is_full() && kind.io().values().is_ok() => kind.parts().train,
        _ => return config, // the baseline is that for any number
    };
    let wanted = 1_u32 << (rows / PART).max(1).ilog2();
    let usual = config.batch_size;
    let fewest_steps = if config.has_encoder() { FEWEST_STEPS_OF_ENCODERS } else { FEWEST_STEPS };
    let batch_size = stated.batch_size.unwrap_or(wanted.clamp(SMALLEST.min(usual), usual));
    let steps = rows.div_ceil(batch_size as usize).max(1) as u32;
    let epochs = stated.epochs.unwrap_or(config.epochs.max(fewest_steps.div_ceil(steps)));
    TrainConfig { epochs, batch_size, ..config }
}

/// The part that is held out to stop early, unless another is stated.
const HELD_OUT: f64 = 0.1;
/// Steps that a run has at least, unless its epochs are stated.
const FEWEST_STEPS: u32 = 1500;
/// The same of pretrained encoders, which know much already.
const FEWEST_STEPS_OF_ENCODERS: u32 = 400;

fn layered(mut of_task: Settings, stated: Settings) -> Result<Settings, Error> {
    let held_out = Settings { val_fraction: stated.patience.map(|_| HELD_OUT), ..Settings::default() };
    let none_held_out = Settings { val_fraction: Some(0.0), ..Settings::default() };
    let method = stated.method.or(of_task.method).unwrap_or(Method::Bias);
    if method.is_mask() {
        of_task.stop_at_loss = None; // a task's own is for the other methods: the temperature has to fall to its end
    }
    if method.is_full() {
        of_task.flip = None; // full training takes images as they are
    }
    let default_backbone = of_task.backbone.as_deref().and_then(preset).map(Spec::from_toml).transpose()?;
    let (of_method, of_family) = if stated.backbone.as_deref().and_then(encoder_of).is_some() {
        of_task = embedded_settings("encoder")?;
        let head = stated.method.filter(|method| *method == Method::Head);
        (head.map(method_settings).transpose()?.unwrap_or_default(), none_held_out)
    } else if let Some(Spec::Rnn(_)) = default_backbone {
        let (bias_mean, learn_state) = (Some(0.0), Some(false));
        let of_family = Settings { batch_size: Some(16), bias_mean, learn_state, ..Settings::default() };
        (Settings::default(), of_family)
    } else {
        (of_method(method, &stated)?, none_held_out)
    };
    Ok(stated.over(held_out).over(of_method).over(of_task).over(of_family))
}

/// The settings of a method. A baseline that is matched with an adapter trains as long as the adapter.
fn of_method(method: Method, stated: &Settings) -> Result<Settings, Error> {
    let settings = method_settings(method)?;
    let epochs = settings.epochs.filter(|_| stated.match_parameters.is_none());
    Ok(Settings { epochs, ..settings })
}

/// The default settings of a task; a folder or file of the user's has those of `folder` or `series`.
pub fn task_settings(task: &str) -> Result<Settings, Error> {
    embedded_settings(settings_of(task))
}

fn embedded_settings(name: &str) -> Result<Settings, Error> {
    let text = TASKS.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text);
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
    BACKBONES.iter().map(|(name, _)| *name)
}

fn preset(name: &str) -> Option<&'static str> {
    BACKBONES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Where a backbone comes from.
pub enum Source {
    /// To be generated.
    Spec(Spec),
    /// Read from a file, weights and all.
    File(Box<Backbone>),
    /// A pretrained encoder, with a readout that is to be fitted to the task.
    Encoder(Arc<Pretrained>),
}

/// Finds a backbone by name, or reads a spec (`.toml`, or the `config.json` of a repository) or a backbone file
/// (`.safetensors`).
pub fn find(name: &str) -> Result<Source, Error> {
    if let Some(text) = preset(name) {
        return Ok(Source::Spec(Spec::from_toml(text)?));
    }
    let path = Path::new(name);
    if path.is_dir() {
        return Ok(Source::Encoder(pretrained::load(path)?));
    }
    let read = || std::fs::read(path).map_err(|source| Error::ReadConfig { path: path.to_owned(), source });
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("safetensors") => Ok(Source::File(Box::new(Backbone::load(path)?))),
        Some("toml") => {
            let spec = Spec::from_toml(&String::from_utf8_lossy(&read()?));
            Ok(Source::Spec(spec.map_err(|error| error.in_file(path))?))
        }
        Some("json") => {
            let json = |source| bl_core::Error::Json { what: "backbone spec", source }.in_file(path);
            let mut config: serde_json::Value = serde_json::from_slice(&read()?).map_err(json)?;
            let spec: Spec = serde_json::from_value(config["spec"].take()).map_err(json)?;
            spec.validate().map_err(|error| error.in_file(path))?;
            Ok(Source::Spec(spec))
        }
        _ => Err(Error::UnknownBackbone { name: name.to_owned(), known: backbone_names().collect() }),
    }
}

/// A backbone for a run.
pub struct Fitted {
    /// With the width, the gain and the inputs and outputs that were asked for.
    pub backbone: Backbone,
    /// Whether a spec of the user's own states other inputs or outputs than the task has.
    pub refitted: bool,
}

/// The backbone that a configuration asks for, fitted to its task. A file cannot be fitted: another width, gain, or task is
/// an error, and so is a setting that the task or the backbone does not take.
pub fn backbone_for(config: &TrainConfig, task: &Task) -> Result<Fitted, Error> {
    let (io, classes) = (task.kind().io(), task.kind().labels().len());
    let wrong = |error: bl_core::Error| Error::Unfit {
        backbone: config.backbone.clone(),
        task: task.name.clone(),
        source: Box::new(error),
    };
    match find(&config.backbone)? {
        Source::Encoder(encoder) => {
            let mut spec = Spec::from(pretrained::spec_of(&encoder)?);
            spec.fit(&io, classes).map_err(wrong)?;
            config.check_taken(task.kind(), &task.name, &spec)?;
            spec.check_fits(&io, classes).map_err(wrong)?;
            Ok(Fitted { backbone: Backbone::generate(&spec)?, refitted: false })
        }
        Source::Spec(mut spec) => {
            let fits = spec.check_fits(&io, classes).is_ok();
            spec.fit(&io, classes).map_err(wrong)?;
            config.check_taken(task.kind(), &task.name, &spec)?;
            if let Some(gain) = config.gain {
                spec.set_gain(gain).map_err(wrong)?;
            }
            if let Some(width) = width(config, &spec)? {
                spec.set_width(width);
            }
            let refitted = !fits && preset(&config.backbone).is_none();
            Ok(Fitted { backbone: Backbone::generate(&spec)?, refitted })
        }
        Source::File(backbone) => {
            backbone.spec().check_fits(&io, classes).map_err(wrong)?;
            config.check_taken(task.kind(), &task.name, backbone.spec())?;
            let mut asked = backbone.spec().clone();
            if let Some(width) = width(config, &asked)? {
                asked.set_width(width);
                if asked != *backbone.spec() {
                    let other = |&units: &usize| units != width as usize;
                    let backbone = backbone.spec().layers().into_iter().find(other).unwrap_or_default();
                    return Err(Error::WidthOfFile { backbone, width });
                }
            }
            if let Some(gain) = config.gain {
                asked.set_gain(gain).map_err(wrong)?;
                if asked != *backbone.spec() {
                    return Err(Error::Contradiction { one: "recurrent_gain", other: "backbone" });
                }
            }
            Ok(Fitted { backbone: *backbone, refitted: false })
        }
    }
}

/// The width that is asked for, if any.
fn width(config: &TrainConfig, spec: &Spec) -> Result<Option<u32>, Error> {
    let matched = config
        .match_parameters
        .map(|wanted| spec.width_for(wanted).ok_or(Error::MatchOneLayer { layers: spec.layers().len() }));
    Ok(config.width.or(matched.transpose()?))
}
