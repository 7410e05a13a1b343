//! Appendix D: how long five epochs take, in our trainer and in PyTorch on the same machine.

use std::io::Write as _;
use std::process::{Command, Stdio};

use bl_core::Distribution;
use bl_train::Method;
use serde::Deserialize;
use serde_json::json;

use crate::finding::{Finding, Judged};
use crate::lab::{Lab, Need};
use crate::plot::{Axis, Bar, BarSeries, Bars, Chart, Figure, Panel, Role};
use crate::report::{Report, Setting, Table};
use crate::run::{Data, Run, plain_backbone, plain_config};
use crate::settings::{self, Options, config};
use crate::study_error::StudyError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    width: u32,
    epochs: u32,
    train: Option<usize>,
    lr: f64,
}

const PEER: &str = include_str!("../../../../benches/peers/pytorch_methods.py");
const METHODS: [(Method, &str); 3] =
    [(Method::Full, "69.2 s"), (Method::Bias, "61.5 s"), (Method::Mask, "not given")];

pub(super) fn study(lab: &mut Lab<'_>, options: &Options) -> Result<Report, StudyError> {
    let settings: Settings = settings::load("time", config!("time"), options.setting)?;
    let runs: Vec<Run> = METHODS
        .iter()
        .map(|(method, _)| Run {
            data: Some(Data::of("mnist", settings.train)),
            backbone: plain_backbone(1, &[settings.width], &Distribution::Normal { std: 1.0 / 28.0 }),
            config: plain_config("mnist", *method, settings.epochs, settings.lr, 1),
        })
        .collect();
    let outcomes = lab.outcomes(&runs, Need::Metrics)?;
    let python = options.peer_python.as_deref();
    let mut table = Table::new(&[
        "method",
        "ours_seconds",
        "pytorch_seconds",
        "ours_epoch_seconds",
        "pytorch_epoch_seconds",
    ]);
    let (mut findings, mut ours_bars, mut peer_bars) = (Vec::new(), Vec::new(), Vec::new());
    for ((method, paper), (run, outcome)) in METHODS.iter().zip(runs.iter().zip(&outcomes)) {
        let ours = outcome.train_seconds + outcome.cache_seconds(*method);
        let peer = match python {
            Some(python) => {
                lab.watch().say(&format!("PyTorch, {}", method.name()));
                Some(peer(lab, python, run, &settings)?)
            }
            None => None,
        };
        let epochs = f64::from(settings.epochs);
        let [total, epoch] = peer.map_or([None, None], |[total, epoch]| [Some(total), Some(epoch)]);
        table.rows.push(vec![
            json!(method.name()),
            json!(ours),
            json!(total),
            json!(outcome.epoch_seconds),
            json!(epoch),
        ]);
        let words = match (total, epoch) {
            (Some(total), Some(epoch)) => format!(
                "{ours:.1} s, PyTorch {total:.1} s: {:.1} × (an epoch {:.3} s, PyTorch {epoch:.2} s: {:.1} ×)",
                total / ours,
                outcome.epoch_seconds,
                epoch / outcome.epoch_seconds
            ),
            _ => format!("{ours:.1} s (an epoch {:.3} s); PyTorch not measured", outcome.epoch_seconds),
        };
        let what = format!("{}: {epochs} epochs, cache counted", method.name());
        findings.push(Finding::new(&what, paper, words, Judged::not_comparable()).because("another machine"));
        ours_bars.push(Some(Bar { value: ours, sd: 0.0 }));
        peer_bars.push(total.map(|value| Bar { value, sd: 0.0 }));
    }
    let mut notes = vec!["Each was measured once; PyTorch computes in f32.".to_owned()];
    if python.is_none() {
        notes.push("PyTorch was not measured: `--peer-python` names a Python that has it.".into());
    }
    let mut cut = vec![];
    if options.setting == Setting::Quick {
        cut.push(format!(
            "{} units rather than 10,000, {} epochs rather than 5",
            settings.width, settings.epochs
        ));
    }
    let mut series = vec![BarSeries { label: "this program".into(), role: Role::Bias, bars: ours_bars }];
    if python.is_some() {
        series.push(BarSeries { label: "PyTorch".into(), role: Role::Null, bars: peer_bars });
    }
    let chart = Chart::Bars(Bars {
        x_label: String::new(),
        categories: METHODS.map(|(method, _)| method.name().to_owned()).to_vec(),
        y: Axis::linear(format!("Seconds for {} epochs", settings.epochs)),
        series,
        references: vec![],
    });
    let title = format!("MNIST, {} units, one measurement each", settings.width);
    Ok(Report {
        findings,
        figure: Figure::single(Panel::new(title, chart)),
        table,
        runs: runs.into_iter().zip(outcomes).collect(),
        cut,
        notes,
    })
}

/// Total and median epoch, in seconds, of the same job in PyTorch. The images go in through its standard input.
fn peer(lab: &mut Lab<'_>, python: &str, run: &Run, settings: &Settings) -> Result<[f64; 2], StudyError> {
    #[derive(Deserialize)]
    struct Answer {
        seconds: f64,
        epoch_seconds: f64,
    }
    let failed = |what: String| StudyError::Peer { what };
    let data = lab.task(run)?;
    let train = &data.images()?.train;
    let mut command = Command::new(python);
    command.args(["-c", PEER, "--stdin", run.config.method.name()]);
    command.args(["--units", &settings.width.to_string(), "--epochs", &settings.epochs.to_string()]);
    command.args(["--lr", &settings.lr.to_string(), "--samples", &train.len().to_string()]);
    command.args(["--threads", &rayon::current_num_threads().to_string()]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("`{python}` cannot be started: {error}")))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin
            .write_all(&train.images)
            .and_then(|()| stdin.write_all(&train.labels))
            .map_err(|error| failed(format!("it does not read its input: {error}")))?;
    }
    let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(format!("it ended with {}", output.status)));
    }
    let answer: Answer = serde_json::from_slice(&output.stdout)
        .map_err(|error| failed(format!("its answer is no JSON: {error}")))?;
    Ok([answer.seconds, answer.epoch_seconds])
}
