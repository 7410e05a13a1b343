//! How a program ends.

use crate::printer::Printer;

/// The outcome of a command that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// Exit code 0.
    Success,
    /// The answer is no: something did not verify or was not good enough. Exit code 1.
    Negative,
}

/// Turns a command's outcome into the exit code; an error is printed with its hint and gives 2.
pub fn finish(result: anyhow::Result<ExitStatus>, hint: impl FnOnce(&anyhow::Error) -> Option<String>) -> u8 {
    match result {
        Ok(ExitStatus::Success) => 0,
        Ok(ExitStatus::Negative) => 1,
        Err(error) => {
            Printer::error(&error, hint(&error).as_deref());
            2
        }
    }
}

/// The hint of an error of the libraries that both programs use.
pub fn hint_of(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        let core = cause.downcast_ref::<bl_core::Error>().and_then(bl_core::Error::hint);
        core.or_else(|| cause.downcast_ref::<bl_tasks::Error>().and_then(bl_tasks::Error::hint))
    })
}
