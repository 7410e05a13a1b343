//! Many adapters from one, to measure what their number costs.

use std::sync::Arc;

use bl_core::{Adapter, Model};
use bl_runtime::{Expect, Limits, Runtime, Version};
use serde::Serialize;

/// A runtime with as many adapters as are asked for, all on one backbone.
pub(in crate::kinds) struct Copies {
    pub(super) runtime: Runtime,
    pub(in crate::kinds) versions: Vec<Arc<Version>>,
    pub(super) names: Vec<String>,
}

/// What the adapters take beside the backbone, measured.
#[derive(Serialize)]
pub(super) struct Resident {
    pub(super) adapters: usize,
    /// Of the file of one.
    pub(super) file_bytes: usize,
    /// What the process has grown by, for each.
    pub(super) bytes_each: usize,
    pub(super) ratio: f64,
}

impl Copies {
    pub(in crate::kinds) fn new(model: &Model) -> Self {
        let runtime = Runtime::new(Limits::default());
        runtime.share_backbone(&model.backbone);
        Self { runtime, versions: Vec::new(), names: Vec::new() }
    }

    /// Loads copies of an adapter until there are `count`: with titles of their own, so that each is a version, with
    /// its own biases in memory.
    pub(in crate::kinds) fn grow(&mut self, adapter: &Adapter, count: usize) -> anyhow::Result<()> {
        for nth in self.versions.len()..count {
            let version = self.runtime.prepare(&copy(adapter, nth)?)?;
            let name = format!("{}-{nth}", adapter.header.task.name);
            self.runtime.publish(&name, &version, Expect::Anything)?;
            self.versions.push(version);
            self.names.push(name);
        }
        Ok(())
    }

    /// As [`Self::grow`], and how much memory that takes; `None` where the system does not tell.
    pub(super) fn grow_measured(
        &mut self,
        adapter: &Adapter,
        count: usize,
    ) -> anyhow::Result<Option<Resident>> {
        let (before, loaded) = (resident(), self.versions.len());
        self.grow(adapter, count)?;
        let (Some(before), Some(after), true) = (before, resident(), count > loaded) else { return Ok(None) };
        let (adapters, file_bytes) = (count - loaded, copy(adapter, count)?.len());
        let bytes_each = after.saturating_sub(before) / adapters;
        Ok(Some(Resident { adapters, file_bytes, bytes_each, ratio: bytes_each as f64 / file_bytes as f64 }))
    }
}

fn copy(adapter: &Adapter, nth: usize) -> anyhow::Result<Vec<u8>> {
    let mut copy = adapter.clone();
    copy.header.task.title = format!("{} (copy {nth})", copy.header.task.title);
    Ok(copy.to_bytes()?)
}

/// Memory that this process has resident, in bytes.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kibibytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}
