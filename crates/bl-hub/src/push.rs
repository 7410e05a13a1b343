//! What was planned, as one commit.

use std::time::Duration;

use hf_hub::RepoTypeModel;
use hf_hub::repository::CommitOperation;

use crate::client::USER_AGENT;
use crate::digest::{BlobId, Commit};
use crate::error::Error;
use crate::hub::Hub;
use crate::name::Revision;
use crate::plan::{Plan, RepoState};

/// Bytes a second of a line that is hardly one.
const SLOW: u64 = 32 << 10;

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

impl Hub {
    /// Sends what was planned, as one commit; makes the repository if it is not there. A branch that moved on since the
    /// plan was made is an error, for its card would be lost.
    pub fn push(&self, plan: &Plan) -> Result<Pushed, Error> {
        if let (RepoState::At(commit), true) = (plan.state, plan.is_unchanged) {
            return Ok(Pushed::Unchanged(commit));
        }
        let repo = &plan.repo;
        let bytes = plan.files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        let client = self.writer(&format!("a push to `{repo}`"), bytes)?;
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

    /// The client that writes, which must have a token: without one it would look for its own. No request takes longer
    /// than sending all `bytes` over a slow line would.
    fn writer(&self, what: &str, bytes: u64) -> Result<hf_hub::HFClientSync, Error> {
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
            .timeout(Duration::from_secs(60 + bytes / SLOW))
            .read_timeout(environment.download_timeout.max(Duration::from_secs(60)));
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
