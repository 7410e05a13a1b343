//! What the card of an adapter is made of.

use bl_core::Adapter;
use bl_core::header::Header;
use bl_tasks::about::{About, about};

use crate::name::RepoName;

/// What a card says beside what the adapter does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upload<'a> {
    pub(crate) repo: &'a RepoName,
    /// The file's size in bytes.
    pub(crate) bytes: u64,
    /// The repository of its backbone, if there is one.
    pub(crate) backbone: Option<&'a RepoName>,
    /// Whether there is a picture beside it.
    pub(crate) picture: bool,
}

pub(super) struct Facts<'a> {
    pub(super) header: &'a Header,
    /// What it does; names in it are of a stranger's making.
    pub(super) about: About,
    pub(super) upload: Upload<'a>,
    pub(super) parameters: usize,
}

impl<'a> Facts<'a> {
    pub(super) fn of(adapter: &'a Adapter, upload: Upload<'a>) -> Self {
        let header = &adapter.header;
        let about = about(&header.io, &header.task.labels);
        Self { header, about, upload, parameters: adapter.parameter_count() }
    }
}
