//! Transcripts of the command line: not what it says, but the names and types of the fields in which it says it, and the
//! flags that it takes. Scripts rely on both. `BL_BLESS=1` writes the files anew; a change of them is a change of the
//! contract and belongs into CHANGELOG.md.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "shared by several test programs")]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// Every field as `path: type`, sorted; what is in a list is merged under `[]`. What is no JSON is `(text)`.
pub fn shape(text: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return "(text)\n".to_owned() };
    let mut lines = BTreeSet::new();
    add(&value, "", &mut lines);
    lines.into_iter().map(|line| line + "\n").collect()
}

fn add(value: &Value, path: &str, lines: &mut BTreeSet<String>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(values) => {
            for value in values {
                add(value, &format!("{path}[]"), lines);
            }
            "array"
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                add(value, &format!("{path}.{name}"), lines);
            }
            "object"
        }
    };
    lines.insert(format!("{}: {kind}", if path.is_empty() { "." } else { path }));
}

/// Transcripts that are not as they were.
#[derive(Default)]
pub struct Differences(Vec<String>);

impl Differences {
    /// Compares a transcript with the file that is kept of it.
    pub fn compare(&mut self, folder: &Path, name: &str, found: &str) {
        let path = folder.join(format!("{name}.txt"));
        if std::env::var_os("BL_BLESS").is_some_and(|value| value == "1") {
            std::fs::create_dir_all(folder).expect("a folder");
            std::fs::write(&path, found).expect("a small file");
            return;
        }
        let Ok(expected) = std::fs::read_to_string(&path) else {
            self.0.push(format!("{name}: no transcript is kept"));
            return;
        };
        let (kept, now): (BTreeSet<&str>, BTreeSet<&str>) =
            (expected.lines().collect(), found.lines().collect());
        self.0.extend(kept.difference(&now).map(|line| format!("{name}: - {line}")));
        self.0.extend(now.difference(&kept).map(|line| format!("{name}: + {line}")));
    }

    #[track_caller]
    pub fn assert_none(&self) {
        assert!(self.0.is_empty(), "other transcripts (`BL_BLESS=1` accepts them):\n{}", self.0.join("\n"));
    }
}

/// The flags of a help text, long and short.
fn flags(help: &str) -> BTreeSet<String> {
    let mut flags = BTreeSet::new();
    for line in help.lines().map(str::trim_start).filter(|line| line.starts_with('-')) {
        let named = line.split_whitespace().take_while(|word| word.starts_with('-'));
        flags.extend(named.map(|flag| {
            let end = flag.find(['=', ',', '[', '<']).unwrap_or(flag.len());
            flag[..end].to_owned()
        }));
    }
    flags.retain(|flag| flag.trim_start_matches('-').starts_with(char::is_alphanumeric)); // no item of a list
    flags
}

/// Whether every flag that is kept is still taken, by each of the commands. `BL_BLESS=1` adds those of the help texts and
/// takes none away: a flag that is hidden goes on to be taken. `run` gives what the program prints on both streams.
pub fn check_flags(path: &Path, commands: &[&[&str]], run: impl Fn(&[&str]) -> String) {
    if std::env::var_os("BL_BLESS").is_some_and(|value| value == "1") {
        let before = std::fs::read_to_string(path).unwrap_or_default();
        let mut text = String::new();
        for command in commands {
            let start = format!("[{}]", command.join(" "));
            let mut all = flags(&run(&[command, &["--help"][..]].concat()));
            let kept = before.lines().filter_map(|line| line.strip_prefix(&start));
            all.extend(kept.flat_map(str::split_whitespace).map(str::to_owned));
            let all = all.into_iter().collect::<Vec<_>>().join(" ");
            text.extend([&start, " ", &all, "\n"]);
        }
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a small file");
    }
    let kept = std::fs::read_to_string(path).expect("the flags that are kept");
    let mut refused = Vec::new();
    for line in kept.lines() {
        let (command, flags) = line[1..].split_once(']').expect("a command in brackets");
        let command: Vec<&str> = command.split_whitespace().collect();
        for flag in flags.split_whitespace() {
            // What follows is no flag of any command: the program stops there, before it does anything.
            let printed = run(&[&command[..], &[flag, "--not-a-flag"]].concat());
            if printed.contains(&format!("unexpected argument '{flag}'"))
                || printed.contains("unrecognized subcommand")
            {
                refused.push(format!("{} {flag}", command.join(" ")));
            }
        }
    }
    assert!(refused.is_empty(), "flags that are no longer taken: {refused:#?}");
    assert_eq!(kept.lines().count(), commands.len(), "a line for each command");
}
