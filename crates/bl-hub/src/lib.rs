//! Adapters on the Hugging Face Hub, and the official files of data sets: the one crate that opens connections.
//!
//! ```
//! use bl_hub::{Environment, Hub, Target};
//!
//! // The environment is an argument: here one that forbids connections and has an empty cache.
//! let lookup = |name: &str| match name {
//!     "HF_HUB_OFFLINE" => Some("1".into()),
//!     "HF_HOME" => Some("/nowhere".into()),
//!     _ => None,
//! };
//! let hub = Hub::new(Environment::from_lookup(lookup, None)?);
//! let target: Target = "ada/digits@v1".parse()?;
//! let error = hub.pull(&target, &mut |_| {}).unwrap_err();
//! assert!(error.to_string().contains("HF_HUB_OFFLINE"));
//! # Ok::<(), bl_hub::Error>(())
//! ```
//!
//! # What is trusted
//!
//! Nothing that arrives. Names of files are ours ([`files`]), never the server's. An ETag or a commit must be hex digits
//! of the right number before it becomes part of a path, and the content must have the digest that the ETag states
//! before it gets its name in the cache. An adapter must verify (its own digest covers header and tensors), and
//! `adapter_config.json` must agree with it. Whatever fails, the cache is as it was.
//!
//! The token goes to the endpoint alone: redirects are followed by hand, without it as soon as the host is another.
//! An endpoint must be https, or this machine.
//!
//! # Why hf-hub writes and does not read
//!
//! hf-hub 1.0 creates repositories and commits here, with the Xet upload that the Hub wants for large files: that is sound,
//! and long. Downloads are our own, over the HTTP client that it brings, because its `download_file`
//! - stores what a `GET` brings whatever its status, once `HEAD` was well: a page that says "500" becomes a blob;
//! - never compares content with the digest in the ETag;
//! - uses the ETag as a file name, `../` included;
//! - answers from the cache when the Hub cannot be reached, without a word, and knows no `HF_HUB_OFFLINE`.
//!
//! Its client also looks for a token in the process's environment when it is given none, so it is only ever built with
//! one.

mod agreement;
mod ask;
mod cache;
mod card;
mod client;
mod data;
mod digest;
mod environment;
mod error;
pub mod files;
mod hub;
mod list;
mod name;
mod own_paths;
mod pace;
mod plan;
mod pull;
mod push;
mod redirect;
mod search;
mod stage;
mod transfer;

pub use client::Retry;
pub use data::{DataFile, Fetched, OfficialSet, official_set};
pub use digest::{BlobId, Commit};
pub use environment::{Endpoint, Environment};
pub use error::Error;
pub use hub::{Hub, Progress};
pub use list::{Cached, CachedAdapter};
pub use name::{RepoName, Revision, Target};
pub use plan::{Plan, PushOptions, RepoState};
pub use pull::{Pulled, PulledBackbone};
pub use push::Pushed;
pub use search::{Found, Query};
