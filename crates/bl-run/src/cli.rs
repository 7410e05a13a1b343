//! Command-line arguments. Only declarations; `commands` acts.

mod given;
mod parsers;
mod serve;

use std::path::PathBuf;

use bl_tasks::series::{Fill, Mend};
use clap::{Args, Parser, Subcommand, ValueEnum};

use bl_cli::{at_most_one, share};
pub(crate) use given::Given;
use parsers::place;
pub(crate) use serve::{BenchArgs, ServeArgs};

/// Run bias adapters: small files, each of which makes a frozen random network do one task.
///
/// An adapter file is all it takes: the backbone, the frozen network, is generated from the adapter's header
/// and checked against the fingerprint that is recorded there.
///
/// Without --input, an adapter is demonstrated on the held-out part of its own task. An image classifier: its
/// predictions for some test images, its accuracy on all of them, and how fast it is. A sequence adapter: the true
/// and predicted curves, drawn in the terminal; how well they match; how long a step takes.
///
/// With --input, an image classifier predicts the classes of your images. Several adapters on one backbone share the
/// expensive half of the work: the frozen half is computed once per image, whatever the number of adapters.
/// A forecaster reads a series from a text file and prints a forecast for each sample; with --free-run, it
/// continues the series on its own. An adapter that moves an arm goes where --target says.
#[derive(Debug, Parser)]
#[command(
    name = "bl-run",
    version,
    subcommand_negates_reqs = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  See an adapter at work on its own test images:
    bl-run --adapter mnist.safetensors
  One from the Hugging Face Hub (a commit after the @ pins it; HF_HUB_OFFLINE=1 uses the cache alone):
    bl-run --adapter ada/mnist
    bl-run --adapter ada/mnist@8f3c1d2e4b5a69788796a5b4c3d2e1f001122334
  The same with the official files, which are in data/kmnist/:
    bl-run --adapter kmnist.safetensors --data-dir data
  What is in an image, in the images of a folder, in an array?
    bl-run --adapter mnist.safetensors --input three.png
    bl-run --adapter mnist.safetensors --input scans/ digits.npy
  Two opinions for little more than the price of one:
    bl-run --adapter mnist.safetensors nko.safetensors --input three.png
  Every adapter of a folder, for a script:
    bl-run --adapter adapters/ --json --input three.png
  A chaotic series: the truth, the forecasts, and how long they hold when fed back:
    bl-run --adapter lorenz.safetensors
  Forecasts of your own series, one line per sample; the next 48 samples; a figure of them:
    bl-run --adapter load.safetensors --input load.csv --column kwh
    bl-run --adapter load.safetensors --input load.csv --column kwh --free-run 48 --plot load.svg
  A trajectory without input, longer than the training trajectory:
    bl-run --adapter vanderpol.safetensors --free-run 1000
  Move the arm 5 cm to the right and 3 cm up:
    bl-run --adapter reach.safetensors --target 0.05,0.03
  Latency, throughput, memory:
    bl-run bench --adapter mnist.safetensors
  Every adapter of a folder over HTTP, with a page to draw on:
    bl-run serve --adapters adapters/

Images of any size (PNG, JPEG, WebP, BMP, GIF, TIFF) are converted to the form of the training images, and what
was done to them is reported on standard error. Results are on standard output.
Answers are the same bits on every CPU; BL_ISA=avx512, avx2 or portable chooses its instructions.
Exit codes: 0 done, 1 below --min-metric or images skipped, 2 an error."
)]
pub(crate) struct Cli {
    /// Print the result as one JSON object on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Suppress messages and progress bars; results and warnings stay
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    // After the others, for its headings would be theirs, too.
    #[command(flatten)]
    pub(crate) run: RunArgs,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measure latency, throughput, memory, and the cost of swapping adapters
    Bench(BenchArgs),
    /// Serve the adapters of a folder over HTTP: the Open Inference Protocol, and a page to try them on
    Serve(ServeArgs),
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

/// What is run.
#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    /// Adapter files, folders of them, or `org/name[@revision]` on the Hub; may be given several times
    #[arg(long, short, required = true, num_args = 1.., value_name = "FILE|DIR|ORG/NAME")]
    pub(crate) adapter: Vec<PathBuf>,

    /// Take the frozen weights from a file (of `bl-adapt backbone new`) or from the Hub instead of generating them
    #[arg(long, value_name = "FILE|ORG/NAME")]
    pub(crate) backbone: Option<PathBuf>,

    /// Number of threads; the result does not depend on it [default: all cores]
    #[arg(long, env = "BL_THREADS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) threads: Option<u16>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,

    #[command(flatten)]
    pub(crate) least: LeastArgs,

    #[command(flatten)]
    pub(crate) held_out: HeldOutArgs,

    #[command(flatten)]
    pub(crate) predict: PredictArgs,

    #[command(flatten)]
    pub(crate) sequence: SequenceArgs,
}

/// The least of the metric that matters most, by its name today or by one of its old names.
#[derive(Debug, Args)]
pub(crate) struct LeastArgs {
    /// Exit with code 1 if the main metric is below this: accuracy of images (with --input, of a CSV file with labels), R²
    /// of forecasts from true values or of a generated trajectory
    #[arg(long = "min-metric", value_name = "X", allow_hyphen_values = true, value_parser = at_most_one)]
    pub(crate) metric: Option<f64>,

    #[arg(long = "min-accuracy", value_name = "X", hide = true, conflicts_with = "metric", value_parser = share)]
    pub(crate) accuracy: Option<f64>,

    #[arg(long = "min-r2", value_name = "X", hide = true, allow_hyphen_values = true, value_parser = at_most_one,
          conflicts_with_all = ["metric", "accuracy"])]
    pub(crate) r2: Option<f64>,
}

impl LeastArgs {
    /// The least that will do, if there is one.
    pub(crate) fn value(&self) -> Option<f64> {
        self.metric.or(self.accuracy).or(self.r2)
    }
}

/// Without --input.
#[derive(Debug, Args)]
#[command(next_help_heading = "Without --input: the held-out part of the adapter's own task")]
pub(crate) struct HeldOutArgs {
    /// Folder with one sub-folder of data per task, such as `kmnist/`
    #[arg(long, env = "BL_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Test on this task instead of the one in the adapter's header; for a series of your own, its file
    #[arg(long, value_name = "NAME|PATH", conflicts_with = "input")]
    pub(crate) task: Option<String>,

    /// Test images to show, or samples of a series to draw [default: 8 images, 300 samples]
    #[arg(long, value_name = "N", conflicts_with = "input")]
    pub(crate) samples: Option<usize>,

    /// Seed that selects the test images to show [default: 1]
    #[arg(long, value_name = "N", conflicts_with = "input")]
    pub(crate) seed: Option<u64>,

    /// Show more: every class with its most frequent confusion; every free run; every movement
    #[arg(long, short, conflicts_with = "input")]
    pub(crate) verbose: bool,
}

/// What only sequence adapters take.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sequence-task options (counts are in samples)")]
pub(crate) struct SequenceArgs {
    /// For a text file with several columns, the one to forecast [default: the one it was trained on]
    #[arg(long, value_name = "NAME")]
    pub(crate) column: Option<String>,

    /// Of a text file with times, put the lines into their order; of several with the same time, the last one counts
    #[arg(long)]
    pub(crate) sort: bool,

    /// Of a text file, put a value where one is missing between two others
    #[arg(long, value_name = "RULE")]
    pub(crate) fill: Option<FillArg>,

    /// Refuse a series that is not like the one that was learned from (another column, unit or spacing) or that cannot be
    /// compared with it, for it does not say its spacing
    #[arg(long)]
    pub(crate) strict: bool,

    /// Feed forecasts back for N samples: after the end of the input, or else from the first free run of the held-out
    /// part. A generator takes N steps
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) free_run: Option<u32>,

    /// Move the arm there, in metres from the centre; may be given several times
    #[arg(long, value_name = "X,Y", value_parser = place, allow_hyphen_values = true, conflicts_with_all = ["input", "task"])]
    pub(crate) target: Vec<[f64; 2]>,

    /// Also draw into a file
    #[arg(long, value_name = "FILE.svg|FILE.png")]
    pub(crate) plot: Option<PathBuf>,
}

impl SequenceArgs {
    /// How a file is put in order.
    pub(crate) fn mend(&self) -> Mend {
        let fill = self.fill.map(|fill| match fill {
            FillArg::Linear => Fill::Linear,
            FillArg::Previous => Fill::Previous,
        });
        Mend { sort: self.sort, fill }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FillArg {
    /// On a straight line between them
    Linear,
    /// The one before
    Previous,
}

/// With --input.
#[derive(Debug, Args)]
#[command(next_help_heading = "With --input: your own images or series")]
pub(crate) struct PredictArgs {
    /// Image files, folders of them, or IDX, NPY or CSV files; series as .csv, .tsv or .txt, one sample per line
    #[arg(long, short, num_args = 1.., value_name = "PATH")]
    pub(crate) input: Vec<PathBuf>,

    /// Number of classes to print, the most probable first [default: 3]
    #[arg(long, value_name = "K", requires = "input", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) top: Option<u16>,

    /// Show what the network sees, unless --json [default: a single image, on a terminal]
    #[arg(long, value_name = "WHEN", requires = "input", num_args = 0..=1,
          default_missing_value = "always")]
    pub(crate) show: Option<When>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// Every image
    Always,
    /// None
    Never,
}
