//! `bl-adapt`: trains, inspects and keeps bias adapters.

mod cli;
mod commands;
mod error;
mod progress;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let out = bl_cli::Printer::new(cli.quiet, cli.json);
    bl_cli::finish(commands::run(cli.command, out), commands::hint)
}
