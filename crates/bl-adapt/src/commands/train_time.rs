//! `bl-adapt train` of a task in time.

use std::path::Path;

use bl_cli::words::grouped;
use bl_cli::{ExitStatus, Interrupt, Printer, format_bytes};
use bl_core::files;
use bl_core::recurrent::RecurrentBackbone;
use bl_core::tensor::keep_freed_memory;
use bl_tasks::time::{Judgement, TimeTask, What};
use bl_train::presets::{self, recurrent_for};
use bl_train::{
    Checkpoints, Method, RecurrentConfig, RecurrentFitted, RecurrentProduct, RecurrentTrainer,
    checkpoint_path, memory,
};
use serde::Serialize;

use super::hub;
use super::train::{Clock, default_path, stated};
use crate::cli::TrainArgs;
use crate::progress::TrainProgress;
use bl_cli::time::{Figures, figure_lines};

pub(crate) fn run(args: &TrainArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    anyhow::ensure!(
        args.min_accuracy.is_none(),
        "`--min-accuracy` is for pictures; tasks in time have `--min-r2`"
    );
    let mut clock = Clock::start();
    let config = stated(args, out)?.resolve_in_time(&args.task, presets::time_task_settings(&args.task)?)?;
    let path = args.out.clone().unwrap_or_else(|| default_path(&args.task));
    files::check_writable(&path)?;
    args.machine.set_threads()?;
    keep_freed_memory();
    let interrupt = Interrupt::install()?;

    let task = TimeTask::open(&args.task, &config.request())?;
    announce_task(&task, out);
    let source = RecurrentConfig { backbone: hub::backbone(&config.backbone, out)?, ..config.clone() };
    let backbone = recurrent_for(&source, &task)?;
    announce_backbone(&config, &backbone, out);
    let begin = clock.lap();

    let checkpoints = Checkpoints { path: Some(checkpoint_path(&path)), resume: args.resume };
    let mut progress = TrainProgress::new(out, interrupt);
    let fitted = RecurrentTrainer::new(&backbone, &config, &task, checkpoints).fit(&mut progress)?;
    drop(progress);
    let train = clock.lap();

    let judgement = fitted.learned.judge(&backbone, &task)?;
    let evaluate = clock.lap();
    let product = RecurrentProduct::new(&task, &config, &backbone, &fitted, &judgement)?;
    product.licensed(args.license.as_deref()).save(&path)?;
    let _ = std::fs::remove_file(checkpoint_path(&path)); // the run is over; there may be none

    let seconds = Seconds { load: begin, train, evaluate, total: clock.total() };
    let report = report(&path, &config, &backbone, &fitted, &task, &judgement, seconds);
    print(&report, &task, &judgement, out)?;
    Ok(match (args.min_r2, judgement.r2()) {
        (Some(least), Some(r2)) if r2 < least => ExitStatus::Negative,
        (Some(_), None) => anyhow::bail!("`--min-r2`: task `{}` has no R²", task.name),
        _ => ExitStatus::Success,
    })
}

/// One JSON object that says how a run went. Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    adapter: String,
    task: String,
    method: Method,
    backbone: String,
    width: usize,
    epochs: usize,
    seed: u64,
    trajectories: usize,
    train_loss: f64,
    #[serde(flatten)]
    figures: Figures,
    trainable_parameters: usize,
    total_parameters: usize,
    seconds: Seconds,
    epoch_seconds: f64,
    peak_memory_bytes: Option<u64>,
    isa: String,
    threads: usize,
}

#[derive(Clone, Copy, Serialize)]
struct Seconds {
    load: f64,
    train: f64,
    evaluate: f64,
    total: f64,
}

fn announce_task(task: &TimeTask, out: Printer) {
    let what = match &task.what {
        What::Generate(generate) => {
            format!(
                "{} steps to generate, {} more to go on",
                generate.steps,
                generate.series.len() - generate.steps
            )
        }
        What::Forecast(forecast) => format!(
            "{} samples to learn from, {} held out, {} ahead, washout {}",
            grouped(forecast.train().len()),
            grouped(forecast.held_out().len()),
            forecast.plan.horizon,
            forecast.plan.washout,
        ),
        What::Reach(reach) => format!(
            "{} targets to learn from, {} between them to test on, {} steps of {} s",
            reach.train.len(),
            reach.test.len(),
            reach.plant.steps,
            reach.plant.dt
        ),
    };
    out.say(format!("task       {} ({}): {what}", task.title, task.source));
}

fn announce_backbone(config: &RecurrentConfig, backbone: &RecurrentBackbone, out: Printer) {
    let (units, weights) = (backbone.units(), backbone.spec().frozen_weights());
    let (gain, learned) = (backbone.spec().recurrent.gain, config.learned_parameters(backbone));
    if config.method == Method::Full {
        out.say(format!(
            "network    {} recurrent units, nothing frozen; it starts from the weights of `{}`, gain {gain:.3}",
            grouped(units),
            config.backbone
        ));
    } else {
        out.say(format!(
            "backbone   {}: {} units, {} frozen weights, gain {gain:.3}, {} ({} kernels)",
            config.backbone,
            grouped(units),
            grouped(weights),
            backbone.fingerprint().short(),
            backbone.isa(),
        ));
    }
    let what = match config.method {
        Method::Bias => "biases",
        Method::Mask => "bits of a mask",
        Method::Gain => "gains",
        Method::BiasGain => "biases and gains",
        Method::Full => "weights and biases",
    };
    let state = if config.learn_state { ", the first state among them" } else { "" };
    out.say(format!(
        "learning   {} {what}{state}, {:.3} % of {} parameters; at most {} epochs, seed {}",
        grouped(learned),
        100.0 * learned as f64 / (units + weights) as f64,
        grouped(units + weights),
        grouped(config.epochs as usize),
        config.seed,
    ));
}

fn report(
    path: &Path,
    config: &RecurrentConfig,
    backbone: &RecurrentBackbone,
    fitted: &RecurrentFitted,
    task: &TimeTask,
    judgement: &Judgement,
    seconds: Seconds,
) -> Report {
    Report {
        adapter: path.display().to_string(),
        task: task.name.clone(),
        method: config.method,
        backbone: backbone.fingerprint().to_string(),
        width: backbone.units(),
        epochs: fitted.epochs.len(),
        seed: config.seed,
        trajectories: fitted.trajectories,
        train_loss: fitted.last.train_loss,
        figures: Figures::of(task, judgement),
        trainable_parameters: config.learned_parameters(backbone),
        total_parameters: backbone.units() + backbone.spec().frozen_weights(),
        seconds,
        epoch_seconds: seconds.train / fitted.epochs.len().max(1) as f64,
        peak_memory_bytes: memory::peak(),
        isa: backbone.isa().to_string(),
        threads: rayon::current_num_threads(),
    }
}

/// Words for people, then the one result that a script needs: the file.
fn print(report: &Report, task: &TimeTask, judgement: &Judgement, out: Printer) -> anyhow::Result<()> {
    if out.is_json() {
        return out.json(report);
    }
    for line in figure_lines(task, judgement) {
        out.say(line);
    }
    let peak =
        report.peak_memory_bytes.map_or(String::new(), |bytes| format!(", peak {}", format_bytes(bytes)));
    out.say(format!(
        "time       {:.1} s: load {:.1}, train {:.1} ({:.3} an epoch, {} of them), test {:.1}{peak}",
        report.seconds.total,
        report.seconds.load,
        report.seconds.train,
        report.epoch_seconds,
        grouped(report.epochs),
        report.seconds.evaluate,
    ));
    out.say(match report.method {
        Method::Full => format!("next       bl-adapt eval --adapter {}", report.adapter),
        _ => format!("next       bl-run --adapter {}", report.adapter),
    });
    out.result(&report.adapter)
}
