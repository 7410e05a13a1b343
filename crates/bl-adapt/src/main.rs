//! `bl-adapt`: trains, inspects and keeps bias adapters.

mod cli;
mod commands;
mod error;
mod progress;

use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match bl_cli::parse::<cli::Cli>() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let out = bl_cli::Printer::new(cli.quiet, cli.json);
    bl_cli::finish(commands::run(cli.command, out), commands::hint)
}
