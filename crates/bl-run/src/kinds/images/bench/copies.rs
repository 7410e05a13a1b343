//! Many adapters from one, to measure what their number costs.

use std::sync::Arc;

use bl_core::BiasAdapter;
use bl_runtime::{Expect, Generation, Limits, Runtime};
use serde::Serialize;

use crate::backbones::Group;

/// A runtime with as many adapters as are asked for, all on the backbone of a group.
pub(crate) struct Crowd {
    pub(crate) runtime: Runtime,
    pub(crate) generations: Vec<Arc<Generation>>,
    pub(crate) names: Vec<String>,
}

/// What the adapters take beside the backbone, measured.
#[derive(Serialize)]
pub(crate) struct Resident {
    pub(crate) adapters: usize,
    /// Of the file of one.
    pub(crate) file_bytes: usize,
    /// What the process has grown by, for each.
    pub(crate) bytes_each: usize,
    pub(crate) ratio: f64,
}

impl Crowd {
    pub(crate) fn new(group: &Group) -> Self {
        let runtime = Runtime::new(Limits::default());
        runtime.share_backbone(&group.backbone);
        Self { runtime, generations: Vec::new(), names: Vec::new() }
    }

    /// Loads copies of an adapter until there are `count`: with titles of their own, so that each is a generation, with
    /// biases of its own in memory.
    pub(crate) fn grow(&mut self, adapter: &BiasAdapter, count: usize) -> anyhow::Result<()> {
        for nth in self.generations.len()..count {
            let generation = self.runtime.prepare(&copy(adapter, nth)?)?;
            let name = format!("{}-{nth}", adapter.header.task.name);
            self.runtime.publish(&name, &generation, Expect::Anything)?;
            self.generations.push(generation);
            self.names.push(name);
        }
        Ok(())
    }

    /// As [`Self::grow`], and how much memory that takes; `None` where the system does not tell.
    pub(crate) fn grow_measured(
        &mut self,
        adapter: &BiasAdapter,
        count: usize,
    ) -> anyhow::Result<Option<Resident>> {
        let (before, loaded) = (resident(), self.generations.len());
        self.grow(adapter, count)?;
        let (Some(before), Some(after), true) = (before, resident(), count > loaded) else { return Ok(None) };
        let (adapters, file_bytes) = (count - loaded, copy(adapter, count)?.len());
        let bytes_each = after.saturating_sub(before) / adapters;
        Ok(Some(Resident { adapters, file_bytes, bytes_each, ratio: bytes_each as f64 / file_bytes as f64 }))
    }
}

fn copy(adapter: &BiasAdapter, nth: usize) -> anyhow::Result<Vec<u8>> {
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
