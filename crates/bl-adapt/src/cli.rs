//! Command-line arguments. Only declarations; `commands` acts.

mod forms;
mod hub;
mod least;
mod texts;
mod train;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
pub(crate) use forms::{BlendArgs, ConvertArgs, OwnTaskArgs, PruneArgs};
pub(crate) use hub::{CommitArgs, PullArgs, PushArgs, SearchArgs};
pub(crate) use least::LeastArgs;
pub(crate) use texts::TextArgs;
pub(crate) use train::{
    FormArgs, MendArgs, ReadArg, ScheduleArg, SequenceArgs, SettingArgs, TableArgs, TrainArgs,
};

/// Train tasks by the biases of a frozen random network.
///
/// A backbone of random weights comes from a seed and never changes. An adapter is one task's biases: a file
/// of a few kilobytes to a few hundred, and all that is ever trained.
#[derive(Debug, Parser)]
#[command(
    name = "bl-adapt",
    version,
    after_help = "\
Examples:
  bl-adapt train --task mnist                       train on the embedded sample, no download needed
  bl-adapt train --task kmnist --data-dir data      train on official files in data/kmnist/
  bl-adapt train --task ./letters --out l.safetensors
                                                    train on a folder of images, one sub-folder per class
  bl-adapt train --task lorenz                      train a forecaster of a chaotic series
  bl-adapt train --task ./load.csv --column kwh --horizon 24
                                                    the same with a series of your own
  bl-adapt train --task ./load.csv --inputs temp,wind --targets kwh
                                                    several columns in, one or more out
  bl-adapt train --task ./JapaneseVowels            trials of several channels (.ts, .npz), a class each
  bl-adapt eval kmnist.safetensors                  accuracy and confusions on the test set
  bl-adapt eval lorenz.safetensors                  R² of forecasts, and how long free runs stay valid
  bl-adapt convert --to f16 kmnist.safetensors --out half.safetensors
                                                    half the bytes, with what is lost
  bl-adapt data list                                list the tasks, and where their data would come from
  bl-adapt data fetch kmnist                        download a task's official files
  bl-adapt push kmnist.safetensors ada/kmnist       share an adapter on the Hugging Face Hub, with a model card
  bl-adapt pull ada/kmnist                          download one; `ada/kmnist` works wherever an adapter file does

A backbone that would take more than 2 GiB of memory is refused; BL_MAX_MEMORY=8GiB raises that.
Results are the same bytes on every CPU; BL_ISA=avx512, avx2 or portable chooses its instructions."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Print the result as one JSON object on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Suppress messages and progress bars
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one, and it lives as long as the program")]
pub(crate) enum Command {
    /// Train a task's biases and write an adapter
    Train(TrainArgs),
    /// Measure an adapter, or a fully trained network, on the held-out part of its task
    Eval(EvalArgs),
    /// Show the contents of an adapter file
    Inspect {
        /// The adapter file, or `org/name[@revision]` on the Hub
        adapter: PathBuf,
    },
    /// Check an adapter file, and that its backbone is regenerated with the fingerprint it names
    Verify {
        /// The adapter file, or `org/name[@revision]` on the Hub
        adapter: PathBuf,
    },
    /// Reproduce a figure of the paper: its runs, its numbers, its figure
    Study(StudyArgs),
    /// Write an adapter in another form: a mask as biases, values as 16-bit floats or 8-bit integers
    Convert(ConvertArgs),
    /// Remove units an adapter does not need
    Prune(PruneArgs),
    /// Blend adapters that share a backbone (weighted sum)
    Blend(BlendArgs),
    /// Make, show and verify backbones
    #[command(subcommand)]
    Backbone(BackboneCommand),
    /// List, describe and download data
    #[command(subcommand)]
    Data(DataCommand),
    /// Share an adapter on the Hugging Face Hub: one commit with the file, its config and a model card
    Push(PushArgs),
    /// Download an adapter into the cache, and verify it
    Pull(PullArgs),
    /// Search the Hub for adapters
    Search(SearchArgs),
    /// List the adapters of a folder, or those that were pulled
    List {
        /// Folder of adapter files; else the cache of the Hub
        folder: Option<PathBuf>,
        /// As a table for a README
        #[arg(long, requires = "folder")]
        markdown: bool,
    },
    /// Print completions for a shell, to be sourced by it
    Completions {
        /// The shell
        shell: bl_cli::Shell,
    },
    /// Write man pages into a folder
    Man {
        /// Folder to write, such as `~/.local/share/man/man1`
        folder: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    /// Folder with one sub-folder of data per task, such as `kmnist/`
    #[arg(long, env = "BL_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bl-adapt eval kmnist.safetensors --data-dir data
  bl-adapt eval lorenz.safetensors --min-metric 0.95
  bl-adapt eval load.safetensors --task ./load.csv

For a sequence task, both kinds of forecast are measured: teacher-forced, where every value is
forecast from true ones, and free runs, where forecasts are fed back. Data and metrics are
compared with those in the header.")]
pub(crate) struct EvalArgs {
    /// The adapter file, that of a fully trained network, or `org/name[@revision]` on the Hub
    #[arg(required_unless_present = "adapter")]
    file: Option<PathBuf>,

    /// The same, as an option
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    adapter: Option<PathBuf>,

    /// Task to measure it on [default: the one it was trained for]; for a series of your own, its file
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) task: Option<String>,

    /// For a text file with several columns, the one to forecast [default: the one it was trained on]
    #[arg(long, value_name = "NAME", requires = "task")]
    pub(crate) column: Option<String>,

    /// For a table with several series, the column that says which one a line is of [default: as in training]
    #[arg(long, value_name = "NAME", requires = "task")]
    pub(crate) group: Option<String>,

    #[command(flatten)]
    pub(crate) mend: MendArgs,

    /// Exit with code 2 if the data are not like those that were learned from: of a series another column, unit or spacing,
    /// or a spacing that it does not say; of images another brightness
    #[arg(long)]
    pub(crate) strict: bool,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    #[command(flatten)]
    pub(crate) least: LeastArgs,
}

impl EvalArgs {
    /// The file, in whichever way it is named.
    pub(crate) fn file(&self) -> PathBuf {
        self.file.clone().or_else(|| self.adapter.clone()).unwrap_or_default() // one of the two is required
    }
}

#[derive(Debug, Args)]
#[command(
    after_help = "Finished runs are kept in OUT/runs: a study that was stopped continues where it stopped, and studies that \
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

    /// Judge again the runs that OUT/NAME holds: findings, figure and STUDY.md anew, training only what is looked at and
    /// was not kept
    #[arg(long)]
    pub(crate) from_results: bool,

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
        /// Name of a backbone (`images`, `images-colour`, `images-pixels`, `paper-fig2`, `series`, `oscillators`,
        /// `reach`), or the path of a spec (.toml)
        #[arg(long, default_value = "images", value_name = "NAME|SPEC")]
        spec: String,
        /// Units of each hidden layer, in place of the spec's
        #[arg(long, value_name = "N")]
        width: Option<u32>,
        /// Seed, in place of the spec's
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
        /// File to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Show a backbone: its spec, fingerprint and statistics
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
        /// Do not upload the weights: the spec generates them
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
    /// Describe a task's data: sizes, classes or equations, statistics, licence, origin
    Info {
        /// Name of a task, or the path of a folder of images, of a series (.csv) or of trials (.ts, .npz)
        task: String,
        /// For a text file with several columns, which one
        #[arg(long, value_name = "NAME")]
        column: Option<String>,
        #[command(flatten)]
        table: TableArgs,
        /// Of trials with a class each, which steps say what class that is
        #[arg(long, value_name = "STEPS")]
        read: Option<ReadArg>,
        #[command(flatten)]
        mend: MendArgs,
        #[command(flatten)]
        form: FormArgs,
        #[command(flatten)]
        texts: TextArgs,
        /// Write what a network will see of some training images of each class to a file (.png or .svg)
        #[arg(long, value_name = "FILE")]
        sheet: Option<PathBuf>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Make the images of a script in the manner of Afro-MNIST, and write them as IDX files
    Generate {
        /// `ethiopic`, `vai`, `osmanya` or `nko`
        task: String,
        /// Folder to write [default: that of the task in the data folder]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Seed of the displacements
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// Images of the training half
        #[arg(long, value_name = "N", default_value_t = bl_tasks::afro::WHOLE.0)]
        train: usize,
        /// Images of the test half
        #[arg(long, value_name = "N", default_value_t = bl_tasks::afro::WHOLE.1)]
        test: usize,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Download the official files of an image task; each is checked, and files that exist are kept
    Fetch {
        /// Name of the task, or `all` (the scripts of Afro-MNIST are 440 MB each)
        task: String,
        #[command(flatten)]
        data: DataArgs,
        /// URL with one folder per task, in place of the official ones
        #[arg(long, env = "BL_DATA_MIRROR", value_name = "URL")]
        mirror: Option<String>,
    },
}
