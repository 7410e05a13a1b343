//! `bl-adapt train`: from a task to an adapter file.

use std::path::{Path, PathBuf};
use std::time::Instant;

use bl_cli::words::grouped;
use bl_cli::{ExitStatus, Interrupt, Printer, format_bytes};
use bl_core::tensor::keep_freed_memory;
use bl_core::{Backbone, Evaluation, UnitGains, files};
use bl_tasks::time::is_time_task;
use bl_tasks::{DataDir, ImageTask};
use bl_train::presets::{self, BackboneSource};
use bl_train::{
    CacheReport, Checkpoints, DatasetReport, Fitted, Learned, Method, Product, Report, Schedule, Seconds,
    Settings, TimeSettings, TrainConfig, Trainer, TrainingSet, checkpoint_path, memory, standardisation,
};

use super::hub;
use crate::cli::{ScheduleArg, SettingArgs, TimeArgs, TrainArgs};
use crate::progress::TrainProgress;

pub(crate) fn run(args: &TrainArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    if is_time_task(&args.task) {
        return super::train_time::run(args, out);
    }
    anyhow::ensure!(args.min_r2.is_none(), "`--min-r2` is for tasks in time; pictures have `--min-accuracy`");
    let mut clock = Clock::start();
    let config = configure(args, out)?;
    let path = args.out.clone().unwrap_or_else(|| default_path(&args.task));
    files::check_writable(&path)?;
    args.machine.set_threads()?;
    keep_freed_memory();
    let interrupt = Interrupt::install()?;

    let task = ImageTask::open(&args.task, &DataDir::resolve(args.data.data_dir.clone()))?;
    announce_task(&task, out);
    let load = clock.lap();

    let backbone = make_backbone(&config, &task, out)?;
    announce_backbone(&config, &backbone, out);
    let generate = clock.lap();

    let preprocessing = standardisation(&task)?;
    let mut progress = TrainProgress::new(out, interrupt);
    let mut set = TrainingSet::new(
        &backbone,
        &task.train,
        &[config.method],
        config.batch_size,
        args.machine.cache_memory,
        &mut |share| progress.cache(share),
    )?;
    let cache = clock.lap();

    let checkpoints = Checkpoints { path: Some(checkpoint_path(&path)), resume: args.resume };
    let trainer = Trainer::new(&backbone, &config, preprocessing, checkpoints);
    let fitted = trainer.fit(&mut set, &mut progress)?;
    let train = clock.lap();

    let test = fitted.evaluate(&backbone, preprocessing, &task.test)?;
    let evaluate = clock.lap();

    let product = Product::new(&task, &config, &backbone, preprocessing, &fitted, &test)?;
    product.licensed(args.license.as_deref()).save(&path)?;
    let _ = std::fs::remove_file(checkpoint_path(&path)); // the run is over; there may be none
    let write = clock.lap();

    let seconds = Seconds { load, backbone: generate, cache, train, evaluate, write, total: clock.total() };
    let report = report(&path, &task, &config, &backbone, &fitted, &test, seconds, &set);
    print(&report, out)?;
    Ok(match args.min_accuracy {
        Some(least) if test.accuracy() < least => ExitStatus::Negative,
        _ => ExitStatus::Success,
    })
}

/// Defaults of the task, then the file, then the environment and flags (clap has put those together).
fn configure(args: &TrainArgs, out: Printer) -> anyhow::Result<TrainConfig> {
    Ok(stated(args, out)?.resolve(&args.task, presets::task_settings(&args.task)?)?)
}

/// What the user states; a backbone on the Hub is pinned to the commit that it is at.
pub(super) fn stated(args: &TrainArgs, out: Printer) -> anyhow::Result<Settings> {
    let of_file = args.config.as_deref().map(Settings::from_file).transpose()?.unwrap_or_default();
    let mut stated = settings(&args.settings).over(of_file);
    stated.backbone = stated.backbone.map(|name| hub::pinned_backbone(name, out)).transpose()?;
    Ok(stated)
}

fn settings(args: &SettingArgs) -> Settings {
    Settings {
        backbone: args.backbone.clone(),
        method: args.method.map(Method::from),
        width: args.width,
        match_parameters: args.match_parameters,
        epochs: args.epochs,
        batch_size: args.batch_size,
        lr: args.lr,
        schedule: args.schedule.map(|schedule| match schedule {
            ScheduleArg::Constant => Schedule::Constant,
            ScheduleArg::Cosine => Schedule::Cosine,
        }),
        weight_decay: args.weight_decay,
        bias_init: args.bias_init,
        final_temperature: args.final_temperature,
        seed: args.seed,
        val_fraction: args.val_fraction,
        time: time_settings(&args.time),
    }
}

fn make_backbone(config: &TrainConfig, task: &ImageTask, out: Printer) -> anyhow::Result<Backbone> {
    let pixels = (task.input.height * task.input.width * task.input.channels) as usize;
    let width = config.width_for(pixels, task.labels.len());
    match presets::backbone(&hub::backbone(&config.backbone, out)?)? {
        BackboneSource::Spec(spec) => {
            if config.match_parameters.is_some() && spec.layers.len() > 1 {
                return Err(bl_train::Error::MatchOneLayer { layers: spec.layers.len() }.into());
            }
            let (input, outputs) = (spec.input, spec.readout.outputs);
            let fitted = presets::fit_spec(spec, task, width)?;
            if (input, outputs) != (fitted.input, fitted.readout.outputs)
                && !presets::is_preset(&config.backbone)
            {
                out.warn(format!(
                    "`{}` is for pictures of {} × {} × {} and {outputs} classes: fitted to this task",
                    config.backbone, input.height, input.width, input.channels
                ));
            }
            Ok(Backbone::generate(&fitted)?)
        }
        BackboneSource::File(backbone) => {
            presets::check_file_fits(&backbone, task, width)?;
            Ok(*backbone)
        }
    }
}

fn time_settings(args: &TimeArgs) -> TimeSettings {
    TimeSettings {
        gain: args.gain,
        bias_mean: args.bias_mean,
        learn_state: args.learn_state,
        column: args.column.clone(),
        horizon: args.horizon,
        washout: args.washout,
        window: args.window,
        stride: args.stride,
        truncate: args.truncate,
        clip: args.clip,
        stop_at_loss: args.stop_at_loss,
    }
}

/// `kmnist` and `./data/letters/` become `kmnist.safetensors` and `letters.safetensors`, here.
pub(super) fn default_path(task: &str) -> PathBuf {
    let name = Path::new(task).file_stem().map_or_else(|| "adapter".into(), |name| name.to_string_lossy());
    PathBuf::from(format!("{name}.safetensors"))
}

fn announce_task(task: &ImageTask, out: Printer) {
    if let Some(notice) = &task.notice {
        out.warn(notice);
    }
    out.say(format!(
        "data       {} ({}): {} training and {} test pictures of {} × {}, {} classes",
        task.title,
        task.source,
        task.train.len(),
        task.test.len(),
        task.input.height,
        task.input.width,
        task.labels.len(),
    ));
}

fn announce_backbone(config: &TrainConfig, backbone: &Backbone, out: Printer) {
    let (units, weights) = (backbone.spec().hidden_units(), backbone.spec().frozen_weights());
    let seed = format!("{} epochs, seed {}", config.epochs, config.seed);
    if config.method == Method::Full {
        out.say(format!(
            "network    {} hidden units, nothing frozen: Xavier weights, architecture of `{}`",
            grouped(units),
            config.backbone
        ));
        out.say(format!("learning   all {} weights and biases; {seed}", grouped(units + weights)));
        return;
    }
    out.say(format!(
        "backbone   {}: {} frozen weights, {} ({} kernels)",
        config.backbone,
        grouped(weights),
        backbone.fingerprint().short(),
        backbone.isa(),
    ));
    let learned = learned_parameters(config.method, backbone);
    let what = match config.method {
        Method::Bias | Method::Full => "biases",
        Method::Mask => "bits of a mask",
        Method::Gain => "gains",
        Method::BiasGain => "biases and gains",
    };
    out.say(format!(
        "learning   {} {what}, {:.3} % of {} parameters; {seed}",
        grouped(learned),
        100.0 * learned as f64 / (units + weights) as f64,
        grouped(units + weights),
    ));
}

fn learned_parameters(method: Method, backbone: &Backbone) -> usize {
    let (units, weights) = (backbone.spec().hidden_units(), backbone.spec().frozen_weights());
    match method {
        Method::Bias | Method::Mask | Method::Gain => units,
        Method::BiasGain => 2 * units,
        Method::Full => units + weights,
    }
}

#[expect(clippy::too_many_arguments, reason = "a report gathers what the run is made of")]
fn report(
    path: &Path,
    task: &ImageTask,
    config: &TrainConfig,
    backbone: &Backbone,
    fitted: &Fitted,
    test: &Evaluation,
    seconds: Seconds,
    set: &TrainingSet<'_>,
) -> Report {
    Report {
        adapter: path.display().to_string(),
        task: task.name.clone(),
        method: config.method,
        backbone: backbone.fingerprint().to_string(),
        width: backbone.units(),
        epochs: config.epochs,
        seed: config.seed,
        test_accuracy: test.accuracy(),
        validation_accuracy: fitted.last.validation_accuracy,
        train_accuracy: fitted.train_accuracy(),
        train_loss: fitted.last.train_loss,
        trainable_parameters: learned_parameters(config.method, backbone),
        total_parameters: backbone.spec().hidden_units() + backbone.spec().frozen_weights(),
        on_units: match &fitted.learned {
            Learned::Units { gains: UnitGains::Mask(on), .. } => Some(on.iter().filter(|on| **on).count()),
            _ => None,
        },
        dataset: DatasetReport {
            name: task.name.clone(),
            train: fitted.train_samples,
            validation: fitted.validation_samples,
            test: task.test.len(),
            source: task.source,
        },
        seconds,
        epoch_seconds: fitted.epoch_seconds(),
        peak_memory_bytes: memory::peak(),
        cache: CacheReport { mode: set.mode(), bytes: set.bytes() },
        isa: backbone.isa().to_string(),
        threads: rayon::current_num_threads(),
    }
}

/// Words for people, then the one result that a script needs: the file.
fn print(report: &Report, out: Printer) -> anyhow::Result<()> {
    if out.is_json() {
        return out.json(report);
    }
    let peak =
        report.peak_memory_bytes.map_or(String::new(), |bytes| format!(", peak {}", format_bytes(bytes)));
    out.say(format!(
        "accuracy   {:.2} % of {} test pictures ({:.2} % on the training set while learning)",
        100.0 * report.test_accuracy,
        report.dataset.test,
        100.0 * report.train_accuracy,
    ));
    out.say(format!(
        "time       {:.1} s: load {:.1}, backbone {:.2}, cache {:.1}, train {:.1} ({:.3} an epoch), test {:.1}{peak}",
        report.seconds.total,
        report.seconds.load,
        report.seconds.backbone,
        report.seconds.cache,
        report.seconds.train,
        report.epoch_seconds,
        report.seconds.evaluate,
    ));
    if let Some(on) = report.on_units {
        out.say(format!("mask       {} of {} units are ON", grouped(on), grouped(report.width)));
    }
    out.say(match report.method {
        Method::Full => format!("next       bl-adapt eval --adapter {}", report.adapter),
        _ => format!("next       bl-run --adapter {}", report.adapter),
    });
    out.result(&report.adapter)
}

/// Wall time of the parts of a run.
pub(super) struct Clock {
    begin: Instant,
    last: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        let now = Instant::now();
        Self { begin: now, last: now }
    }

    pub(super) fn lap(&mut self) -> f64 {
        let now = Instant::now();
        (now - std::mem::replace(&mut self.last, now)).as_secs_f64()
    }

    pub(super) fn total(&self) -> f64 {
        self.begin.elapsed().as_secs_f64()
    }
}
