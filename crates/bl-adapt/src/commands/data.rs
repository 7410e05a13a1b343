//! `bl-adapt data`: which data there are, and where from.

use bl_cli::{ExitStatus, Printer};
use bl_tasks::time::{TimeInfo, is_time_task, time_catalogue};
use bl_tasks::{Availability, DataDir, ImageTask, TaskInfo, catalogue, locate};
use serde::Serialize;

use super::{data_time, fetch};
use crate::cli::DataCommand;

pub(crate) fn run(command: DataCommand, out: Printer) -> anyhow::Result<ExitStatus> {
    match command {
        DataCommand::List { data } => list(&DataDir::resolve(data.data_dir), out),
        DataCommand::Info { task, column, .. } if is_time_task(&task) => data_time::info(&task, column, out),
        DataCommand::Info { column: Some(_), task, .. } => {
            Err(bl_cli::time::Error::NoTimeTask { name: task }.into())
        }
        DataCommand::Fetch { task, data, mirror } => {
            fetch::run(&task, &DataDir::resolve(data.data_dir), mirror.as_deref(), out)
        }
        DataCommand::Info { task, data, .. } => info(&task, &DataDir::resolve(data.data_dir), out),
    }
}

#[derive(Serialize)]
struct Row {
    task: &'static str,
    title: &'static str,
    data: &'static str,
    place: String,
}

fn row(info: &'static TaskInfo, data: &DataDir) -> Row {
    let folder = data.folder(info.name).display().to_string();
    let (kind, place) = match locate(info, data) {
        Availability::Official(_) => ("official", folder),
        Availability::Regenerated(_) => ("generated", folder),
        Availability::Sample => ("sample", "embedded in the program".to_owned()),
        Availability::Generated => ("generated", "by the program".to_owned()),
        Availability::Incomplete { missing, .. } => {
            ("incomplete", format!("{folder} lacks {}", missing.join(", ")))
        }
        Availability::Missing { looked_in } => {
            ("missing", format!("nothing in {}; see {}", looked_in.display(), info.home))
        }
    };
    Row { task: info.name, title: info.title, data: kind, place }
}

fn row_in_time(info: &'static TimeInfo) -> Row {
    Row { task: info.name, title: info.title, data: "simulated", place: "by the program".to_owned() }
}

fn list(data: &DataDir, out: Printer) -> anyhow::Result<ExitStatus> {
    let pictures = catalogue().iter().map(|info| row(info, data));
    let rows: Vec<Row> = pictures.chain(time_catalogue().iter().map(row_in_time)).collect();
    if out.is_json() {
        out.json(&rows)?;
        return Ok(ExitStatus::Success);
    }
    for row in rows {
        out.result(format!("{:<11} {:<45} {:<10} {}", row.task, row.title, row.data, row.place))?;
    }
    out.say("Those simulated are tasks in time: `bl-adapt data info NAME` has their equations.");
    out.say("A folder of your own works too: `--task ./folder`, with IDX files or one sub-folder of pictures a class.");
    out.say("So does a series: `--task ./series.csv`, a line a sample, with a column of numbers.");
    Ok(ExitStatus::Success)
}

#[derive(Serialize)]
struct Info {
    task: String,
    title: String,
    source: bl_tasks::Source,
    notice: Option<String>,
    licence: String,
    labels: Vec<String>,
    height: usize,
    width: usize,
    train: usize,
    test: usize,
    train_sha256: String,
    test_sha256: String,
    pixel_mean: f64,
    pixel_std: f64,
    train_per_class: Vec<usize>,
    test_per_class: Vec<usize>,
}

fn info(name: &str, data: &DataDir, out: Printer) -> anyhow::Result<ExitStatus> {
    let task = ImageTask::open(name, data)?;
    let (pixel_mean, pixel_std) = task.train.pixel_mean_std();
    let per_class = |labels: &[u8]| -> Vec<usize> {
        (0..task.labels.len()).map(|c| labels.iter().filter(|&&l| usize::from(l) == c).count()).collect()
    };
    let info = Info {
        train_per_class: per_class(&task.train.labels),
        test_per_class: per_class(&task.test.labels),
        train_sha256: task.train.sha256(),
        test_sha256: task.test.sha256(),
        height: task.train.height,
        width: task.train.width,
        train: task.train.len(),
        test: task.test.len(),
        task: task.name,
        title: task.title,
        source: task.source,
        notice: task.notice,
        licence: task.licence,
        labels: task.labels,
        pixel_mean,
        pixel_std,
    };
    if out.is_json() {
        out.json(&info)?;
        return Ok(ExitStatus::Success);
    }
    if let Some(notice) = &info.notice {
        out.warn(notice);
    }
    out.result(format!("{} ({}), {}", info.title, info.task, info.source))?;
    out.result(format!("licence    {}", info.licence))?;
    out.result(format!("pictures   {} × {}, 8-bit", info.height, info.width))?;
    out.result(format!("pixels     mean {:.6}, SD {:.6} (of 0 to 1)", info.pixel_mean, info.pixel_std))?;
    out.result(format!("training   {:>6}  sha256 {}", info.train, info.train_sha256))?;
    out.result(format!("test       {:>6}  sha256 {}", info.test, info.test_sha256))?;
    for ((label, train), test) in info.labels.iter().zip(&info.train_per_class).zip(&info.test_per_class) {
        out.result(format!("  {label:<14} {train:>6} training  {test:>6} test"))?;
    }
    Ok(ExitStatus::Success)
}
