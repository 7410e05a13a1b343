//! Names on the Hub where files are expected.

use std::path::{Path, PathBuf};

use bl_cli::{Bar, Printer, format_bytes};
use bl_core::pretrained;
use bl_hub::{Environment, Hub, Progress, Pulled, Target};

use crate::cli::{Cli, Command};
use crate::error::Error;

/// The Hub that the environment names. No connection is opened yet.
fn hub() -> Result<Hub, bl_hub::Error> {
    Ok(Hub::new(Environment::of_process()?))
}

/// Brings an adapter into the cache, unless it is there, and says which commit it is.
pub(crate) fn pull(target: &Target, out: Printer) -> Result<Pulled, bl_hub::Error> {
    let pulled = with_bar(out, |progress| hub()?.pull(target, progress))?;
    let how = if pulled.from_cache { "in the cache" } else { "pulled" };
    out.say(format!("hub          {}@{}, {how}: {}", pulled.repo, pulled.commit, format_bytes(pulled.bytes)));
    Ok(pulled)
}

/// The command line with files in place of the names of backbones on the Hub.
pub(crate) fn with_local_backbones(mut cli: Cli, out: Printer) -> anyhow::Result<Cli> {
    let named = match &mut cli.command {
        None => &mut cli.run.model.backbone,
        Some(Command::Bench(args)) => &mut args.model.backbone,
        Some(Command::Serve(args)) => &mut args.backbone,
        Some(Command::Completions { .. } | Command::Man { .. }) => return Ok(cli),
    };
    if let Some(path) = named {
        *path = backbone(path, out)?;
    }
    if let Some(folder) = named.take_if(|path| path.is_dir()) {
        pretrained::look_in(folder); // of an encoder: adapters name theirs by content
    }
    Ok(cli)
}

fn backbone(named: &Path, out: Printer) -> anyhow::Result<PathBuf> {
    let Some(target) = Target::of_argument(named) else { return Ok(named.to_owned()) };
    let pulled = with_bar(out, |progress| hub()?.pull_backbone(&target, progress))?;
    out.say(format!(
        "hub          {}@{}: backbone {}",
        pulled.repo,
        pulled.commit,
        pulled.fingerprint.short()
    ));
    if let Some(folder) = pulled.encoder {
        return Ok(folder);
    }
    pulled.weights.ok_or_else(|| Error::SpecOnly { repo: pulled.repo.to_string() }.into())
}

fn with_bar<T>(out: Printer, transfer: impl FnOnce(&mut dyn FnMut(Progress<'_>)) -> T) -> T {
    let bar = Bar::new(out, "fetching");
    let result = transfer(&mut |progress| {
        bar.message(progress.file);
        if let Some(total) = progress.total {
            bar.set(progress.done as f64 / total.max(1) as f64);
        }
    });
    bar.clear();
    result
}
