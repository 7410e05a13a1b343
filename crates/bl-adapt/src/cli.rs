//! What can be typed. Only declarations; `commands` acts.

mod forms;

use std::path::PathBuf;

use bl_train::Method;
use clap::{Args, Parser, Subcommand, ValueEnum};
pub(crate) use forms::{BlendArgs, ConvertArgs, OwnTaskArgs, PruneArgs};

/// Learn tasks by the biases of a frozen random network.
///
/// A backbone of random weights comes from a seed and never changes. An adapter is one task's biases: a file
/// of a few kilobytes to a few hundred, and all that is ever trained.
#[derive(Debug, Parser)]
#[command(
    name = "bl-adapt",
    version,
    after_help = "\
Examples:
  bl-adapt train --task mnist                       learn on the embedded sample, at once
  bl-adapt train --task kmnist --data-dir data      learn on official files in data/kmnist/
  bl-adapt train --task ./letters --out l.safetensors
                                                    learn from a folder of pictures, one sub-folder a class
  bl-adapt train --task lorenz                      learn to forecast a chaotic series
  bl-adapt train --task ./load.csv --column kwh --horizon 24
                                                    the same with a series of your own
  bl-adapt eval --adapter kmnist.safetensors        accuracy and confusions on the test set
  bl-adapt eval --adapter lorenz.safetensors        R² of forecasts, and how long free runs stay valid
  bl-adapt convert --to f16 kmnist.safetensors --out half.safetensors
                                                    half the bytes, and what that costs
  bl-adapt data list                                which tasks there are, and where their data would come from
  bl-adapt data fetch kmnist                        download a task's official files
  bl-adapt push kmnist.safetensors ada/kmnist       share an adapter on the Hugging Face Hub, with a model card
  bl-adapt pull ada/kmnist                          bring one; `ada/kmnist` works wherever an adapter's file does"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Print the result as one JSON object on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Leave out words and progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one, and it lives as long as the program")]
pub(crate) enum Command {
    /// Learn a task's biases and write an adapter
    Train(TrainArgs),
    /// Measure an adapter, or a fully trained network, on the held-out part of its task
    Eval(EvalArgs),
    /// Say what an adapter file holds
    Inspect {
        /// The adapter file, or `org/name[@revision]` on the Hub
        adapter: PathBuf,
    },
    /// Check an adapter file, and that its backbone is regenerated with the fingerprint it names
    Verify {
        /// The adapter file, or `org/name[@revision]` on the Hub
        adapter: PathBuf,
    },
    /// Reproduce a figure of the paper: its runs, its numbers, its picture
    Study(StudyArgs),
    /// Write an adapter in another form: a mask as biases, values as 16-bit floats or 8-bit integers
    Convert(ConvertArgs),
    /// Leave out the units that an adapter does not need
    Prune(PruneArgs),
    /// Add adapters of one backbone up by weights
    Blend(BlendArgs),
    /// Make, show and verify backbones
    #[command(subcommand)]
    Backbone(BackboneCommand),
    /// Say which data there are, and fetch them
    #[command(subcommand)]
    Data(DataCommand),
    /// Share an adapter on the Hugging Face Hub: one commit with the file, its config and a model card
    Push(PushArgs),
    /// Bring an adapter from the Hub into the cache, and verify it
    Pull(PullArgs),
    /// Look for adapters on the Hub
    Search(SearchArgs),
    /// List the adapters that were pulled
    List,
}

#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    /// Folder with one sub-folder of data a task, such as `kmnist/`
    #[arg(long, env = "BL_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    /// Name of a task (`bl-adapt data list`), or the path of a folder of pictures or of a series (.csv) of your own
    #[arg(long, env = "BL_TASK", value_name = "NAME|PATH")]
    pub(crate) task: String,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// Adapter to write [default: TASK.safetensors]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    /// Settings in a file, over the task's own; flags and the environment go over the file
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Licence of the adapter, an SPDX expression such as `MIT OR Apache-2.0`
    #[arg(long, value_name = "SPDX", value_parser = spdx)]
    pub(crate) license: Option<String>,

    /// Go on with an interrupted run; the result is the same to the bit
    #[arg(long)]
    pub(crate) resume: bool,

    #[command(flatten)]
    pub(crate) machine: MachineArgs,

    /// Exit with code 1 when the test accuracy is below this (0 to 1); the adapter is written all the same
    #[arg(long, value_name = "X")]
    pub(crate) min_accuracy: Option<f64>,

    /// The same for R² of a task in time
    #[arg(long, value_name = "X")]
    pub(crate) min_r2: Option<f64>,

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
    /// Name of a backbone (`images`, `paper-fig2`, `series`, `oscillators`, `reach`), the path of a spec (.toml) or of a file
    /// (.safetensors), or `org/name[@revision]` on the Hub
    #[arg(long, env = "BL_BACKBONE", value_name = "NAME|FILE|ORG/NAME")]
    pub(crate) backbone: Option<String>,

    /// What is learned
    #[arg(long, env = "BL_METHOD")]
    pub(crate) method: Option<MethodArg>,

    /// Units of each hidden layer
    #[arg(long, env = "BL_WIDTH", value_name = "N")]
    pub(crate) width: Option<u32>,

    /// With `--method full`, in place of a width: about as many learned parameters as this
    #[arg(long, env = "BL_MATCH_PARAMETERS", value_name = "N")]
    pub(crate) match_parameters: Option<u64>,

    /// Passes over the training set
    #[arg(long, env = "BL_EPOCHS", value_name = "N")]
    pub(crate) epochs: Option<u32>,

    /// Samples of a step
    #[arg(long, env = "BL_BATCH_SIZE", value_name = "N")]
    pub(crate) batch_size: Option<u32>,

    /// Learning rate of Adam
    #[arg(long, env = "BL_LR", value_name = "X")]
    pub(crate) lr: Option<f64>,

    /// How the rate changes during the run
    #[arg(long, env = "BL_SCHEDULE")]
    pub(crate) schedule: Option<ScheduleArg>,

    /// L2 penalty on the biases
    #[arg(long, env = "BL_WEIGHT_DECAY", value_name = "X")]
    pub(crate) weight_decay: Option<f64>,

    /// Biases, and the g of a mask, start uniform in [-X, X]; biases that are not learned stay there
    #[arg(long, env = "BL_BIAS_INIT", value_name = "X")]
    pub(crate) bias_init: Option<f64>,

    /// With `--method mask`, the temperature of the soft mask in the last epoch, from 1 in the first
    #[arg(long, env = "BL_FINAL_TEMPERATURE", value_name = "X")]
    pub(crate) final_temperature: Option<f64>,

    /// Seed of the initial values and of the data order (the backbone's is in its spec)
    #[arg(long, env = "BL_SEED", value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// Part of the training set to hold out, to choose settings without the test set
    #[arg(long, env = "BL_VAL_FRACTION", value_name = "X")]
    pub(crate) val_fraction: Option<f64>,

    #[command(flatten)]
    pub(crate) time: TimeArgs,
}

/// Settings of recurrent networks. Times are in samples.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings of tasks in time (in samples)")]
pub(crate) struct TimeArgs {
    /// Of a text file, which column to forecast
    #[arg(long, env = "BL_COLUMN", value_name = "NAME")]
    pub(crate) column: Option<String>,

    /// How far ahead is forecast
    #[arg(long, env = "BL_HORIZON", value_name = "N")]
    pub(crate) horizon: Option<u32>,

    /// At the beginning of every window and of the held-out part, what is not judged
    #[arg(long, env = "BL_WASHOUT", value_name = "N")]
    pub(crate) washout: Option<u32>,

    /// A window to learn from, washout included
    #[arg(long, env = "BL_WINDOW", value_name = "N")]
    pub(crate) window: Option<u32>,

    /// From the beginning of a window to that of the next
    #[arg(long, env = "BL_STRIDE", value_name = "N")]
    pub(crate) stride: Option<u32>,

    /// Gain g of the recurrent weights, whose spectral radius is near it
    #[arg(long, env = "BL_GAIN", value_name = "X")]
    pub(crate) gain: Option<f64>,

    /// Biases start uniform around this
    #[arg(long, env = "BL_BIAS_MEAN", value_name = "X", allow_negative_numbers = true)]
    pub(crate) bias_mean: Option<f64>,

    /// Learn the state before the first step, too
    #[arg(long, env = "BL_LEARN_STATE", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) learn_state: Option<bool>,

    /// Drop the gradient of the state after so many steps back (truncated BPTT)
    #[arg(long, env = "BL_TRUNCATE", value_name = "N")]
    pub(crate) truncate: Option<u32>,

    /// Shorten gradients whose Euclidean norm is greater
    #[arg(long, env = "BL_CLIP", value_name = "X")]
    pub(crate) clip: Option<f64>,

    /// Stop when the loss of an epoch is no greater
    #[arg(long, env = "BL_STOP_AT_LOSS", value_name = "X")]
    pub(crate) stop_at_loss: Option<f64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum MethodArg {
    /// The biases of the hidden units
    Bias,
    /// Which hidden units are ON, with fixed biases
    Mask,
    /// A factor on each hidden unit, with fixed biases
    Gain,
    /// Biases and factors
    #[value(name = "bias+gain", alias = "bias_gain")]
    BiasGain,
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

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bl-adapt eval --adapter kmnist.safetensors --data-dir data
  bl-adapt eval --adapter lorenz.safetensors --min-r2 0.95
  bl-adapt eval --adapter load.safetensors --task ./load.csv

Of a task in time, both kinds of forecast are measured: teacher-forced, where every value is forecast from true ones,
and free runs, where forecasts are fed back. Data and figures are compared with those in the header.")]
pub(crate) struct EvalArgs {
    /// The adapter file, that of a fully trained network, or `org/name[@revision]` on the Hub
    #[arg(long, value_name = "FILE")]
    pub(crate) adapter: PathBuf,

    /// Task to measure it on [default: the one it was trained for]; of a series of your own, its file
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) task: Option<String>,

    /// Of a text file with several columns, the one to forecast [default: the one it learned from]
    #[arg(long, value_name = "NAME", requires = "task")]
    pub(crate) column: Option<String>,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// Exit with code 1 when the accuracy is below this (0 to 1)
    #[arg(long, value_name = "X")]
    pub(crate) min_accuracy: Option<f64>,

    /// The same for R² of a task in time: of forecasts from true values, or of a learned trajectory
    #[arg(long, value_name = "X", allow_hyphen_values = true)]
    pub(crate) min_r2: Option<f64>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Finished runs are kept in OUT/runs: a study that was stopped goes on where it stopped, and studies that \
                  show the same runs train them once. OUT/STUDY.md sums up all that OUT holds."
)]
pub(crate) struct StudyArgs {
    /// Name of a study; `list` lists them, `all` does all of them in turn
    pub(crate) name: String,

    /// A small setting, minutes on two cores; says what it leaves out (the default)
    #[arg(long, conflicts_with = "full")]
    pub(crate) quick: bool,

    /// The paper's setting
    #[arg(long)]
    pub(crate) full: bool,

    /// Seeds, in place of the setting's number
    #[arg(long, value_name = "N")]
    pub(crate) seeds: Option<u32>,

    /// Folder of the results
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// A Python that has PyTorch: the study `time` measures it too, on the same job
    #[arg(long, env = "BL_PEER_PYTHON", value_name = "PYTHON")]
    pub(crate) peer_python: Option<String>,

    #[command(flatten)]
    pub(crate) machine: MachineArgs,
}

/// What a run may use; nothing of it changes a result.
#[derive(Debug, Args)]
pub(crate) struct MachineArgs {
    /// Memory for the cache of pre-activations, such as `4GiB` [default: what is free, less a margin]
    #[arg(long, env = "BL_CACHE_MEMORY", value_name = "SIZE", value_parser = bl_cli::parse_bytes)]
    pub(crate) cache_memory: Option<u64>,

    /// Threads to compute with; the result does not depend on it [default: all cores]
    #[arg(long, env = "BL_THREADS", value_name = "N")]
    pub(crate) threads: Option<usize>,
}

impl MachineArgs {
    pub(crate) fn set_threads(&self) -> anyhow::Result<()> {
        if let Some(threads) = self.threads {
            anyhow::ensure!((1..=4096).contains(&threads), "`--threads` is {threads}, expected 1 to 4096");
            rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
        }
        Ok(())
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum BackboneCommand {
    /// Generate a backbone and write its weights; an adapter does not need the file
    New {
        /// Name of a backbone (`images`, `paper-fig2`, `series`, `oscillators`, `reach`), or the path of a spec (.toml)
        #[arg(long, default_value = "images", value_name = "NAME|SPEC")]
        spec: String,
        /// Units of each hidden layer, or of a recurrent one, in place of the spec's
        #[arg(long, value_name = "N")]
        width: Option<u32>,
        /// Seed, in place of the spec's
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
        /// File to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Say what a backbone is: its spec, fingerprint and statistics
    Show {
        /// Name of a backbone, a spec (.toml) or a file (.safetensors)
        backbone: String,
    },
    /// Check a file: its content against its fingerprint, and both against what its spec generates
    Verify {
        /// The backbone file
        file: PathBuf,
    },
    /// Share a backbone on the Hugging Face Hub
    Push {
        /// Name of a backbone, a spec (.toml) or a file (.safetensors)
        backbone: String,
        /// Leave out the weights: the spec generates them
        #[arg(long)]
        spec_only: bool,
        #[command(flatten)]
        commit: CommitArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// List the tasks, and where the data of each would come from
    List {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Say what a task's data are: sizes, classes or equations, statistics, licence, origin
    Info {
        /// Name of a task, or the path of a folder of pictures or of a series (.csv)
        task: String,
        /// Of a text file with several columns, which one
        #[arg(long, value_name = "NAME")]
        column: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Download the official files of a task of pictures; each is checked, and those that are there stay
    Fetch {
        /// Name of the task, or `all` (the scripts of Afro-MNIST are 440 MB each)
        task: String,
        #[command(flatten)]
        data: DataArgs,
        /// Address with one folder a task, in place of the official ones
        #[arg(long, env = "BL_DATA_MIRROR", value_name = "URL")]
        mirror: Option<String>,
    },
}

/// What a commit on the Hub needs.
#[derive(Debug, Args)]
pub(crate) struct CommitArgs {
    /// The repository, `org/name`; it is made if it is not there
    #[arg(value_name = "ORG/NAME")]
    pub(crate) repo: String,

    /// Branch to commit to
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    pub(crate) revision: String,

    /// The commit's message [default: one that names the task]
    #[arg(long, short, value_name = "TEXT")]
    pub(crate) message: Option<String>,

    /// Make a new repository private
    #[arg(long)]
    pub(crate) private: bool,

    /// Open a pull request in place of committing to the branch
    #[arg(long)]
    pub(crate) create_pr: bool,

    /// Show exactly what would be sent, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// With --dry-run, write the files into a folder
    #[arg(long, value_name = "DIR", requires = "dry_run")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bl-adapt push kmnist.safetensors ada/kmnist --dry-run --out card/     see the card first
  bl-adapt push kmnist.safetensors ada/kmnist --private

The card is generated from the adapter's header. One that is there is brought up to date: what stands outside its marks, and
what was added to its front matter, stays. The picture in it needs the task's data; without them there is none.
A token with write access is looked for in HF_TOKEN, then where `hf auth login` puts it. docs/hub.md says more.")]
pub(crate) struct PushArgs {
    /// The adapter file
    pub(crate) adapter: PathBuf,

    #[command(flatten)]
    pub(crate) commit: CommitArgs,

    /// The repository of its backbone, `org/name`, to be named in the card
    #[arg(long, value_name = "ORG/NAME")]
    pub(crate) backbone: Option<String>,

    /// Leave out the picture
    #[arg(long)]
    pub(crate) no_picture: bool,

    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bl-adapt pull ada/kmnist
  bl-adapt pull ada/kmnist@8f3c1d2e4b5a69788796a5b4c3d2e1f001122334 --out kmnist.safetensors

The cache is the one of huggingface_hub (HF_HOME, HF_HUB_CACHE). With HF_HUB_OFFLINE=1 it is all that is used.")]
pub(crate) struct PullArgs {
    /// `org/name`, or `org/name@revision`: a branch, a tag, or a commit to pin
    #[arg(value_name = "ORG/NAME[@REVISION]")]
    pub(crate) target: String,

    /// Copy the adapter to a file, too
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// Adapters of this backbone: its fingerprint, or the first twelve digits of it
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) backbone: Option<String>,

    /// Adapters for this task
    #[arg(long, value_name = "NAME")]
    pub(crate) task: Option<String>,
}
