//! The test pictures of an adapter's own task, and how it does on them.

use std::path::{Component, Path};
use std::time::Instant;

use bl_cli::{Bar, Printer};
use bl_core::header::DatasetRecord;
use bl_core::{Backbone, Evaluation, Header, Prepared};
use bl_tasks::{DataDir, ImageTask, Source, Split, catalogue};

use crate::adapters::Loaded;
use crate::cli::HeldOutArgs;
use crate::error::Error;
use bl_cli::words::{counted, grouped, printable};

/// Test pictures, and whether they are those that the training record names.
pub(crate) struct HeldOut {
    pub(crate) task: String,
    pub(crate) title: String,
    pub(crate) source: Source,
    pub(crate) notice: Option<String>,
    pub(crate) test: Split,
    pub(crate) sha256: String,
    /// `None` without a training record.
    pub(crate) as_recorded: Option<bool>,
}

/// Opens the task that an adapter was trained for, or the one the user names, and says what it is.
pub(crate) fn open(adapter: &Loaded, args: &HeldOutArgs, out: Printer) -> anyhow::Result<HeldOut> {
    let header = &adapter.bias.header;
    let data = DataDir::resolve(args.data_dir.clone());
    let name = match &args.task {
        Some(task) => task.clone(),
        None => own_task(header, &data)?,
    };
    let task = ImageTask::open(&name, &data)?;
    check_fits(adapter, &task)?;
    let record = header.training.as_ref().map(|training| &training.dataset);
    let sha256 = task.test.sha256();
    let as_recorded = record.map(|record| record.test_sha256 == sha256);
    let held_out = HeldOut {
        task: task.name,
        title: task.title,
        source: task.source,
        notice: task.notice,
        test: task.test,
        sha256,
        as_recorded,
    };
    let may_be_elsewhere = args.data_dir.is_none() && args.task.is_none();
    announce(&held_out, record, may_be_elsewhere, out);
    if task.labels != header.task.labels {
        out.warn(format!(
            "`{}` names its classes otherwise than the adapter does: classes are compared by their order",
            printable(&held_out.task)
        ));
    }
    Ok(held_out)
}

/// What [`ImageTask::open`] takes for an adapter's task: its name, or where its folder must be.
fn own_task(header: &Header, data: &DataDir) -> Result<String, Error> {
    let name = &header.task.name;
    let was_folder = header.training.as_ref().is_some_and(|training| training.dataset.source == "folder");
    if !was_folder && catalogue().iter().any(|task| task.name == name) {
        return Ok(name.clone());
    }
    let mut parts = Path::new(name).components();
    let is_name = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None));
    let candidates = [data.folder(name), Path::new(".").join(name)];
    let found = candidates.iter().find(|path| is_name && path.is_dir()).and_then(|path| path.to_str());
    found.map(String::from).ok_or_else(|| Error::FolderTask { task: printable(name) })
}

fn check_fits(adapter: &Loaded, task: &ImageTask) -> Result<(), Error> {
    let size = |height: u32, width: u32| format!("{width} x {height} pixels");
    let (input, found) = (&adapter.bias.header.input, &task.input);
    if (input.height, input.width, input.channels) != (found.height, found.width, found.channels) {
        return Err(Error::OtherPictures {
            adapter: adapter.name.clone(),
            expected: size(input.height, input.width),
            task: task.name.clone(),
            found: size(found.height, found.width),
        });
    }
    if adapter.labels.len() != task.labels.len() {
        return Err(Error::OtherClasses {
            adapter: adapter.name.clone(),
            expected: adapter.labels.len(),
            task: task.name.clone(),
            found: task.labels.len(),
        });
    }
    Ok(())
}

fn announce(found: &HeldOut, record: Option<&DatasetRecord>, may_be_elsewhere: bool, out: Printer) {
    let trust = match found.as_recorded {
        Some(true) => "those of the training record, by sha256",
        Some(false) => "NOT those of the training record",
        None => "the adapter has no training record to compare them with",
    };
    let pictures = counted(found.test.len(), "test picture", "test pictures");
    out.say(format!("data         {} ({}), {pictures}: {trust}", found.title, found.source));
    if let Some(notice) = &found.notice {
        out.warn(notice);
    }
    if let Some(record) = record.filter(|_| found.as_recorded == Some(false)) {
        out.warn(differing(found, record, may_be_elsewhere));
    }
}

/// Why an accuracy on these pictures is not the recorded one.
fn differing(found: &HeldOut, record: &DatasetRecord, may_be_elsewhere: bool) -> String {
    let start = |sha256: &str| printable(&sha256.chars().take(12).collect::<String>());
    format!(
        "these are not the test pictures of the training record: that has {} of `{}` ({}), sha256 {}…; here are {} of \
         `{}` ({}), sha256 {}…{}",
        grouped(record.test),
        printable(&record.name),
        printable(&record.source),
        start(&record.test_sha256),
        grouped(found.test.len()),
        printable(&found.task),
        found.source,
        start(&found.sha256),
        if may_be_elsewhere { "; if you have the former, `--data-dir DIR` says where" } else { "" },
    )
}

/// What an adapter gets right and wrong, and how long that took.
pub(crate) fn evaluate(
    backbone: &Backbone,
    adapter: &Prepared,
    test: &Split,
    out: Printer,
) -> anyhow::Result<(Evaluation, f64)> {
    const TOGETHER: usize = 2048; // often enough for a bar to move
    let bar = Bar::new(out, "testing");
    let start = Instant::now();
    let mut all = Evaluation::new(backbone.outputs());
    let mut done = 0;
    for labels in test.labels.chunks(TOGETHER) {
        let images = &test.images[done * test.pixels()..][..labels.len() * test.pixels()];
        all.merge(&backbone.evaluate(adapter, images, labels)?);
        done += labels.len();
        bar.set(done as f64 / test.len() as f64);
    }
    bar.clear();
    Ok((all, start.elapsed().as_secs_f64()))
}

/// A measured accuracy beside the one in the adapter's header.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Recorded {
    pub(crate) accuracy: f64,
    /// Pictures that must have been judged otherwise, if they are known to be the same ones.
    pub(crate) differing: Option<usize>,
}

/// The header's accuracy, if it has one.
pub(crate) fn recorded(header: &Header, found: &HeldOut, measured: &Evaluation) -> Option<Recorded> {
    let accuracy = header.metric("accuracy", "test")?;
    let correct = (accuracy * measured.total() as f64).round() as usize;
    let differing = (found.as_recorded == Some(true)).then(|| correct.abs_diff(measured.correct()));
    Some(Recorded { accuracy, differing })
}
