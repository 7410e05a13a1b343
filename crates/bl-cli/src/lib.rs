//! What the two programs share, so that they speak with one voice: results on standard output, words on
//! standard error, hints after errors, and three exit codes.

mod arguments;
mod bytes;
mod date;
mod exit;
mod foreign;
pub mod gallery;
mod interrupt;
mod likeness;
mod memory;
mod pixels;
mod printer;
mod progress;
mod screen;
mod share;
mod shell;
pub mod words;
mod wrap;

pub use arguments::parse;
pub use bytes::{format_bytes, parse_bytes};
pub use date::today;
pub use exit::{ExitStatus, finish, hint_of};
pub use gallery::Exhibit;
pub use interrupt::{Heeded, Interrupt};
pub use memory::{MAX_MEMORY, take_memory_limit};
pub use pixels::Pixels;
pub use printer::Printer;
pub use progress::Bar;
pub use screen::{Ink, Screen};
pub use share::{at_most_one, share};
pub use shell::{Shell, completions, man_pages};
pub use wrap::wrapped;
