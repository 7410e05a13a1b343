//! From what the user named to verified adapters.

use std::path::{Path, PathBuf};

use bl_cli::Printer;
use bl_core::recurrent::RecurrentAdapter;
use bl_core::{AnyAdapter, BiasAdapter};
use bl_hub::Target;

use crate::error::Error;
use crate::hub;
use bl_cli::words::{counted, printable};

/// An adapter and where it is from.
pub(crate) struct Loaded {
    pub(crate) path: PathBuf,
    /// For tables: the file's name without its extension, the path where two files have that name, or the name on the Hub.
    pub(crate) name: String,
    pub(crate) bias: BiasAdapter,
    /// The task's name and its classes, safe to print.
    pub(crate) task: String,
    pub(crate) labels: Vec<String>,
}

/// An adapter of a task in time and where it is from.
pub(crate) struct InTime {
    pub(crate) path: PathBuf,
    /// As in [`Loaded`].
    pub(crate) name: String,
    pub(crate) adapter: RecurrentAdapter,
}

/// All of one kind: an answer is never about both.
pub(crate) enum Adapters {
    Pictures(Vec<Loaded>),
    Time(Vec<InTime>),
}

/// A verified file of either kind.
struct Opened {
    path: PathBuf,
    name: String,
    content: AnyAdapter,
    /// Whether the user named it, and not the folder that it is in.
    is_named: bool,
}

impl Opened {
    fn is_in_time(&self) -> bool {
        matches!(self.content, AnyAdapter::Time(_))
    }
}

/// Reads and verifies every adapter; of a folder, those of its `.safetensors` files that are adapters.
pub(crate) fn load(named: &[PathBuf], out: Printer) -> anyhow::Result<Adapters> {
    let mut all = Vec::new();
    for path in named {
        if path.is_dir() {
            all.extend(folder(path, out)?);
        } else if let Some(target) = Target::of_argument(path) {
            let pulled = hub::pull(&target, out)?;
            all.push(Opened { name: pulled.repo.to_string(), ..open(&pulled.path)? });
        } else {
            check_exists(path)?;
            all.push(open(path)?);
        }
    }
    for Opened { path, content, .. } in &all {
        let unknown = content.unknown_fields();
        if !unknown.is_empty() {
            let fields = unknown.iter().map(|field| printable(field)).collect::<Vec<_>>().join("`, `");
            out.warn(format!(
                "`{}` has header fields that this program does not know and ignores: `{fields}`",
                path.display()
            ));
        }
    }
    let names: Vec<String> = all.iter().map(|adapter| adapter.name.clone()).collect();
    for adapter in &mut all {
        if names.iter().filter(|name| **name == adapter.name).count() > 1 {
            adapter.name = printable(&adapter.path.to_string_lossy());
        }
    }
    Ok(sort(of_one_kind(all, out)?))
}

/// Of folders that hold both kinds, those of the kind that was named beside them, or else of pictures.
fn of_one_kind(all: Vec<Opened>, out: Printer) -> Result<Vec<Opened>, Error> {
    let named = |in_time: bool| all.iter().find(|one| one.is_named && one.is_in_time() == in_time);
    let (pictures, time) = (named(false), named(true));
    if let (Some(pictures), Some(time)) = (pictures, time) {
        return Err(Error::TwoKinds { pictures: pictures.name.clone(), time: time.name.clone() });
    }
    let wants_time = time.is_some() || all.iter().all(Opened::is_in_time);
    let (kept, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.is_in_time() == wants_time);
    if !others.is_empty() {
        let (one, many) = if wants_time {
            ("adapter of pictures", "adapters of pictures")
        } else {
            ("adapter of a task in time", "adapters of tasks in time")
        };
        let names: Vec<&str> = others.iter().map(|other| other.name.as_str()).collect();
        out.say(format!("passed over  {}: {}", counted(others.len(), one, many), names.join(", ")));
    }
    Ok(kept)
}

/// Reads and verifies a file of either kind.
fn open(path: &Path) -> Result<Opened, bl_core::Error> {
    let content = AnyAdapter::load(path)?;
    let name = printable(&path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy());
    Ok(Opened { path: path.to_owned(), name, content, is_named: true })
}

/// All are of one kind.
fn sort(all: Vec<Opened>) -> Adapters {
    let (mut pictures, mut time) = (Vec::new(), Vec::new());
    for Opened { path, name, content, .. } in all {
        match content {
            AnyAdapter::Pictures(bias) => {
                let task = printable(&bias.header.task.name);
                let labels = bias.header.task.labels.iter().map(|label| printable(label)).collect();
                pictures.push(Loaded { path, name, bias: *bias, task, labels });
            }
            AnyAdapter::Time(adapter) => time.push(InTime { path, name, adapter: *adapter }),
        }
    }
    if pictures.is_empty() { Adapters::Time(time) } else { Adapters::Pictures(pictures) }
}

fn check_exists(path: &Path) -> Result<(), Error> {
    if path.exists() { Ok(()) } else { Err(Error::NoSuchAdapter { path: path.to_owned() }) }
}

/// The adapters in a folder, by name. Backbones and other safetensors files may lie beside them; a damaged
/// adapter is an error, for it would be missed in silence.
fn folder(folder: &Path, out: Printer) -> anyhow::Result<Vec<Opened>> {
    let failed = |source| bl_core::Error::Read { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "safetensors") && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    let (mut adapters, mut others) = (Vec::new(), Vec::new());
    for path in paths {
        match open(&path) {
            Ok(adapter) => adapters.push(Opened { is_named: false, ..adapter }),
            Err(error) if error.is_another_kind() => others.push(path),
            Err(error) => return Err(error.into()),
        }
    }
    if !others.is_empty() {
        let names: Vec<_> =
            others.iter().filter_map(|path| path.file_name()).map(|n| n.to_string_lossy()).collect();
        let what = counted(others.len(), "file that is no adapter", "files that are no adapters");
        out.say(format!("passed over  {what}: {}", printable(&names.join(", "))));
    }
    if adapters.is_empty() {
        return Err(Error::NoAdapters { folder: folder.to_owned() }.into());
    }
    Ok(adapters)
}
