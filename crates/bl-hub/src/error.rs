//! What can go wrong, as facts: what was expected, what was found. [`Error::hint`] says what to do.

use std::path::PathBuf;

use bl_core::text::{nearest, pasted_path};
use bl_tasks::{catalogue, find_task};
use hf_hub::HFError;

use crate::digest::BlobId;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Error {
    #[error(
        "`{found}` is not a valid repository name: expected `org/name` of letters, digits, `-`, `_` and `.`"
    )]
    RepoName { found: String },
    #[error("`{found}` is not a valid revision: expected a branch, a tag or a commit")]
    Revision { found: String },
    #[error("`{name}` is `{found}`, expected {expected}")]
    Variable { name: &'static str, expected: &'static str, found: String },
    #[error("`HF_ENDPOINT` is `{found}`: expected an https address, or http on this machine; {why}")]
    Endpoint { found: String, why: &'static str },
    #[error("cannot read the token in `{}`: {source}", path.display())]
    TokenFile { path: PathBuf, source: std::io::Error },
    #[error("{what} needs a token, and none is set")]
    NoToken { what: String },

    #[error("{what} needs a connection, which `{variable}` forbids; the cache is `{}`", cache.display())]
    Offline { variable: &'static str, what: String, cache: PathBuf },
    #[error("cannot connect to `{host}`: {why}")]
    Connect { host: String, why: String },
    #[error("`{host}` did not answer within {seconds} s")]
    TimedOut { host: String, seconds: f64, variable: &'static str },
    #[error("`{host}` sends less than {bytes} bytes in {seconds} s")]
    TooSlow { host: String, bytes: usize, seconds: f64 },
    #[error("`{host}`: refused to follow a redirect from `{from}` to `{to}`: {why}")]
    Redirect { host: String, from: String, to: String, why: &'static str },
    #[error("`{what}`: not allowed without a valid token (401){}", said(message))]
    Unauthorized { what: String, with_token: bool, message: String },
    #[error("`{what}`: access denied (403){}", said(message))]
    Forbidden { what: String, message: String },
    #[error("there is no repository `{repo}` on `{host}`, or it is private{}", said(message))]
    NoRepo { repo: String, host: String, message: String },
    #[error("repository `{repo}` has no revision `{revision}`")]
    NoRevision { repo: String, revision: String },
    #[error("repository `{repo}` has no file `{file}` at {revision}")]
    NoFile { repo: String, revision: String, file: String },
    #[error("rate-limited by `{host}` (429){}", wait(*seconds))]
    RateLimited { host: String, seconds: Option<u64> },
    #[error("`{what}`: the server answered with status {status}{}", said(message))]
    Status { what: String, status: u16, message: String },
    #[error("`{what}`: expected the file, got an HTML page (status {status})")]
    Page { what: String, status: u16 },
    #[error("`{what}`: expected {expected} in the header `{header}`, found {found}")]
    Header { what: String, header: &'static str, expected: &'static str, found: String },
    #[error("`{what}`: the answer is not valid JSON: {source}")]
    Answer { what: String, source: serde_json::Error },

    #[error("`{what}`: the transfer was interrupted: expected {expected} bytes, found {found}")]
    Truncated { what: String, expected: u64, found: u64 },
    #[error("`{what}`: expected {expected} bytes, found {found}")]
    Size { what: String, expected: u64, found: u64 },
    #[error("`{what}` has {found} bytes, expected at most {max}")]
    TooLarge { what: String, found: u64, max: u64 },
    #[error("`{what}` changed during the download: expected {expected}, found {found}")]
    Changed { what: String, expected: String, found: String },
    #[error("`{what}`: expected content with the digest {expected}, found {found}")]
    Content { what: String, expected: BlobId, found: BlobId },
    #[error("`{}` is damaged: expected content with the digest {expected}, found {found}", path.display())]
    DamagedCache { path: PathBuf, expected: BlobId, found: BlobId },

    #[error("`{what}` is not a valid bias adapter: {source}")]
    NotAnAdapter { what: String, source: Box<bl_core::Error> },
    #[error("`{what}` holds an adapter of type `{found}`, expected one of this program's")]
    OtherAdapter { what: String, found: String },
    #[error("`{what}` is not a valid backbone: {why}")]
    NotABackbone { what: String, why: String },
    #[error(
        "`{what}`: `adapter_config.json` disagrees with the adapter's header in `{field}`: expected {expected}, found \
         {found}"
    )]
    Disagrees { what: String, field: String, expected: String, found: String },
    #[error("`{what}` is not a valid JSON object: {why}")]
    Config { what: String, why: String },

    #[error("the card of `{repo}` cannot be updated: {why}")]
    Card { repo: String, why: String },
    #[error("`{}` does not verify: {why}", path.display())]
    DoesNotVerify { path: PathBuf, why: String },
    #[error("cannot {doing}: {}", words(source))]
    Hub { doing: String, source: Box<HFError> },

    #[error("task `{task}` has no files to fetch: {why}")]
    NoOfficialFiles { task: String, why: &'static str },
    #[error("no mirror served a valid copy of `{file}`")]
    NoMirror { file: String, failures: Vec<Error> },
    #[error("`{what}`: expected {expected} after unpacking, found {found}")]
    Unpacked { what: String, expected: String, found: String },

    #[error("cannot write `{}`: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("cannot read `{}`: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot start the HTTP client: {why}")]
    Start { why: String },
}

fn said(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

fn wait(seconds: Option<u64>) -> String {
    seconds.map_or(String::new(), |seconds| format!(": retry after {seconds} s"))
}

/// An error of the client and its causes, on one line.
fn words(error: &HFError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::RepoName { .. } => "names look like `ada/digits`, with a revision `ada/digits@v1`".into(),
            Self::Revision { .. } => "revisions look like `main`, `v1.0`, `refs/pr/1` or a commit's 40 digits".into(),
            Self::Endpoint { .. } => "unset it for https://huggingface.co".into(),
            Self::TokenFile { .. } => "check who may read it, or set `HF_TOKEN`".into(),
            Self::NoToken { .. } => {
                "create a token with write access in your account settings on the Hub, then set `HF_TOKEN` or run \
                 `hf auth login` (`HF_HUB_DISABLE_IMPLICIT_TOKEN` must not be set)"
                    .into()
            }
            Self::Offline { variable, .. } => format!(
                "unset `{variable}` to allow connections, or pull on a connected machine and copy its cache (`HF_HOME` or \
                 `HF_HUB_CACHE` say where it is)"
            ),
            Self::Connect { .. } => {
                "check the connection; what is in the cache works without one: `HF_HUB_OFFLINE=1`".into()
            }
            Self::TooSlow { .. } => "try again later, or allow it more time: `HF_HUB_DOWNLOAD_TIMEOUT=60`".into(),
            Self::TimedOut { variable, .. } => format!("try again, or wait longer: `{variable}=60`"),
            Self::Redirect { .. } | Self::Page { .. } => {
                "does this network require a login, or does `HF_ENDPOINT` name another server?".into()
            }
            Self::Header { .. } | Self::Answer { .. } => {
                "is `HF_ENDPOINT` a Hugging Face Hub, or does a proxy answer in its place?".into()
            }
            Self::Unauthorized { with_token: false, .. } => {
                "check the name; for a private repository set `HF_TOKEN`".into()
            }
            Self::Unauthorized { with_token: true, .. } => {
                "check the name, and whether the token has expired (`HF_TOKEN`, else the file `$HF_HOME/token`)".into()
            }
            Self::Forbidden { .. } => {
                "the token needs permission for this; a gated repository asks for consent on its page".into()
            }
            Self::NoRepo { .. } => "check the name; for a private repository set `HF_TOKEN`".into(),
            Self::NoRevision { .. } => "leave out `@revision` for the latest".into(),
            Self::NoFile { .. } | Self::NotAnAdapter { .. } => {
                "`bl-adapt search` lists repositories of bias adapters".into()
            }
            Self::RateLimited { .. } => "wait, then try again; a token raises the limit".into(),
            Self::Status { status: 500.., .. } => "this is a server error: try again later".into(),
            Self::Truncated { .. } | Self::Size { .. } | Self::Changed { .. } => {
                "nothing was kept: try again".into()
            }
            Self::Content { .. } => {
                "nothing was kept: try again; if it happens again, the server or a proxy does not send what it states"
                    .into()
            }
            Self::DamagedCache { path, .. } => {
                format!("delete it (`rm {}`): it is downloaded again when connections are allowed", pasted_path(path))
            }
            Self::TooLarge { .. } => "is it another kind of file?".into(),
            Self::OtherAdapter { .. } => "PEFT loads adapters of its own types".into(),
            Self::NotABackbone { .. } => "`bl-adapt backbone push` creates repositories of backbones".into(),
            Self::Disagrees { .. } | Self::Config { .. } => {
                "tell its author: `bl-adapt push` writes both alike; the adapter file itself, given by its path, still runs".into()
            }
            Self::Card { .. } => "fix its front matter or its marks by hand, then push again".into(),
            Self::DoesNotVerify { .. } => "`bl-adapt verify FILE` says more; train or download it again".into(),
            Self::Hub { source, .. } => match &**source {
                HFError::AuthRequired { .. } | HFError::Forbidden { .. } => {
                    "the token (`HF_TOKEN`, else the file `$HF_HOME/token`) needs write access to the repository".into()
                }
                HFError::Conflict { .. } => "there is a newer commit: push again".into(),
                HFError::Http { context } if context.status.as_u16() == 412 => {
                    "there is a newer commit: push again".into()
                }
                HFError::RateLimited { .. } => "wait, then push again".into(),
                HFError::Xet { .. } | HFError::Request { .. } => {
                    "the commit may not have been made: check the repository, or push again".into()
                }
                _ => return None,
            },
            Self::NoMirror { failures, .. } => {
                let last = failures.last().map_or(String::new(), |error| format!(" (last error: {error})"));
                format!("try again, or use another mirror: `--mirror URL`{last}")
            }
            Self::NoOfficialFiles { task, .. } => {
                let names = catalogue().filter(|info| info.images().is_some()).map(|info| info.name);
                match nearest(task, names) {
                    _ if find_task(task).is_some() => return None,
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`bl-adapt data list` names the tasks".into(),
                }
            }
            Self::Unpacked { .. } => "nothing was kept: the mirror has another file".into(),
            _ => return None,
        };
        Some(hint)
    }

    /// Whether nothing was learned of what was asked: no connection, no answer, or the answer of something else.
    pub(crate) fn is_unreachable(&self) -> bool {
        let is_odd = matches!(
            self,
            Self::TooSlow { .. }
                | Self::Answer { .. }
                | Self::Header { .. }
                | Self::Redirect { .. }
                | Self::Page { .. }
                | Self::Start { .. }
        );
        is_odd || self.is_transient()
    }

    /// Whether another attempt may succeed.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Connect { .. }
            | Self::TimedOut { .. }
            | Self::Truncated { .. }
            | Self::RateLimited { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 500 | 502 | 503 | 504),
            _ => false,
        }
    }
}
