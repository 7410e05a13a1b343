//! `bl-adapt`: trains, inspects and keeps bias adapters. The program is [`run`], so that others can bring it along: the Python package does.

mod cli;
mod commands;
mod error;
mod progress;

use std::ffi::OsString;

/// Carries out the command that `arguments` ask for, the first of which is the program's name, and gives the exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match bl_cli::parse::<cli::Cli>(arguments) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let out = bl_cli::Printer::new(cli.quiet, cli.json);
    let done = bl_cli::take_memory_limit().and_then(|()| commands::run(cli.command, out));
    bl_cli::finish(done, commands::hint)
}
