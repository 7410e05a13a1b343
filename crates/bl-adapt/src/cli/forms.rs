//! Arguments of `convert`, `prune` and `blend`.

use std::path::PathBuf;

use bl_core::Encoding;
use clap::{Args, ValueEnum};

use super::DataArgs;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bl-adapt convert --to f16 kmnist.safetensors --out half.safetensors
  bl-adapt convert --to i8 kmnist.safetensors --out byte.safetensors --max-drop 0.1
  bl-adapt convert --to bias mask.safetensors --out bias.safetensors

`f16` and `i8` round the values, so the adapter is measured on its task before and after:
what is lost is reported, and the written file carries the new metrics. Without the data of the
training record, the file carries no metrics.")]
pub(crate) struct ConvertArgs {
    /// The form to write
    #[arg(long)]
    pub(crate) to: FormArg,

    /// The adapter file
    pub(crate) adapter: PathBuf,

    /// File to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// Fail (exit 1, write nothing) if accuracy drops by more than this many points (sequence tasks: points of R²)
    #[arg(long, alias = "max-loss", value_name = "POINTS")]
    pub(crate) max_drop: Option<f64>,

    #[command(flatten)]
    pub(crate) own: OwnTaskArgs,
}

/// Where the task that an adapter was trained for is.
#[derive(Debug, Args)]
pub(crate) struct OwnTaskArgs {
    /// Task to measure on [default: the one it was trained for]; for images or a series of your own, their path
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) task: Option<String>,

    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormArg {
    /// The mask of an image classifier as biases with bit-identical outputs
    Bias,
    /// 32-bit floats: rounded values stay rounded
    F32,
    /// 16-bit floats, half the bytes
    F16,
    /// 8-bit integers with a scale for each 64 units, a quarter of the bytes
    I8,
}

impl FormArg {
    /// The encoding that is asked for, if it is one.
    pub(crate) fn encoding(self) -> Option<Encoding> {
        match self {
            Self::Bias => None,
            Self::F32 => Some(Encoding::F32),
            Self::F16 => Some(Encoding::F16),
            Self::I8 => Some(Encoding::I8),
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bl-adapt prune kmnist.safetensors --out small.safetensors --data-dir data
  bl-adapt prune kmnist.safetensors --out small.safetensors --threshold 0.001

Units are judged on all images of the task's training set, validation images included, and the
adapter is measured on the test set before and after. The task variance is the variance of a unit's
activation over the images.")]
pub(crate) struct PruneArgs {
    /// The adapter file
    pub(crate) adapter: PathBuf,

    /// File to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// Drop the units that no training image turns on (the default)
    #[arg(long, conflicts_with = "threshold")]
    pub(crate) dead: bool,

    /// Drop the units whose task variance is at most this
    #[arg(long, value_name = "X")]
    pub(crate) threshold: Option<f64>,

    /// Write the file even if it is no smaller: which units are left takes room too
    #[arg(long)]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) own: OwnTaskArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  bl-adapt blend a.safetensors=0.7 b.safetensors=0.3 --out c.safetensors

The result is the weighted sum of biases, gains and trained initial states; the preprocessing
is the weighted mean. A blend of two good adapters may be poor: evaluate it with `bl-adapt eval`.")]
pub(crate) struct BlendArgs {
    /// Adapters of one backbone, each with its weight, which may be negative
    #[arg(value_name = "FILE=WEIGHT", value_parser = part, required = true)]
    pub(crate) parts: Vec<(PathBuf, f64)>,

    /// File to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

fn part(text: &str) -> Result<(PathBuf, f64), String> {
    let (file, weight) = text.rsplit_once('=').ok_or("expected FILE=WEIGHT, such as a.safetensors=0.5")?;
    match weight.parse::<f64>() {
        Ok(weight) if weight.is_finite() => Ok((file.into(), weight)),
        _ => Err(format!("weight `{weight}` is not a finite number")),
    }
}
