//! What is asked for decides which command acts.

mod bench;
mod compare;
mod predict;
mod serve;
mod show;
mod time;

use bl_cli::words::{counted, grouped, printable};
use bl_cli::{ExitStatus, Printer};
use bl_core::header::Kind;
use bl_core::{BiasAdapter, Encoding, UnitGains};

use crate::adapters::{self, Adapters, Loaded};
use crate::cli::{Cli, Command};
use crate::error::Error;

pub(crate) fn run(cli: &Cli, out: Printer) -> anyhow::Result<ExitStatus> {
    if cli.command.is_some() && !cli.run.model.adapter.is_empty() {
        return Err(Error::BeforeCommand.into());
    }
    let model = match &cli.command {
        Some(Command::Serve(args)) => {
            set_threads(args.threads)?;
            return serve::run(args, out);
        }
        Some(Command::Bench(args)) => &args.model,
        None => &cli.run.model,
    };
    set_threads(model.threads)?;
    match adapters::load(&model.adapter, out)? {
        Adapters::Pictures(adapters) => on_pictures(cli, &adapters, out),
        Adapters::Time(adapters) => match &cli.command {
            Some(Command::Bench(args)) => time::bench::run(args, &adapters, out),
            _ => time::run(&cli.run, &adapters, out),
        },
    }
}

fn set_threads(threads: Option<u16>) -> anyhow::Result<()> {
    if let Some(threads) = threads {
        rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global()?;
    }
    Ok(())
}

fn on_pictures(cli: &Cli, adapters: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
    if let Some(Command::Bench(args)) = &cli.command {
        announce(adapters, out);
        return bench::run(args, adapters, out);
    }
    time::options::check_of_pictures(&cli.run, &adapters[0])?;
    announce(adapters, out);
    match adapters {
        _ if !cli.run.predict.input.is_empty() => predict::run(&cli.run, adapters, out),
        [adapter] => show::run(&cli.run, adapter, out),
        _ => compare::run(&cli.run, adapters, out),
    }
}

fn announce(adapters: &[Loaded], out: Printer) {
    for adapter in adapters {
        let header = &adapter.bias.header;
        out.say(format!(
            "adapter      {}: {}, {}",
            printable(&adapter.path.to_string_lossy()),
            printable(&header.task.title),
            counted(adapter.labels.len(), "class", "classes"),
        ));
    }
    let whose = match adapters {
        [adapter] => format!("of {}", content(&adapter.bias)),
        _ => "of each".to_owned(),
    };
    out.say(format!("verified     digest, shapes and finite values {whose}"));
}

/// What an adapter holds.
fn content(adapter: &BiasAdapter) -> String {
    let all = adapter.biases.iter().map(Vec::len).sum();
    let units = adapter.kept().map_or(all, |kept| kept.iter().filter(|kept| **kept).count());
    let values = match (&adapter.gains, adapter.header.kind) {
        (UnitGains::One, _) => counted(units, "bias", "biases"),
        (UnitGains::Mask(on), _) => {
            let count = on.iter().filter(|on| **on).count();
            format!("a mask, {} of {} ON", grouped(count), counted(units, "unit", "units"))
        }
        (UnitGains::Learned(_), Kind::BiasGain) => format!("{} with gains", counted(units, "bias", "biases")),
        (UnitGains::Learned(_), _) => counted(units, "gain", "gains"),
    };
    let encoding = match adapter.encoding() {
        Encoding::F32 => String::new(),
        encoding => format!(" as {encoding}"),
    };
    let pruned =
        if adapter.kept().is_some() { format!(", pruned from {}", grouped(all)) } else { String::new() };
    format!("{values}{encoding}{pruned}")
}

/// What to do about an error.
pub(crate) fn hint(error: &anyhow::Error) -> Option<String> {
    if let Some(bl_tasks::Error::PictureSize { .. }) = error.downcast_ref() {
        return Some(
            "only PNG and JPEG pictures are scaled: those in IDX, NPY and CSV files are used as they are"
                .into(),
        );
    }
    let own = |cause: &(dyn std::error::Error + 'static)| {
        let of_start = cause.downcast_ref::<bl_serve::StartError>().and_then(bl_serve::StartError::hint);
        let of_hub = cause.downcast_ref::<bl_hub::Error>().and_then(bl_hub::Error::hint);
        of_start.or(of_hub).or_else(|| cause.downcast_ref::<Error>().map(Error::hint))
    };
    error.chain().find_map(own).or_else(|| bl_cli::hint_of(error))
}
