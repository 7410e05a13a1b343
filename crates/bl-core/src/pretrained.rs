//! Where pretrained encoders are found: a backbone names one by its content, and any folder that has it will do. Encoders are shared
//! by all backbones of the process.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

pub use bl_bert::{Biases, Config, Encoder, Error, Kept, Pretrained, Read, Tokenizer, Tokens, tiny};

use crate::error::Error as CoreError;
use crate::fingerprint::Fingerprint;
use crate::io::Known;
use crate::memory::limit;
use crate::spec::{BertKind, BertSpec, Distribution, GENERATOR, ReadoutSpec};

/// Folders of encoders, separated as in `PATH`.
const VARIABLE: &str = "BL_ENCODERS";

static PLACES: Mutex<Places> = Mutex::new(Places { folders: Vec::new(), loaded: Vec::new() });

struct Places {
    folders: Vec<PathBuf>,
    loaded: Vec<Weak<Pretrained>>,
}

impl Places {
    /// Where an encoder may be.
    fn folders(&self, spec: &BertSpec) -> Vec<PathBuf> {
        let of_environment = std::env::var_os(VARIABLE).unwrap_or_default();
        let mut folders = self.folders.clone();
        let noted = note(&spec.encoder.to_string()).and_then(|note| std::fs::read_to_string(note).ok());
        folders.extend(noted.map(PathBuf::from).filter(|folder| folder.is_dir()));
        folders
            .extend(std::env::split_paths(&of_environment).filter(|folder| !folder.as_os_str().is_empty()));
        folders
    }
}

/// Whether a folder has the tokenizer and the sizes of an encoder; its weights are not read.
fn may_have(folder: &Path, spec: &BertSpec) -> bool {
    Config::from_file(&folder.join("config.json")).is_ok_and(|config| config == spec.config)
        && Tokenizer::fingerprint_of(folder).is_ok_and(|found| found == spec.tokenizer.to_string())
}

/// Looks for encoders in this folder too, from now on and first of all.
pub fn look_in(folder: impl Into<PathBuf>) {
    let folder = folder.into();
    let mut places = places();
    places.folders.retain(|known| *known != folder);
    places.folders.insert(0, folder);
}

/// Reads the folder of an encoder, and looks there from now on.
pub fn load(folder: &Path) -> Result<Arc<Pretrained>, CoreError> {
    look_in(folder);
    share(&mut places(), folder)
}

/// Notes the path of an encoder's folder in the user's cache, so that later runs of any program look there. It is a convenience: if
/// the cache cannot be written, nothing is noted.
pub fn remember(folder: &Path, encoder: Fingerprint) {
    let (Ok(whole), Some(note)) = (folder.canonicalize(), note(&encoder.to_string())) else { return };
    let text = whole.to_string_lossy().into_owned();
    let is_known = std::fs::read_to_string(&note).is_ok_and(|known| known == text);
    if !is_known && note.parent().is_some_and(|folder| std::fs::create_dir_all(folder).is_ok()) {
        let _ = crate::files::write_atomically(&note, text.as_bytes());
    }
}

/// Where the path of an encoder is noted.
fn note(fingerprint: &str) -> Option<PathBuf> {
    let of = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let own = if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_CACHE_HOME" };
    let cache = of(own).or_else(|| Some(of("HOME")?.join(".cache")))?;
    Some(cache.join("bias-adapters/encoders").join(fingerprint.strip_prefix("sha256:")?))
}

/// The backbone of an encoder, with a readout that is still to be fitted to a task.
pub fn spec_of(pretrained: &Pretrained) -> Result<BertSpec, CoreError> {
    const STD: f64 = 1.0;
    let (encoder, tokenizer) = fingerprints(pretrained)?;
    let config = pretrained.encoder().config().clone();
    let std = STD / (config.hidden_size as f64).sqrt();
    let readout =
        ReadoutSpec { outputs: 2, weights: Distribution::Normal { std: (std * 1e6).round() / 1e6 } };
    Ok(BertSpec { generator: GENERATOR, kind: BertKind::Bert, seed: 1, encoder, tokenizer, config, readout })
}

/// The texts that the tokenizer in a folder knows.
pub fn known_in(folder: &Path) -> Result<Known, CoreError> {
    let read = Tokenizer::load(folder);
    let read = read.map_err(|source| CoreError::Encoder { source: Box::new(source) }.in_file(folder))?;
    known(Arc::new(read))
}

/// The texts that the tokenizer of a spec knows, from memory or from the first folder that has it.
pub(crate) fn known_to(spec: &BertSpec) -> Result<Known, CoreError> {
    let (places, wanted) = (places(), spec.tokenizer.to_string());
    let mut loaded = places.loaded.iter().filter_map(Weak::upgrade);
    if let Some(found) = loaded.find(|found| found.tokenizer().fingerprint() == wanted) {
        return known(Arc::clone(found.tokenizer()));
    }
    let folders = places.folders(spec);
    match folders.iter().find(|folder| may_have(folder, spec)) {
        Some(folder) => known_in(folder),
        None => Err(CoreError::EncoderNotFound { encoder: spec.encoder, looked_at: folders.len() }),
    }
}

fn known(tokenizer: Arc<Tokenizer>) -> Result<Known, CoreError> {
    Ok(Known::new(tokenizer.fingerprint().parse()?, move |texts| tokenizer.knows(texts)))
}

/// The encoder that a spec names, from memory or from the first folder that has it.
pub(crate) fn find(spec: &BertSpec) -> Result<Arc<Pretrained>, CoreError> {
    let mut places = places();
    let is_it = |found: &Pretrained| {
        fingerprints(found).is_ok_and(|found| found == (spec.encoder, spec.tokenizer))
            && *found.encoder().config() == spec.config
    };
    if let Some(found) = places.loaded.iter().filter_map(Weak::upgrade).find(|found| is_it(found)) {
        return Ok(found);
    }
    let folders = places.folders(spec);
    let mut other = None;
    for folder in folders.iter().filter(|folder| may_have(folder, spec)) {
        match share(&mut places, folder) {
            Ok(found) if is_it(&found) => return Ok(found),
            Ok(found) => {
                let (expected, found) = (spec.encoder, fingerprints(&found)?.0);
                other = Some(CoreError::OtherEncoder { expected, found });
            }
            Err(error) => {
                let (encoder, source) = (spec.encoder, Box::new(error));
                other = Some(CoreError::EncoderUnusable { encoder, source });
            }
        }
    }
    Err(other.unwrap_or(CoreError::EncoderNotFound { encoder: spec.encoder, looked_at: folders.len() }))
}

/// Reads a folder, unless what it holds is in memory.
fn share(places: &mut Places, folder: &Path) -> Result<Arc<Pretrained>, CoreError> {
    let read = Pretrained::load(folder, limit());
    let read = read.map_err(|source| CoreError::Encoder { source: Box::new(source) }.in_file(folder))?;
    places.loaded.retain(|loaded| loaded.strong_count() > 0);
    let key =
        |of: &Pretrained| (of.encoder().fingerprint().to_owned(), of.tokenizer().fingerprint().to_owned());
    let same = |loaded: &Arc<Pretrained>| {
        key(loaded) == key(&read) && loaded.encoder().config() == read.encoder().config()
    };
    if let Some(loaded) = places.loaded.iter().filter_map(Weak::upgrade).find(same) {
        return Ok(loaded);
    }
    let read = Arc::new(read);
    places.loaded.push(Arc::downgrade(&read));
    Ok(read)
}

fn fingerprints(of: &Pretrained) -> Result<(Fingerprint, Fingerprint), CoreError> {
    Ok((of.encoder().fingerprint().parse()?, of.tokenizer().fingerprint().parse()?))
}

fn places() -> std::sync::MutexGuard<'static, Places> {
    PLACES.lock().unwrap_or_else(PoisonError::into_inner)
}
