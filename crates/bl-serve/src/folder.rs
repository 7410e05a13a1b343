//! The folder of adapters: nothing outside it is read.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

use axum::http::StatusCode;

use crate::failure::Failure;

/// The adapter files of a folder by name: `NAME.safetensors`.
pub(crate) fn adapter_files(root: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(root)? {
        let path = entry?.path();
        let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
        let is_adapter = path.extension().is_some_and(|extension| extension == "safetensors");
        if is_adapter && !name.starts_with('.') && inside(root, &path).is_ok() {
            files.insert(name.to_owned(), path);
        }
    }
    Ok(files)
}

/// A file of the folder. Symbolic links are followed, and must not lead out of it; what is not a plain file (a pipe would
/// be waited for without end) is not there.
pub(crate) fn inside(root: &Path, path: &Path) -> Result<PathBuf, Failure> {
    let shown = path.strip_prefix(root).unwrap_or(path).display();
    let outside = || {
        let error = format!("`{shown}` is not in the folder of adapters");
        Failure::new(StatusCode::FORBIDDEN, "outside_root", error)
    };
    let relative = path.strip_prefix(root).map_err(|_| outside())?;
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(outside());
    }
    let missing = || {
        let error = format!("there is no file `{shown}` in the folder of adapters");
        Failure::new(StatusCode::NOT_FOUND, "no_such_file", error)
    };
    let real = path.canonicalize().map_err(|_| missing())?;
    match real.starts_with(root) {
        false => Err(outside()),
        true if real.is_file() => Ok(real),
        true => Err(missing()),
    }
}
