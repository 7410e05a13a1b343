//! What a server is told when it starts.

use std::path::PathBuf;
use std::time::Duration;

/// Where adapters are, and how much is done at a time.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of the adapters; nothing outside it is ever read.
    pub root: PathBuf,
    /// Whether clients may load, replace and unload adapters.
    pub allow_mutation: bool,
    /// Whether [`watch`](crate::watch) will look at the folder: then a file that cannot be served may be mended.
    pub watched: bool,
    /// Rows computed together.
    pub max_batch: usize,
    /// How long a batch waits for requests that are just being read.
    pub max_wait: Duration,
    /// Rows that may wait; more are refused (429).
    pub max_queue: usize,
    /// Bytes of a request's body.
    pub max_body: usize,
    /// Bytes of all bodies at a time that are not small; more are refused (429). At least one of `max_body` always fits.
    pub max_bodies: usize,
    /// Bytes that requests take together beside their bodies, answers counted: known before it is taken. One that needs
    /// more than all of it is refused (413), one that does not fit now waits with its client (429).
    pub max_memory: usize,
    /// Host names under which requests are answered, beside addresses and `localhost`.
    pub hosts: Vec<String>,
    /// Steps of a sequence task in one request.
    pub max_steps: usize,
    /// Whether a series that is not like the one that was learned from is refused, and not only warned of.
    pub strict: bool,
    /// Connections at a time; more wait to be accepted.
    pub max_connections: usize,
    /// How long a client may take to send its request, and how long it may take next to nothing of the answer.
    pub read_timeout: Duration,
    /// How long requests may go on once the server is told to stop.
    pub grace: Duration,
}

impl Settings {
    /// Rows that one request may have: more would wait for ever.
    pub(crate) fn max_rows(&self) -> usize {
        self.max_batch.min(self.max_queue)
    }

    /// The defaults, for the adapters in a folder.
    pub fn new(root: PathBuf) -> Self {
        Self {
            root,
            allow_mutation: false,
            watched: false,
            max_batch: 512,
            max_wait: Duration::from_micros(200),
            max_queue: 4096,
            max_body: 16 << 20,
            max_bodies: 256 << 20,
            max_memory: 1 << 30,
            hosts: Vec::new(),
            max_steps: 100_000,
            strict: false,
            max_connections: 1024,
            read_timeout: Duration::from_secs(10),
            grace: Duration::from_secs(10),
        }
    }
}
