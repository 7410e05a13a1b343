//! From a name to verified files in the cache.

use std::path::{Path, PathBuf};

use bl_core::pretrained::{self, Config};
use bl_core::{Adapter, Backbone, Fingerprint, MAX_ADAPTER_BYTES, Spec};
use serde_json::Value;

use crate::agreement;
use crate::cache::RepoCache;
use crate::digest::Commit;
use crate::error::Error;
use crate::files::{
    ADAPTER, ADAPTER_CONFIG, BACKBONE, BACKBONE_CONFIG, CARD, MAX_BACKBONE, MAX_CARD, MAX_CONFIG,
    MAX_TOKENIZER, TOKENIZER,
};
use crate::hub::{Hub, OnProgress};
use crate::name::{RepoName, Target};
use crate::stage::keep;

/// An adapter in the cache: it verifies, and its config agrees with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// The repository.
    pub repo: RepoName,
    /// The commit that the revision stood for.
    pub commit: Commit,
    /// The adapter's file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Whether no connection was needed.
    pub from_cache: bool,
}

/// A backbone in the cache.
#[derive(Clone, Debug, PartialEq)]
pub struct PulledBackbone {
    /// The repository.
    pub repo: RepoName,
    /// The commit that the revision stood for.
    pub commit: Commit,
    /// What identifies the weights.
    pub fingerprint: Fingerprint,
    /// The file with spec and fingerprint.
    pub config: PathBuf,
    /// The file with the weights, if the repository has them.
    pub weights: Option<PathBuf>,
    /// The folder, of a pretrained encoder.
    pub encoder: Option<PathBuf>,
    /// Whether no connection was needed.
    pub from_cache: bool,
}

impl Hub {
    /// Downloads an adapter and verifies it. A commit that is in the cache needs no connection; a branch does, to see where
    /// it stands, unless connections are forbidden: then it stands where it was last seen.
    pub fn pull(&self, target: &Target, on_progress: OnProgress<'_>) -> Result<Pulled, Error> {
        let cache = self.cache(&target.repo);
        if let Some(commit) = self.known_commit(target, &cache)
            && let Some(path) = self.cached(&cache, commit, ADAPTER)?
        {
            let config = self.cached(&cache, commit, ADAPTER_CONFIG)?;
            let what = format!("{}@{}", target.repo, commit.short());
            check_adapter(&path, config.as_deref(), &what)?;
            let bytes = std::fs::metadata(&path).map_or(0, |about| about.len());
            return Ok(Pulled { repo: target.repo.clone(), commit, path, bytes, from_cache: true });
        }
        self.pull_adapter(target, &cache, on_progress).inspect_err(|_| cache.tidy())
    }

    fn pull_adapter(
        &self,
        target: &Target,
        cache: &RepoCache,
        on_progress: OnProgress<'_>,
    ) -> Result<Pulled, Error> {
        let repo = &target.repo;
        let facts = self.pinned(target, ADAPTER)?;
        let commit = facts.commit;
        let what = format!("{repo}@{}", commit.short());
        let mut config = self.optional(repo, commit, ADAPTER_CONFIG, MAX_CONFIG, on_progress)?;
        if let Some(config) = &config {
            // Another program's adapters have the same file names, and may be large.
            agreement::check_type(&read(&config.path(cache))?, &what)?;
        }
        let adapter = self.stage(repo, facts, ADAPTER, MAX_ADAPTER_BYTES, on_progress)?;
        let config_path = config.as_ref().map(|config| config.path(cache));
        check_adapter(&adapter.path(cache), config_path.as_deref(), &what)?;
        let mut card = self.optional(repo, commit, CARD, MAX_CARD, on_progress)?;

        let bytes = adapter.size;
        for (file, staged) in [(ADAPTER_CONFIG, config.take()), (CARD, card.take())] {
            match staged {
                Some(staged) => drop(keep(cache, commit, staged)?),
                None => cache.note_missing(commit, file)?,
            }
        }
        let path = keep(cache, commit, adapter)?;
        note_ref(target, cache, commit)?;
        Ok(Pulled { repo: repo.clone(), commit, path, bytes, from_cache: false })
    }

    /// Downloads a backbone's spec, and its weights if the repository has them, and checks one against the other; or a pretrained
    /// encoder with its tokenizer.
    pub fn pull_backbone(
        &self,
        target: &Target,
        on_progress: OnProgress<'_>,
    ) -> Result<PulledBackbone, Error> {
        let cache = self.cache(&target.repo);
        let repo = target.repo.clone();
        if let Some(commit) = self.known_commit(target, &cache)
            && let Some(config) = self.cached(&cache, commit, BACKBONE_CONFIG)?
        {
            let weights = self.cached(&cache, commit, BACKBONE)?;
            if is_encoder(&config) {
                let tokenizer = self.cached(&cache, commit, TOKENIZER)?;
                if let (Some(weights), Some(_)) = (weights, tokenizer) {
                    return encoder(repo, commit, config, weights, true);
                }
                return self.pull_weights(target, &cache, on_progress).inspect_err(|_| cache.tidy());
            }
            let what = format!("{repo}@{}", commit.short());
            let fingerprint = check_backbone(&config, weights.as_deref(), &what)?;
            let encoder = None;
            return Ok(PulledBackbone {
                repo,
                commit,
                fingerprint,
                config,
                weights,
                encoder,
                from_cache: true,
            });
        }
        self.pull_weights(target, &cache, on_progress).inspect_err(|_| cache.tidy())
    }

    fn pull_weights(
        &self,
        target: &Target,
        cache: &RepoCache,
        on_progress: OnProgress<'_>,
    ) -> Result<PulledBackbone, Error> {
        let repo = &target.repo;
        let facts = self.pinned(target, BACKBONE_CONFIG)?;
        let commit = facts.commit;
        let what = format!("{repo}@{}", commit.short());
        let config = self.stage(repo, facts, BACKBONE_CONFIG, MAX_CONFIG, on_progress)?;
        if is_encoder(&config.path(cache)) {
            let mut needed = |file: &'static str, most| {
                let staged = self.optional(repo, commit, file, most, on_progress)?;
                let missing = || Error::NotABackbone {
                    what: what.clone(),
                    why: format!("a pretrained encoder without `{file}`"),
                };
                staged.ok_or_else(missing)
            };
            let (tokenizer, weights) = (needed(TOKENIZER, MAX_TOKENIZER)?, needed(BACKBONE, MAX_BACKBONE)?);
            keep(cache, commit, tokenizer)?;
            let weights = keep(cache, commit, weights)?;
            let config = keep(cache, commit, config)?;
            note_ref(target, cache, commit)?;
            return encoder(repo.clone(), commit, config, weights, false);
        }
        let weights = self.optional(repo, commit, BACKBONE, MAX_BACKBONE, on_progress)?;
        let weights_path = weights.as_ref().map(|weights| weights.path(cache));
        let fingerprint = check_backbone(&config.path(cache), weights_path.as_deref(), &what)?;
        let weights = weights.map(|weights| keep(cache, commit, weights)).transpose()?;
        if weights.is_none() {
            cache.note_missing(commit, BACKBONE)?;
        }
        let config = keep(cache, commit, config)?;
        note_ref(target, cache, commit)?;
        let repo = repo.clone();
        Ok(PulledBackbone { repo, commit, fingerprint, config, weights, encoder: None, from_cache: false })
    }

    /// The commit, as far as it can be known without a connection.
    fn known_commit(&self, target: &Target, cache: &RepoCache) -> Option<Commit> {
        let last_seen = || self.environment.offline.and_then(|_| cache.read_ref(&target.revision));
        target.revision.commit().or_else(last_seen)
    }

    /// A file of the cache. One that is damaged is fetched again if it can be.
    fn cached(&self, cache: &RepoCache, commit: Commit, file: &str) -> Result<Option<PathBuf>, Error> {
        match cache.find(commit, file) {
            Err(Error::DamagedCache { .. }) if self.environment.offline.is_none() => Ok(None),
            other => other,
        }
    }
}

/// Notes where a branch or a tag stands; a commit stands for itself.
fn note_ref(target: &Target, cache: &RepoCache, commit: Commit) -> Result<(), Error> {
    match target.revision.commit() {
        Some(_) => Ok(()),
        None => cache.write_ref(&target.revision, commit),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}

/// Whether a `config.json` is that of a pretrained encoder.
fn is_encoder(config: &Path) -> bool {
    Config::from_file(config).is_ok()
}

/// An encoder whose files are in one folder of the cache.
fn encoder(
    repo: RepoName,
    commit: Commit,
    config: PathBuf,
    weights: PathBuf,
    from_cache: bool,
) -> Result<PulledBackbone, Error> {
    let wrong = |why: bl_core::Error| {
        let what = format!("{repo}@{}", commit.short());
        Error::NotABackbone { what, why: why.to_string() }
    };
    let folder = config.parent().unwrap_or(Path::new(".")).to_owned();
    let pretrained = pretrained::load(&folder).map_err(wrong)?;
    let fingerprint = pretrained.encoder().fingerprint().parse().map_err(wrong)?;
    pretrained::remember(&folder, fingerprint);
    let (weights, encoder) = (Some(weights), Some(folder));
    Ok(PulledBackbone { repo, commit, fingerprint, config, weights, encoder, from_cache })
}

/// That an adapter's file verifies, and that the config beside it says the same.
fn check_adapter(path: &Path, config: Option<&Path>, what: &str) -> Result<(), Error> {
    let bytes = read(path)?;
    Adapter::from_bytes(&bytes)
        .map_err(|source| Error::NotAnAdapter { what: what.to_owned(), source: Box::new(source) })?;
    match config {
        Some(config) => agreement::check(&read(config)?, &bytes, what),
        None => Ok(()),
    }
}

/// That the weights, or what the spec generates, have the fingerprint and the spec that the config states.
fn check_backbone(config: &Path, weights: Option<&Path>, what: &str) -> Result<Fingerprint, Error> {
    let wrong = |why: String| Error::NotABackbone { what: what.to_owned(), why };
    let config: Value = serde_json::from_slice(&read(config)?).map_err(|error| wrong(error.to_string()))?;
    if config["format"] != "bl-backbone" {
        return Err(wrong(format!(
            "`config.json` has the format {}, expected \"bl-backbone\"",
            config["format"]
        )));
    }
    let stated: Fingerprint = config["fingerprint"]
        .as_str()
        .unwrap_or_default()
        .parse()
        .map_err(|error: bl_core::Error| wrong(error.to_string()))?;
    let spec: Spec =
        serde_json::from_value(config["spec"].clone()).map_err(|error| wrong(error.to_string()))?;
    let backbone = match weights {
        Some(path) => Backbone::load(path),
        None => Backbone::generate(&spec),
    };
    let backbone = backbone.map_err(|error| wrong(error.to_string()))?;
    let found = backbone.fingerprint();
    if found != stated {
        return Err(wrong(format!("`config.json` states {stated}, found {found}")));
    }
    if *backbone.spec() != spec {
        return Err(wrong("`config.json` states another spec than the weights".into()));
    }
    Ok(found)
}
