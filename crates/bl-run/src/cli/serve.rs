//! The arguments of `bl-run bench` and `bl-run serve`.

use std::path::PathBuf;

use clap::Args;

use super::ModelArgs;
use super::parsers::{count, memory, seconds, size};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bl-run bench --adapter mnist.safetensors
  bl-run bench --adapter mnist.safetensors --server            (over HTTP, too)
  bl-run bench --adapter mnist.safetensors --threads 1 --json

The cost of swapping and mixing tasks is measured with up to a thousand copies of the first adapter,
each with its own biases in memory. Images are random bytes from a fixed seed: no computation here
depends on their content. For sequence adapters, steps are measured: of one trajectory and of 16 at a
time, with one adapter and with several in turn.")]
pub(crate) struct BenchArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,

    /// Seconds for each measurement, after a warm-up
    #[arg(long, value_name = "X", default_value_t = 0.5, value_parser = seconds)]
    pub(crate) seconds: f64,

    /// Measure a server, too: on a socket of this machine, with clients in the same process (image adapters)
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
The address is printed on standard output as soon as requests are answered. /docs describes all
addresses, /metrics has counters for Prometheus. Ctrl-C stops; requests in progress are answered.")]
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

    /// Host name under which the server is asked, beside addresses, `localhost` and that of `--listen`: its own or a
    /// proxy's; several times for several
    #[arg(long, value_name = "NAME", env = "BL_ALLOW_HOSTS", value_delimiter = ',')]
    pub(crate) allow_host: Vec<String>,

    /// Refuse a series that is not like the one that was learned from (another column, unit or spacing) or that cannot be
    /// compared with it: a request says the `spacing` of its samples, and may name their `column`
    #[arg(long)]
    pub(crate) strict: bool,

    /// Load files again when they change, unload those that are gone
    #[arg(long)]
    pub(crate) watch: bool,

    /// Take the frozen weights of a backbone from a file (of `bl-adapt backbone new`) or from the Hub instead of
    /// generating them
    #[arg(long, value_name = "FILE|ORG/NAME")]
    pub(crate) backbone: Option<PathBuf>,

    /// Number of threads [default: all cores]
    #[arg(long, env = "BL_THREADS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) threads: Option<u16>,

    #[command(flatten)]
    pub(crate) limits: ServeLimits,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct ServeLimits {
    /// Rows computed together, and the most that one request may have
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = count)]
    pub(crate) max_batch: usize,

    /// Microseconds that a batch waits while another request is being read
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(crate) max_wait_us: u64,

    /// Rows that may wait; more are refused (429)
    #[arg(long, value_name = "N", default_value_t = 4096, value_parser = count)]
    pub(crate) max_queue: usize,

    /// Size of a request (413)
    #[arg(long, value_name = "SIZE", default_value = "16MiB", value_parser = size)]
    pub(crate) max_body: usize,

    /// Memory that requests may take together, what they send not counted (413 for one that needs more than all of it,
    /// else 429); as much again may be taken by all adapters, and by all backbones
    #[arg(long, value_name = "SIZE", env = "BL_MAX_MEMORY", default_value = "2GiB", value_parser = memory)]
    pub(crate) max_memory: usize,

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
