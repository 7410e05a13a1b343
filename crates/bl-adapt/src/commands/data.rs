//! `bl-adapt data`: which data there are, and where from.

mod sheet;

use std::path::{Path, PathBuf};

use bl_cli::words::printable;
use bl_cli::{ExitStatus, Printer};
use bl_core::io::Read;
use bl_core::text::pasted_path;
use bl_tasks::afro::{self, Script};
use bl_tasks::series::names_of;
use bl_tasks::{Availability, DataDir, Info, Request, Source, Task, catalogue, find_task, locate};
use serde::Serialize;
use serde_json::{Map, Value};

use super::fetch;
use crate::cli::DataCommand;
use crate::error::Error;

pub(crate) fn run(command: DataCommand, out: Printer) -> anyhow::Result<ExitStatus> {
    match command {
        DataCommand::List { data } => list(&DataDir::resolve(data.data_dir), out),
        DataCommand::Info { task, column, table, read, mend, form, texts, sheet, data } => {
            let sheet =
                sheet.map(|path| sheet::Format::of(&path).map(|format| (format, path))).transpose()?;
            let data = DataDir::resolve(data.data_dir);
            let (form, text) = (form.into(), texts.into());
            let columns = |list: Option<String>| list.as_deref().map_or_else(Vec::new, names_of);
            let request = Request {
                column,
                inputs: columns(table.inputs),
                targets: columns(table.targets),
                group: table.group,
                read: read.map(Read::from),
                mend: mend.into(),
                form,
                text,
                ..Request::of(data)
            };
            let opened = Task::open(&task, &request)?;
            if let Some((format, path)) = sheet {
                format.write(opened.what.images()?, &path)?;
            }
            info(&opened, find_task(&task), out)
        }
        DataCommand::Generate { task, out: folder, seed, train, test, data } => {
            let script = Script::from_name(&task).ok_or(Error::NotGenerated { task: task.clone() })?;
            let folder = folder.unwrap_or_else(|| DataDir::resolve(data.data_dir).folder(&task));
            generate(script, seed, (train, test), &folder, out)
        }
        DataCommand::Fetch { task, data, mirror } => {
            fetch::run(&task, &DataDir::resolve(data.data_dir), mirror.as_deref(), out)
        }
    }
}

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Generated<'a> {
    task: &'a str,
    seed: u64,
    train: usize,
    test: usize,
    files: Vec<String>,
}

fn generate(
    script: Script,
    seed: u64,
    (train, test): (usize, usize),
    folder: &Path,
    out: Printer,
) -> anyhow::Result<ExitStatus> {
    const MOST: usize = 1_000_000;
    anyhow::ensure!(
        (1..=MOST).contains(&train) && (1..=MOST).contains(&test),
        "`--train` and `--test` are {train} and {test}, expected 1 to {MOST} images"
    );
    let task = script.name();
    if let Some(other) = list_others(folder) {
        return Err(Error::OtherSet { path: other }.into());
    }
    let files = afro::write(script, seed, (train, test), folder)?;
    let files = files.iter().map(|path| path.display().to_string()).collect();
    out.say(format!(
        "{task}: {train} + {test} images, seed {seed}, from Noto glyphs in the manner of Afro-MNIST"
    ));
    if out.is_json() {
        out.json(&Generated { task, seed, train, test, files })?;
    } else {
        files.iter().try_for_each(|path| out.result(path))?;
    }
    Ok(ExitStatus::Success)
}

/// Official files that are there already: others beside them would take their place, or be shadowed by them.
fn list_others(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    files.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "npy"))
}

#[derive(Serialize)]
struct Row {
    task: &'static str,
    title: &'static str,
    data: &'static str,
    place: String,
}

fn row(info: &'static Info, data: &DataDir) -> Row {
    let folder = data.folder(info.name).display().to_string();
    let root = if data.explicit { format!(" --data-dir {}", pasted_path(&data.root)) } else { String::new() };
    if let Some(set) = info.texts() {
        let (data, place) = match set.locate(info.name, data) {
            Some([train, _]) => ("official", train.parent().unwrap_or(&train).display().to_string()),
            None if set.has_sample && !data.explicit => ("sample", "embedded in the program".to_owned()),
            None => ("missing", format!("nothing in {folder}; see {}", info.home)),
        };
        return Row { task: info.name, title: info.title, data, place };
    }
    if let Some(set) = info.trials() {
        let place = set.locate(info.name, data).map(|folder| folder.display().to_string());
        let data = if place.is_some() { "official" } else { "missing" };
        let place = place.unwrap_or_else(|| format!("nothing in {folder}; see {}", info.home));
        return Row { task: info.name, title: info.title, data, place };
    }
    let (data, place) = match info.images().map(|set| locate(info.name, set, data)) {
        None => ("simulated", "by the program".to_owned()),
        Some(Availability::Official(_)) => ("official", folder),
        Some(Availability::Regenerated(_)) => ("generated", folder),
        Some(Availability::Sample) => ("sample", "embedded in the program".to_owned()),
        Some(Availability::Generated) => ("generated", "by the program".to_owned()),
        Some(Availability::Incomplete { missing, .. }) => {
            ("incomplete", format!("{folder} lacks {}", missing.join(", ")))
        }
        Some(Availability::Pickled { .. }) => (
            "pickled",
            format!(
                "{folder} holds the Python version, which is not read; `bl-adapt data fetch {}{root}`",
                info.name
            ),
        ),
        Some(Availability::Missing { looked_in }) => {
            let way = if Script::from_name(info.name).is_some() { "generate" } else { "fetch" };
            (
                "missing",
                format!("nothing in {}; `bl-adapt data {way} {}{root}`", looked_in.display(), info.name),
            )
        }
    };
    Row { task: info.name, title: info.title, data, place }
}

fn list(data: &DataDir, out: Printer) -> anyhow::Result<ExitStatus> {
    let rows: Vec<Row> = catalogue().map(|info| row(info, data)).collect();
    if out.is_json() {
        out.json(&rows)?;
        return Ok(ExitStatus::Success);
    }
    let widest = rows.iter().map(|row| row.task.len()).max().unwrap_or(0);
    for row in rows {
        out.result(format!("{:<widest$} {:<45} {:<10} {}", row.task, row.title, row.data, row.place))?;
    }
    out.say("Simulated ones are sequence tasks: `bl-adapt data info NAME` shows their equations.");
    out.say("A folder of your own works too: `--task ./folder`, with IDX files or one sub-folder of images per class.");
    out.say("So does a series: `--task ./series.csv`, one sample per line, with a column of numbers.");
    out.say("So do several columns of one: `--inputs temp,wind --targets kwh`; and trials: `.ts` and `.npz` files.");
    out.say("So do texts: `--task ./texts.csv`, with columns `text` and `label`, or a folder of .txt files for each label.");
    Ok(ExitStatus::Success)
}

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct TaskReport<'a> {
    task: &'a str,
    title: &'a str,
    source: Source,
    notice: Option<&'a str>,
    licence: Option<&'a str>,
    equation: &'static [&'static str],
    parameters: Option<&'static str>,
    made: Option<&'static str>,
    citation: Option<&'static str>,
    /// What was found of images and how they are brought to one form.
    prepared: Option<&'a str>,
    /// Fields of the kind of task.
    #[serde(flatten)]
    description: Map<String, Value>,
    train: usize,
    test: usize,
    train_sha256: String,
    test_sha256: String,
}

fn info(task: &Task, known: Option<&'static Info>, out: Printer) -> anyhow::Result<ExitStatus> {
    let (parts, description) = (task.kind().parts(), task.kind().describe());
    let system = known.and_then(Info::simulated);
    let report = TaskReport {
        task: &task.name,
        title: &task.title,
        source: task.source,
        notice: task.notice.as_deref(),
        licence: task.licence.as_deref(),
        equation: system.map_or(&[], |system| system.equation),
        parameters: system.map(|system| system.parameters),
        made: system.map(|system| system.made),
        citation: known.map(|info| info.citation),
        prepared: task.prepared.as_deref(),
        description: description.fields,
        train: parts.train,
        test: parts.test,
        train_sha256: parts.train_sha256,
        test_sha256: parts.test_sha256,
    };
    if out.is_json() {
        out.json(&report)?;
        return Ok(ExitStatus::Success);
    }
    if let Some(notice) = report.notice {
        out.warn(notice);
    }
    let mut lines = vec![format!("{} ({}), {}", report.title, report.task, report.source)];
    let heads = std::iter::once("equation   ").chain(std::iter::repeat("           "));
    lines.extend(heads.zip(report.equation).map(|(head, line)| format!("{head}{line}")));
    let texts = [
        ("parameters", report.parameters),
        ("made      ", report.made),
        ("licence   ", report.licence),
        ("cite      ", report.citation),
        ("prepared  ", report.prepared),
    ];
    lines.extend(texts.into_iter().filter_map(|(head, text)| Some(format!("{head} {}", text?))));
    lines.extend(description.lines);
    lines.push(format!("training   {:>6} {}  sha256 {}", report.train, parts.unit, report.train_sha256));
    lines.push(format!("test       {:>6} {}  sha256 {}", report.test, parts.unit, report.test_sha256));
    lines.extend(description.table);
    lines.iter().try_for_each(|line| out.result(printable(line)))?;
    if let (Source::Folder, Ok(images)) = (task.source, task.what.images()) {
        sheet::draw(images, out)?;
    }
    Ok(ExitStatus::Success)
}
