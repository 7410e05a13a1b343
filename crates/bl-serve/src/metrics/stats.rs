//! What one version of a model was asked, and how long that took: the protocol's statistics extension.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bl_runtime::VersionId;
use serde_json::{Value, json};

use super::Asked;

#[derive(Default)]
pub(super) struct Stats {
    pub(super) version: Option<VersionId>,
    /// Rows that were answered.
    rows: u64,
    last: Option<SystemTime>,
    success: Sum,
    fail: Sum,
    input: Sum,
    infer: Sum,
    output: Sum,
}

#[derive(Default)]
struct Sum {
    count: u64,
    time: Duration,
}

impl Sum {
    fn add(&mut self, time: Duration) {
        self.count += 1;
        self.time += time;
    }

    fn to_json(&self) -> Value {
        json!({ "count": self.count, "ns": self.time.as_nanos() as u64 })
    }
}

impl Stats {
    pub(super) fn add(&mut self, is_success: bool, took: Duration, asked: &Asked) {
        if asked.version != self.version {
            *self = Self { version: asked.version, ..Self::default() }; // it was swapped
        }
        if !is_success {
            return self.fail.add(took);
        }
        self.last = Some(SystemTime::now());
        self.rows += asked.rows as u64;
        self.success.add(took);
        self.input.add(asked.input);
        self.infer.add(asked.infer);
        self.output.add(asked.output);
    }

    /// Waiting for a batch is part of `compute_infer`: a queue of its own is not measured, and says so by its count.
    pub(super) fn to_json(&self, model: &str, version: Option<VersionId>) -> Value {
        let since = self.last.and_then(|last| last.duration_since(UNIX_EPOCH).ok());
        json!({
            "name": model,
            "version": version.map_or(String::new(), |id| id.short()),
            "last_inference": since.map_or(0, |since| since.as_millis() as u64),
            "inference_count": self.rows,
            "execution_count": self.success.count,
            "inference_stats": {
                "success": self.success.to_json(),
                "fail": self.fail.to_json(),
                "queue": Sum::default().to_json(),
                "compute_input": self.input.to_json(),
                "compute_infer": self.infer.to_json(),
                "compute_output": self.output.to_json(),
            },
            "batch_stats": [],
        })
    }
}
