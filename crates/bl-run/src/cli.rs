//! What can be typed. Only declarations; `commands` acts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Run bias adapters: small files, each of which makes a frozen random network do one task.
///
/// An adapter file is all it takes: the backbone, the frozen network, is generated from the adapter's header
/// and checked against the fingerprint that is written there.
///
/// Without --input, an adapter is shown at work on the test pictures of its own task: what it says of some
/// of them, its accuracy on all of them, and how fast it is. With --input, it says what it takes your
/// pictures for. Several adapters on one backbone share the costly half of the work: the frozen half is
/// computed once for each picture, whatever the number of adapters.
#[derive(Debug, Parser)]
#[command(
    name = "bl-run",
    version,
    subcommand_negates_reqs = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  See an adapter at work on its own test pictures:
    bl-run --adapter mnist.safetensors
  The same with the official files, which are in data/kmnist/:
    bl-run --adapter kmnist.safetensors --data-dir data
  What is in a picture, in the pictures of a folder, in an array?
    bl-run --adapter mnist.safetensors --input three.png
    bl-run --adapter mnist.safetensors --input scans/ digits.npy
  Two opinions for little more than the price of one:
    bl-run --adapter mnist.safetensors nko.safetensors --input three.png
  Every adapter of a folder, for a script:
    bl-run --adapter adapters/ --json --input three.png
  Latency, throughput, memory:
    bl-run bench --adapter mnist.safetensors

PNG and JPEG pictures of any size are brought to the form of the training pictures, and what
was done to them is said on standard error. Results are on standard output.
Exit codes: 0 done, 1 below --min-accuracy, 2 an error."
)]
pub(crate) struct Cli {
    /// Print the result as one JSON object on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Leave out words and progress; results and warnings stay
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
    /// Measure latency, throughput, memory, and what swapping adapters costs
    Bench(BenchArgs),
}

/// What is run.
#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    /// Adapter files, or folders of them; may be given several times
    #[arg(long, short, required = true, num_args = 1.., value_name = "FILE|DIR")]
    pub(crate) adapter: Vec<PathBuf>,

    /// Take the frozen weights from a file (of `bl-adapt backbone new`), in place of generating them
    #[arg(long, value_name = "FILE")]
    pub(crate) backbone: Option<PathBuf>,

    /// Threads to compute with; the result does not depend on it [default: all cores]
    #[arg(long, env = "BL_THREADS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) threads: Option<u16>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,

    /// Exit with code 1 when an accuracy is below this (0 to 1); with --input, of a CSV file with labels
    #[arg(long, value_name = "X", value_parser = share)]
    pub(crate) min_accuracy: Option<f64>,

    #[command(flatten)]
    pub(crate) held_out: HeldOutArgs,

    #[command(flatten)]
    pub(crate) predict: PredictArgs,
}

/// Without --input.
#[derive(Debug, Args)]
#[command(next_help_heading = "Without --input: the adapter's own test pictures")]
pub(crate) struct HeldOutArgs {
    /// Folder with one sub-folder of data a task, such as `kmnist/`
    #[arg(long, env = "BL_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Test on this task, in place of the one in the adapter's header
    #[arg(long, value_name = "NAME|FOLDER", conflicts_with = "input")]
    pub(crate) task: Option<String>,

    /// Test pictures to show
    #[arg(long, value_name = "N", default_value_t = 8, conflicts_with = "input")]
    pub(crate) samples: usize,

    /// Which ones: another seed, others
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "input")]
    pub(crate) seed: u64,

    /// Accuracy of every class, too, and what it is most often taken for
    #[arg(long, short, conflicts_with = "input")]
    pub(crate) verbose: bool,
}

/// With --input.
#[derive(Debug, Args)]
#[command(next_help_heading = "With --input: your own pictures")]
pub(crate) struct PredictArgs {
    /// PNG or JPEG pictures, folders of them, or IDX, NPY or CSV files
    #[arg(long, short, num_args = 1.., value_name = "PATH")]
    pub(crate) input: Vec<PathBuf>,

    /// Classes to name, the most probable first
    #[arg(long, value_name = "K", default_value_t = 3, requires = "input",
          value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) top: u16,

    /// Show what the network sees, unless --json [default: of a single picture, on a terminal]
    #[arg(long, value_name = "WHEN", requires = "input", require_equals = true, num_args = 0..=1,
          default_missing_value = "always")]
    pub(crate) show: Option<When>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// Every picture
    Always,
    /// None
    Never,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bl-run bench --adapter mnist.safetensors
  bl-run bench --adapter mnist.safetensors nko.safetensors     (what swapping costs, too)
  bl-run bench --adapter mnist.safetensors --threads 1 --json

Pictures are random bytes from a fixed seed: no computation here depends on what is in them.")]
pub(crate) struct BenchArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,

    /// Seconds for each measurement, after a warm-up
    #[arg(long, value_name = "X", default_value_t = 0.5, value_parser = seconds)]
    pub(crate) seconds: f64,
}

fn share(text: &str) -> Result<f64, String> {
    number_in(text, 0.0, 1.0)
}

fn seconds(text: &str) -> Result<f64, String> {
    number_in(text, 0.001, 3600.0)
}

fn number_in(text: &str, min: f64, max: f64) -> Result<f64, String> {
    let value = text.parse().ok().filter(|x| (min..=max).contains(x));
    value.ok_or_else(|| format!("expected a number from {min} to {max}"))
}
