//! The held-out part of the task that an adapter was trained for, and whether it is the recorded one.

use bl_cli::Printer;
use bl_cli::words::{grouped, printable};
use bl_core::header::DatasetRecord;
use bl_tasks::{Asked, DataDir, OwnTask, Source, Trained};

use crate::cli::RunArgs;
use crate::error::Error;
use crate::models::Loaded;

/// Opens the task that an adapter was trained for, or the one the user names, and says what it is.
pub(crate) fn open(args: &RunArgs, model: &Loaded, out: Printer) -> anyhow::Result<OwnTask> {
    let (header, held_out) = (&model.model.header, &args.held_out);
    let data = DataDir::resolve(held_out.data_dir.clone());
    let trained = Trained::from(header);
    let (task, column) = (held_out.task.as_deref(), args.sequence.column.as_deref());
    let own = trained.open(Asked { task, column, mend: args.sequence.mend(), ..Asked::default() }, data)?;
    let record = header.training.as_ref().map(|training| &training.dataset);
    let is_substitute = matches!(own.task.source, Source::Sample | Source::Generated);
    let may_be_elsewhere = held_out.data_dir.is_none() && held_out.task.is_none() && is_substitute;
    announce(&own, record, may_be_elsewhere, out);
    if let Some(likeness) = &own.likeness {
        if args.sequence.strict {
            let unlike = |found| Error::Unlike { path: task.unwrap_or_default().into(), found };
            likeness.strict().map_err(unlike)?;
        }
        out.likeness(&format!("`{}`", own.task.name), likeness);
    }
    Ok(own)
}

fn announce(own: &OwnTask, record: Option<&DatasetRecord>, may_be_elsewhere: bool, out: Printer) {
    let trust = match own.as_recorded {
        Some(true) => "as in the training record, by sha256",
        Some(false) => "NOT those of the training record",
        None => "the adapter has no training record to compare with",
    };
    out.say(format!(
        "data         {} ({}), {} test {}: {trust}",
        printable(&own.task.title),
        own.task.source,
        grouped(own.parts.test),
        own.parts.unit
    ));
    if let Some(notice) = &own.task.notice {
        out.warn(notice);
    }
    if let Some(record) = record.filter(|_| own.as_recorded == Some(false)) {
        out.warn(differing(own, record, may_be_elsewhere));
    }
}

/// Why metrics on these data are not the recorded ones.
fn differing(own: &OwnTask, record: &DatasetRecord, may_be_elsewhere: bool) -> String {
    let start = |sha256: &str| printable(&sha256.chars().take(12).collect::<String>());
    let parts = &own.parts;
    format!(
        "these are not the test {} of the training record: it has {} of `{}` ({}), sha256 {}…; these are {} of `{}` ({}), \
         sha256 {}…{}",
        parts.unit,
        grouped(record.test),
        printable(&record.name),
        printable(&record.source),
        start(&record.test_sha256),
        grouped(parts.test),
        printable(&own.task.name),
        own.task.source,
        start(&own.test_sha256),
        if may_be_elsewhere { "; if you have the recorded ones, `--data-dir DIR` says where" } else { "" },
    )
}
