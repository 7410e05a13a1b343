//! An adapter file of either kind.

use std::path::Path;

use bl_cli::Printer;
use bl_core::recurrent::RecurrentAdapter;
use bl_core::{BiasAdapter, Error};

/// What an adapter file holds.
pub(crate) enum Loaded {
    Pictures(Box<BiasAdapter>),
    Time(Box<RecurrentAdapter>),
}

/// Loads an adapter and warns of what this program does not understand of it.
pub(crate) fn load(path: &Path, out: Printer) -> Result<Loaded, Error> {
    let (loaded, unknown) = match BiasAdapter::load(path) {
        Ok(adapter) => {
            let unknown = adapter.unknown_fields();
            (Loaded::Pictures(Box::new(adapter)), unknown)
        }
        Err(error) if is_in_time(&error) => {
            let adapter = RecurrentAdapter::load(path)?;
            let unknown = adapter.unknown_fields();
            (Loaded::Time(Box::new(adapter)), unknown)
        }
        Err(error) => return Err(error),
    };
    for field in unknown {
        out.warn(format!("`{}`: header field `{field}` is not known to this version", path.display()));
    }
    Ok(loaded)
}

fn is_in_time(error: &Error) -> bool {
    match error {
        Error::InFile { source, .. } => is_in_time(source),
        Error::OtherDomain { .. } => true,
        _ => false,
    }
}
