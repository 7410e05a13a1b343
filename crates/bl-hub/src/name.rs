//! What the user calls a repository: `org/name`, `org/name@revision`.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::digest::Commit;
use crate::error::Error;

/// A repository's name: two parts that are safe in a path and in a URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RepoName(String);

/// A branch, a tag, a pull request (`refs/pr/1`) or a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision(String);

/// A repository at a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The repository.
    pub repo: RepoName,
    /// `main` unless one is named.
    pub revision: Revision,
}

/// The Hub's own limit.
const LONGEST: usize = 96;

impl RepoName {
    /// `org/name`
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before and after the slash.
    pub fn parts(&self) -> (&str, &str) {
        self.0.split_once('/').unwrap_or_default() // there is one: that was checked
    }
}

impl FromStr for RepoName {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let is_part = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphanumeric())
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
                // The cache writes `/` as `--`; the Hub allows neither in a part.
                && !part.contains("..")
                && !part.contains("--")
                && !part.ends_with(['.', '-'])
        };
        match text.split_once('/') {
            Some((org, name))
                if is_part(org)
                    && is_part(name)
                    && !name.to_ascii_lowercase().ends_with(".git")
                    && text.len() <= LONGEST =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(Error::RepoName { found: text.to_owned() }),
        }
    }
}

impl Revision {
    /// The branch that is there from the beginning.
    pub fn main() -> Self {
        Self("main".into())
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The commit, if the revision is one in full.
    pub fn commit(&self) -> Option<Commit> {
        self.0.parse().ok()
    }
}

impl From<Commit> for Revision {
    fn from(commit: Commit) -> Self {
        Self(commit.to_string())
    }
}

impl FromStr for Revision {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let is_part = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-+".contains(c))
                && !part.contains("..")
                && !part.ends_with('.')
        };
        if text.len() <= 255 && text.split('/').all(is_part) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::Revision { found: text.to_owned() })
    }
}

impl Target {
    /// What an argument means that could be a path: a name on the Hub only if there is no such file or folder, nor the
    /// folder it would be in, and it does not end as adapters' files do.
    pub fn of_argument(argument: &Path) -> Option<Self> {
        let in_folder_here = argument.parent().is_some_and(Path::is_dir);
        let is_file_name = argument.extension().is_some_and(|extension| extension == "safetensors");
        if argument.exists() || in_folder_here || is_file_name {
            return None;
        }
        argument.to_str()?.parse().ok()
    }
}

impl FromStr for Target {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let (repo, revision) = match text.split_once('@') {
            Some((repo, revision)) => (repo, revision.parse()?),
            None => (text, Revision::main()),
        };
        Ok(Self { repo: repo.parse()?, revision })
    }
}

impl fmt::Display for RepoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.repo, self.revision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_hub_are_told_from_paths() {
        for (name, expected) in [
            ("org/mnist", true),
            ("org/mnist@v1.0", true),
            ("some-org/a.b_c", true),
            ("org/mnist@refs/pr/1", true),
            ("org/mnist.safetensors", true), // a program looks for a file of that name first
            ("mnist", false),
            ("./mnist", false),
            ("../a/b", false),
            ("a/..", false),
            ("a/b..c", false),
            ("a/b--c", false),
            ("a/b/c", false),
            ("/a/b", false),
            ("org/", false),
            ("org/mnist@", false),
            ("org/mnist@../x", false),
            ("org/mnist@a//b", false),
            ("org/mnist@.hidden", false),
            ("org/mnist@a b", false),
            ("org/m\u{fc}ll", false),
            ("org/mnist\n", false),
            ("-org/mnist", false),
        ] {
            assert_eq!(name.parse::<Target>().is_ok(), expected, "{name}");
        }
        assert!(format!("org/{}", "a".repeat(93)).parse::<RepoName>().is_err());
    }

    #[test]
    fn a_revision_is_a_commit_only_in_full() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert!(commit.parse::<Revision>().is_ok_and(|revision| revision.commit().is_some()));
        for other in ["main", &commit[..12], &commit.to_uppercase()] {
            assert!(other.parse::<Revision>().is_ok_and(|revision| revision.commit().is_none()), "{other}");
        }
    }
}
