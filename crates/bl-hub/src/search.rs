//! Adapters on the Hub, by their tags.

use serde_json::Value;

use crate::ask::Ask;
use crate::card::{self, LIBRARY};
use crate::error::Error;
use crate::hub::Hub;
use crate::name::RepoName;

/// What to look for; everything of this program's if nothing is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Adapters of this backbone: a fingerprint, or its first twelve digits or more.
    pub backbone: Option<String>,
    /// Adapters for this task.
    pub task: Option<String>,
}

/// A repository that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub repo: RepoName,
    /// The tasks that its tags name.
    pub tasks: Vec<String>,
    /// The first digits of the backbone's fingerprint.
    pub backbone: Option<String>,
    /// Downloads of the last month.
    pub downloads: u64,
    /// When it last changed, as the Hub writes it.
    pub changed: String,
}

/// The most that one answer lists.
const MOST: usize = 100;

impl Hub {
    /// Repositories with the tags that `push` writes, the most downloaded first, at most 100. Nothing of them is verified
    /// before they are pulled.
    pub fn search(&self, query: &Query) -> Result<Vec<Found>, Error> {
        let what = "search";
        let client = self.client("a search")?;
        let mut tags = vec![LIBRARY.to_owned()];
        if let Some(backbone) = &query.backbone {
            tags.push(backbone_tag(backbone)?);
        }
        tags.extend(query.task.as_deref().map(card::task_tag));
        let mut url = self.api_url(&["models"]);
        let limit = MOST.to_string();
        let filters = tags.iter().map(|tag| ("filter", tag.as_str()));
        let order = [("sort", "downloads"), ("limit", &limit), ("full", "true")];
        url.query_pairs_mut().extend_pairs(filters.chain(order));
        let answer = client.json(&Ask::get(url, what))?;
        let found = answer.as_array().into_iter().flatten().filter_map(of_json);
        // The Hub filters; a server that does not is not taken at its word.
        Ok(found
            .filter(|(_, own)| tags.iter().all(|tag| own.contains(tag)))
            .map(|(found, _)| found)
            .collect())
    }
}

/// The tag of a fingerprint that may be written in full, without `sha256:`, or cut short.
fn backbone_tag(text: &str) -> Result<String, Error> {
    let digits = text.trim_start_matches("sha256:").trim_end_matches('…');
    let is_hex = digits.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    if (12..=64).contains(&digits.len()) && is_hex {
        return Ok(card::backbone_tag(&digits[..12]));
    }
    let (name, expected) = ("--backbone", "a fingerprint, `sha256:` and 12 to 64 hex digits");
    Err(Error::Variable { name, expected, found: text.to_owned() })
}

/// A repository with a valid name; others are skipped.
fn of_json(value: &Value) -> Option<(Found, Vec<String>)> {
    let tags: Vec<String> = value["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|tag| tag.as_str().map(str::to_owned))
        .collect();
    let after = |prefix: &str| {
        tags.iter().filter_map(|tag| tag.strip_prefix(prefix)).map(printable).collect::<Vec<_>>()
    };
    let found = Found {
        repo: value["id"].as_str()?.parse().ok()?,
        tasks: after(card::TASK),
        backbone: after(card::BACKBONE).into_iter().next(),
        downloads: value["downloads"].as_u64().unwrap_or(0),
        changed: value["lastModified"].as_str().map(printable).unwrap_or_default(),
    };
    Some((found, tags))
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_may_be_cut_short() {
        let full = format!("sha256:6435bb45c0e1{}", "0".repeat(52));
        for text in [full.as_str(), "sha256:6435bb45c0e1", "6435bb45c0e1…", "6435bb45c0e1"] {
            assert_eq!(backbone_tag(text).expect(text), "backbone:sha256-6435bb45c0e1");
        }
        for text in ["", "6435", "sha256:XYZ", "../../x"] {
            assert!(backbone_tag(text).is_err(), "{text}");
        }
    }
}
