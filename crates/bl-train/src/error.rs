//! What can go wrong with a training run.

use std::path::PathBuf;

use bl_core::text::{meant, nearest, number, pasted_path};

/// Everything this crate can fail with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum Error {
    #[error("the method `{method}` is not defined on this backbone ({family})")]
    MethodOfFamily { method: &'static str, family: &'static str },
    #[error("all weights of a pretrained encoder cannot be trained here")]
    NoFullEncoder,
    #[error(transparent)]
    Core(#[from] bl_core::Error),
    #[error(transparent)]
    Task(#[from] bl_tasks::Error),
    #[error(transparent)]
    Activity(#[from] crate::activity::ActivityError),
    #[error("tensor computation failed: {0}")]
    Candle(#[from] candle_core::Error),

    #[error("cannot read `{}`: {source}", path.display())]
    ReadConfig { path: PathBuf, source: std::io::Error },
    #[error("configuration `{origin}` cannot be used: {source}")]
    ConfigSyntax { origin: String, source: Box<toml::de::Error> },
    #[error("`{key}` applies to {of}; {found}")]
    NotTaken { key: &'static str, of: &'static str, found: String },
    #[error("backbone `{backbone}` does not fit task `{task}`: {source}")]
    Unfit { backbone: String, task: String, source: Box<bl_core::Error> },
    #[error("no value for `{key}`")]
    MissingSetting { key: &'static str },
    #[error("`{key}` is {}, expected a value from {} to {}", number(*found), number(*min), number(*max))]
    BadSetting { key: &'static str, found: f64, min: f64, max: f64 },
    #[error(
        "`shift` is {} pixels, expected at most {}: half the shorter side of images of {height} × {width}",
        number(*found), number(*most)
    )]
    ShiftTooFar { found: f64, most: f64, height: u32, width: u32 },
    #[error("`channels` is {found}, expected 1 (grey) or 3 (colour)")]
    BadChannels { found: u32 },
    #[error("`{key}` is a setting of the method `{of}`, but the method is `{method}`")]
    SettingOfOtherMethod { key: &'static str, of: &'static str, method: &'static str },
    #[error("`{one}` and `{other}` contradict each other")]
    Contradiction { one: &'static str, other: &'static str },
    #[error("method `{method}` is for backbones with one hidden layer, this one has {layers}")]
    OneLayerMethod { method: &'static str, layers: usize },
    #[error(
        "numbers are estimated by a backbone with one hidden layer and a method that makes an adapter, found method `{method}` and {layers} layers"
    )]
    NumbersMethod { method: &'static str, layers: usize },
    #[error("`match_parameters` is for one hidden layer, this backbone has {layers}")]
    MatchOneLayer { layers: usize },
    #[error("unknown backbone `{name}`")]
    UnknownBackbone { name: String, known: Vec<&'static str> },
    #[error("backbone file has {backbone} units, but `width` asks for {width}")]
    WidthOfFile { backbone: usize, width: u32 },
    #[error(
        "`val_fraction` {fraction} of {samples} training samples leaves none to train on, or none to validate on"
    )]
    NothingToLearn { fraction: f64, samples: usize },
    #[error("one batch needs {needed} bytes of pre-activations, `--cache-memory` allows {budget}")]
    NoMemoryForBatch { needed: u64, budget: u64 },

    #[error("network file requires `{found}`, expected `{expected}` of its architecture")]
    NetworkRequires { found: String, expected: String },
    #[error("frozen half was made for fully trained networks, it has no pre-activations")]
    NoCache,
    #[error("frozen half was made for another {what}")]
    OtherFrozenHalf { what: &'static str },
    #[error("loss is not finite at epoch {epoch}, step {step}")]
    NonFiniteLoss { epoch: u32, step: u64 },
    #[error("gradient is not finite, or its square is not, at epoch {epoch}, step {step}")]
    NonFiniteGradient { epoch: u32, step: u64 },
    #[error("network's state exploded at time step {time} of a trajectory, in epoch {epoch}, step {step}")]
    Exploded { epoch: u32, step: u64, time: usize },
    #[error("stopped in epoch {epoch}")]
    Interrupted { epoch: u32, checkpoint: Option<PathBuf> },
    #[error("stopped in epoch {epoch}; the checkpoint is in `{}`, for it cannot be written to `{}`", kept.display(), place.display())]
    InterruptedElsewhere { epoch: u32, kept: PathBuf, place: PathBuf },
    #[error("no checkpoint `{}`", path.display())]
    NoCheckpoint { path: PathBuf },
    #[error("checkpoint `{}` belongs to another run: {what} was {found}, now it is {expected}", path.display())]
    OtherRun { path: PathBuf, what: String, expected: String, found: String },
}

impl Error {
    /// Says at which step of a run an error came.
    pub(crate) fn at(self, epoch: u32, step: u64) -> Self {
        match self {
            Self::Exploded { time, .. } => Self::Exploded { epoch, step, time },
            other => other,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Core(error) => return error.hint(),
            Self::Task(error) => return error.hint(),
            Self::UnknownBackbone { name, known } => {
                let near = nearest(name, known.iter().copied());
                let meant = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
                format!(
                    "{meant}known are `{}`, or the path of a spec (.toml) or a backbone file (.safetensors)",
                    known.join("`, `")
                )
            }
            Self::ConfigSyntax { source, .. } if is_of_a_table(source) => {
                "settings stand by themselves, without tables: remove the line in brackets".into()
            }
            Self::ConfigSyntax { source, .. } => format!("did you mean `{}`?", meant(source.message())?),
            Self::SettingOfOtherMethod { key, of, .. } => {
                format!("drop `{}`, or ask for `--method {of}`", key.replace('_', "-"))
            }
            Self::ShiftTooFar { .. } => "a shift of a tenth of the side is usual: `--shift 2` of 28".into(),
            Self::NotTaken { key, .. } => format!("drop `--{}`", key.replace('_', "-")),
            Self::Unfit { source, .. } => match **source {
                bl_core::Error::Family { .. } | bl_core::Error::OtherInput { .. } => {
                    "drop `--backbone` to use the task's own".into()
                }
                bl_core::Error::OutOfRange { what, .. } if what.starts_with("front") => {
                    "`--size` brings images to another size; `--backbone images-pixels` has no filters".into()
                }
                bl_core::Error::OutOfRange { .. } => "`--size` brings images to another size".into(),
                _ => "name a spec in place of the file: it is fitted to the task".into(),
            },
            Self::Contradiction { one, other } => {
                format!("give `--{}` or `--{}`", one.replace('_', "-"), other.replace('_', "-"))
            }
            Self::OneLayerMethod { .. } => {
                "train biases or everything (`--method bias`, `full`), or take another backbone".into()
            }
            Self::MatchOneLayer { .. } => "give `--width`".into(),
            Self::MethodOfFamily { .. } | Self::NoFullEncoder => {
                "`--method bias`, `bias+head` and `head` learn on a pretrained encoder; masks and gains are of random networks".into()
            }
            Self::WidthOfFile { .. } => "drop `--width`, or name a spec in place of the file".into(),
            Self::NoMemoryForBatch { .. } => {
                "allow more with `--cache-memory`, or lower `--batch-size` or `--width`".into()
            }
            Self::NonFiniteLoss { .. } => {
                "lower `--lr`; no adapter was written, an existing file was not changed, and the last whole epoch, if there was \
                one, is kept in the checkpoint beside it"
                    .into()
            }
            Self::NonFiniteGradient { .. } => {
                "lower `--lr` or `--recurrent-gain`, or set `--truncate`; no adapter was written, and the last whole epoch, if \
                there was one, is kept in the checkpoint beside it"
                    .into()
            }
            Self::Exploded { .. } => {
                "lower `--lr` or `--recurrent-gain`, or set `--clip 1`; no adapter was written, an existing \
                file was not changed, and the last whole epoch, if there was one, is kept in the checkpoint beside it"
                    .into()
            }
            Self::Interrupted { checkpoint: Some(_), .. } => {
                "run the same command with `--resume` to continue".into()
            }
            Self::InterruptedElsewhere { kept, place, .. } => format!(
                "make room, move the checkpoint (`mv {} {}`), and run the same command with `--resume` to continue",
                pasted_path(kept),
                pasted_path(place)
            ),
            Self::Interrupted { checkpoint: None, .. } => "no epoch is kept: run the same command again to start from the beginning".into(),
            Self::NoCheckpoint { .. } => {
                "checkpoints are kept beside `--out` while a run is under way; drop `--resume` to start"
                    .into()
            }
            Self::OtherRun { .. } => {
                "give the settings of that run, or drop `--resume` to start from the beginning".into()
            }
            Self::NothingToLearn { samples: ..=1, .. } => {
                "leave out `--val-fraction`: the task is one sample, nothing of it can be held out".into()
            }
            Self::NothingToLearn { .. } => "lower `--val-fraction`".into(),
            _ => return None,
        })
    }
}

/// Whether an unknown name is that of a table: the error shows its line, `1 | [train]`.
fn is_of_a_table(error: &toml::de::Error) -> bool {
    let text = error.to_string();
    let mut shown = text.lines().filter_map(|line| line.split_once(" | "));
    error.message().starts_with("unknown field") && shown.any(|(_, line)| line.starts_with('['))
}
