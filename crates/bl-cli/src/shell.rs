//! Shell completions and man pages, generated from what a program declares of its command line.

use std::path::Path;

use clap::Command;
pub use clap_complete::Shell;
use clap_complete::generate;

use crate::exit::ExitStatus;
use crate::printer::{Printer, write_out};

/// Prints the completions of a program for a shell.
pub fn completions(command: &mut Command, shell: Shell) -> anyhow::Result<ExitStatus> {
    let name = command.get_name().to_owned();
    let mut text = Vec::new();
    generate(shell, command, name, &mut text);
    write_out(String::from_utf8_lossy(&text).trim_end())?; // the program's own text, as it is
    Ok(ExitStatus::Success)
}

/// Writes a man page for a program and one for each of its subcommands into a folder.
pub fn man_pages(command: Command, folder: &Path, out: Printer) -> anyhow::Result<ExitStatus> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(command, folder)?;
    out.result(folder.display().to_string())?;
    Ok(ExitStatus::Success)
}
