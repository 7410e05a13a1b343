//! Loading, replacing and unloading, as the protocol's repository extension has it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bl_runtime::{Expect, Version, check_name};
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::body::{self, Received};
use crate::failure::Failure;
use crate::folder::Listing;
use crate::json::{Json, read_or_default};
use crate::names::MIXED;
use crate::server::{LoadOutcome, Server};

#[derive(Default, Deserialize)]
struct IndexRequest {
    #[serde(default)]
    ready: bool,
}

#[derive(Serialize)]
pub(crate) struct IndexEntry {
    name: String,
    version: String,
    state: &'static str,
    reason: String,
    /// Of what is not loaded: whether it is a file that may be loaded under this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    loadable: Option<bool>,
}

/// What is served, and what of the folder is not, with the reason.
pub(crate) async fn index(
    State(server): State<Arc<Server>>,
    request: Request,
) -> Result<Json<Vec<IndexEntry>>, Failure> {
    let Received { body, .. } = body::read(request, &server).await?;
    let IndexRequest { ready } = read_or_default(&body)?;
    let of = Arc::clone(&server);
    server.work(move || Ok(Json(entries(&of, ready)))).await
}

/// Looks into the folder unless only those are asked for that are `ready`.
fn entries(server: &Server, ready: bool) -> Vec<IndexEntry> {
    let mut refused = server.refused();
    let mut entries: Vec<IndexEntry> = server
        .runtime
        .list()
        .into_iter()
        .map(|(name, version)| {
            // One that was to replace it and could not: it goes on, and says so.
            let reason = refused.remove(&name).unwrap_or_default();
            IndexEntry { name, version: version.id().short(), state: "READY", reason, loadable: None }
        })
        .collect();
    if !ready {
        let Listing { files, others } = server.folder.list().unwrap_or_default();
        let mut absent: BTreeMap<_, _> =
            others.into_iter().map(|(name, reason)| (name, (reason, false))).collect();
        for name in files.into_keys() {
            let reason = refused.remove(&name).unwrap_or_else(|| "not loaded".into());
            absent.insert(name, (reason, true));
        }
        for loaded in &entries {
            absent.remove(&loaded.name);
        }
        let unavailable = |(name, (reason, loadable))| IndexEntry {
            name,
            version: String::new(),
            state: "UNAVAILABLE",
            reason,
            loadable: Some(loadable),
        };
        entries.extend(absent.into_iter().map(unavailable));
        entries.sort_by(|a, b| a.name.cmp(&b.name));
    }
    entries
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LoadRequest {
    #[serde(default)]
    parameters: LoadParameters,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LoadParameters {
    /// A file of the folder; else `NAME.safetensors`.
    source: Option<String>,
    /// The file itself, as base64.
    file: Option<String>,
    /// What must be loaded now.
    expected_version: Option<String>,
    /// Whether another may be loaded now; true unless said otherwise.
    replace: Option<bool>,
}

#[derive(Serialize)]
pub(crate) struct LoadResponse {
    name: String,
    version: String,
    /// The version that the name stood for before.
    replaced: Option<String>,
}

pub(crate) async fn load(
    State(server): State<Arc<Server>>,
    Address(name): Address<String>,
    request: Request,
) -> Result<Json<LoadResponse>, Failure> {
    check_allowed(&server)?;
    if name == MIXED {
        return Err(Failure::bad_input(format!(
            "`{MIXED}` is not a valid adapter name: it is the address of mixed batches"
        )));
    }
    check_name(&name)?;
    let Received { body, room, .. } = body::read(request, &server).await?;
    let Ok(only) = Arc::clone(&server.loading).try_acquire_owned() else {
        return Err(Failure::new(
            StatusCode::TOO_MANY_REQUESTS,
            "load_busy",
            "another adapter is being loaded",
        )
        .hint("retry when that is done"));
    };
    let work = move || {
        let _until_done = (only, room); // whether or not somebody still waits for it
        let LoadRequest { parameters } = read_or_default(&body)?;
        carry_out(&server, name, &parameters).map(Json)
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::internal(error.to_string()))?
}

/// Takes as long as a backbone takes to generate.
fn carry_out(server: &Server, name: String, parameters: &LoadParameters) -> Result<LoadResponse, Failure> {
    let expect = expectation(server, &name, parameters)?;
    let LoadOutcome { version, replaced } = match origin(&name, parameters)? {
        Origin::Own(file) => server.load_own(&name, &file, expect)?,
        Origin::File(file) => server.load(&name, &server.folder.read(&file)?, expect)?,
        Origin::Bytes(bytes) => server.load(&name, &bytes, expect)?,
    };
    let version = version.id().short();
    server.tell(&format!("loaded `{name}` as {version}"));
    Ok(LoadResponse { name, version, replaced: replaced.map(|old| old.id().short()) })
}

pub(crate) async fn unload(
    State(server): State<Arc<Server>>,
    Address(name): Address<String>,
    request: Request,
) -> Result<Json<serde_json::Map<String, serde_json::Value>>, Failure> {
    check_allowed(&server)?;
    body::read(request, &server).await?;
    server.unload(&name)?;
    server.tell(&format!("unloaded `{name}`"));
    Ok(Json(serde_json::Map::new()))
}

/// Clients change what is served only where they may.
fn check_allowed(server: &Server) -> Result<(), Failure> {
    if !server.settings.allow_mutation {
        let error = "this server does not let clients load or unload adapters";
        return Err(Failure::new(StatusCode::FORBIDDEN, "mutation_disabled", error)
            .hint("start it with `--allow-mutation`, or put the file into its folder under `--watch`"));
    }
    Ok(())
}

fn expectation(server: &Server, name: &str, parameters: &LoadParameters) -> Result<Expect, Failure> {
    match (&parameters.expected_version, parameters.replace) {
        (Some(version), _) => {
            let now = server.runtime.get(name).ok().map(|version: Arc<Version>| version.id());
            if let Some(id) = now.filter(|id| id.short() == *version || id.to_string() == *version) {
                return Ok(Expect::Version(id)); // compared again when it is swapped
            }
            let found = now.map_or("nothing".to_owned(), |id| format!("version `{}`", id.short()));
            let error = format!("adapter `{name}` is {found}, expected version `{version}`");
            Err(Failure::new(StatusCode::CONFLICT, "generation_mismatch", error)
                .hint("it was replaced in the meantime: look at what is loaded now, and try again"))
        }
        (None, Some(false)) => Ok(Expect::Nothing),
        (None, _) => Ok(Expect::Anything),
    }
}

enum Origin {
    /// That has the adapter's name.
    Own(PathBuf),
    File(PathBuf),
    Bytes(Vec<u8>),
}

fn origin(name: &str, parameters: &LoadParameters) -> Result<Origin, Failure> {
    match (&parameters.source, &parameters.file) {
        (Some(_), Some(_)) => Err(Failure::bad_input("expected `source` or `file`, found both")),
        (None, Some(file)) => {
            let bytes = STANDARD.decode(file);
            bytes
                .map(Origin::Bytes)
                .map_err(|error| Failure::bad_input(format!("`file` is not base64: {error}")))
        }
        (Some(source), None) => Ok(Origin::File(source.into())),
        (None, None) => Ok(Origin::Own(format!("{name}.safetensors").into())),
    }
}
