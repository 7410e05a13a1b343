//! Arguments of `train`.

use std::path::PathBuf;

use bl_core::io::Read;
use bl_tasks::series::{Fill, Mend};
use bl_tasks::{Fitting, Form, Size};
use bl_train::Method;
use clap::builder::TypedValueParser as _;
use clap::{Args, ValueEnum};

use super::{DataArgs, LeastArgs, MachineArgs, TextArgs};

#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    /// Name of a task (`bl-adapt data list`), or the path of a folder of images or of a series (.csv) of your own
    #[arg(long, env = "BL_TASK", value_name = "NAME|PATH")]
    pub(crate) task: String,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// Adapter to write [default: TASK.safetensors]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    /// Settings file, over the task's own; flags and the environment override it
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Licence of the adapter, an SPDX expression such as `MIT OR Apache-2.0`
    #[arg(long, value_name = "SPDX", value_parser = spdx)]
    pub(crate) license: Option<String>,

    /// Continue an interrupted run; the result is bit-identical
    #[arg(long)]
    pub(crate) resume: bool,

    #[command(flatten)]
    pub(crate) machine: MachineArgs,

    #[command(flatten)]
    pub(crate) least: LeastArgs,

    #[command(flatten)]
    pub(crate) settings: SettingArgs,
}

/// An SPDX expression, as far as its characters tell.
fn spdx(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || " .-+()".contains(c);
    let expected = || "expected an SPDX expression such as `MIT OR Apache-2.0`".to_owned();
    Some(text.trim())
        .filter(|text| !text.is_empty() && text.chars().all(plain))
        .map(str::to_owned)
        .ok_or_else(expected)
}

/// Settings that are stored in the adapter; each has its default in `configs/tasks`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct SettingArgs {
    /// Name of a backbone (`images`, `images-colour`, `images-pixels`, `text`, `paper-fig2`, `series`, `oscillators`, `reach`), the path of a spec (.toml) or of a file
    /// (.safetensors), for texts the folder of a pretrained encoder (`config.json`, `model.safetensors`, `tokenizer.json`), or
    /// `org/name[@revision]` on the Hub
    #[arg(long, env = "BL_BACKBONE", value_name = "NAME|FILE|FOLDER|ORG/NAME")]
    pub(crate) backbone: Option<String>,

    /// What is trained
    #[arg(long, env = "BL_METHOD")]
    pub(crate) method: Option<MethodArg>,

    /// Units of each hidden layer; the value of a one-hot readout follows, so that units · value² stays
    #[arg(long, env = "BL_WIDTH", value_name = "N")]
    pub(crate) width: Option<u32>,

    /// With `--method full`, in place of a width: about this many trained parameters
    #[arg(long, env = "BL_MATCH_PARAMETERS", value_name = "N")]
    pub(crate) match_parameters: Option<u64>,

    /// Number of epochs
    #[arg(long, env = "BL_EPOCHS", value_name = "N")]
    pub(crate) epochs: Option<u32>,

    /// Batch size
    #[arg(long, env = "BL_BATCH_SIZE", value_name = "N")]
    pub(crate) batch_size: Option<u32>,

    /// Learning rate of Adam
    #[arg(long, env = "BL_LR", value_name = "X")]
    pub(crate) lr: Option<f64>,

    /// Learning-rate schedule
    #[arg(long, env = "BL_SCHEDULE")]
    pub(crate) schedule: Option<ScheduleArg>,

    /// L2 penalty on the trained parameters
    #[arg(long, env = "BL_WEIGHT_DECAY", value_name = "X")]
    pub(crate) weight_decay: Option<f64>,

    /// Biases, and the g of a mask, start uniform in [-X, X] around their mean; biases that are not trained stay there
    #[arg(long, env = "BL_BIAS_INIT", value_name = "X")]
    pub(crate) bias_init: Option<f64>,

    /// Mean of the initial biases
    #[arg(long, env = "BL_BIAS_MEAN", value_name = "X", allow_negative_numbers = true)]
    pub(crate) bias_mean: Option<f64>,

    /// With `--method mask`, the temperature of the soft mask in the last epoch, from 1 in the first
    #[arg(long, env = "BL_FINAL_TEMPERATURE", value_name = "X")]
    pub(crate) final_temperature: Option<f64>,

    /// Seed of the initial values and of the data order (the backbone's is in its spec)
    #[arg(long, env = "BL_SEED", value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// Part of the training set to hold out for validation, to choose settings without the test set
    #[arg(long, env = "BL_VAL_FRACTION", value_name = "X")]
    pub(crate) val_fraction: Option<f64>,

    /// Clip gradients to this L2 norm
    #[arg(long, env = "BL_CLIP", value_name = "X")]
    pub(crate) clip: Option<f64>,

    /// Stop once an epoch's loss reaches this
    #[arg(long, env = "BL_STOP_AT_LOSS", value_name = "X")]
    pub(crate) stop_at_loss: Option<f64>,

    /// Stop after this many epochs that are no better on the part held out for validation (a tenth, unless `--val-fraction`
    /// says otherwise), and keep the best
    #[arg(long, env = "BL_PATIENCE", value_name = "N")]
    pub(crate) patience: Option<u32>,

    /// Shift training images by up to this many pixels, otherwise in every epoch
    #[arg(long, env = "BL_SHIFT", value_name = "PIXELS")]
    pub(crate) shift: Option<f64>,

    /// Turn training images by up to this many degrees, otherwise in every epoch
    #[arg(long, env = "BL_ROTATE", value_name = "DEGREES")]
    pub(crate) rotate: Option<f64>,

    /// Mirror training images, left and right exchanged, every other one and others in every epoch
    #[arg(long, env = "BL_FLIP", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) flip: Option<bool>,

    #[command(flatten)]
    pub(crate) form: FormArgs,

    #[command(flatten)]
    pub(crate) texts: TextArgs,

    #[command(flatten)]
    pub(crate) sequence: SequenceArgs,
}

/// The form that images are brought to. What is not stated is chosen by looking at the training images.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Image-task options (chosen by looking at the training images, if not stated)")]
pub(crate) struct FormArgs {
    /// How images become one size
    #[arg(long, env = "BL_FIT")]
    pub(crate) fit: Option<FitArg>,

    /// Whether images that are dark on light are inverted
    #[arg(long, env = "BL_INVERT", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) invert: Option<bool>,

    /// Size that images are brought to, such as `28`, or `28x40` for a height of 28
    #[arg(long, env = "BL_SIZE", value_name = "N|HxW")]
    pub(crate) size: Option<Size>,

    /// 1 for grey, 3 for colour
    #[arg(long, env = "BL_CHANNELS", value_name = "N", value_parser = clap::builder::PossibleValuesParser::new(["1", "3"]).map(|n| if n == "3" { 3_u32 } else { 1 }))]
    pub(crate) channels: Option<u32>,
}

impl From<FormArgs> for Form {
    fn from(FormArgs { fit, invert, size, channels }: FormArgs) -> Self {
        Self { learned: None, fit: fit.map(Fitting::from), invert, size, channels }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FitArg {
    /// Whole, padded to the proportions
    Whole,
    /// Their ink is cut out, scaled and centred
    Ink,
}

impl From<FitArg> for Fitting {
    fn from(fit: FitArg) -> Self {
        match fit {
            FitArg::Whole => Self::Whole,
            FitArg::Ink => Self::Ink,
        }
    }
}

/// Settings of recurrent networks and of series. Counts are in samples.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Sequence-task options (counts are in samples)")]
pub(crate) struct SequenceArgs {
    /// Column of a text file to forecast
    #[arg(long, env = "BL_COLUMN", value_name = "NAME")]
    pub(crate) column: Option<String>,

    #[command(flatten)]
    pub(crate) table: TableArgs,

    /// Of trials with a class each, which steps say what class that is [default: mean]
    #[arg(long, env = "BL_READ", value_name = "STEPS")]
    pub(crate) read: Option<ReadArg>,

    /// Of a text file with times, put the lines into their order; of several with the same time, the last one counts
    #[arg(long, env = "BL_SORT", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) sort: Option<bool>,

    /// Of a text file, put a value where one is missing between two others
    #[arg(long, env = "BL_FILL", value_name = "RULE")]
    pub(crate) fill: Option<FillArg>,

    /// How many samples ahead to forecast
    #[arg(long, env = "BL_HORIZON", value_name = "N")]
    pub(crate) horizon: Option<u32>,

    /// Samples at the start of every window, and of the held-out part, that are not scored
    #[arg(long, env = "BL_WASHOUT", value_name = "N")]
    pub(crate) washout: Option<u32>,

    /// Length of a training window, washout included
    #[arg(long, env = "BL_WINDOW", value_name = "N")]
    pub(crate) window: Option<u32>,

    /// Distance between the starts of two windows
    #[arg(long, env = "BL_STRIDE", value_name = "N")]
    pub(crate) stride: Option<u32>,

    /// Scale g of the recurrent weights; their spectral radius is near it
    #[arg(long = "recurrent-gain", alias = "gain", env = "BL_GAIN", value_name = "X")]
    pub(crate) gain: Option<f64>,

    /// Also train the initial state
    #[arg(long, env = "BL_LEARN_STATE", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) learn_state: Option<bool>,

    /// Truncate back-propagation through time to this many steps
    #[arg(long, env = "BL_TRUNCATE", value_name = "N")]
    pub(crate) truncate: Option<u32>,
}

/// Which columns of a table of numbers go in, and which are to be said.
#[derive(Clone, Debug, Args)]
pub(crate) struct TableArgs {
    /// Columns of a text file that go in at each step, such as `temp,wind`; one with a comma is in double quotes
    #[arg(long, env = "BL_INPUTS", value_name = "NAMES")]
    pub(crate) inputs: Option<String>,

    /// Columns of a text file to be said at each step, some of the inputs or others
    #[arg(long, env = "BL_TARGETS", value_name = "NAMES")]
    pub(crate) targets: Option<String>,

    /// Of a text file with several series, the column that says which one a line is of
    #[arg(long, env = "BL_GROUP", value_name = "NAME")]
    pub(crate) group: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ReadArg {
    /// The mean over all steps
    Mean,
    /// The last step
    End,
    /// Each step has the class
    Each,
}

impl From<ReadArg> for Read {
    fn from(read: ReadArg) -> Self {
        match read {
            ReadArg::Mean => Self::Mean,
            ReadArg::End => Self::End,
            ReadArg::Each => Self::Each,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FillArg {
    /// On a straight line between them
    Linear,
    /// The one before
    Previous,
}

impl From<FillArg> for Fill {
    fn from(fill: FillArg) -> Self {
        match fill {
            FillArg::Linear => Self::Linear,
            FillArg::Previous => Self::Previous,
        }
    }
}

/// How a series of one's own is put in order before it is measured.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct MendArgs {
    /// Of a text file with times, put the lines into their order; of several with the same time, the last one counts
    #[arg(long)]
    pub(crate) sort: bool,

    /// Of a text file, put a value where one is missing between two others
    #[arg(long, value_name = "RULE")]
    pub(crate) fill: Option<FillArg>,
}

impl From<MendArgs> for Mend {
    fn from(args: MendArgs) -> Self {
        Self { sort: args.sort, fill: args.fill.map(Fill::from) }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum MethodArg {
    /// The biases of the hidden units
    Bias,
    /// Which hidden units are ON, with fixed biases
    Mask,
    /// A gain for each hidden unit, with fixed biases
    Gain,
    /// Biases and unit gains
    #[value(name = "bias+gain", alias = "bias_gain")]
    BiasGain,
    /// Biases and the readout, on a pretrained encoder
    #[value(name = "bias+head", alias = "bias_head")]
    BiasHead,
    /// The readout alone, on a pretrained encoder
    Head,
    /// All weights and the hidden biases: the baseline, no adapter
    Full,
}

impl From<MethodArg> for Method {
    fn from(method: MethodArg) -> Self {
        match method {
            MethodArg::Bias => Self::Bias,
            MethodArg::Mask => Self::Mask,
            MethodArg::Gain => Self::Gain,
            MethodArg::BiasGain => Self::BiasGain,
            MethodArg::BiasHead => Self::BiasHead,
            MethodArg::Head => Self::Head,
            MethodArg::Full => Self::Full,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ScheduleArg {
    /// The same rate throughout
    Constant,
    /// Half a cosine down to 0
    Cosine,
}
