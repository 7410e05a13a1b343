//! `bl-adapt eval`: an adapter on a task's test set.

use bl_cli::{ExitStatus, Printer};
use bl_core::header::{Metric, TaskInfo, TrainingRecord};
use bl_core::schema::InputSchema;
use bl_core::{Backbone, BiasAdapter, Evaluation, Header};
use bl_tasks::{DataDir, ImageTask, Split};
use bl_train::{NetworkFile, NetworkHeader, RecurrentNetworkFile};
use serde::Serialize;

use super::eval_time;
use super::load::{Loaded, load};
use crate::cli::EvalArgs;
use crate::error::Error;

#[derive(Serialize)]
struct Report {
    adapter: String,
    task: String,
    source: bl_tasks::Source,
    test: usize,
    /// Whether the test set is the one that the adapter's own figures are of.
    same_test_set: bool,
    accuracy: f64,
    loss: f64,
    recorded_accuracy: Option<f64>,
    classes: Vec<ClassReport>,
    confusion: Vec<Vec<usize>>,
}

#[derive(Serialize)]
struct ClassReport {
    label: String,
    test: usize,
    accuracy: f64,
    taken_for: Option<String>,
}

/// What can be measured.
enum Model {
    Adapter(Box<BiasAdapter>),
    Network(Box<NetworkFile>),
}

impl Model {
    fn about(&self) -> (&TaskInfo, InputSchema, Option<&TrainingRecord>, &[Metric]) {
        match self {
            Self::Adapter(adapter) => {
                let Header { task, input, training, metrics, .. } = &adapter.header;
                (task, *input, training.as_ref(), metrics)
            }
            Self::Network(network) => {
                let NetworkHeader { task, input, training, metrics, .. } = &network.header;
                (task, *input, Some(training), metrics)
            }
        }
    }

    fn evaluate(&self, test: &Split) -> anyhow::Result<Evaluation> {
        match self {
            Self::Adapter(adapter) => {
                let backbone = Backbone::generate(&adapter.header.backbone.spec)?;
                Ok(backbone.evaluate(&backbone.prepare(adapter)?, &test.images, &test.labels)?)
            }
            Self::Network(network) => Ok(network.network.evaluate(&test.images, &test.labels)?),
        }
    }
}

pub(crate) fn run(args: &EvalArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    let path = &args.adapter;
    match load(path, out) {
        Ok(Loaded::Pictures(adapter)) => on_pictures(args, &Model::Adapter(adapter), out),
        Ok(Loaded::Time(adapter)) => eval_time::adapter(args, &adapter, out),
        Err(error) if error.is_another_kind() => match RecurrentNetworkFile::load(path)? {
            Some(network) => eval_time::network(args, &network, out),
            None => match NetworkFile::load(path)? {
                Some(network) => on_pictures(args, &Model::Network(Box::new(network)), out),
                None => Err(error.into()),
            },
        },
        Err(error) => Err(error.into()),
    }
}

fn on_pictures(args: &EvalArgs, model: &Model, out: Printer) -> anyhow::Result<ExitStatus> {
    let of_time = [("--min-r2", args.min_r2.is_some()), ("--column", args.column.is_some())];
    if let Some((option, _)) = of_time.into_iter().find(|(_, given)| *given) {
        return Err(Error::OptionOfTime { option }.into());
    }
    let task_name = args.task.as_deref().unwrap_or(&model.about().0.name);
    let task = ImageTask::open(task_name, &DataDir::resolve(args.data.data_dir.clone()))?;
    if let Some(notice) = &task.notice {
        out.warn(notice);
    }
    check_fits(model, &task)?;
    let report = report(args, model, &task, &model.evaluate(&task.test)?);
    if out.is_json() {
        out.json(&report)?;
    } else {
        print(&report, out)?;
    }
    Ok(match args.min_accuracy {
        Some(least) if report.accuracy < least => ExitStatus::Negative,
        _ => ExitStatus::Success,
    })
}

fn check_fits(model: &Model, task: &ImageTask) -> anyhow::Result<()> {
    let (of_model, expected, ..) = model.about();
    let input = task.input;
    anyhow::ensure!(
        (expected.height, expected.width) == (input.height, input.width),
        "adapter `{}` takes pictures of {} × {}, task `{}` has pictures of {} × {}",
        of_model.name,
        expected.height,
        expected.width,
        task.name,
        input.height,
        input.width,
    );
    anyhow::ensure!(
        of_model.labels.len() == task.labels.len(),
        "adapter `{}` has {} classes, task `{}` has {}",
        of_model.name,
        of_model.labels.len(),
        task.name,
        task.labels.len(),
    );
    Ok(())
}

fn report(args: &EvalArgs, model: &Model, task: &ImageTask, evaluation: &Evaluation) -> Report {
    let (_, _, training, metrics) = model.about();
    let recorded = metrics.iter().find(|m| m.name == "accuracy" && m.split == "test");
    let rows: Vec<&[usize]> = evaluation.confusion.chunks_exact(evaluation.classes).collect();
    let classes = rows.iter().zip(&task.labels).enumerate().map(|(class, (row, label))| {
        let test: usize = row.iter().sum();
        let wrong = (0..row.len()).filter(|&other| other != class && row[other] > 0);
        ClassReport {
            label: label.clone(),
            test,
            accuracy: if test > 0 { row[class] as f64 / test as f64 } else { 0.0 },
            taken_for: wrong.max_by_key(|&other| row[other]).map(|other| task.labels[other].clone()),
        }
    });
    Report {
        adapter: args.adapter.display().to_string(),
        task: task.name.clone(),
        source: task.source,
        test: task.test.len(),
        same_test_set: training.is_some_and(|record| record.dataset.test_sha256 == task.test.sha256()),
        accuracy: evaluation.accuracy(),
        loss: evaluation.loss,
        recorded_accuracy: recorded.map(|metric| metric.value),
        classes: classes.collect(),
        confusion: rows.into_iter().map(<[usize]>::to_vec).collect(),
    }
}

fn print(report: &Report, out: Printer) -> anyhow::Result<()> {
    if !report.same_test_set && report.recorded_accuracy.is_some() {
        out.warn("this is not the test set that the adapter's own figures are of");
    }
    if let Some(recorded) = report.recorded_accuracy.filter(|_| report.same_test_set) {
        let agrees = (recorded - report.accuracy).abs() < 5e-4;
        let verdict = if agrees { "as recorded" } else { "NOT as recorded" };
        out.say(format!("recorded   {:.2} %, measured {verdict}", 100.0 * recorded));
    }
    out.result(format!(
        "accuracy   {:.2} % of {} test pictures, loss {:.4}",
        100.0 * report.accuracy,
        report.test,
        report.loss
    ))?;
    for class in &report.classes {
        let confused =
            class.taken_for.as_ref().map_or(String::new(), |other| format!("  most often taken for {other}"));
        out.result(format!(
            "  {:<12} {:>6.2} % of {}{confused}",
            class.label,
            100.0 * class.accuracy,
            class.test
        ))?;
    }
    Ok(())
}
