//! The commands, one file each. None of them knows a kind of adapter or a family of networks: `kinds` does.

mod bench;
mod run;
mod serve;
mod show;

use bl_cli::{ExitStatus, Printer};
use clap::CommandFactory;

use crate::cli::{Cli, Command};
use crate::error::Error;

pub(crate) fn run(cli: &Cli, out: Printer) -> anyhow::Result<ExitStatus> {
    if cli.command.is_some() && !cli.run.model.adapter.is_empty() {
        return Err(Error::BeforeCommand.into());
    }
    match &cli.command {
        None => run::run(&cli.run, out),
        Some(Command::Bench(args)) => bench::run(args, out),
        Some(Command::Serve(args)) => serve::run(args, out),
        Some(Command::Completions { shell }) => bl_cli::completions(&Cli::command(), *shell),
        Some(Command::Man { folder }) => bl_cli::man_pages(Cli::command(), folder, out),
    }
}

fn set_threads(threads: Option<u16>) -> anyhow::Result<()> {
    if let Some(threads) = threads {
        rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global()?;
    }
    Ok(())
}

/// What to do about an error.
pub(crate) fn hint(error: &anyhow::Error) -> Option<String> {
    if let Some(bl_tasks::Error::ImageSize { .. }) = error.downcast_ref() {
        return Some(
            "only image files are scaled: images in IDX, NPY and CSV files have the size and the channels of the training images"
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
