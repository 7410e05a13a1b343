//! An adapter file, with what must be said of it.

use std::path::Path;

use bl_cli::Printer;
use bl_cli::words::printable;
use bl_core::{Adapter, Error};

/// Loads an adapter and warns of what this program does not understand of it.
pub(crate) fn load(path: &Path, out: Printer) -> Result<Adapter, Error> {
    let adapter = Adapter::load(path)?;
    for field in adapter.unknown_fields() {
        let (path, field) = (printable(&path.to_string_lossy()), printable(&field));
        out.warn(format!("`{path}`: header field `{field}` is not known to this version"));
    }
    Ok(adapter)
}
