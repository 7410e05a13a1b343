//! Model cards: front matter that the Hub reads, and words that people read, both generated from a header.

mod adapter;
mod backbone;
mod facts;
mod front_matter;
mod index;
mod markdown;
mod tags;

use bl_core::Adapter;
use bl_core::header::BackboneRef;

use crate::error::Error;
use crate::name::RepoName;
use facts::Facts;
pub(crate) use facts::Upload;
use front_matter::{Entry, FrontMatter};
pub(crate) use tags::{BACKBONE, LIBRARY, TASK, backbone_tag, task_tag};

/// A generated card.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Card {
    front: Vec<(&'static str, Entry)>,
    body: String,
}

const BEGIN: &str = "<!-- bias-adapters: begin. This part is generated: edits to it are lost -->";
/// What a mark is known by; the words after it may change.
const BEGIN_MARK: &str = "<!-- bias-adapters: begin";
const END: &str = "<!-- bias-adapters: end -->";

impl Card {
    pub(crate) fn of_adapter(adapter: &Adapter, upload: Upload<'_>) -> Self {
        let facts = Facts::of(adapter, upload);
        Self { front: index::front(&facts), body: adapter::body(&facts) }
    }

    /// `bytes` is the size of the file of weights, if that goes with the spec.
    pub(crate) fn of_backbone(backbone: &BackboneRef, bytes: Option<u64>, repo: &RepoName) -> Self {
        Self { front: backbone::front(backbone), body: backbone::body(backbone, bytes, repo) }
    }

    /// The card of a new repository.
    pub(crate) fn text(&self) -> String {
        let front = FrontMatter::default().with(&self.front);
        format!("---\n{front}---\n\n{}\n", self.generated())
    }

    fn generated(&self) -> String {
        format!("{BEGIN}\n\n{}\n\n{END}", self.body.trim())
    }
}

/// A card that is there, brought up to date: what stands between the marks is replaced, or put at the end where there are
/// none; fields of the front matter that this program does not write are kept to the letter, lists are united.
pub(crate) fn merge(existing: &str, card: &Card, repo: &RepoName) -> Result<String, Error> {
    let wrong = |why: String| Error::Card { repo: repo.to_string(), why };
    let existing = existing.replace("\r\n", "\n");
    let (front, body) = front_matter::split(&existing).map_err(wrong)?;
    let merged = front.with(&card.front);
    merged.check_kept(&front, &card.front).map_err(wrong)?;
    let generated = card.generated();
    let (begins, ends) = (body.matches(BEGIN_MARK).count(), body.matches(END).count());
    let body = match (body.find(BEGIN_MARK), body.find(END)) {
        (None, None) if body.trim().is_empty() => format!("\n{generated}\n"),
        (None, None) => format!("{}\n\n{generated}\n", body.trim_end()),
        (Some(begin), Some(end)) if begin < end && begins == 1 && ends == 1 => {
            format!("{}{generated}{}", &body[..begin], &body[end + END.len()..])
        }
        _ => {
            return Err(wrong(format!(
                "expected one mark `{BEGIN_MARK} … -->` and after it one `{END}`, found {begins} and {ends}"
            )));
        }
    };
    Ok(format!("---\n{merged}---\n{body}"))
}
