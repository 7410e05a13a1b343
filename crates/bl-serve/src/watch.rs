//! Files that change are loaded again; those that are gone are unloaded. What cannot be loaded is told, and the old
//! version stays.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use bl_runtime::{Expect, Version, VersionId};

use crate::folder::Listing;
use crate::server::{LoadOutcome, Server};

/// What tells that a file was written.
#[derive(Clone, Default, PartialEq, Eq)]
struct Look {
    written: Option<SystemTime>,
    len: u64,
    /// Device, number and time of the last change of a file's entry: archives and copies may give two files one size and
    /// one time of writing.
    entry: [i64; 4],
    /// Whether the last write is so long ago that another one shows: clocks of file systems move in steps. A file that was
    /// not is read once more when it is.
    settled: bool,
}

impl Look {
    /// Whether nothing but time has passed.
    fn is_same_write(&self, later: &Self) -> bool {
        *later == Self { settled: later.settled, ..self.clone() }
    }
}

/// More than a step of any file system's clock (2 s on FAT).
const SETTLED: Duration = Duration::from_secs(3);

/// How often a file must be missing before it counts as gone: one that is being replaced may be missing for a moment.
const GONE: usize = 2;

/// Looks at the folder again and again, on a thread of its own, for as long as the server is there.
pub fn watch(server: &Arc<Server>, every: Duration) -> std::io::Result<()> {
    let (mut seen, server) = (Seen::nothing_yet(server), Arc::downgrade(server));
    std::thread::Builder::new().name("watch".into()).spawn(move || {
        let mut failed = false;
        while let Some(server) = Weak::upgrade(&server) {
            // A bug of ours in one file must not end the watch: what changes would be missed in silence.
            let looked = catch_unwind(AssertUnwindSafe(|| seen.look(&server)));
            if looked.is_err() && !failed {
                server.tell("the folder could not be looked at: it is tried again and again");
            }
            failed = looked.is_err();
            drop(server);
            std::thread::sleep(every);
        }
    })?;
    Ok(())
}

/// What was there, by name.
struct Seen {
    files: BTreeMap<String, File>,
    /// What was named like a file of an adapter and could not be served, and why.
    others: BTreeMap<String, String>,
    /// Whether the folder itself could not be read.
    lost: bool,
}

#[derive(Default)]
struct File {
    /// Nothing yet of one that was loaded before the first look.
    look: Option<Look>,
    /// What it held, if that was an adapter.
    version: Option<VersionId>,
    /// How often it has been missing since.
    missing: usize,
}

impl File {
    /// Whether it may have been written again though that does not show, and was not: then what clients have loaded in its
    /// place since stays.
    fn is_unchanged(&self, now: &Look, path: &Path, server: &Server) -> bool {
        let held =
            || server.runtime.prepare(&server.folder.read(path).ok()?).ok().map(|version| version.id());
        self.look.as_ref().is_none_or(|before| before.is_same_write(now)) && held() == self.version
    }
}

impl Seen {
    /// What is loaded may have changed since, or be gone: its files are read once more, which costs little for those that
    /// are the same.
    fn nothing_yet(server: &Server) -> Self {
        let loaded = server.runtime.list().into_iter();
        let file = |version: Arc<Version>| File { version: Some(version.id()), ..File::default() };
        // What was told when the folder was loaded is not told again.
        let Listing { files, others } = server.folder.list().unwrap_or_default();
        let refused = server.refused().into_keys().filter(|name| files.contains_key(name));
        let refused = refused.map(|name| (name, File::default()));
        let files = refused.chain(loaded.map(|(name, version)| (name, file(version)))).collect();
        Self { files, others, lost: false }
    }

    fn look(&mut self, server: &Server) {
        // The folder itself may be exchanged.
        let listing = server.folder.list();
        if listing.is_err() != self.lost {
            self.lost = listing.is_err();
            server.tell(&match &listing {
                Err(error) => format!("the folder of adapters cannot be read: {error}; what is loaded stays"),
                Ok(_) => "the folder of adapters can be read again".to_owned(),
            });
        }
        let Ok(Listing { files, others }) = listing else { return };
        self.load_changed(server, &files);
        self.unload_gone(server, &files);
        self.tell_others(server, others);
    }

    /// What cannot be served is told once, and is in the index for as long as it is there.
    fn tell_others(&mut self, server: &Server, others: BTreeMap<String, String>) {
        for name in self.others.keys().filter(|name| !others.contains_key(*name)) {
            if !self.files.contains_key(name) {
                server.set_refused(name, None);
            }
        }
        for (name, why) in &others {
            if self.others.get(name) != Some(why) {
                server.tell(&format!("skipped `{name}`: {why}"));
                server.set_refused(name, Some(why.clone()));
            }
        }
        self.others = others;
    }

    fn load_changed(&mut self, server: &Server, files: &BTreeMap<String, PathBuf>) {
        for (name, path) in files {
            let now = server.folder.look(path).as_ref().map(look).unwrap_or_default();
            let known = self.files.get(name);
            if known.is_some_and(|file| file.look.as_ref() == Some(&now)) {
                continue;
            }
            let unchanged = known.is_some_and(|file| file.is_unchanged(&now, path, server));
            let file = self.files.entry(name.clone()).or_default();
            (file.look, file.missing) = (Some(now), 0);
            if unchanged {
                continue;
            }
            let loaded = server.load_own(name, path, Expect::Anything);
            file.version = loaded.as_ref().ok().map(|outcome| outcome.version.id());
            match loaded {
                Ok(LoadOutcome { version, replaced: Some(old) }) if old.id() == version.id() => {}
                Ok(LoadOutcome { version, replaced }) => {
                    let how = if replaced.is_some() { "replaced" } else { "loaded" };
                    server.tell(&format!("{how} `{name}`: it is {} now", version.id().short()));
                }
                Err(error) => {
                    let stays = if server.runtime.get(name).is_ok() { "; the old one stays" } else { "" };
                    server.tell(&format!("`{name}` cannot be loaded: {}{stays}", error.words()));
                }
            }
        }
    }

    fn unload_gone(&mut self, server: &Server, files: &BTreeMap<String, PathBuf>) {
        self.files.retain(|name, file| {
            file.missing = if files.contains_key(name) { 0 } else { file.missing + 1 };
            if file.missing < GONE {
                return true;
            }
            server.set_refused(name, None);
            if server.unload(name).is_ok() {
                server.tell(&format!("unloaded `{name}`: its file is gone"));
            }
            false
        });
    }
}

fn look(metadata: &Metadata) -> Look {
    let written = metadata.modified().ok();
    let settled = written.and_then(|written| written.elapsed().ok()).is_some_and(|age| age > SETTLED);
    Look { written, len: metadata.len(), entry: entry(metadata), settled }
}

#[cfg(unix)]
fn entry(metadata: &Metadata) -> [i64; 4] {
    use std::os::unix::fs::MetadataExt;
    [metadata.dev() as i64, metadata.ino() as i64, metadata.ctime(), metadata.ctime_nsec()]
}

#[cfg(not(unix))]
fn entry(_metadata: &Metadata) -> [i64; 4] {
    [0; 4]
}
