//! A drawing as a file.

use std::path::Path;

use bl_core::files;
use bl_plot::{Chart, Figure, Panel};

use super::Drawing;
use crate::error::Error;

/// The kinds of files there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Svg,
    Png,
}

fn format(path: &Path) -> Result<Format, Error> {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_lowercase);
    match extension.as_deref() {
        Some("svg") => Ok(Format::Svg),
        Some("png") => Ok(Format::Png),
        _ => Err(Error::PlotFormat { path: path.to_owned() }),
    }
}

/// Whether a drawing can be written there, before there is one.
pub(crate) fn check_path(path: &Path) -> anyhow::Result<()> {
    format(path)?;
    Ok(files::check_writable(path)?)
}

/// Writes a drawing, as SVG or PNG by the file's name.
pub(crate) fn save(drawing: &Drawing, path: &Path) -> anyhow::Result<()> {
    let panels = drawing.panels.iter().map(|drawn| cut_off(&drawn.panel)).collect();
    let figure = Figure::row(&drawing.title, panels);
    let bytes = match format(path)? {
        Format::Svg => figure.svg()?.into_bytes(),
        Format::Png => figure.png()?,
    };
    Ok(files::write_atomically(path, &bytes)?)
}

/// A panel whose curves stay within its vertical axis, which would grow to hold them.
fn cut_off(panel: &Panel) -> Panel {
    let mut panel = panel.clone();
    if let Chart::Lines(lines) = &mut panel.chart
        && let Some((low, high)) = lines.y.range
    {
        let points = lines.series.iter_mut().flat_map(|line| &mut line.points);
        points.for_each(|point| point.y = point.y.clamp(low, high));
    }
    panel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_which_kind_of_file() {
        for (name, expected) in
            [("a.svg", Some(Format::Svg)), ("b.PNG", Some(Format::Png)), ("c.pdf", None), ("svg", None)]
        {
            assert_eq!(format(Path::new(name)).ok(), expected, "{name}");
        }
    }
}
