//! `bl-adapt push` and `backbone push`: an adapter or a backbone to the Hub, or what would be sent.

use std::path::Path;

use bl_cli::{ExitStatus, Printer, format_bytes};
use bl_core::Adapter;
use bl_hub::{BlobId, Environment, Hub, Plan, PushOptions, Pushed, RepoState, Retry, files};
use serde::Serialize;

use super::{figure, hub};
use crate::cli::{CommitArgs, PushArgs};

#[derive(Serialize)]
struct Report {
    repo: String,
    revision: String,
    message: String,
    dry_run: bool,
    files: Vec<FileReport>,
    /// Whether the repository had exactly these files already.
    unchanged: bool,
    commit: Option<String>,
    url: Option<String>,
}

#[derive(Serialize)]
struct FileReport {
    name: &'static str,
    bytes: usize,
    sha256: String,
}

pub(crate) fn adapter(args: &PushArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    let repo = hub::repo(&args.commit.repo)?;
    let adapter = Adapter::load(&args.adapter)?;
    let picture = if args.no_picture { None } else { figure::draw(&adapter, &args.data, out) };
    let backbone = args.backbone.as_deref().map(hub::repo).transpose()?;
    let options = PushOptions { picture, backbone, keep_path: args.keep_path, ..options(&args.commit)? };
    let hub = to_push(&args.commit)?;
    let plan = hub.plan_adapter(&args.adapter, &repo, &options)?;
    finish(&hub, &plan, &args.commit, out)
}

pub(super) fn backbone(
    file: &Path,
    spec_only: bool,
    args: &CommitArgs,
    out: Printer,
) -> anyhow::Result<ExitStatus> {
    let repo = hub::repo(&args.repo)?;
    let hub = to_push(args)?;
    let plan = hub.plan_backbone(file, spec_only, &repo, &options(args)?)?;
    finish(&hub, &plan, args, out)
}

/// A dry run looks at what is there if it can, and does not wait for it.
fn to_push(args: &CommitArgs) -> Result<Hub, bl_hub::Error> {
    let retry = if args.dry_run { Retry { attempts: 1, ..Retry::default() } } else { Retry::default() };
    Ok(Hub::with_retry(Environment::of_process()?, retry))
}

fn options(args: &CommitArgs) -> anyhow::Result<PushOptions> {
    Ok(PushOptions {
        revision: args.revision.parse()?,
        message: args.message.clone(),
        private: args.private,
        create_pr: args.create_pr,
        dry_run: args.dry_run,
        ..PushOptions::default()
    })
}

fn finish(hub: &Hub, plan: &Plan, args: &CommitArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    announce(plan, out);
    let mut report = report(plan, args.dry_run);
    if args.dry_run {
        dry_run(plan, args.out.as_deref(), out)?;
    } else {
        match hub.push(plan)? {
            Pushed::Unchanged(commit) => report.commit = Some(commit.to_string()),
            Pushed::Committed { commit, url } => {
                report.commit = commit.map(|commit| commit.to_string());
                report.url = url;
            }
        }
        if !out.is_json() {
            let name = report
                .commit
                .as_ref()
                .map_or(report.repo.clone(), |commit| format!("{}@{commit}", report.repo));
            out.say(if report.unchanged {
                "unchanged  nothing was sent"
            } else {
                "pushed     and the Hub states the same digests"
            });
            if let Some(url) = &report.url {
                out.say(format!("page       {url}"));
            }
            out.result(name)?;
        }
    }
    if out.is_json() {
        out.json(&report)?;
    }
    Ok(ExitStatus::Success)
}

fn announce(plan: &Plan, out: Printer) {
    let state = match plan.state {
        RepoState::At(commit) => format!("is at {}", commit.short()),
        RepoState::New => "is new".into(),
        RepoState::Unknown => {
            "may already exist (the Hub was not asked); an existing card would be kept and is not shown"
                .into()
        }
    };
    out.say(format!("repository {}@{} {state}", plan.repo, plan.revision));
    out.say(format!("commit     {}{}", plan.message, if plan.create_pr { " (a pull request)" } else { "" }));
    for (path, name) in &plan.shortened {
        out.say(format!(
            "path       `{path}` is not sent: `{name}` stands for it, so the digest is another (`--keep-path` keeps it)"
        ));
    }
    for (name, bytes) in &plan.files {
        out.say(format!("file       {name:<28} {:>10}", format_bytes(bytes.len() as u64)));
    }
}

/// The texts as they would be sent, or all files in a folder.
fn dry_run(plan: &Plan, folder: Option<&Path>, out: Printer) -> anyhow::Result<()> {
    let unchanged =
        if plan.is_unchanged { "; and nothing would be, for it has exactly these files" } else { "" };
    out.say(format!("dry run    nothing was sent{unchanged}"));
    if let Some(folder) = folder {
        for (name, bytes) in &plan.files {
            bl_core::files::write_atomically(&folder.join(name), bytes)?;
        }
        if !out.is_json() {
            out.result(folder.display().to_string())?;
        }
        return Ok(());
    }
    let texts = plan
        .files
        .iter()
        .filter(|(name, _)| [files::CARD, files::ADAPTER_CONFIG, files::BACKBONE_CONFIG].contains(name));
    for (name, bytes) in texts.filter(|_| !out.is_json()) {
        out.result(format!("== {name}"))?;
        out.results(String::from_utf8_lossy(bytes).trim_end().lines())?;
    }
    Ok(())
}

fn report(plan: &Plan, dry_run: bool) -> Report {
    let file = |(name, bytes): &(&'static str, Vec<u8>)| FileReport {
        name,
        bytes: bytes.len(),
        sha256: BlobId::sha256(bytes).to_string(),
    };
    Report {
        repo: plan.repo.to_string(),
        revision: plan.revision.to_string(),
        message: plan.message.clone(),
        dry_run,
        files: plan.files.iter().map(file).collect(),
        unchanged: plan.is_unchanged,
        commit: None,
        url: None,
    }
}
