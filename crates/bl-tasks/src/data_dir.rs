//! The folder that holds the data sets, one sub-folder per task.

use std::ffi::OsString;
use std::path::PathBuf;

/// Where data sets are looked for: `<root>/<task>/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDir {
    /// The folder with one sub-folder per task.
    pub root: PathBuf,
    /// Whether the user named it, by flag or environment. Then data that is not there is an error;
    /// otherwise a task falls back to what the program carries.
    pub explicit: bool,
}

impl DataDir {
    /// The folder the user named (by `--data-dir` or `BL_DATA_DIR`, which the caller reads), or the
    /// default: `bias-adapters/data` in the user's cache
    /// (`$XDG_CACHE_HOME`, else `~/.cache`; on Windows `%LOCALAPPDATA%`).
    pub fn resolve(named: Option<PathBuf>) -> Self {
        match named {
            Some(root) => Self { root, explicit: true },
            None => Self { root: default_root(std::env::var_os, std::env::home_dir()), explicit: false },
        }
    }

    /// The folder of one task.
    pub fn folder(&self, task: &str) -> PathBuf {
        self.root.join(task)
    }
}

/// Takes the environment as arguments, because a test cannot set it while other tests run.
fn default_root(variable: impl Fn(&'static str) -> Option<OsString>, home: Option<PathBuf>) -> PathBuf {
    let cache = if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_CACHE_HOME" };
    variable(cache)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute()) // the XDG specification: a relative path is to be ignored
        .or_else(|| home.map(|home| home.join(".cache")))
        .unwrap_or_else(|| PathBuf::from(".cache")) // no home at all: a bare container
        .join("bias-adapters")
        .join("data")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_folder_is_explicit_and_the_default_is_not() {
        let named = DataDir::resolve(Some("/data".into()));
        assert_eq!(named, DataDir { root: "/data".into(), explicit: true });
        assert_eq!(named.folder("mnist"), PathBuf::from("/data/mnist"));
        assert!(!DataDir::resolve(None).explicit);
    }

    #[cfg(not(windows))]
    #[test]
    fn the_default_is_in_the_users_cache() {
        fn check(xdg: Option<&str>, home: Option<&str>, expected: &str) {
            let found = default_root(|_| xdg.map(OsString::from), home.map(PathBuf::from));
            assert_eq!(found, PathBuf::from(expected), "{xdg:?} {home:?}");
        }
        check(Some("/xdg"), Some("/home/ada"), "/xdg/bias-adapters/data");
        check(None, Some("/home/ada"), "/home/ada/.cache/bias-adapters/data");
        check(Some("relative"), Some("/home/ada"), "/home/ada/.cache/bias-adapters/data");
        check(Some(""), Some("/home/ada"), "/home/ada/.cache/bias-adapters/data");
        check(None, None, ".cache/bias-adapters/data");
    }
}
