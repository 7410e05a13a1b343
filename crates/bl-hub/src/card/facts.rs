//! What the card of an adapter is made of.

use bl_core::header::Header;
use bl_tasks::about::About;

use super::Upload;

pub(super) struct Facts<'a> {
    pub(super) header: &'a Header,
    /// What it does; names in it are of a stranger's making.
    pub(super) about: About,
    pub(super) upload: Upload<'a>,
    pub(super) parameters: usize,
}
