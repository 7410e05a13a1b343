//! Figures of sequences: described once, drawn in the terminal or into a file.

mod chart;
mod figures;
mod plot;
mod raster;
mod view;

use std::path::Path;

use bl_cli::Printer;
use bl_plot::Panel;

use bl_cli::Screen;

pub(crate) use figures::{SAMPLES, continued, forecasts, free_run, generated, movements};
pub(crate) use plot::check_path;

/// Panels one below the other in a terminal, side by side in a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Drawing {
    pub(crate) title: String,
    pub(crate) panels: Vec<Drawn>,
}

/// A panel, and what only the terminal shows of it. Curves that leave the range of the vertical axis are cut off there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) panel: Panel,
    /// A place on the horizontal axis, and what is there.
    pub(crate) mark: Option<(f64, String)>,
}

impl Drawing {
    /// Draws in the terminal, unless the result is JSON, and into the file that is asked for.
    pub(crate) fn draw(&self, file: Option<&Path>, out: Printer) -> anyhow::Result<()> {
        if !out.is_json() {
            out.result("")?;
            out.drawing(&chart::lines(self, Screen::of_stdout()))?;
        }
        self.save(file, out)
    }

    /// Draws into the file that is asked for.
    pub(crate) fn save(&self, file: Option<&Path>, out: Printer) -> anyhow::Result<()> {
        if let Some(path) = file {
            plot::save(self, path)?;
            out.say(format!("drawn        {}", path.display()));
        }
        Ok(())
    }
}
