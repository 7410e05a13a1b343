//! Files that change are loaded again; those that are gone are unloaded. What cannot be loaded is told, and the old
//! generation stays.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use bl_runtime::Expect;

use crate::mixed::MIXED;
use crate::repository::adapter_files;
use crate::server::{LoadOutcome, Server, Source};

/// What tells that a file was written.
#[derive(Clone, PartialEq, Eq)]
struct Look {
    written: Option<SystemTime>,
    len: u64,
}

/// How often a file must be missing before it counts as gone: one that is being replaced may be missing for a moment.
const GONE: usize = 2;

/// Looks at the folder again and again, on a thread of its own, for as long as the server is there.
pub fn watch(server: &Arc<Server>, every: Duration) -> std::io::Result<()> {
    let (server, mut seen) = (Arc::downgrade(server), Seen::first(&server.root));
    std::thread::Builder::new().name("watch".into()).spawn(move || {
        while let Some(server) = Weak::upgrade(&server) {
            seen.look(&server);
            drop(server);
            std::thread::sleep(every);
        }
    })?;
    Ok(())
}

/// What was there, and how often it has been missing since.
struct Seen(BTreeMap<String, (Look, usize)>);

impl Seen {
    /// What is there now counts as loaded.
    fn first(root: &Path) -> Self {
        let files = adapter_files(root).unwrap_or_default();
        Self(files.into_iter().map(|(name, path)| (name, (look(&path), 0))).collect())
    }

    fn look(&mut self, server: &Server) {
        let Ok(files) = adapter_files(&server.root) else { return }; // the folder itself may be exchanged
        self.load_changed(server, &files);
        self.unload_gone(server, &files);
    }

    fn load_changed(&mut self, server: &Server, files: &BTreeMap<String, PathBuf>) {
        for (name, path) in files {
            let now = look(path);
            if self.0.get(name).is_some_and(|(before, _)| *before == now) || name == MIXED {
                continue;
            }
            self.0.insert(name.clone(), (now, 0));
            match server.load(name, Source::File(path), Expect::Anything) {
                Ok(LoadOutcome { generation, replaced: Some(old) }) if old.id() == generation.id() => {}
                Ok(LoadOutcome { generation, replaced }) => {
                    let how = if replaced.is_some() { "replaced" } else { "loaded" };
                    server.tell(&format!("{how} `{name}`: it is {} now", generation.id().short()));
                }
                Err(bl_runtime::Error::Core(error))
                    if error.is_another_kind() && server.runtime.get(name).is_err() =>
                {
                    server.set_refused(name, None); // a backbone, say
                }
                Err(error) => {
                    let stays = if server.runtime.get(name).is_ok() { "; the old one stays" } else { "" };
                    server.tell(&format!("`{name}` cannot be loaded: {error}{stays}"));
                }
            }
        }
    }

    fn unload_gone(&mut self, server: &Server, files: &BTreeMap<String, PathBuf>) {
        self.0.retain(|name, (_, missing)| {
            *missing = if files.contains_key(name) { 0 } else { *missing + 1 };
            if *missing < GONE {
                return true;
            }
            server.set_refused(name, None);
            if server.runtime.unload(name).is_ok() {
                server.tell(&format!("unloaded `{name}`: its file is gone"));
            }
            false
        });
    }
}

fn look(path: &Path) -> Look {
    let metadata = path.metadata().ok();
    Look { written: metadata.as_ref().and_then(|m| m.modified().ok()), len: metadata.map_or(0, |m| m.len()) }
}
