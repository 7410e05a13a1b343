//! What all requests share.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use bl_core::{MAX_ADAPTER_BYTES, files};
use bl_runtime::{Expect, Runtime, Version};
use tokio::sync::Semaphore;

use crate::batcher::Batcher;
use crate::failure::Failure;
use crate::folder::adapter_files;
use crate::metrics::Metrics;
use crate::names::MIXED;
use crate::room::UNIT;
use crate::settings::Settings;

/// The adapters that are served, and the way to their answers.
pub struct Server {
    pub(crate) settings: Settings,
    /// The folder of the adapters, without symbolic links.
    pub(crate) root: PathBuf,
    pub(crate) runtime: Runtime,
    pub(crate) batcher: Batcher,
    pub(crate) metrics: Arc<Metrics>,
    /// One adapter is loaded at a time; the next one is told to come back.
    pub(crate) loading: Arc<Semaphore>,
    /// Pieces of other work that are done at a time; more wait.
    working: Arc<Semaphore>,
    /// Room for bodies, in [`UNIT`]s.
    pub(crate) bodies: Arc<Semaphore>,
    /// Trajectories that are computed at a time; the next one is told to come back.
    pub(crate) trajectories: Arc<Semaphore>,
    /// Why files of the folder are not served, by name.
    refused: Mutex<BTreeMap<String, String>>,
    ready: AtomicBool,
    events: OnceLock<Tell>,
}

/// Who is told what happens.
type Tell = Box<dyn Fn(&str) + Send + Sync>;

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// There is no folder of adapters.
    #[error("cannot read the folder of adapters `{}`: {source}", path.display())]
    Root {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// No thread can be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
    /// An adapter of the folder cannot be served.
    #[error("adapter `{name}`: {source}")]
    Adapter {
        /// The name it would have.
        name: String,
        /// What is wrong with it.
        source: Box<bl_runtime::Error>,
    },
    /// A file has a name that is taken.
    #[error("`{MIXED}` is not a valid adapter name: it is the address of mixed batches")]
    Reserved,
}

impl StartError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Root { .. } => {
                Some("`--adapters` names a folder of `.safetensors` files of `bl-adapt train`".into())
            }
            Self::Reserved => Some("rename the file".into()),
            Self::Adapter { source, .. } => source.hint(),
            Self::Thread(_) => None,
        }
    }
}

/// What came of a load.
pub(crate) struct LoadOutcome {
    pub(crate) version: Arc<Version>,
    pub(crate) replaced: Option<Arc<Version>>,
}

impl Server {
    /// With nothing loaded yet.
    pub fn new(settings: Settings, runtime: Runtime) -> Result<Arc<Self>, StartError> {
        let root = settings.root.canonicalize();
        let root = root.map_err(|source| StartError::Root { path: settings.root.clone(), source })?;
        let metrics = Arc::new(Metrics::new());
        let batcher = Batcher::start(&settings, Arc::clone(&metrics)).map_err(StartError::Thread)?;
        Ok(Arc::new(Self {
            root,
            runtime,
            batcher,
            metrics,
            loading: Arc::new(Semaphore::new(1)),
            working: Arc::new(Semaphore::new(rayon::current_num_threads())),
            bodies: Arc::new(Semaphore::new(settings.max_bodies.max(settings.max_body).div_ceil(UNIT))),
            trajectories: Arc::new(Semaphore::new(4 * rayon::current_num_threads())),
            refused: Mutex::default(),
            ready: AtomicBool::new(false),
            events: OnceLock::new(),
            settings,
        }))
    }

    /// The adapters that are served.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Tells what happens, one line per event; once.
    pub fn on_event(&self, tell: impl Fn(&str) + Send + Sync + 'static) {
        let _ = self.events.set(Box::new(tell)); // the first one stays
    }

    pub(crate) fn tell(&self, event: &str) {
        if let Some(tell) = self.events.get() {
            // What happened has happened, whether or not it can be told.
            let _ = catch_unwind(AssertUnwindSafe(|| tell(event)));
        }
    }

    /// Loads every adapter of the folder, then is ready. One that cannot be served is an error: it would be missed in
    /// silence. Other files may lie beside them.
    pub fn load_folder(&self) -> Result<Vec<(String, Arc<Version>)>, StartError> {
        let files = adapter_files(&self.root);
        let files = files.map_err(|source| StartError::Root { path: self.settings.root.clone(), source })?;
        for (name, path) in files {
            if name == MIXED {
                return Err(StartError::Reserved);
            }
            match self.load_own(&name, &path, Expect::Anything) {
                Ok(_) => {}
                Err(bl_runtime::Error::Core(error)) if error.is_another_kind() => {
                    self.set_refused(&name, None);
                    self.tell(&format!("skipped `{name}`: not an adapter"));
                }
                Err(error) => return Err(StartError::Adapter { name, source: Box::new(error) }),
            }
        }
        self.set_ready(true);
        Ok(self.runtime.list())
    }

    /// Reads, verifies and publishes. Takes as long as its backbone takes to generate: not for a thread of the server's.
    pub(crate) fn load(
        &self,
        name: &str,
        source: Source<'_>,
        expect: Expect,
    ) -> Result<LoadOutcome, bl_runtime::Error> {
        let start = Instant::now();
        let result = match source {
            // Not `prepare_file`, which says where the folder is: clients are told what is wrong.
            Source::File(path) => files::read_capped(path, MAX_ADAPTER_BYTES)
                .map_err(bl_runtime::Error::from)
                .and_then(|bytes| self.runtime.prepare(&bytes)),
            Source::Bytes(bytes) => self.runtime.prepare(bytes),
        };
        let result = result.and_then(|version| {
            let replaced = self.runtime.publish(name, &version, expect)?;
            Ok(LoadOutcome { version, replaced })
        });
        let outcome = match &result {
            Ok(LoadOutcome { replaced: None, .. }) => "loaded",
            Ok(LoadOutcome { replaced: Some(old), version }) if old.id() == version.id() => "unchanged",
            Ok(_) => "replaced",
            Err(_) => "refused",
        };
        self.metrics.load(outcome, start.elapsed());
        if result.is_ok() {
            self.set_refused(name, None);
        }
        result
    }

    /// As [`Self::load`], of the file of that name in the folder: the index says why if it cannot be served.
    pub(crate) fn load_own(
        &self,
        name: &str,
        path: &Path,
        expect: Expect,
    ) -> Result<LoadOutcome, bl_runtime::Error> {
        let result = self.load(name, Source::File(path), expect);
        match &result {
            // Nothing is wrong with the file.
            Ok(_) | Err(bl_runtime::Error::Exists { .. } | bl_runtime::Error::OtherVersion { .. }) => {}
            Err(error) => self.set_refused(name, Some(error.to_string())),
        }
        result
    }

    /// What a name stands for now, if that is the version asked for.
    pub(crate) fn version(&self, name: &str, version: Option<&str>) -> Result<Arc<Version>, Failure> {
        let found = self.runtime.get(name)?;
        let id = found.id();
        match version {
            Some(version) if version != id.short() && version != id.to_string() => {
                let error = format!("adapter `{name}` is not loaded as version `{version}`");
                let failure = Failure::new(axum::http::StatusCode::NOT_FOUND, "generation_not_loaded", error);
                Err(failure.hint(format!("it is loaded as `{}`", id.short())))
            }
            _ => Ok(found),
        }
    }

    /// Does what takes a while on a thread where nobody waits for it: as many at a time as there are cores, for each may
    /// need much memory. The others take their turn, and those whose client leaves before it are never done.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let place = Arc::clone(&self.working).acquire_owned().await;
        let place = place.map_err(|error| Failure::internal(error.to_string()))?;
        let done = tokio::task::spawn_blocking(move || {
            let _place = place; // until it is done, whether or not somebody still waits for it
            work()
        });
        done.await.map_err(|error| Failure::internal(error.to_string()))?
    }

    /// Whether requests can be answered.
    pub(crate) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    pub(crate) fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    /// Why files of the folder are not served as they are now, by name.
    pub(crate) fn refused(&self) -> BTreeMap<String, String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_refused(&self, name: &str, why: Option<String>) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match why {
            Some(why) => refused.insert(name.to_owned(), why),
            None => refused.remove(name),
        };
    }
}

/// Where an adapter comes from.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    File(&'a Path),
    Bytes(&'a [u8]),
}
