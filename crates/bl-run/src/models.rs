//! From what the user named to verified adapters on their backbones.

mod words;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use bl_cli::Printer;
use bl_cli::words::{counted, printable};
use bl_core::{Adapter, Backbone, Model, files};
use bl_hub::Target;
use serde::Serialize;

use crate::error::Error;
use crate::hub;

pub(crate) use words::units;

/// A verified file.
pub(crate) struct Opened {
    path: PathBuf,
    pub(crate) name: String,
    pub(crate) adapter: Adapter,
    /// Whether the user named it, and not the folder that it is in.
    pub(crate) is_named: bool,
}

/// An adapter on its backbone, and where both are from.
pub(crate) struct Loaded {
    pub(crate) path: PathBuf,
    /// For tables: the file's name without its extension, the path where two files have that name, or the name on the Hub.
    pub(crate) name: String,
    pub(crate) model: Model,
    frozen: Rc<Frozen>,
    /// The classes, safe to print.
    pub(crate) labels: Vec<String>,
}

/// A backbone, how it was had, and how long that took.
struct Frozen {
    backbone: Arc<Backbone>,
    origin: Origin,
    seconds: f64,
}

/// Where a backbone's weights came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Origin {
    /// Generated from the spec in the adapter's header.
    Generated,
    /// Read from the file the user named.
    File,
}

/// A backbone for scripts.
#[derive(Serialize)]
pub(crate) struct BackboneReport {
    fingerprint: String,
    units: usize,
    origin: Origin,
    seconds: f64,
}

impl Loaded {
    /// The file as a script names it.
    pub(crate) fn file(&self) -> String {
        self.path.display().to_string()
    }

    pub(crate) fn backbone_report(&self) -> BackboneReport {
        let Frozen { backbone, origin, seconds } = &*self.frozen;
        BackboneReport {
            fingerprint: backbone.fingerprint().to_string(),
            units: backbone.spec().hidden_units(),
            origin: *origin,
            seconds: *seconds,
        }
    }
}

/// Reads and verifies every adapter; of a folder, those of its `.safetensors` files that are adapters.
pub(crate) fn open(named: &[PathBuf], out: Printer) -> anyhow::Result<Vec<Opened>> {
    let mut all = Vec::new();
    for path in named {
        if path.is_dir() {
            all.extend(folder(path, out)?);
        } else if let Some(target) = Target::of_argument(path) {
            let pulled = hub::pull(&target, out)?;
            all.push(Opened { name: pulled.repo.to_string(), ..open_file(&pulled.path)? });
        } else if path.exists() {
            all.push(open_file(path)?);
        } else {
            return Err(Error::NoSuchAdapter { path: path.clone() }.into());
        }
    }
    for opened in &all {
        words::warn_of_unknown(&opened.path, &opened.adapter, out);
    }
    let names: Vec<String> = all.iter().map(|opened| opened.name.clone()).collect();
    for opened in &mut all {
        if names.iter().filter(|name| **name == opened.name).count() > 1 {
            opened.name = printable(&opened.path.to_string_lossy());
        }
    }
    Ok(all)
}

fn open_file(path: &Path) -> Result<Opened, bl_core::Error> {
    let adapter = Adapter::load(path)?;
    let name = printable(&path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy());
    Ok(Opened { path: path.to_owned(), name, adapter, is_named: true })
}

/// The adapters in a folder, by name. Backbones and other safetensors files may lie beside them. One that is damaged keeps
/// no other from being run, and is named; if there is no other, it is the error.
fn folder(folder: &Path, out: Printer) -> anyhow::Result<Vec<Opened>> {
    let listing = files::list_folder(folder)?;
    let (mut adapters, mut others, mut damaged) = (Vec::new(), Vec::new(), Vec::new());
    for path in listing.files {
        match open_file(&path) {
            Ok(adapter) => adapters.push(Opened { is_named: false, ..adapter }),
            Err(error) if error.is_another_kind() => others.push(path),
            Err(error) => damaged.push(error),
        }
    }
    for (path, why) in &listing.others {
        out.warn(format!("skipped `{}`: {why}", path.display()));
    }
    if adapters.is_empty() && !damaged.is_empty() {
        return Err(damaged.swap_remove(0).into());
    }
    for error in damaged {
        let hint = error.hint().map_or(String::new(), |hint| format!("; {hint}"));
        out.warn(format!("skipped: {error}{hint}"));
    }
    if !others.is_empty() {
        let names: Vec<_> =
            others.iter().filter_map(|path| path.file_name()).map(|n| n.to_string_lossy()).collect();
        let what = counted(others.len(), "file that is not an adapter", "files that are not adapters");
        out.say(format!("skipped      {what}: {}", printable(&names.join(", "))));
    }
    if adapters.is_empty() {
        return Err(Error::NoAdapters { folder: folder.to_owned() }.into());
    }
    Ok(adapters)
}

/// Puts every adapter on its backbone, and says what was verified. Adapters with the same fingerprint share one backbone;
/// with a `file`, it is that of all. One of a folder whose backbone cannot be had keeps no other from being run.
pub(crate) fn on_backbones(
    all: Vec<Opened>,
    file: Option<&Path>,
    out: Printer,
) -> anyhow::Result<Vec<Loaded>> {
    words::say_verified(all.iter().map(|opened| (&*opened.path, &opened.adapter)), out);
    let mut known: Vec<Rc<Frozen>> = Vec::new();
    if let Some(path) = file {
        known.push(Frozen::new(Origin::File, || Ok(Backbone::load(path)?))?);
    }
    let (mut loaded, mut first) = (Vec::new(), None);
    for Opened { path, name, adapter, is_named } in all {
        let stated = adapter.header.backbone.fingerprint;
        let is_own = |frozen: &&Rc<Frozen>| file.is_some() || frozen.backbone.fingerprint() == stated;
        let frozen = if let Some(frozen) = known.iter().find(is_own) {
            Rc::clone(frozen)
        } else {
            match Frozen::new(Origin::Generated, || generate(&path, &adapter)) {
                Ok(frozen) => known.push(frozen),
                Err(error) if is_named => return Err(error),
                Err(error) => {
                    out.warn(format!("skipped `{}`: {error}", path.display()));
                    first.get_or_insert(error);
                    continue;
                }
            }
            Rc::clone(&known[known.len() - 1])
        };
        let labels = adapter.header.task.labels.iter().map(|label| printable(label)).collect();
        let model = Model::new(adapter, Arc::clone(&frozen.backbone))?;
        loaded.push(Loaded { path, name, model, frozen, labels });
    }
    if let Some(error) = first.filter(|_| loaded.is_empty()) {
        return Err(error);
    }
    words::say_backbones(&loaded, out);
    Ok(loaded)
}

fn generate(path: &Path, adapter: &Adapter) -> anyhow::Result<Backbone> {
    adapter.generate_backbone().map_err(|error| match error {
        bl_core::Error::BackboneMismatch { expected, found, .. } => {
            Error::Regenerated { adapter: path.display().to_string(), expected, found }.into()
        }
        error => error.into(),
    })
}

impl Frozen {
    fn new(origin: Origin, make: impl FnOnce() -> anyhow::Result<Backbone>) -> anyhow::Result<Rc<Self>> {
        let start = Instant::now();
        let backbone = Arc::new(make()?);
        Ok(Rc::new(Self { backbone, origin, seconds: start.elapsed().as_secs_f64() }))
    }
}

/// Adapters that share a backbone, in the order of the first of each.
pub(crate) fn groups(all: &[Loaded]) -> Vec<Vec<&Loaded>> {
    let mut groups: Vec<Vec<&Loaded>> = Vec::new();
    for loaded in all {
        match groups.iter_mut().find(|group| Rc::ptr_eq(&group[0].frozen, &loaded.frozen)) {
            Some(group) => group.push(loaded),
            None => groups.push(vec![loaded]),
        }
    }
    groups
}
