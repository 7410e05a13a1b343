//! Shell completions and man pages, generated from what a program declares of its command line.

use std::path::Path;

use clap::Command;
pub use clap_complete::Shell;
use clap_complete::generate;

use crate::exit::ExitStatus;
use crate::printer::{Printer, write_out};

/// Prints the completions of a program for a shell.
pub fn completions(command: &Command, shell: Shell) -> anyhow::Result<ExitStatus> {
    let name = command.get_name().to_owned();
    let mut text = Vec::new();
    generate(shell, &mut visible(command), name, &mut text);
    write_out(String::from_utf8_lossy(&text).trim_end())?; // the program's own text, as it is
    Ok(ExitStatus::Success)
}

/// The same without hidden options, which are old names: the generators would offer them.
fn visible(command: &Command) -> Command {
    let mut shown = Command::new(command.get_name().to_owned())
        .args(command.get_arguments().filter(|arg| !arg.is_hide_set()).cloned())
        .subcommands(command.get_subcommands().map(visible));
    if let Some(about) = command.get_about() {
        shown = shown.about(about.clone());
    }
    if let Some(version) = command.get_version() {
        shown = shown.version(version.to_owned());
    }
    shown
}

/// Writes a man page for a program and one for each of its subcommands into a folder.
pub fn man_pages(command: Command, folder: &Path, out: Printer) -> anyhow::Result<ExitStatus> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(command, folder)?;
    out.result(folder.display().to_string())?;
    Ok(ExitStatus::Success)
}
