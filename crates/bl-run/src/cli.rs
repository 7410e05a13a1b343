//! What can be typed. Only declarations; `commands` acts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Run bias adapters: small files, each of which makes a frozen random network do one task.
///
/// An adapter file is all it takes: the backbone, the frozen network, is generated from the adapter's header
/// and checked against the fingerprint that is written there.
///
/// Without --input, an adapter is shown at work on the held-out part of its own task. One of pictures: what it
/// says of some of them, its accuracy on all of them, and how fast it is. One of a task in time: the true course
/// and its own, drawn in the terminal; how far the two agree; how long a step takes.
///
/// With --input, an adapter of pictures says what it takes yours for. Several adapters on one backbone share the
/// costly half of the work: the frozen half is computed once for each picture, whatever the number of adapters.
/// An adapter that forecasts reads a series from a text file, and says for each sample what it expects to come; with
/// --free-run, it goes on by itself after the last. One that moves an arm goes where --target says.
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
  One from the Hugging Face Hub (a commit after the @ pins it; HF_HUB_OFFLINE=1 uses the cache alone):
    bl-run --adapter ada/mnist
    bl-run --adapter ada/mnist@8f3c1d2e4b5a69788796a5b4c3d2e1f001122334
  The same with the official files, which are in data/kmnist/:
    bl-run --adapter kmnist.safetensors --data-dir data
  What is in a picture, in the pictures of a folder, in an array?
    bl-run --adapter mnist.safetensors --input three.png
    bl-run --adapter mnist.safetensors --input scans/ digits.npy
  Two opinions for little more than the price of one:
    bl-run --adapter mnist.safetensors nko.safetensors --input three.png
  Every adapter of a folder, for a script:
    bl-run --adapter adapters/ --json --input three.png
  A chaotic series: the truth, the forecasts, and how long they hold when fed back:
    bl-run --adapter lorenz.safetensors
  Forecasts of your own series, a line for each sample; the next 48 samples; a picture of them:
    bl-run --adapter load.safetensors --input load.csv --column kwh
    bl-run --adapter load.safetensors --input load.csv --column kwh --free-run 48 --plot load.svg
  A trajectory from nothing, longer than the one that was learned:
    bl-run --adapter vanderpol.safetensors --free-run 1000
  Move the arm 5 cm to the right and 3 cm up:
    bl-run --adapter reach.safetensors --target 0.05,0.03
  Latency, throughput, memory:
    bl-run bench --adapter mnist.safetensors
  Every adapter of a folder over HTTP, with a page to draw on:
    bl-run serve --adapters adapters/

PNG and JPEG pictures of any size are brought to the form of the training pictures, and what
was done to them is said on standard error. Results are on standard output.
Exit codes: 0 done, 1 below --min-accuracy or --min-r2, 2 an error."
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
    /// Serve the adapters of a folder over HTTP: the Open Inference Protocol, and a page to try them on
    Serve(ServeArgs),
}

/// What is run.
#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    /// Adapter files, folders of them, or `org/name[@revision]` on the Hub; may be given several times
    #[arg(long, short, required = true, num_args = 1.., value_name = "FILE|DIR|ORG/NAME")]
    pub(crate) adapter: Vec<PathBuf>,

    /// Take the frozen weights from a file (of `bl-adapt backbone new`) or from the Hub, in place of generating them
    #[arg(long, value_name = "FILE|ORG/NAME")]
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

    #[command(flatten)]
    pub(crate) time: TimeArgs,
}

/// Without --input.
#[derive(Debug, Args)]
#[command(next_help_heading = "Without --input: the held-out part of the adapter's own task")]
pub(crate) struct HeldOutArgs {
    /// Folder with one sub-folder of data a task, such as `kmnist/`
    #[arg(long, env = "BL_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Test on this task, in place of the one in the adapter's header; of a series of your own, its file
    #[arg(long, value_name = "NAME|PATH", conflicts_with = "input")]
    pub(crate) task: Option<String>,

    /// Test pictures to show, or samples of a series to draw [default: 8 pictures, 300 samples]
    #[arg(long, value_name = "N", conflicts_with = "input")]
    pub(crate) samples: Option<usize>,

    /// Which test pictures: another seed, others [default: 1]
    #[arg(long, value_name = "N", conflicts_with = "input")]
    pub(crate) seed: Option<u64>,

    /// Every class, too, with what it is most often taken for; every free run; every movement
    #[arg(long, short, conflicts_with = "input")]
    pub(crate) verbose: bool,
}

/// Of adapters of tasks in time.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tasks in time")]
pub(crate) struct TimeArgs {
    /// Of a text file with several columns, the one to forecast [default: the one that was learned from]
    #[arg(long, value_name = "NAME")]
    pub(crate) column: Option<String>,

    /// Feed forecasts back for N samples: after the end of the input, or else from the first free run of the held-out
    /// part. A generator takes N steps
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) free_run: Option<u32>,

    /// Move the arm there, in metres from the centre; may be given several times
    #[arg(long, value_name = "X,Y", value_parser = place, allow_hyphen_values = true, conflicts_with_all = ["input", "task"])]
    pub(crate) target: Vec<[f64; 2]>,

    /// Draw into a file, too
    #[arg(long, value_name = "FILE.svg|FILE.png")]
    pub(crate) plot: Option<PathBuf>,

    /// Exit with code 1 when R² is below this: of forecasts from true values, or of a learned trajectory
    #[arg(long, value_name = "X", allow_hyphen_values = true, value_parser = finite)]
    pub(crate) min_r2: Option<f64>,
}

/// With --input.
#[derive(Debug, Args)]
#[command(next_help_heading = "With --input: your own pictures or series")]
pub(crate) struct PredictArgs {
    /// PNG or JPEG pictures, folders of them, or IDX, NPY or CSV files; series as .csv, .tsv or .txt, a line a sample
    #[arg(long, short, num_args = 1.., value_name = "PATH")]
    pub(crate) input: Vec<PathBuf>,

    /// Classes to name, the most probable first [default: 3]
    #[arg(long, value_name = "K", requires = "input", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) top: Option<u16>,

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
  bl-run bench --adapter mnist.safetensors --server            (over HTTP, too)
  bl-run bench --adapter mnist.safetensors --threads 1 --json

What swapping and mixing tasks cost is measured with up to a thousand copies of the first adapter,
each with biases of its own in memory. Pictures are random bytes from a fixed seed: no computation
here depends on what is in them. Of an adapter of a task in time, steps are measured: of one
trajectory and of 16 at a time, with one adapter and with several in turn.")]
pub(crate) struct BenchArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,

    /// Seconds for each measurement, after a warm-up
    #[arg(long, value_name = "X", default_value_t = 0.5, value_parser = seconds)]
    pub(crate) seconds: f64,

    /// Measure a server, too: on a socket of this machine, with clients in the same process
    #[arg(long)]
    pub(crate) server: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bl-run serve --adapters adapters/                      then open the address that it prints
  bl-run serve --adapters adapters/ --watch              files that change are loaded again
  bl-run serve --adapters adapters/ --listen 0.0.0.0:80  for others too, if you trust them

  curl -s localhost:8000/v2/models/mnist
  curl -s localhost:8000/v2/models/mnist/infer -d @request.json

An adapter is a model, named after its file; its version is the beginning of the file's SHA-256.
The address is printed on standard output once requests are answered. /docs describes all
addresses, /metrics counts for Prometheus. Ctrl-C stops; requests that have begun are answered.")]
pub(crate) struct ServeArgs {
    /// Folder of adapter files; nothing outside it is read
    #[arg(long, short, value_name = "DIR", env = "BL_ADAPTERS")]
    pub(crate) adapters: PathBuf,

    /// Address and port; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT", env = "BL_LISTEN", default_value = "127.0.0.1:8000")]
    pub(crate) listen: String,

    /// Let clients load, replace and unload adapters
    #[arg(long)]
    pub(crate) allow_mutation: bool,

    /// Load files again when they change, unload those that are gone
    #[arg(long)]
    pub(crate) watch: bool,

    /// Take the frozen weights from a file (of `bl-adapt backbone new`) or from the Hub, in place of generating them
    #[arg(long, value_name = "FILE|ORG/NAME")]
    pub(crate) backbone: Option<PathBuf>,

    /// Threads to compute with [default: all cores]
    #[arg(long, env = "BL_THREADS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) threads: Option<u16>,

    #[command(flatten)]
    pub(crate) limits: ServeLimits,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct ServeLimits {
    /// Rows that are computed together, and the most that one request may have
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = count)]
    pub(crate) max_batch: usize,

    /// Microseconds that a batch waits while another request is just being read
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(crate) max_wait_us: u64,

    /// Rows that may wait; more are refused (429)
    #[arg(long, value_name = "N", default_value_t = 4096, value_parser = count)]
    pub(crate) max_queue: usize,

    /// Size of a request (413)
    #[arg(long, value_name = "SIZE", default_value = "16MiB", value_parser = size)]
    pub(crate) max_body: usize,

    /// Adapters that may be loaded at a time
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = count)]
    pub(crate) max_adapters: usize,

    /// Connections at a time; more wait
    #[arg(long, value_name = "N", default_value_t = 1024, value_parser = count)]
    pub(crate) max_connections: usize,

    /// Seconds that a client may take to send its request
    #[arg(long, value_name = "X", default_value_t = 10.0, value_parser = seconds)]
    pub(crate) timeout: f64,
}

fn count(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|n| (1..=1_000_000_000).contains(n))
        .ok_or_else(|| "expected a number from 1 on".to_owned())
}

fn size(text: &str) -> Result<usize, String> {
    bl_cli::parse_bytes(text).map(|bytes| bytes as usize)
}

fn share(text: &str) -> Result<f64, String> {
    number_in(text, 0.0, 1.0)
}

fn seconds(text: &str) -> Result<f64, String> {
    number_in(text, 0.001, 3600.0)
}

fn finite(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|x: &f64| x.is_finite()).ok_or_else(|| "expected a number".to_owned())
}

fn place(text: &str) -> Result<[f64; 2], String> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|part| finite(part.trim()).ok()).collect();
    let expected = || "expected two numbers, in metres, such as `0.05,-0.03`".to_owned();
    numbers.and_then(|numbers| numbers.try_into().ok()).ok_or_else(expected)
}

fn number_in(text: &str, min: f64, max: f64) -> Result<f64, String> {
    let value = text.parse().ok().filter(|x| (min..=max).contains(x));
    value.ok_or_else(|| format!("expected a number from {min} to {max}"))
}
