#![allow(clippy::unwrap_used, reason = "a test that fails should say where")]

//! The documents say what is so: commands of README run, flags that documents name exist, links lead somewhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn documents() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    all.extend(
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| root().join(name)),
    );
    all.sort();
    all
}

/// One of the two programs, as the tests of the workspace build them.
fn program(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_bl-adapt")).with_file_name(name);
    assert!(path.exists(), "{name} is built by `cargo test --workspace`");
    path
}

/// Lines of the fenced blocks of a language.
fn fenced(text: &str, language: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut inside = None;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(fence) if inside.is_none() => inside = Some(fence.to_owned()),
            Some(_) => inside = None,
            None if inside.as_deref() == Some(language) => lines.push(line.to_owned()),
            None => {}
        }
    }
    lines
}

/// A command line without its comment, as words; `cargo run … --bin X --` is X.
fn words(line: &str) -> Vec<String> {
    let line = line.trim_start_matches("$ ").split(" #").next().unwrap_or_default();
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    match words.iter().position(|word| word == "--bin") {
        Some(at) if words[0] == "cargo" => [&words[at + 1..=at + 1], &words[at + 3..]].concat(),
        _ => words,
    }
}

fn ours(words: &[String]) -> bool {
    matches!(words.first().map(String::as_str), Some("bl-adapt" | "bl-run"))
}

#[test]
fn readme_is_short_and_its_commands_run() {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(text.lines().count() <= 170, "{} lines", text.lines().count());
    let folder = tempfile::tempdir().unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(root().join("adapters"), folder.path().join("adapters")).unwrap();
    let mut run = 0;
    for words in fenced(&text, "sh").iter().map(|line| words(line)).filter(|words| ours(words)) {
        let Output { status, stderr, .. } = Command::new(program(&words[0]))
            .args(&words[1..])
            .current_dir(folder.path())
            .env_remove("BL_DATA_DIR")
            .env("XDG_CACHE_HOME", folder.path().join("cache"))
            .output()
            .unwrap();
        assert!(status.success(), "{words:?}: {}", String::from_utf8_lossy(&stderr));
        run += 1;
    }
    assert!(run >= 3, "README has {run} commands to run");
    assert!(text.contains("cargo test --release --workspace"), "the command that runs the tests");
}

#[test]
fn flags_that_documents_name_exist() {
    let mut helps: BTreeMap<Vec<String>, String> = BTreeMap::new();
    for path in documents() {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = ["sh", "console"].map(|language| fenced(&text, language)).concat();
        let commands = lines.iter().filter(|line| line.starts_with("$ ") || line.starts_with("bl-"));
        for words in commands.map(|line| words(line)).filter(|words| ours(words)) {
            let subcommands = words[1..].iter().take_while(|word| !word.starts_with('-')).take(2);
            let mut command = vec![words[0].clone()];
            // Whatever is not a command is an argument of one: its help is that of the command before it.
            for word in subcommands {
                let mut deeper = command.clone();
                deeper.push(word.clone());
                if !help(&mut helps, &deeper).is_empty() {
                    command = deeper;
                }
            }
            let help = help(&mut helps, &command).to_owned();
            for flag in words[1..].iter().filter(|word| word.starts_with("--") && word.len() > 2) {
                let flag = flag.split('=').next().unwrap_or_default();
                assert!(help.contains(flag), "{}: `{}` has no `{flag}`", path.display(), command.join(" "));
            }
        }
    }
    assert!(helps.len() > 8, "documents show commands");
}

/// The help of a command; empty if there is no such command.
fn help<'h>(helps: &'h mut BTreeMap<Vec<String>, String>, command: &[String]) -> &'h str {
    helps.entry(command.to_vec()).or_insert_with(|| {
        let output = Command::new(program(&command[0])).args(&command[1..]).arg("--help").output().unwrap();
        let names_it = |text: &str| command.last().is_none_or(|last| text.contains(&format!(" {last}")));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let usage = text.lines().find(|line| line.starts_with("Usage:")).unwrap_or_default().to_owned();
        if output.status.success() && (command.len() == 1 || names_it(&usage)) { text } else { String::new() }
    })
}

#[test]
fn links_between_documents_lead_somewhere() {
    for path in documents() {
        let text = std::fs::read_to_string(&path).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") || file.contains(' ') || file.contains('`') {
                continue;
            }
            let there = path.parent().unwrap().join(file);
            assert!(there.exists(), "{}: {target}", path.display());
        }
    }
}
