//! `bl-run`: runs, measures and serves bias adapters.

use std::process::ExitCode;

fn main() -> ExitCode {
    bl_run::run(std::env::args_os()).into()
}
