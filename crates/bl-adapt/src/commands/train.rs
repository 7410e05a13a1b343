//! `bl-adapt train`: from a task to an adapter file.

use std::path::{Path, PathBuf};
use std::time::Instant;

use bl_cli::words::grouped;
use bl_cli::{ExitStatus, Interrupt, Printer, format_bytes};
use bl_core::{Backbone, Evaluation, Prepared, files};
use bl_tasks::{DataDir, ImageTask};
use bl_train::presets::{self, BackboneSource};
use bl_train::{
    CacheReport, DatasetReport, Fitted, Method, Report, Resources, Schedule, Seconds, Settings, TrainConfig,
    Trainer, checkpoint_path, median, memory, standardisation,
};

use crate::cli::{MethodArg, ScheduleArg, SettingArgs, TrainArgs};
use crate::progress::TrainProgress;

pub(crate) fn run(args: &TrainArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    let mut clock = Clock::start();
    let config = configure(args)?;
    let path = args.out.clone().unwrap_or_else(|| default_path(&args.task));
    files::check_writable(&path)?;
    set_threads(args.threads)?;
    let interrupt = Interrupt::install()?;

    let task = ImageTask::open(&args.task, &DataDir::resolve(args.data.data_dir.clone()))?;
    announce_task(&task, out);
    let load = clock.lap();

    let backbone = make_backbone(&config, &task)?;
    announce_backbone(&config, &backbone, out);
    let generate = clock.lap();

    let preprocessing = standardisation(&task)?;
    let resources = Resources {
        cache_memory: args.cache_memory,
        checkpoint: Some(checkpoint_path(&path)),
        resume: args.resume,
    };
    let mut progress = TrainProgress::new(out, interrupt);
    let trainer = Trainer::new(&backbone, &config, preprocessing, resources);
    let fitted = trainer.fit(&task.train, &mut progress)?;
    let train = clock.lap() - fitted.cache_seconds;

    let adapter = Prepared::new(&backbone, preprocessing, &fitted.biases)?;
    let test = backbone.evaluate(&adapter, &task.test.images, &task.test.labels)?;
    let evaluate = clock.lap();

    bl_train::adapter(&task, &config, &backbone, preprocessing, &fitted, &test)?.save(&path)?;
    let _ = std::fs::remove_file(checkpoint_path(&path)); // the run is over; there may be none
    let write = clock.lap();

    let cache = fitted.cache_seconds;
    let seconds = Seconds { load, backbone: generate, cache, train, evaluate, write, total: clock.total() };
    print(&report(&path, &task, &config, &backbone, &fitted, &test, seconds), out)?;
    Ok(match args.min_accuracy {
        Some(least) if test.accuracy() < least => ExitStatus::Negative,
        _ => ExitStatus::Success,
    })
}

/// Defaults of the task, then the file, then the environment and flags (clap has put those together).
fn configure(args: &TrainArgs) -> Result<TrainConfig, bl_train::Error> {
    let of_file = args.config.as_deref().map(Settings::from_file).transpose()?.unwrap_or_default();
    settings(&args.settings).over(of_file).resolve(&args.task, presets::task_settings(&args.task)?)
}

fn settings(args: &SettingArgs) -> Settings {
    Settings {
        backbone: args.backbone.clone(),
        method: args.method.map(|MethodArg::Bias| Method::Bias),
        width: args.width,
        epochs: args.epochs,
        batch_size: args.batch_size,
        lr: args.lr,
        schedule: args.schedule.map(|schedule| match schedule {
            ScheduleArg::Constant => Schedule::Constant,
            ScheduleArg::Cosine => Schedule::Cosine,
        }),
        weight_decay: args.weight_decay,
        bias_init: args.bias_init,
        seed: args.seed,
        val_fraction: args.val_fraction,
    }
}

fn make_backbone(config: &TrainConfig, task: &ImageTask) -> Result<Backbone, bl_train::Error> {
    match presets::backbone(&config.backbone)? {
        BackboneSource::Spec(spec) => Ok(Backbone::generate(&presets::fit_spec(spec, task, config.width)?)?),
        BackboneSource::File(backbone) => {
            presets::check_file_fits(&backbone, task, config.width)?;
            Ok(*backbone)
        }
    }
}

/// `kmnist` and `./data/letters/` become `kmnist.safetensors` and `letters.safetensors`, here.
fn default_path(task: &str) -> PathBuf {
    let name = Path::new(task).file_name().map_or_else(|| "adapter".into(), |name| name.to_string_lossy());
    PathBuf::from(format!("{name}.safetensors"))
}

fn set_threads(threads: Option<usize>) -> anyhow::Result<()> {
    if let Some(threads) = threads {
        anyhow::ensure!((1..=4096).contains(&threads), "`--threads` is {threads}, expected 1 to 4096");
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    }
    Ok(())
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
    out.say(format!(
        "backbone   {}: {} frozen weights, {} ({} kernels)",
        config.backbone,
        grouped(backbone.spec().frozen_weights()),
        backbone.fingerprint().short(),
        backbone.isa(),
    ));
    let (learned, frozen) = (backbone.spec().hidden_units(), backbone.spec().frozen_weights());
    out.say(format!(
        "learning   {} biases, {:.3} % of {} parameters; {} epochs, seed {}",
        grouped(learned),
        100.0 * learned as f64 / (learned + frozen) as f64,
        grouped(learned + frozen),
        config.epochs,
        config.seed,
    ));
}

fn report(
    path: &Path,
    task: &ImageTask,
    config: &TrainConfig,
    backbone: &Backbone,
    fitted: &Fitted,
    test: &Evaluation,
    seconds: Seconds,
) -> Report {
    let learned = backbone.spec().hidden_units();
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
        train_accuracy: fitted.last.train_accuracy,
        train_loss: fitted.last.train_loss,
        trainable_parameters: learned,
        total_parameters: learned + backbone.spec().frozen_weights(),
        dataset: DatasetReport {
            name: task.name.clone(),
            train: fitted.train_samples,
            validation: fitted.validation_samples,
            test: task.test.len(),
            source: task.source,
        },
        seconds,
        epoch_seconds: median(&fitted.epoch_seconds),
        peak_memory_bytes: memory::peak(),
        cache: CacheReport { mode: fitted.cache_mode, bytes: fitted.cache_bytes },
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
    out.say(format!("next       bl-run --adapter {}", report.adapter));
    out.result(&report.adapter)
}

/// Wall time of the parts of a run.
struct Clock {
    begin: Instant,
    last: Instant,
}

impl Clock {
    fn start() -> Self {
        let now = Instant::now();
        Self { begin: now, last: now }
    }

    fn lap(&mut self) -> f64 {
        let now = Instant::now();
        (now - std::mem::replace(&mut self.last, now)).as_secs_f64()
    }

    fn total(&self) -> f64 {
        self.begin.elapsed().as_secs_f64()
    }
}
