//! `/api/…`: repositories, uploads and commits.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::request::Request;
use crate::store::{Store, etag, git_blob_sha1, is_large, sha256};

/// The answer, if the path is one of these.
pub(crate) fn answer(store: &mut Store, request: &Request) -> Option<Answer> {
    let path = request.path.as_str();
    if path.ends_with(".git/info/lfs/objects/batch") {
        return Some(batch(request));
    }
    if let Some(digest) = path.strip_prefix("/upload/") {
        store.uploads.insert(digest.to_owned(), request.body.clone());
        return Some(Answer::new(200, ""));
    }
    match path.strip_prefix("/api/")? {
        "repos/create" => Some(create(store, request)),
        "validate-yaml" => Some(Answer::json(&json!({ "errors": [], "warnings": [] }))),
        "whoami-v2" => Some(Answer::json(&json!({ "type": "user", "name": "ada", "orgs": [] }))),
        "models" => Some(search(store, request)),
        rest => of_model(store, rest.strip_prefix("models/")?, request),
    }
}

fn of_model(store: &mut Store, path: &str, request: &Request) -> Option<Answer> {
    let mut parts = path.splitn(4, '/'); // a revision such as refs/pr/1 has slashes of its own
    let repo = format!("{}/{}", parts.next()?, parts.next()?);
    let (verb, revision) = (parts.next().unwrap_or("revision"), parts.next().unwrap_or("main"));
    if store.repo(&repo).is_none() {
        return Some(Answer::error(404, "Repository not found").with("x-error-code", "RepoNotFound"));
    }
    if verb == "commit" {
        return Some(commit(store, &repo, revision, request));
    }
    let Some(sha) = store.resolve(&repo, revision).cloned() else {
        return Some(Answer::error(404, "Invalid rev id").with("x-error-code", "RevisionNotFound"));
    };
    match verb {
        "revision" => Some(Answer::json(&about(store, &repo, &sha))),
        "tree" | "paths-info" => Some(Answer::json(&tree(store, &repo, &sha))),
        "preupload" => Some(preupload(store, &repo, revision, request)),
        _ => None,
    }
}

fn create(store: &mut Store, request: &Request) -> Answer {
    let asked = json_body(request);
    let owner = asked["organization"].as_str().unwrap_or("ada");
    let repo = format!("{owner}/{}", asked["name"].as_str().unwrap_or_default());
    let private = asked["private"].as_bool().unwrap_or(false);
    if store.create(&repo, private) {
        Answer::json(&json!({ "url": format!("/{repo}"), "name": repo, "id": repo }))
    } else {
        Answer::error(409, "You already created this model repo")
    }
}

fn about(store: &Store, repo: &str, sha: &str) -> Value {
    let files = store.files(repo, sha).into_iter().flatten();
    json!({
        "_id": "0",
        "id": repo,
        "modelId": repo,
        "sha": sha,
        "private": store.repo(repo).is_some_and(|repo| repo.private),
        "tags": tags(store, repo),
        "downloads": 7,
        "likes": 0,
        "lastModified": "2026-01-01T00:00:00.000Z",
        "siblings": files.map(|(path, _)| json!({ "rfilename": path })).collect::<Vec<_>>(),
    })
}

fn tree(store: &Store, repo: &str, sha: &str) -> Value {
    let files = store.files(repo, sha).into_iter().flatten();
    let entry = |(path, bytes): (&String, &Vec<u8>)| {
        let mut entry =
            json!({ "type": "file", "path": path, "size": bytes.len(), "oid": git_blob_sha1(bytes) });
        if is_large(path) {
            entry["lfs"] = json!({ "oid": sha256(bytes), "size": bytes.len(), "pointerSize": 130 });
        }
        entry
    };
    files.map(entry).collect()
}

/// The `tags` of a card's front matter, one per line.
fn tags(store: &Store, repo: &str) -> Vec<String> {
    let card = store.file(repo, "main", "README.md").map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let card = card.unwrap_or_default();
    let lines = card.lines().skip_while(|line| *line != "tags:").skip(1);
    let items = lines.map_while(|line| line.trim_start().strip_prefix("- "));
    items.map(|item| item.trim_matches('"').to_owned()).collect()
}

fn search(store: &Store, request: &Request) -> Answer {
    let asked: Vec<&str> = request
        .query
        .iter()
        .filter(|(name, _)| name == "filter")
        .flat_map(|(_, value)| value.split(','))
        .collect();
    let fits = |repo: &&String| {
        let tags = tags(store, repo);
        asked.iter().all(|asked| tags.iter().any(|tag| tag == asked))
    };
    let found = store.names().filter(fits).map(|repo| {
        let sha = store.resolve(repo, "main").cloned().unwrap_or_default();
        about(store, repo, &sha)
    });
    Answer::json(&found.collect())
}

fn preupload(store: &Store, repo: &str, revision: &str, request: &Request) -> Answer {
    let asked = json_body(request);
    let modes = asked["files"].as_array().into_iter().flatten().filter_map(|file| {
        let path = file["path"].as_str()?;
        let mode = if is_large(path) { "lfs" } else { "regular" };
        let there = store.file(repo, revision, path).map(|bytes| etag(path, bytes));
        Some(json!({ "path": path, "uploadMode": mode, "shouldIgnore": false, "oid": there }))
    });
    Answer::json(&json!({ "files": modes.collect::<Vec<_>>(), "commitOid": store.resolve(repo, revision) }))
}

/// Plain uploads only: a client that knows Xet alone sends large files inside the commit.
fn batch(request: &Request) -> Answer {
    let asked = json_body(request);
    let objects = asked["objects"].as_array().into_iter().flatten().map(|object| {
        let href = format!("http://{}/upload/{}", request.host, object["oid"].as_str().unwrap_or_default());
        json!({ "oid": object["oid"], "size": object["size"], "actions": { "upload": { "href": href } } })
    });
    Answer::json(&json!({ "transfer": "basic", "objects": objects.collect::<Vec<_>>() }))
}

fn commit(store: &mut Store, repo: &str, revision: &str, request: &Request) -> Answer {
    let text = String::from_utf8_lossy(&request.body);
    let (mut changes, mut parent) = (Vec::new(), None);
    for line in text.lines() {
        let Ok(line) = serde_json::from_str::<Value>(line) else { return Answer::error(400, "not JSON") };
        let value = &line["value"];
        let path = value["path"].as_str().unwrap_or_default().to_owned();
        match line["key"].as_str() {
            Some("header") => parent = value["parentCommit"].as_str().map(str::to_owned),
            Some("file") => match BASE64_STANDARD.decode(value["content"].as_str().unwrap_or_default()) {
                Ok(bytes) => changes.push((path, Some(bytes))),
                Err(_) => return Answer::error(400, "not base64"),
            },
            Some("lfsFile") => match store.uploads.get(value["oid"].as_str().unwrap_or_default()) {
                Some(bytes) => changes.push((path, Some(bytes.clone()))),
                None => return Answer::error(400, "lfs file was not uploaded"),
            },
            Some("deletedFile") => changes.push((path, None)),
            _ => return Answer::error(400, "unknown key"),
        }
    }
    let there = store.resolve(repo, revision).cloned();
    if parent.is_some() && parent != there {
        return Answer::error(412, "A commit has happened since. Please refresh and try again.");
    }
    if request.parameter("create_pr") == Some("1") {
        let oid = store.commit(repo, "refs/pr/1", changes);
        return Answer::json(&json!({
            "success": true,
            "commitOid": oid,
            "commitUrl": format!("http://127.0.0.1/{repo}/commit/{oid}"),
            "pullRequestUrl": format!("http://127.0.0.1/{repo}/discussions/1"),
        }));
    }
    let oid = store.commit(repo, revision, changes);
    let url = format!("http://127.0.0.1/{repo}/commit/{oid}");
    Answer::json(&json!({ "success": true, "commitOid": oid, "commitUrl": url }))
}

fn json_body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap_or_default()
}
