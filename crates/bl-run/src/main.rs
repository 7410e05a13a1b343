//! `bl-run`: runs, measures and serves bias adapters.

mod cli;
mod commands;
mod drawing;
mod error;
mod hub;
mod kinds;
mod latency;
mod models;
mod own_task;
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match bl_cli::parse::<cli::Cli>() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let out = bl_cli::Printer::new(cli.quiet, cli.json);
    let done = bl_cli::take_memory_limit().and_then(|()| hub::with_local_backbones(cli, out));
    let done = done.and_then(|cli| commands::run(&cli, out));
    bl_cli::finish(done, commands::hint)
}
