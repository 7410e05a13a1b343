//! `bl-adapt train`: from a task to an adapter file.

mod clock;
mod settings;
mod words;

use std::path::{Path, PathBuf};

use bl_cli::{ExitStatus, Interrupt, Printer};
use bl_core::{files, keep_freed_memory, pretrained};
use bl_tasks::DataDir;
use bl_train::presets::{self, backbone_for};
use bl_train::{
    Checkpoints, FrozenHalf, Method, Product, Report, Run, Seconds, Settings, TrainConfig, Trainer,
    checkpoint_path,
};

use super::hub;
use crate::cli::TrainArgs;
use crate::error::Error;
use crate::progress::TrainProgress;
use clock::Clock;

pub(crate) fn run(args: &TrainArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    let mut clock = Clock::start();
    let stated = settings::stated(args, out)?;
    if args.license.is_some() && stated.method.is_some_and(Method::is_full) {
        return Err(Error::NoPlaceForLicense.into());
    }
    let path = args.out.clone().unwrap_or_else(|| default_path(&args.task));
    files::check_out(&path)?;
    let _until_the_end = files::Lock::of(&path)?;
    args.machine.set_threads()?;
    keep_freed_memory();

    // The configuration keeps a backbone's name, which may be one on the Hub; what is read is a file or a folder.
    let named = stated.backbone.clone();
    let backbone = named.as_deref().map(|name| hub::backbone(name, out)).transpose()?;
    let stated = Settings { backbone, ..stated };
    let (task, local) = presets::open(&args.task, stated, DataDir::resolve(args.data.data_dir.clone()))?;
    let config = TrainConfig { backbone: named.unwrap_or_else(|| local.backbone.clone()), ..local.clone() };
    args.least.check(&task)?;
    words::announce_task(&task, out);
    let load = clock.lap();

    // From here on there is something to keep when somebody asks to stop; while a Hub was waited for there was not.
    let interrupt = Interrupt::install(out)?;
    let presets::Fitted { backbone, refitted } = backbone_for(&local, &task)?;
    if refitted {
        out.say(format!(
            "backbone   `{}` states other inputs or outputs: one like it is made for this task",
            config.backbone
        ));
    }
    if let Ok(spec) = backbone.spec().bert() {
        pretrained::remember(Path::new(&local.backbone), spec.encoder);
    }
    words::announce_backbone(&config, &backbone, out);
    let generate = clock.lap();

    let mut progress = TrainProgress::new(out, interrupt.heed());
    let memory = args.machine.cache_memory;
    let mut frozen =
        FrozenHalf::of_run(&backbone, &task, &config, memory, &mut |share| progress.cache(share))?;
    let cache = clock.lap();

    let checkpoint = checkpoint_path(&path);
    let checkpoints = Checkpoints { path: Some(checkpoint.clone()), resume: args.resume };
    let fitted = Trainer::new(&backbone, &task, &config, checkpoints).fit(&mut frozen, &mut progress)?;
    progress.end();
    let train = clock.lap();

    let judgement = fitted.judge_what_can_be(&backbone, &task, &mut progress);
    let evaluate = clock.lap();

    let product = Product::new(&task, &config, &backbone, &fitted, &judgement)?;
    save(&product.licensed(args.license.as_deref()), &path)?;
    let _ = std::fs::remove_file(checkpoint); // the run is over; there may be none
    let write = clock.lap();

    let seconds = Seconds { load, backbone: generate, cache, train, evaluate, write, total: clock.total() };
    let (task, config, backbone, frozen) = (&task, &config, &backbone, &frozen);
    let (fitted, judgement) = (&fitted, &judgement);
    let run = Run { path: &path, task, config, backbone, frozen, fitted, judgement, seconds };
    let data = words::data_arguments(task, &args.task, args.data.data_dir.as_deref());
    words::print(&Report::from(run), judgement, &data, out)?;
    Ok(args.least.status(judgement.headline, out))
}

/// Writes the file; if there is no place for it any more, elsewhere: hours of work are in it.
fn save(product: &Product, path: &Path) -> anyhow::Result<()> {
    let Err(error) = product.save(path) else { return Ok(()) };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let elsewhere = std::env::temp_dir().join(format!("bl-{}-{name}", std::process::id()));
    match product.save(&elsewhere) {
        Ok(()) => Err(Error::Elsewhere { path: elsewhere, source: Box::new(error) }.into()),
        Err(_) => Err(error.into()),
    }
}

/// `kmnist` and `./data/letters/` become `kmnist.safetensors` and `letters.safetensors`, here.
fn default_path(task: &str) -> PathBuf {
    let name = Path::new(task).file_stem().map_or_else(|| "adapter".into(), |name| name.to_string_lossy());
    PathBuf::from(format!("{name}.safetensors"))
}
