//! `bl-run bench`: how fast adapters are, what swapping them costs, and what they weigh.

use std::time::Duration;

use bl_cli::words::counted;
use bl_cli::{ExitStatus, Printer, format_bytes};
use serde::Serialize;
use serde_json::{Map, Value};

use super::set_threads;
use crate::cli::BenchArgs;
use crate::kinds::{self, Measured};
use crate::latency::Effort;
use crate::models::{self, Loaded};
use crate::table;

pub(crate) fn run(args: &BenchArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    set_threads(args.model.threads)?;
    let effort = Effort { runs: 3, time: Duration::from_secs_f64(args.seconds), most: usize::MAX };
    let opened = kinds::of_one_type(models::open(&args.model.adapter, out)?, out)?;
    let models = models::on_backbones(opened, args.model.backbone.as_deref(), out)?;
    let threads = rayon::current_num_threads();
    let mut backbones = Vec::new();
    for group in models::groups(&models) {
        let Measured { fields, sides, mut rows } = kinds::of(group[0]).bench(args, &group, effort)?;
        let report = GroupReport::new(&group, fields);
        if !out.is_json() {
            rows.push(vec![
                "memory of an adapter, computed".into(),
                format_bytes(report.bytes_per_adapter as u64),
            ]);
            out.result(title(&group, threads))?;
            table::lines(sides, &rows).into_iter().try_for_each(|line| out.result(line))?;
        }
        backbones.push(report);
    }
    if out.is_json() {
        out.json(&Report { threads, backbones })?;
    }
    Ok(ExitStatus::Success)
}

fn title(group: &[&Loaded], threads: usize) -> String {
    let adapters = counted(group.len(), "adapter", "adapters");
    let backbone = &group[0].model.backbone;
    let threads = counted(threads, "thread", "threads");
    format!("{adapters} on {}, {threads}, {}", models::units(backbone.spec()), backbone.isa())
}

/// The one JSON object; field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    threads: usize,
    backbones: Vec<GroupReport>,
}

#[derive(Serialize)]
struct GroupReport {
    backbone: String,
    units: usize,
    isa: String,
    adapters: Vec<String>,
    /// What the kind measures.
    #[serde(flatten)]
    fields: Map<String, Value>,
    /// What the largest adapter takes, beside the backbone that all share.
    bytes_per_adapter: usize,
}

impl GroupReport {
    fn new(group: &[&Loaded], fields: Map<String, Value>) -> Self {
        let backbone = &group[0].model.backbone;
        Self {
            backbone: backbone.fingerprint().to_string(),
            units: backbone.spec().hidden_units(),
            isa: backbone.isa().to_string(),
            adapters: group.iter().map(|loaded| loaded.file()).collect(),
            fields,
            bytes_per_adapter: group.iter().map(|loaded| loaded.model.bytes()).max().unwrap_or(0),
        }
    }
}
