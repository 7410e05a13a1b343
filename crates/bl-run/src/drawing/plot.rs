//! A picture as a file.

use std::path::Path;

use bl_core::files;
use bl_plot::{Axis, Chart, Cloud, Figure, Line, LineStyle, Lines, Movements, Paths, Point, Role};

use super::{Curve, Panel, Picture, Who};
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

/// Whether a picture can be written there, before there is one.
pub(crate) fn check_path(path: &Path) -> anyhow::Result<()> {
    format(path)?;
    Ok(files::check_writable(path)?)
}

/// Writes a picture, as SVG or PNG by the file's name.
pub(crate) fn save(picture: &Picture, path: &Path) -> anyhow::Result<()> {
    let panels = picture.panels.iter().map(panel).collect();
    let figure = Figure::row(&picture.title, panels);
    let bytes = match format(path)? {
        Format::Svg => figure.svg()?.into_bytes(),
        Format::Png => figure.png()?,
    };
    Ok(files::write_atomically(path, &bytes)?)
}

fn panel(panel: &Panel) -> bl_plot::Panel {
    let (x, y) = (Axis::linear(&panel.x), Axis::linear(&panel.y));
    let chart = if panel.plane {
        let movements = |curve: &Curve| Movements {
            label: curve.label.clone(),
            role: role(curve.who),
            paths: curve.paths.clone(),
        };
        let targets = Cloud { label: "target".into(), role: Role::Null, points: panel.targets.clone() };
        Chart::Paths(Paths {
            x,
            y,
            series: panel.curves.iter().map(movements).collect(),
            targets: vec![targets],
        })
    } else {
        let series = panel.curves.iter().flat_map(|curve| lines(curve, panel.range)).collect();
        Chart::Lines(Lines { x, y, series, references: vec![] })
    };
    bl_plot::Panel { title: panel.title.clone(), chart }
}

/// The paths of a curve: the first is named in the legend for all.
fn lines(curve: &Curve, range: Option<(f64, f64)>) -> Vec<Line> {
    let (low, high) = range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
    let is_over_truth = curve.who == Who::Network && curve.paths.len() == 1;
    let label = |nth: usize| if nth == 0 { curve.label.as_str() } else { "" };
    let line = |(nth, path): (usize, &Vec<(f64, f64)>)| Line {
        markers: false,
        style: if is_over_truth { LineStyle::Dashed } else { LineStyle::Solid },
        points: path.iter().map(|&(x, y)| Point { x, y: y.clamp(low, high), sd: 0.0 }).collect(),
        ..Line::new(label(nth), role(curve.who))
    };
    curve.paths.iter().enumerate().map(line).collect()
}

fn role(who: Who) -> Role {
    match who {
        Who::Truth => Role::Full,
        Who::Network => Role::Bias,
    }
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
