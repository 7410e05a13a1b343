//! What all requests share.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use bl_runtime::{Expect, Runtime, Version};
use tokio::sync::Semaphore;

use crate::batcher::Batcher;
use crate::failure::{Failure, advice};
use crate::folder::{Folder, Unread};
use crate::metrics::Metrics;
use crate::room::UNIT;
use crate::settings::Settings;
use crate::turns::{Places, Wanted};

/// The adapters that are served, and the way to their answers.
pub struct Server {
    pub(crate) settings: Settings,
    /// Where files are read from, and nowhere else.
    pub(crate) folder: Folder,
    pub(crate) runtime: Runtime,
    pub(crate) batcher: Batcher,
    pub(crate) metrics: Arc<Metrics>,
    /// One adapter is loaded at a time; the next one is told to come back.
    pub(crate) loading: Arc<Semaphore>,
    /// Pieces of other work that are done at a time; more wait.
    working: Places,
    /// Pictures that are decoded at a time: fewer than there are cores, so that answers are computed beside them.
    decoding: Places,
    /// Room for bodies, in [`UNIT`]s.
    pub(crate) bodies: Arc<Semaphore>,
    /// Room for what requests make of their bodies, in [`UNIT`]s.
    pub(crate) memory: Arc<Semaphore>,
    /// Trajectories that are computed at a time; the next one is told to come back.
    pub(crate) trajectories: Places,
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
    /// What the folder has cannot be served, and nothing else could come.
    #[error("adapter `{name}`: {why}")]
    Adapter {
        /// The name it would have.
        name: String,
        /// What is wrong with it.
        why: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The same of something that is named like the file of an adapter.
    #[error("`{name}` {}", why.trim_start_matches("it "))]
    Odd {
        /// Its name, as far as it can be shown.
        name: String,
        /// What is wrong with it.
        why: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// No thread can be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

impl StartError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Root { .. } => {
                Some("`--adapters` names a folder of `.safetensors` files of `bl-adapt train`".into())
            }
            Self::Adapter { hint, .. } | Self::Odd { hint, .. } => hint.clone(),
            Self::Thread(_) => None,
        }
    }
}

/// Why an adapter of the folder was not loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotLoaded {
    #[error(transparent)]
    Unread(#[from] Unread),
    #[error(transparent)]
    Runtime(#[from] bl_runtime::Error),
}

impl NotLoaded {
    /// Whether nothing is wrong with the file but that it is none of an adapter.
    pub(crate) fn is_another_kind(&self) -> bool {
        match self {
            Self::Unread(Unread::Core(error)) | Self::Runtime(bl_runtime::Error::Core(error)) => {
                error.is_another_kind()
            }
            _ => false,
        }
    }

    /// Whether it is there and something is wrong with it.
    fn is_of_the_file(&self) -> bool {
        use bl_runtime::Error as E;
        !matches!(
            self,
            Self::Runtime(E::Exists { .. } | E::OtherVersion { .. })
                | Self::Unread(Unread::Missing(_) | Unread::Outside(_))
        )
    }

    /// What to do about it.
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unread(Unread::Core(error)) => error.hint(),
            Self::Unread(_) => None,
            Self::Runtime(error) => advice(error),
        }
    }

    /// What is wrong, and what to do about it, in one line for the log and the index.
    pub(crate) fn words(&self) -> String {
        self.hint().map_or_else(|| self.to_string(), |hint| format!("{self}; {hint}"))
    }
}

impl From<NotLoaded> for Failure {
    fn from(error: NotLoaded) -> Self {
        match error {
            NotLoaded::Unread(unread) => unread.into(),
            NotLoaded::Runtime(error) => error.into(),
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
        let folder = Folder::new(&settings.root).and_then(|folder| folder.list().map(|_| folder));
        let folder = folder.map_err(|source| StartError::Root { path: settings.root.clone(), source })?;
        let metrics = Arc::new(Metrics::new());
        let batcher = Batcher::start(&settings, Arc::clone(&metrics)).map_err(StartError::Thread)?;
        Ok(Arc::new(Self {
            folder,
            runtime,
            batcher,
            metrics,
            loading: Arc::new(Semaphore::new(1)),
            working: Places::new(rayon::current_num_threads()),
            decoding: Places::new((rayon::current_num_threads() - 1).max(1)),
            bodies: Arc::new(Semaphore::new(settings.max_bodies.max(settings.max_body).div_ceil(UNIT))),
            memory: Arc::new(Semaphore::new(settings.max_memory.div_ceil(UNIT))),
            trajectories: Places::new(4 * rayon::current_num_threads()),
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

    /// Loads every adapter of the folder, then is ready. What cannot be served is skipped, told, and named in the index
    /// with the reason: one bad file keeps no other from being served. It is an error where there is no other, and none
    /// could come.
    pub fn load_folder(&self) -> Result<Vec<(String, Arc<Version>)>, StartError> {
        let listing = self.folder.list();
        let listing =
            listing.map_err(|source| StartError::Root { path: self.settings.root.clone(), source })?;
        let mut first = None;
        for (name, why) in listing.others {
            self.tell(&format!("skipped `{name}`: {why}"));
            self.set_refused(&name, Some(why.clone()));
            let (why, hint) =
                why.split_once("; ").map_or((&*why, None), |(why, hint)| (why, Some(hint.to_owned())));
            first.get_or_insert(StartError::Odd { name, why: why.to_owned(), hint });
        }
        for (name, file) in listing.files {
            match self.load_own(&name, &file, Expect::Anything) {
                Ok(_) => {}
                Err(error) if error.is_another_kind() => {
                    self.tell(&format!("skipped `{name}`: not an adapter: {}", error.words()));
                }
                Err(error) => {
                    self.tell(&format!("skipped `{name}`: {}", error.words()));
                    let (why, hint) = (error.to_string(), error.hint());
                    first.get_or_insert(StartError::Adapter { name, why, hint });
                }
            }
        }
        let may_come = self.settings.allow_mutation || self.settings.watched;
        match first {
            Some(error) if self.runtime.is_empty() && !may_come => Err(error),
            _ => {
                self.set_ready(true);
                Ok(self.runtime.list())
            }
        }
    }

    /// Verifies and publishes. Takes as long as its backbone takes to generate: not for a thread of the server's.
    pub(crate) fn load(
        &self,
        name: &str,
        file: &[u8],
        expect: Expect,
    ) -> Result<LoadOutcome, bl_runtime::Error> {
        let start = Instant::now();
        let result = self.runtime.prepare(file).and_then(|version| {
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
    pub(crate) fn load_own(&self, name: &str, file: &Path, expect: Expect) -> Result<LoadOutcome, NotLoaded> {
        let read = self.folder.read(file).map_err(NotLoaded::from);
        let result = read.and_then(|bytes| Ok(self.load(name, &bytes, expect)?));
        if let Some(error) = result.as_ref().err().filter(|error| error.is_of_the_file()) {
            self.set_refused(name, Some(error.words()));
        }
        result
    }

    /// Forgets a name, and what was counted of it.
    pub(crate) fn unload(&self, name: &str) -> Result<(), bl_runtime::Error> {
        self.runtime.unload(name)?;
        self.metrics.keep_only(|known| self.runtime.get(known).is_ok());
        Ok(())
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
        self.working.in_turn(|_| work()).await
    }

    /// As [`Self::work`], for pictures. They take turns among themselves, so that whoever sends many large ones does not
    /// keep others from being answered; `wanted` says whether the client still waits, to be asked between two of them.
    pub(crate) async fn decode<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Wanted) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        self.decoding.in_turn(work).await
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
