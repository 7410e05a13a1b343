//! A panel as a terminal shows it: curves of two sorts, what is true and what a network makes of it.

use bl_plot::{Axis, Chart, Role};

use super::Drawn;

/// A panel as far as a terminal shows it.
pub(super) struct View<'a> {
    pub(super) drawn: &'a Drawn,
    pub(super) x: &'a Axis,
    pub(super) y: &'a Axis,
    /// Later ones in front.
    pub(super) curves: Vec<Curve<'a>>,
    /// Where curves should end.
    pub(super) targets: Vec<(f64, f64)>,
    /// Whether both axes have one unit, as in the plane.
    pub(super) is_plane: bool,
}

pub(super) struct Curve<'a> {
    /// Empty for one of a family whose first is named.
    pub(super) label: &'a str,
    /// What is true or learned; else it is a network's.
    pub(super) is_truth: bool,
    pub(super) points: Vec<(f64, f64)>,
}

impl<'a> View<'a> {
    pub(super) fn of(drawn: &'a Drawn) -> Option<Self> {
        let is_truth = |role| role == Role::Full;
        match &drawn.panel.chart {
            Chart::Lines(lines) => {
                let curves = lines.series.iter().map(|line| Curve {
                    label: &line.label,
                    is_truth: is_truth(line.role),
                    points: line.points.iter().map(|point| (point.x, point.y)).collect(),
                });
                let (x, y) = (&lines.x, &lines.y);
                Some(Self { drawn, x, y, curves: curves.collect(), targets: vec![], is_plane: false })
            }
            Chart::Paths(paths) => {
                let of_series = paths.series.iter().flat_map(|series| {
                    series.paths.iter().enumerate().map(|(nth, points)| Curve {
                        label: if nth == 0 { &series.label } else { "" },
                        is_truth: is_truth(series.role),
                        points: points.clone(),
                    })
                });
                let (x, y) = (&paths.x, &paths.y);
                let targets = paths.targets.iter().flat_map(|cloud| cloud.points.clone()).collect();
                Some(Self { drawn, x, y, curves: of_series.collect(), targets, is_plane: true })
            }
            _ => None,
        }
    }

    pub(super) fn points(&self) -> impl Iterator<Item = &(f64, f64)> {
        self.curves.iter().flat_map(|curve| &curve.points).chain(&self.targets)
    }
}
