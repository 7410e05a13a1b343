//! `bl-adapt prune`: an adapter without the units that its task does not use.

use std::time::Instant;

use bl_cli::words::{counted, duration, grouped, printable};
use bl_cli::{ExitStatus, Printer, format_bytes};
use bl_core::{Adapter, Backbone, Compact, Net, files};
use bl_tasks::{Images, OwnTask};
use bl_train::unit_activity;
use serde::Serialize;

use super::cost::{self, Bytes, Cost};
use super::eval::warn_of;
use super::load::load;
use crate::cli::PruneArgs;
use crate::error::Error;

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    adapter: String,
    out: String,
    /// `dead`, or the highest task variance of a dropped unit
    dropped: Dropped,
    judged_on: JudgedOn,
    /// Units before: those of the backbone, or fewer if the adapter was pruned already.
    units: usize,
    kept: usize,
    bytes: Bytes,
    /// Whether the file was written: not, if it would be no smaller and nothing forces it.
    written: bool,
    measured: Cost,
    one_picture: OnePicture,
}

/// Which units are dropped.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Dropped {
    Dead,
    VarianceAtMost(f64),
}

/// The images that say what a unit does.
#[derive(Serialize)]
struct JudgedOn {
    task: String,
    source: String,
    pictures: usize,
    sha256: String,
    /// Whether they are those of the training record; null without a record.
    as_recorded: Option<bool>,
}

/// Medians of the time that one image takes, and the memory of what computes it.
#[derive(Serialize)]
struct OnePicture {
    runs: usize,
    /// Both halves on the backbone.
    backbone_us: f64,
    /// The pruned adapter alone on its units.
    compact_us: f64,
    /// Slots of that network's hidden layer.
    compact_slots: usize,
    compact_bytes: usize,
}

pub(crate) fn run(args: &PruneArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    files::check_out(&args.out)?;
    let dropped = match args.threshold {
        Some(most) if most >= 0.0 => Dropped::VarianceAtMost(most),
        Some(found) => return Err(Error::Threshold { found }.into()),
        None => Dropped::Dead,
    };
    let adapter = load(&args.adapter, out)?;
    let units = adapter.parameters.biases[0].len();
    adapter.pruned(&vec![true; units]).map_err(|error| error.in_file(&args.adapter))?; // before the work
    let own = cost::own_task(&adapter, &args.own)?;
    warn_of(&own, out);
    let images = own.task.what.images()?;
    let judged_on = judged_on(&adapter, &own, images);
    judged_on.say(out);

    let backbone = adapter.generate_backbone()?;
    let keep = choose(dropped, &backbone, &adapter, images)?;
    let mut pruned = adapter.pruned(&keep).map_err(|error| error.in_file(&args.adapter))?;
    let measured = Cost::measure(&own, &backbone, [&adapter, &pruned])?;
    pruned.header.metrics = measured.metrics();
    let bytes = Bytes { before: adapter.to_bytes()?.len(), after: pruned.to_bytes()?.len() };
    let written = args.force || bytes.after < bytes.before;
    if written {
        pruned.save(&args.out)?;
    }

    let count = |adapter: &Adapter| adapter.kept().map_or(units, |kept| kept.iter().filter(|k| **k).count());
    let report = Report {
        adapter: args.adapter.display().to_string(),
        out: args.out.display().to_string(),
        dropped,
        judged_on,
        units: count(&adapter),
        kept: count(&pruned),
        bytes,
        written,
        measured,
        one_picture: one_image(&backbone, &adapter, &pruned, images)?,
    };
    print(&report, out)?;
    Ok(if written { ExitStatus::Success } else { ExitStatus::Negative })
}

/// Which units stay, judged on the training images.
fn choose(
    dropped: Dropped,
    backbone: &Backbone,
    adapter: &Adapter,
    task: &Images,
) -> anyhow::Result<Vec<bool>> {
    let activity = unit_activity(backbone, adapter, &task.train.images)?;
    Ok(match dropped {
        // Activations are never below 0, so their mean is 0 where they all are.
        Dropped::Dead => activity.means()?.iter().map(|mean| *mean > 0.0).collect(),
        Dropped::VarianceAtMost(most) => {
            activity.variances()?.iter().map(|variance| *variance > most).collect()
        }
    })
}

fn judged_on(adapter: &Adapter, own: &OwnTask, images: &Images) -> JudgedOn {
    let sha256 = images.train.sha256();
    let record = adapter.header.training.as_ref();
    JudgedOn {
        task: own.task.name.clone(),
        source: own.task.source.to_string(),
        pictures: images.train.len(),
        as_recorded: record.map(|record| record.dataset.train_sha256 == sha256),
        sha256,
    }
}

impl JudgedOn {
    fn say(&self, out: Printer) {
        let Self { task, source, pictures, sha256, as_recorded } = self;
        out.say(format!(
            "judged on    all {} of {} ({source}), sha256 {}…",
            counted(*pictures, "training image", "training images"),
            printable(task),
            &sha256[..12]
        ));
        if *as_recorded != Some(true) {
            out.warn("these are not known to be the training images of the adapter's record");
        }
    }
}

/// One image at a time, as a server sees them: first on the backbone, then alone.
fn one_image(
    backbone: &Backbone,
    before: &Adapter,
    pruned: &Adapter,
    images: &Images,
) -> anyhow::Result<OnePicture> {
    let (half, compact) = (backbone.prepare(before)?, Compact::new(backbone, pruned)?);
    Ok(OnePicture {
        runs: RUNS,
        backbone_us: 1e6 * median_seconds(images, &backbone.with(&half))?,
        compact_us: 1e6 * median_seconds(images, &compact)?,
        compact_slots: compact.slots(),
        compact_bytes: compact.bytes(),
    })
}

/// Runs that count.
const RUNS: usize = 51;

/// Median of the time that the scores of one test image take.
fn median_seconds(task: &Images, net: &dyn Net) -> anyhow::Result<f64> {
    const WARM_UP: usize = 10;
    let mut seconds = Vec::new();
    for image in task.test.images.chunks_exact(task.test.pixels()).cycle().take(WARM_UP + RUNS) {
        let begin = Instant::now();
        std::hint::black_box(net.scores(image)?);
        seconds.push(begin.elapsed().as_secs_f64());
    }
    Ok(median(&mut seconds[WARM_UP..]))
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn print(report: &Report, out: Printer) -> anyhow::Result<()> {
    let why = match report.dropped {
        Dropped::Dead => "are zero for every image".to_owned(),
        Dropped::VarianceAtMost(most) => format!("have a task variance of at most {most}"),
    };
    let (units, kept) = (report.units, report.kept);
    out.say(format!(
        "kept         {} of {} units; the other {} {why}",
        grouped(kept),
        grouped(units),
        grouped(units - kept)
    ));
    report.measured.say(out);
    out.say(report.bytes.words());
    let one = &report.one_picture;
    out.say(format!(
        "one image    {} on the backbone, {} alone on {} ({}; medians of {} runs)",
        duration(one.backbone_us / 1e6),
        duration(one.compact_us / 1e6),
        counted(one.compact_slots, "slot", "slots"),
        format_bytes(one.compact_bytes as u64),
        one.runs
    ));
    if out.is_json() {
        out.json(report)
    } else if report.written {
        out.result(&report.out)
    } else {
        out.result("not written: the file would be no smaller; `--force` writes it all the same")
    }
}
