//! The commands, one file each.

mod backbone;
mod blend;
mod convert;
mod cost;
mod data;
mod eval;
mod fetch;
mod figure;
mod hub;
mod inspect;
mod list;
mod load;
mod prune;
mod pull;
mod push;
mod search;
mod study;
mod train;

use bl_cli::{ExitStatus, Printer};
use clap::CommandFactory;

use crate::cli::{Cli, Command};
use crate::error::Error;

pub(crate) fn run(command: Command, out: Printer) -> anyhow::Result<ExitStatus> {
    match command {
        Command::Train(args) => train::run(&args, out),
        Command::Eval(args) => eval::run(&hub::adapter(args.file(), out)?, &args, out),
        Command::Inspect { adapter } => inspect::inspect(&hub::adapter(adapter, out)?, out),
        Command::Verify { adapter } => inspect::verify(&hub::adapter(adapter, out)?, out),
        Command::Study(args) => study::run(&args, out),
        Command::Convert(mut args) => {
            args.adapter = hub::adapter(args.adapter, out)?;
            convert::run(&args, out)
        }
        Command::Prune(mut args) => {
            args.adapter = hub::adapter(args.adapter, out)?;
            prune::run(&args, out)
        }
        Command::Blend(args) => blend::run(&args, out),
        Command::Backbone(command) => backbone::run(command, out),
        Command::Data(command) => data::run(command, out),
        Command::Push(args) => push::adapter(&args, out),
        Command::Pull(args) => pull::run(&args, out),
        Command::Search(args) => search::run(args, out),
        Command::List { folder: Some(folder), markdown } => list::folder(&folder, markdown, out),
        Command::List { folder: None, .. } => pull::list(out),
        Command::Completions { shell } => bl_cli::completions(&Cli::command(), shell),
        Command::Man { folder } => bl_cli::man_pages(Cli::command(), &folder, out),
    }
}

/// What to do about an error.
pub(crate) fn hint(error: &anyhow::Error) -> Option<String> {
    let of_train = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<bl_train::Error>().and_then(bl_train::Error::hint)
    };
    let of_study = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<bl_study::StudyError>().and_then(bl_study::StudyError::hint)
    };
    let of_program =
        |cause: &(dyn std::error::Error + 'static)| cause.downcast_ref::<Error>().map(Error::hint);
    let of_hub = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<bl_hub::Error>().and_then(bl_hub::Error::hint)
    };
    error
        .chain()
        .find_map(of_program)
        .or_else(|| error.chain().find_map(of_hub))
        .or_else(|| error.chain().find_map(of_study))
        .or_else(|| error.chain().find_map(of_train))
        .or_else(|| bl_cli::hint_of(error))
}
