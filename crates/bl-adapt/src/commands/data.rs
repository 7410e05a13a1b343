//! `bl-adapt data`: which data there are, and where from.

use bl_cli::words::printable;
use bl_cli::{ExitStatus, Printer};
use bl_tasks::{Availability, DataDir, Info, Request, Source, Task, catalogue, find_task, locate};
use serde::Serialize;
use serde_json::{Map, Value};

use super::fetch;
use crate::cli::DataCommand;

pub(crate) fn run(command: DataCommand, out: Printer) -> anyhow::Result<ExitStatus> {
    match command {
        DataCommand::List { data } => list(&DataDir::resolve(data.data_dir), out),
        DataCommand::Info { task, column, mend, data } => {
            let request =
                Request { column, mend: mend.into(), ..Request::of(DataDir::resolve(data.data_dir)) };
            info(&Task::open(&task, &request)?, find_task(&task), out)
        }
        DataCommand::Fetch { task, data, mirror } => {
            fetch::run(&task, &DataDir::resolve(data.data_dir), mirror.as_deref(), out)
        }
    }
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
    let (data, place) = match info.images().map(|set| locate(info.name, set, data)) {
        None => ("simulated", "by the program".to_owned()),
        Some(Availability::Official(_)) => ("official", folder),
        Some(Availability::Regenerated(_)) => ("generated", folder),
        Some(Availability::Sample) => ("sample", "embedded in the program".to_owned()),
        Some(Availability::Generated) => ("generated", "by the program".to_owned()),
        Some(Availability::Incomplete { missing, .. }) => {
            ("incomplete", format!("{folder} lacks {}", missing.join(", ")))
        }
        Some(Availability::Missing { looked_in }) => {
            ("missing", format!("nothing in {}; see {}", looked_in.display(), info.home))
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
    for row in rows {
        out.result(format!("{:<11} {:<45} {:<10} {}", row.task, row.title, row.data, row.place))?;
    }
    out.say("Simulated ones are sequence tasks: `bl-adapt data info NAME` shows their equations.");
    out.say("A folder of your own works too: `--task ./folder`, with IDX files or one sub-folder of images per class.");
    out.say("So does a series: `--task ./series.csv`, one sample per line, with a column of numbers.");
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
    ];
    lines.extend(texts.into_iter().filter_map(|(head, text)| Some(format!("{head} {}", text?))));
    lines.extend(description.lines);
    lines.push(format!("training   {:>6} {}  sha256 {}", report.train, parts.unit, report.train_sha256));
    lines.push(format!("test       {:>6} {}  sha256 {}", report.test, parts.unit, report.test_sha256));
    lines.extend(description.table);
    lines.iter().try_for_each(|line| out.result(printable(line)))?;
    Ok(ExitStatus::Success)
}
