//! From a file to one commit: planned first, so that what would be sent can be seen, then sent.

use std::path::{Path, PathBuf};

use bl_core::recurrent::RecurrentBackbone;
use bl_core::{AnyAdapter, Backbone, Fingerprint, MAX_ADAPTER_BYTES, canonical};
use hf_hub::RepoTypeModel;
use hf_hub::repository::CommitOperation;
use serde_json::{Value, json};

use crate::agreement;
use crate::card::{About, BackboneCard, Card, merge};
use crate::client::{Ask, USER_AGENT};
use crate::digest::{BlobId, Commit};
use crate::error::Error;
use crate::files::{ADAPTER, ADAPTER_CONFIG, BACKBONE, BACKBONE_CONFIG, CARD, MAX_CARD, PICTURE};
use crate::hub::Hub;
use crate::name::{RepoName, Revision};
use crate::transfer::{Transfer, digest_of};

/// What a person may choose about a push.
#[derive(Clone, Debug)]
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

/// How a push ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The repository has exactly these files: nothing was sent.
    Unchanged(Commit),
    /// There is a new commit.
    Committed {
        /// The commit, if the Hub named it.
        commit: Option<Commit>,
        /// The page of the pull request, or else of the commit.
        url: Option<String>,
    },
}

/// An adapter or a backbone whose content was checked.
struct Content {
    files: Vec<(&'static str, Vec<u8>)>,
    card: Card,
    message: String,
}

impl Hub {
    /// What a push of an adapter would send. The file must verify, and its spec must generate the backbone that it names.
    pub fn plan_adapter(&self, path: &Path, repo: &RepoName, options: &PushOptions) -> Result<Plan, Error> {
        let fails = |error: bl_core::Error| does_not_verify(path, &error);
        let bytes = bl_core::files::read_capped(path, MAX_ADAPTER_BYTES).map_err(fails)?;
        let adapter = AnyAdapter::from_bytes(&bytes).map_err(fails)?;
        check_backbone(&adapter).map_err(fails)?;
        let title = match &adapter {
            AnyAdapter::Pictures(adapter) => &adapter.header.task.title,
            AnyAdapter::Time(adapter) => &adapter.header.task.title,
        };
        let about = About {
            repo,
            bytes: bytes.len() as u64,
            backbone: options.backbone.as_ref(),
            picture: options.picture.is_some(),
        };
        let card = Card::of_adapter(&adapter, about);
        let message =
            format!("Bias adapter: {}", title.chars().filter(|c| !c.is_control()).collect::<String>());
        let config = agreement::config(&bytes, options.backbone.as_ref()).map_err(fails)?;
        let mut files = vec![(ADAPTER, bytes), (ADAPTER_CONFIG, config)];
        files.extend(options.picture.iter().map(|picture| (PICTURE, picture.clone())));
        self.plan(Content { files, card, message }, repo, options)
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
        let Weights { fingerprint, generated, spec, units, count } = read_weights(weights).map_err(fails)?;
        if fingerprint != generated {
            let why = format!("its weights are {fingerprint}, its spec generates {generated}");
            return Err(Error::DoesNotVerify { path: weights.to_owned(), why });
        }
        let config =
            json!({ "format": "bl-backbone", "version": 1, "fingerprint": fingerprint, "spec": spec });
        let mut files = vec![(BACKBONE_CONFIG, agreement::pretty(&config))];
        let mut bytes = None;
        if !spec_only {
            let content = std::fs::read(weights);
            let content = content.map_err(|source| Error::Read { path: weights.to_owned(), source })?;
            bytes = Some(content.len() as u64);
            files.push((BACKBONE, content));
        }
        let spec = canonical::text(&spec);
        let card = BackboneCard { repo, fingerprint, spec, units, weights: count, bytes }.card();
        let message = format!("Backbone {}", fingerprint.short());
        self.plan(Content { files, card, message }, repo, options)
    }

    /// Looks at what is there, brings the card up to date, and finds out whether anything would change.
    fn plan(&self, content: Content, repo: &RepoName, options: &PushOptions) -> Result<Plan, Error> {
        let Content { mut files, card, message } = content;
        let state = self.state(repo, &options.revision)?;
        let text = match state {
            RepoState::At(commit) => match self.existing_card(repo, commit)? {
                Some(existing) => merge(&existing, &card, repo)?,
                None => card.text(),
            },
            RepoState::New | RepoState::Unknown => card.text(),
        };
        files.push((CARD, text.into_bytes()));
        let is_unchanged = match state {
            RepoState::At(commit) => self.has_all(repo, commit, &files)?,
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
            is_unchanged,
        })
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

    /// Sends what was planned, as one commit; makes the repository if it is not there. A branch that moved on since the
    /// plan was made is an error, for its card would be lost.
    pub fn push(&self, plan: &Plan) -> Result<Pushed, Error> {
        if let (RepoState::At(commit), true) = (plan.state, plan.is_unchanged) {
            return Ok(Pushed::Unchanged(commit));
        }
        let repo = &plan.repo;
        let client = self.writer(&format!("a push to `{repo}`"))?;
        let hub = |doing: String| move |source| Error::Hub { doing, source: Box::new(source) };
        if !matches!(plan.state, RepoState::At(_)) {
            client
                .create_repository()
                .repo_id(repo.as_str())
                .repo_type(RepoTypeModel)
                .private(plan.private)
                .exist_ok(true)
                .send()
                .map_err(hub(format!("create the repository `{repo}`")))?;
        }
        let operations =
            plan.files.iter().map(|(name, bytes)| CommitOperation::add_bytes(*name, bytes.clone()));
        let (org, name) = repo.parts();
        let parent = match plan.state {
            RepoState::At(commit) if !plan.create_pr => Some(commit.to_string()),
            _ => None,
        };
        let committed = client
            .model(org, name)
            .create_commit()
            .operations(operations.collect())
            .commit_message(plan.message.clone())
            .revision(plan.revision.as_str())
            .create_pr(plan.create_pr)
            .maybe_parent_commit(parent)
            .send()
            .map_err(hub(format!("commit to `{repo}`")))?;
        let commit = committed.commit_oid.and_then(|oid| oid.parse::<Commit>().ok());
        if let Some(commit) = commit {
            self.check_arrived(plan, commit)?;
        }
        Ok(Pushed::Committed { commit, url: committed.pr_url.or(committed.commit_url) })
    }

    /// That the Hub now states the digests of what was sent.
    fn check_arrived(&self, plan: &Plan, commit: Commit) -> Result<(), Error> {
        for (name, bytes) in &plan.files {
            let facts = self.head(&plan.repo, &Revision::from(commit), name)?;
            let expected: BlobId = facts.id.of_same_kind(bytes);
            if facts.id != expected {
                let what = format!("{}@{}/{name}", plan.repo, commit.short());
                return Err(Error::Content { what, expected, found: facts.id });
            }
        }
        Ok(())
    }

    /// The client that writes, which must have a token: without one it would look for its own.
    fn writer(&self, what: &str) -> Result<hf_hub::HFClientSync, Error> {
        self.client(what)?; // connections must be allowed
        let environment = &self.environment;
        let token = environment.token.as_ref().ok_or_else(|| Error::NoToken { what: what.to_owned() })?;
        let start = |why: String| Error::Start { why };
        let own = environment.endpoint.clone();
        let to_itself = reqwest::redirect::Policy::custom(move |attempt| {
            if attempt.previous().len() < 5 && own.is_origin_of(attempt.url()) {
                attempt.follow()
            } else {
                attempt.error("what is sent goes to the endpoint alone")
            }
        });
        let http = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(to_itself)
            .connect_timeout(environment.download_timeout)
            .read_timeout(environment.download_timeout.max(std::time::Duration::from_secs(60)));
        let http = if environment.endpoint.is_local() { http.no_proxy() } else { http };
        hf_hub::HFClient::builder()
            .client(http.build().map_err(|error| start(error.to_string()))?)
            .endpoint(environment.endpoint.as_str())
            .token(token.secret())
            .cache_enabled(false)
            .retry_max_attempts(self.retry.attempts as usize)
            .retry_base_delay(self.retry.first_wait)
            .build_sync()
            .map_err(|error| start(error.to_string()))
    }
}

/// What a file of weights states, and what its spec generates.
struct Weights {
    fingerprint: Fingerprint,
    generated: Fingerprint,
    spec: Value,
    units: usize,
    count: usize,
}

/// Of either kind of network. Only a file that says that it is of the other kind is read as one: the fault of a damaged file
/// is the one that is found first.
fn read_weights(path: &Path) -> Result<Weights, bl_core::Error> {
    match Backbone::load(path) {
        Ok(backbone) => {
            let spec = backbone.spec();
            Ok(Weights {
                fingerprint: backbone.fingerprint(),
                generated: Backbone::generate(spec)?.fingerprint(),
                units: spec.hidden_units(),
                count: spec.frozen_weights(),
                spec: json!(spec),
            })
        }
        Err(error) if error.is_another_kind() => read_recurrent_weights(path),
        Err(error) => Err(error),
    }
}

fn read_recurrent_weights(path: &Path) -> Result<Weights, bl_core::Error> {
    let backbone = RecurrentBackbone::load(path)?;
    let spec = backbone.spec();
    Ok(Weights {
        fingerprint: backbone.fingerprint(),
        generated: RecurrentBackbone::generate(spec)?.fingerprint(),
        units: backbone.units(),
        count: spec.frozen_weights(),
        spec: json!(spec),
    })
}

fn does_not_verify(path: &Path, error: &bl_core::Error) -> Error {
    Error::DoesNotVerify { path: PathBuf::from(path), why: error.to_string() }
}

/// That the spec in the header generates the backbone that the header names, and that the adapter fits it.
fn check_backbone(adapter: &AnyAdapter) -> Result<(), bl_core::Error> {
    match adapter {
        AnyAdapter::Pictures(adapter) => {
            let backbone = Backbone::generate(&adapter.header.backbone.spec)?;
            backbone.prepare(adapter).map(drop)
        }
        AnyAdapter::Time(adapter) => adapter.generate_backbone().map(drop),
    }
}
