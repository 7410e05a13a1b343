//! What a push would send: made of verified files, and compared with what is there, before anything is sent.

use std::path::Path;

use bl_core::files::read_capped;
use bl_core::header::BackboneRef;
use bl_core::{Adapter, Backbone, MAX_ADAPTER_BYTES};
use serde_json::json;

use crate::agreement;
use crate::ask::Ask;
use crate::card::{Card, Upload, merge};
use crate::digest::Commit;
use crate::error::Error;
use crate::files::{
    ADAPTER, ADAPTER_CONFIG, BACKBONE, BACKBONE_CONFIG, CARD, MAX_BACKBONE, MAX_CARD, PICTURE,
};
use crate::hub::Hub;
use crate::name::{RepoName, Revision};
use crate::own_paths::{last, own_paths, without};
use crate::transfer::{Transfer, digest_of};

/// What a person may choose about a push.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command of its own")]
pub struct PushOptions {
    /// The branch.
    pub revision: Revision,
    /// The commit's message; one is made if there is none.
    pub message: Option<String>,
    /// Whether a new repository is to be private.
    pub private: bool,
    /// Whether to open a pull request in place of committing to the branch.
    pub create_pr: bool,
    /// The repository of an adapter's backbone.
    pub backbone: Option<RepoName>,
    /// A picture for the card, as PNG.
    pub picture: Option<Vec<u8>>,
    /// Whether paths of this machine in an adapter's header are sent as they are.
    pub keep_path: bool,
    /// Whether nothing will be sent: then a Hub that cannot be reached is no obstacle.
    pub dry_run: bool,
}

impl Default for PushOptions {
    fn default() -> Self {
        Self {
            revision: Revision::main(),
            message: None,
            private: false,
            create_pr: false,
            backbone: None,
            picture: None,
            keep_path: false,
            dry_run: false,
        }
    }
}

/// All that a push would send.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The repository.
    pub repo: RepoName,
    /// The branch.
    pub revision: Revision,
    /// The commit's message.
    pub message: String,
    /// Whether a new repository is to be private.
    pub private: bool,
    /// Whether to open a pull request.
    pub create_pr: bool,
    /// Names and contents, in the order in which they are shown.
    pub files: Vec<(&'static str, Vec<u8>)>,
    /// What is there.
    pub state: RepoState,
    /// Paths of this machine that stood in the header, and what is sent in their place.
    pub shortened: Vec<(String, String)>,
    /// Whether the repository has exactly these files already.
    pub is_unchanged: bool,
}

/// What is known of a repository before a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepoState {
    /// Connections are forbidden, or without a token the Hub does not say.
    Unknown,
    /// There is none.
    New,
    /// The branch stands at this commit.
    At(Commit),
}

/// An adapter or a backbone whose content was checked.
struct Content {
    files: Vec<(&'static str, Vec<u8>)>,
    card: Card,
    message: String,
    shortened: Vec<(String, String)>,
}

impl Hub {
    /// What a push of an adapter would send. The file must verify, and its spec must generate the backbone that it names.
    pub fn plan_adapter(&self, path: &Path, repo: &RepoName, options: &PushOptions) -> Result<Plan, Error> {
        let fails = |error: bl_core::Error| does_not_verify(path, &error);
        let mut bytes = read_capped(path, MAX_ADAPTER_BYTES).map_err(fails)?;
        let mut adapter = Adapter::from_bytes(&bytes).map_err(fails)?;
        let paths = if options.keep_path { Vec::new() } else { own_paths(&adapter) };
        if !paths.is_empty() {
            adapter = adapter.with_words(|text| without(&paths, text)).map_err(fails)?;
            bytes = adapter.to_bytes().map_err(fails)?;
        }
        adapter.generate_backbone().and_then(|backbone| backbone.prepare(&adapter)).map_err(fails)?;
        let upload = Upload {
            repo,
            bytes: bytes.len() as u64,
            backbone: options.backbone.as_ref(),
            picture: options.picture.is_some(),
        };
        let card = Card::of_adapter(&adapter, upload);
        let title = adapter.header.task.title.chars().filter(|c| !c.is_control());
        let message = format!("Bias adapter: {}", title.collect::<String>());
        let config = agreement::config(&bytes, options.backbone.as_ref()).map_err(fails)?;
        let mut files = vec![(ADAPTER, bytes), (ADAPTER_CONFIG, config)];
        files.extend(options.picture.iter().map(|picture| (PICTURE, picture.clone())));
        let shortened =
            paths.into_iter().map(|path| (last(&path).to_owned(), path)).map(|(name, path)| (path, name));
        self.plan(Content { files, card, message, shortened: shortened.collect() }, repo, options)
    }

    /// What a push of a backbone would send; its file must have the fingerprint that its spec generates.
    pub fn plan_backbone(
        &self,
        weights: &Path,
        spec_only: bool,
        repo: &RepoName,
        options: &PushOptions,
    ) -> Result<Plan, Error> {
        let fails = |error: bl_core::Error| does_not_verify(weights, &error);
        let bytes = read_capped(weights, MAX_BACKBONE).map_err(fails)?;
        let backbone = Backbone::from_bytes(&bytes).map_err(fails)?;
        let backbone = BackboneRef { fingerprint: backbone.fingerprint(), spec: backbone.spec().clone() };
        let BackboneRef { fingerprint, spec } = &backbone;
        let generated = Backbone::generate(spec).map_err(fails)?.fingerprint();
        if *fingerprint != generated {
            let why = format!("its weights are {fingerprint}, its spec generates {generated}");
            return Err(Error::DoesNotVerify { path: weights.to_owned(), why });
        }
        let config =
            json!({ "format": "bl-backbone", "version": 1, "fingerprint": fingerprint, "spec": spec });
        let size = (!spec_only).then_some(bytes.len() as u64);
        let card = Card::of_backbone(&backbone, size, repo);
        let message = format!("Backbone {}", fingerprint.short());
        let mut files = vec![(BACKBONE_CONFIG, agreement::pretty(&config))];
        files.extend((!spec_only).then_some((BACKBONE, bytes)));
        self.plan(Content { files, card, message, shortened: Vec::new() }, repo, options)
    }

    /// Looks at what is there, brings the card up to date, and finds out whether anything would change.
    fn plan(&self, content: Content, repo: &RepoName, options: &PushOptions) -> Result<Plan, Error> {
        let Content { mut files, card, message, shortened } = content;
        let (state, text) = match self.compared(&card, repo, options) {
            Err(error) if options.dry_run && error.is_unreachable() => (RepoState::Unknown, card.text()),
            other => other?,
        };
        files.push((CARD, text.into_bytes()));
        let is_unchanged = match state {
            RepoState::At(commit) => match self.has_all(repo, commit, &files) {
                Err(error) if options.dry_run && error.is_unreachable() => false,
                other => other?,
            },
            RepoState::New | RepoState::Unknown => false,
        };
        Ok(Plan {
            repo: repo.clone(),
            revision: options.revision.clone(),
            message: options.message.clone().unwrap_or(message),
            private: options.private,
            create_pr: options.create_pr,
            files,
            state,
            shortened,
            is_unchanged,
        })
    }

    /// What is there, and the card as it would be sent.
    fn compared(
        &self,
        card: &Card,
        repo: &RepoName,
        options: &PushOptions,
    ) -> Result<(RepoState, String), Error> {
        let state = self.state(repo, &options.revision)?;
        let existing = match state {
            RepoState::At(commit) => self.existing_card(repo, commit)?,
            RepoState::New | RepoState::Unknown => None,
        };
        let text = match existing {
            Some(existing) => merge(&existing, card, repo)?,
            None => card.text(),
        };
        Ok((state, text))
    }

    fn state(&self, repo: &RepoName, revision: &Revision) -> Result<RepoState, Error> {
        if self.environment.offline.is_some() {
            return Ok(RepoState::Unknown);
        }
        let (org, name) = repo.parts();
        let what = format!("{repo}@{revision}");
        let url = self.api_url(&["models", org, name, "revision", revision.as_str()]);
        let client = self.client(&what)?;
        match client.json(&Ask::get(url, &what)) {
            Ok(about) => {
                let stated = about["sha"].as_str().unwrap_or_default();
                let commit = stated.parse().map_err(|_| Error::Header {
                    what,
                    header: "sha",
                    expected: "40 hex digits",
                    found: format!(
                        "`{}`",
                        stated.chars().filter(|c| !c.is_control()).take(60).collect::<String>()
                    ),
                })?;
                Ok(RepoState::At(commit))
            }
            // Without a token a repository that is not there looks like a private one.
            Err(Error::Unauthorized { with_token: false, .. }) => Ok(RepoState::Unknown),
            Err(error) => match self.missing(error, repo, revision, "") {
                Error::NoRepo { .. } => Ok(RepoState::New),
                error => Err(error),
            },
        }
    }

    fn existing_card(&self, repo: &RepoName, commit: Commit) -> Result<Option<String>, Error> {
        let revision = Revision::from(commit);
        let facts = match self.head(repo, &revision, CARD) {
            Ok(facts) => facts,
            Err(Error::NoFile { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let what = format!("{repo}@{}/{CARD}", commit.short());
        let transfer = Transfer {
            url: self.file_url(repo, &commit.to_string(), CARD),
            what: &what,
            size: Some(facts.size),
            max: MAX_CARD,
            check: &|headers| facts.check(headers, &what),
        };
        let folder = std::env::temp_dir();
        let file = self.client(&what)?.fetch(&transfer, &folder, &mut |_, _| {})?;
        let found = digest_of(file.path(), facts.id)?;
        if found != facts.id {
            return Err(Error::Content { what, expected: facts.id, found });
        }
        let card = std::fs::read(file.path()).map_err(|source| Error::Read { path: folder, source })?;
        let text = String::from_utf8(card);
        text.map(Some).map_err(|_| Error::Card { repo: repo.to_string(), why: "it is not UTF-8".into() })
    }

    /// Whether a commit has all these files with this content.
    fn has_all(&self, repo: &RepoName, commit: Commit, files: &[(&str, Vec<u8>)]) -> Result<bool, Error> {
        for (name, bytes) in files {
            match self.head(repo, &Revision::from(commit), name) {
                Ok(facts) if facts.id.of_same_kind(bytes) == facts.id => {}
                Ok(_) | Err(Error::NoFile { .. }) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

fn does_not_verify(path: &Path, error: &bl_core::Error) -> Error {
    Error::DoesNotVerify { path: path.to_owned(), why: error.to_string() }
}
