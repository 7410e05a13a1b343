//! `bl-run serve`: adapters over HTTP.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bl_cli::words::{counted, duration, printable};
use bl_cli::{ExitStatus, Heeded, Interrupt, Printer, format_bytes};
use bl_core::Backbone;
use bl_runtime::{Limits, Runtime, Version};
use bl_serve::{Server, Settings};
use serde::Serialize;
use tokio::net::TcpListener;

use super::set_threads;
use crate::cli::ServeArgs;
use crate::error::Error;

/// How often the folder is looked at under `--watch`.
const LOOK: Duration = Duration::from_millis(500);

pub(crate) fn run(args: &ServeArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    set_threads(args.threads)?;
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // First of all: loading may take a while, and a port that is taken should be known before.
    let bound = threads.block_on(TcpListener::bind(&args.listen));
    let listener = bound.map_err(|source| Error::Listen { address: args.listen.clone(), source })?;
    let start = Instant::now();
    let bytes = args.limits.max_memory;
    bl_core::memory::set_limit(bytes as u64);
    let limits = Limits {
        adapters: args.limits.max_adapters,
        adapter_bytes: bytes,
        backbone_weights: bytes, // their memory is the narrower limit
    };
    let runtime = Runtime::new(limits);
    let backbone = args.backbone.as_deref().map(Backbone::load).transpose()?.map(Arc::new);
    if let Some(backbone) = &backbone {
        runtime.share_backbone(backbone);
    }
    let server = Server::new(settings(args), runtime)?;
    server.on_event(move |event| out.say(event));
    say_loaded(&server.load_folder()?, start.elapsed(), out);
    drop(backbone); // whoever runs on it has it now
    if args.watch {
        bl_serve::watch(&server, LOOK)?;
    }
    let stop = Interrupt::install(out)?.heed();
    let address = format!("http://{}", listener.local_addr()?);
    if out.is_json() {
        out.json(&Report { address, adapters: server.runtime().len() })?;
    } else {
        out.result(address)?;
    }
    threads.block_on(bl_serve::serve(server, listener, asked_to_stop(&stop)));
    threads.shutdown_background(); // a long trajectory that nobody waits for any more would keep the program
    Ok(ExitStatus::Success)
}

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    address: String,
    adapters: usize,
}

fn settings(args: &ServeArgs) -> Settings {
    Settings {
        allow_mutation: args.allow_mutation,
        watched: args.watch,
        max_batch: args.limits.max_batch,
        max_wait: Duration::from_micros(args.limits.max_wait_us),
        max_queue: args.limits.max_queue,
        strict: args.strict,
        max_body: args.limits.max_body,
        max_memory: args.limits.max_memory,
        hosts: hosts(args),
        max_connections: args.limits.max_connections,
        read_timeout: Duration::from_secs_f64(args.limits.timeout),
        ..Settings::new(args.adapters.clone())
    }
}

/// Names that the server answers to: those that it was told, and the one that it listens on.
fn hosts(args: &ServeArgs) -> Vec<String> {
    let own = args.listen.rsplit_once(':').map(|(name, _)| name.to_owned());
    args.allow_host.iter().cloned().chain(own).collect()
}

fn say_loaded(all: &[(String, Arc<Version>)], took: Duration, out: Printer) {
    for (name, version) in all {
        out.say(format!(
            "adapter      {name}: {}, version {}, {}",
            printable(&version.model().header.task.title),
            version.id().short(),
            format_bytes(version.resident_bytes() as u64),
        ));
    }
    let mut backbones: Vec<_> =
        all.iter().map(|(_, version)| version.model().backbone.fingerprint()).collect();
    backbones.sort_unstable();
    backbones.dedup();
    out.say(format!(
        "serving      {} on {}, verified in {}",
        counted(all.len(), "adapter", "adapters"),
        counted(backbones.len(), "backbone", "backbones"),
        duration(took.as_secs_f64()),
    ));
    if all.is_empty() {
        out.warn("no adapters are loaded: the folder has none yet");
    }
}

/// Comes with Ctrl-C or the system's request to end; one more, some seconds later, ends the program at once.
async fn asked_to_stop(stop: &Heeded) {
    while stop.check() == ControlFlow::Continue(()) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
