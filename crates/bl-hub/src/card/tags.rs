//! The tags of a repository: how the Hub finds adapters.

/// The name under which the Hub counts repositories of this program.
pub(crate) const LIBRARY: &str = "bias-adapters";
/// Before the first twelve digits of a backbone's fingerprint.
pub(crate) const BACKBONE: &str = "backbone:sha256-";
/// Before the name of a task.
pub(crate) const TASK: &str = "bl-task:";
/// Before the kind of an adapter.
pub(super) const KIND: &str = "bl-kind:";
/// What the Hub itself makes of `base_model`.
pub(super) const BASE: &str = "base_model:adapter:";

pub(crate) fn backbone_tag(digits: &str) -> String {
    format!("{BACKBONE}{digits}")
}

pub(crate) fn task_tag(task: &str) -> String {
    format!("{TASK}{task}")
}

/// Tags that an earlier push wrote and that may not hold any more.
pub(super) fn is_generated(tag: &str) -> bool {
    [BACKBONE, TASK, KIND, BASE].iter().any(|prefix| tag.starts_with(prefix))
}
