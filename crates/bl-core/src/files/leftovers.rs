//! Temporary files whose writer was killed: they have names of ours, and nobody holds them.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

const PREFIX: &str = ".bl-";
/// A file this old that nobody holds is no longer about to be held, whoever has its writer's number now.
const OLD: Duration = Duration::from_secs(60);

/// How the names of this program's temporary files begin: with its number, so that others know whether it is still there.
pub(super) fn prefix() -> String {
    format!("{PREFIX}{}-", std::process::id())
}

/// Removes what is left in a folder. What cannot be removed does no harm.
pub(super) fn remove(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && is_left(&entry.path(), rest) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Whether the writer of a file is gone. `rest` is what follows the prefix of its name.
fn is_left(path: &Path, rest: &str) -> bool {
    let writer = rest.split_once('-').and_then(|(number, _)| number.parse().ok());
    let is_random = |text: &str| text.len() == 6 && text.chars().all(|c| c.is_ascii_alphanumeric());
    let random = if writer.is_some() { rest.split_once('-').map_or("", |(_, random)| random) } else { rest };
    if !is_random(random) {
        return false; // not a name of ours
    }
    let Ok(file) = File::options().write(true).open(path) else { return false };
    let age = file.metadata().and_then(|metadata| metadata.modified()).map(|written| written.elapsed());
    let is_old = age.is_ok_and(|age| age.is_ok_and(|age| age > OLD));
    file.try_lock().is_ok() && (is_old || writer.is_some_and(is_gone))
}

/// Whether no program has that number, where the system tells.
fn is_gone(writer: u32) -> bool {
    let programs = Path::new("/proc");
    programs.join("self").exists() && !programs.join(writer.to_string()).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn what_the_dead_left_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        let others = [".bl-notes", ".bl-4000000000-mine.txt", "a.safetensors", ".bl-"];
        let own = format!("{}abcdef", prefix());
        let dead = ".bl-4000000000-abcdef"; // above the greatest number of a process
        for name in others.iter().copied().chain([&*own, dead]) {
            std::fs::write(path(name), "half").expect("a small file");
        }
        let held = File::options().write(true).open(path(dead)).expect("a file");
        held.lock().expect("a lock");
        remove(folder.path());
        assert!(path(dead).exists(), "it is held");
        drop(held);
        remove(folder.path());
        assert!(!path(dead).exists());
        for name in others.iter().copied().chain([&*own]) {
            assert!(path(name).exists(), "{name}");
        }
    }
}
