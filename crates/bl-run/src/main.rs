//! `bl-run`: predictions of bias adapters, their held-out pictures, their speed.

mod adapters;
mod answers;
mod backbones;
mod cli;
mod commands;
mod drawing;
mod error;
mod gallery;
mod held_out;
mod hub;
mod latency;
mod pixels;
mod prepared;
mod ranking;
mod table;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let out = bl_cli::Printer::new(cli.quiet, cli.json);
    let done = hub::with_local_backbones(cli, out).and_then(|cli| commands::run(&cli, out));
    bl_cli::finish(done, commands::hint)
}
