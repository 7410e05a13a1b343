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
    let done = bl_cli::take_memory_limit().and_then(|()| commands::run(cli.command, out));
    bl_cli::finish(done, commands::hint)
}
