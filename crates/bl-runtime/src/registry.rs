//! Names, and the version that each stands for now.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use bl_core::text::is_unprintable;
use bl_core::{Adapter, Backbone, MAX_ADAPTER_BYTES, Model, files};

use crate::backbones::Backbones;
use crate::error::Error;
use crate::id::VersionId;
use crate::version::Version;

/// How much may be loaded at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Names.
    pub adapters: usize,
    /// Memory of all adapters together.
    pub adapter_bytes: usize,
    /// Frozen weights of all backbones together. Their memory is limited too, by [`bl_core::memory::limit`].
    pub backbone_weights: usize,
}

impl Default for Limits {
    /// Far more than anyone has, far less than takes a machine down.
    fn default() -> Self {
        Self { adapters: 10_000, adapter_bytes: 4 << 30, backbone_weights: 1 << 30 }
    }
}

/// What a name must stand for, for a swap to take place (compare-and-swap).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Whatever it stands for, or nothing.
    Anything,
    /// Nothing: the name is new.
    Nothing,
    /// This version.
    Version(VersionId),
}

/// Adapters by name, over the backbones that they share.
///
/// Reading a name is a look-up and a reference count. A swap replaces a pointer: nothing that an adapter holds is
/// touched, and its cost does not depend on how many there are. Whoever holds a [`Version`] keeps it.
pub struct Runtime {
    names: RwLock<Names>,
    /// One adapter is made ready at a time, so that two do not generate the same backbone.
    making: Mutex<Making>,
    limits: Limits,
}

#[derive(Default)]
struct Names {
    versions: HashMap<Box<str>, Arc<Version>>,
    bytes: usize,
}

#[derive(Default)]
struct Making {
    backbones: Backbones,
    known: HashMap<VersionId, Weak<Version>>,
}

impl Runtime {
    /// With nothing loaded.
    pub fn new(limits: Limits) -> Self {
        Self { names: RwLock::default(), making: Mutex::default(), limits }
    }

    /// Makes a backbone known that was read from a file, so that it is not generated; it is kept as long as the caller
    /// or a version has it.
    pub fn share_backbone(&self, backbone: &Arc<Backbone>) {
        self.making().backbones.insert(backbone);
    }

    /// Reads and verifies an adapter file and makes it ready to run. Nothing is loaded yet.
    pub fn prepare_file(&self, path: &Path) -> Result<Arc<Version>, Error> {
        let bytes = files::read_capped(path, MAX_ADAPTER_BYTES)?;
        self.prepare(&bytes).map_err(|error| match error {
            Error::Core(error) => Error::Core(error.in_file(path)),
            other => other,
        })
    }

    /// As [`Self::prepare_file`], of a file's bytes. The same bytes give the same version as long as somebody has it.
    pub fn prepare(&self, file: &[u8]) -> Result<Arc<Version>, Error> {
        let id = VersionId::of(file);
        let mut making = self.making();
        if let Some(known) = making.known.get(&id).and_then(Weak::upgrade) {
            return Ok(known);
        }
        let adapter = Adapter::from_bytes(file)?;
        let half = adapter.half_bytes();
        self.check_bytes(half, half)?; // before it is made: gains take as much as the backbone's readout
        let backbone = making.backbones.get(&adapter.header.backbone, &self.limits)?;
        let model = Model::new(adapter, backbone)?;
        let version = Arc::new(Version::new(id, model, file));
        making.known.retain(|_, known| known.strong_count() > 0);
        making.known.insert(id, Arc::downgrade(&version));
        Ok(version)
    }

    /// Lets a name stand for a version from now on. Returns the one that it stood for, which the caller may drop where
    /// that takes no one's time.
    pub fn publish(
        &self,
        name: &str,
        version: &Arc<Version>,
        expect: Expect,
    ) -> Result<Option<Arc<Version>>, Error> {
        let mut names = self.names_mut();
        let Names { versions, bytes } = &mut *names;
        let Some(slot) = versions.get_mut(name) else {
            return self.add(&mut names, name, version, expect).map(|()| None);
        };
        let found = slot.id();
        match expect {
            Expect::Nothing => return Err(Error::Exists { name: name.to_owned(), found }),
            Expect::Version(expected) if expected != found => {
                return Err(Error::OtherVersion { name: name.to_owned(), expected, found: Some(found) });
            }
            _ => {}
        }
        let (old, new) = (slot.resident_bytes(), version.resident_bytes());
        self.check_bytes(*bytes - old + new, new.saturating_sub(old))?;
        *bytes = *bytes - old + new;
        Ok(Some(std::mem::replace(slot, Arc::clone(version))))
    }

    /// Whether there is room for `more` bytes that make `all`; what takes none is always welcome.
    fn check_bytes(&self, all: usize, more: usize) -> Result<(), Error> {
        let max = self.limits.adapter_bytes;
        if more > 0 && all > max { Err(Error::TooManyBytes { found: all, max }) } else { Ok(()) }
    }

    fn add(
        &self,
        names: &mut Names,
        name: &str,
        version: &Arc<Version>,
        expect: Expect,
    ) -> Result<(), Error> {
        check_name(name)?;
        if let Expect::Version(expected) = expect {
            return Err(Error::OtherVersion { name: name.to_owned(), expected, found: None });
        }
        let (count, bytes) = (names.versions.len(), names.bytes + version.resident_bytes());
        if count >= self.limits.adapters {
            return Err(Error::TooMany { found: count });
        }
        self.check_bytes(bytes, version.resident_bytes())?;
        names.versions.insert(name.into(), Arc::clone(version));
        names.bytes = bytes;
        Ok(())
    }

    /// Forgets a name. Requests that have its version go on with it.
    pub fn unload(&self, name: &str) -> Result<Arc<Version>, Error> {
        let mut names = self.names_mut();
        let Some(version) = names.versions.remove(name) else {
            drop(names);
            return Err(self.unknown(name));
        };
        names.bytes -= version.resident_bytes();
        Ok(version)
    }

    /// What a name stands for now.
    pub fn get(&self, name: &str) -> Result<Arc<Version>, Error> {
        let found = self.names().versions.get(name).cloned();
        found.ok_or_else(|| self.unknown(name))
    }

    /// All names and their versions, by name.
    pub fn list(&self) -> Vec<(String, Arc<Version>)> {
        let names = self.names();
        let mut all: Vec<_> =
            names.versions.iter().map(|(name, v)| (name.to_string(), Arc::clone(v))).collect();
        drop(names); // nobody waits while they are sorted
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// Number of names.
    pub fn len(&self) -> usize {
        self.names().versions.len()
    }

    /// Whether nothing is loaded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Memory of all adapters, beside the backbones.
    pub fn resident_bytes(&self) -> usize {
        self.names().bytes
    }

    /// How much may be loaded.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    fn unknown(&self, name: &str) -> Error {
        Error::UnknownAdapter { name: name.to_owned(), meant: self.closest(name) }
    }

    /// The name that is most like one that is not there. The time of a comparison is the product of the lengths, so what
    /// is too long to be a name is compared with none.
    fn closest(&self, name: &str) -> Option<String> {
        if name.len() > MAX_NAME {
            return None;
        }
        let known: Vec<String> = self.names().versions.keys().map(ToString::to_string).collect();
        let alike = known.into_iter().map(|known| (strsim::jaro_winkler(name, &known), known));
        let alike = alike.filter(|(likeness, _)| *likeness > 0.8);
        alike.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(&a.1))).map(|(_, known)| known)
    }

    // A panic while a lock is held leaves the tables whole: every change is one insertion or removal.
    fn names(&self) -> RwLockReadGuard<'_, Names> {
        self.names.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn names_mut(&self) -> RwLockWriteGuard<'_, Names> {
        self.names.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn making(&self) -> MutexGuard<'_, Making> {
        self.making.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Length of a name, in bytes.
const MAX_NAME: usize = 128;

/// Whether an adapter can have this name: names stand in addresses, tables and file names. [`Runtime::publish`] checks it
/// too; a caller may before it prepares anything.
pub fn check_name(name: &str) -> Result<(), Error> {
    let bad = |why| Err(Error::BadName { name: name.to_owned(), why });
    match name {
        "" => bad("it is empty"),
        _ if name.len() > MAX_NAME => bad("it has more than 128 bytes"),
        _ if name.starts_with('.') => bad("it begins with a dot"),
        _ if name.trim() != name => bad("it begins or ends with a space"),
        _ if name.contains(|c: char| is_unprintable(c) || c == '/' || c == '\\') => {
            bad("it has a slash, a backslash, a control character or one that nobody sees")
        }
        _ => Ok(()),
    }
}
