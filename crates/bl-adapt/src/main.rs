//! `bl-adapt`: trains, inspects and keeps bias adapters.

use std::process::ExitCode;

fn main() -> ExitCode {
    bl_adapt::run(std::env::args_os()).into()
}
