//! Names on the Hub, wherever a file is expected.

use std::path::PathBuf;

use bl_cli::{Bar, Printer, format_bytes};
use bl_hub::{Environment, Error, Hub, Progress, Pulled, RepoName, Target};
use bl_train::presets;

/// The Hub that the environment names. No connection is opened yet.
pub(super) fn hub() -> Result<Hub, Error> {
    Ok(Hub::new(Environment::of_process()?))
}

pub(super) fn repo(name: &str) -> Result<RepoName, Error> {
    name.parse()
}

/// The file of an adapter that was named by its path or by its name on the Hub.
pub(super) fn adapter(named: PathBuf, out: Printer) -> anyhow::Result<PathBuf> {
    match Target::of_argument(&named) {
        Some(target) => Ok(pull(&target, out)?.path),
        None => Ok(named),
    }
}

/// Brings an adapter and says which commit it is.
pub(super) fn pull(target: &Target, out: Printer) -> Result<Pulled, Error> {
    let pulled = with_bar("fetching", out, |progress| hub()?.pull(target, progress))?;
    let how = if pulled.from_cache { "in the cache" } else { "pulled" };
    out.say(format!("hub        {}@{}, {how}: {}", pulled.repo, pulled.commit, format_bytes(pulled.bytes)));
    Ok(pulled)
}

/// A backbone's name as settings keep it: one on the Hub with the commit that its branch is at now.
pub(super) fn pinned_backbone(name: String, out: Printer) -> Result<String, Error> {
    let Some(target) = backbone_target(&name) else { return Ok(name) };
    let pulled = with_bar("fetching", out, |progress| hub()?.pull_backbone(&target, progress))?;
    out.say(format!("hub        {}@{}", pulled.repo, pulled.commit));
    Ok(format!("{}@{}", pulled.repo, pulled.commit))
}

/// What a backbone's name stands for: the file in the cache, of one on the Hub.
pub(super) fn backbone(name: &str, out: Printer) -> Result<String, Error> {
    let Some(target) = backbone_target(name) else { return Ok(name.to_owned()) };
    let pulled = with_bar("fetching", out, |progress| hub()?.pull_backbone(&target, progress))?;
    let file = pulled.encoder.or(pulled.weights).unwrap_or(pulled.config);
    Ok(file.to_string_lossy().into_owned())
}

fn backbone_target(name: &str) -> Option<Target> {
    let is_file = [".toml", ".json"].iter().any(|extension| name.ends_with(extension));
    Target::of_argument(name.as_ref())
        .filter(|_| !is_file && presets::backbone_names().all(|known| known != name))
}

/// Shows how far a transfer is.
pub(super) fn with_bar<T>(
    label: &str,
    out: Printer,
    transfer: impl FnOnce(&mut dyn FnMut(Progress<'_>)) -> T,
) -> T {
    let bar = Bar::new(out, label);
    let result = transfer(&mut |progress| {
        bar.message(progress.file);
        if let Some(total) = progress.total {
            bar.set(progress.done as f64 / total.max(1) as f64);
        }
    });
    bar.clear();
    result
}
