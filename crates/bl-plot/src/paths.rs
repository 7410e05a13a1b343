//! Paths in the plane, as movements from a start to a target.

use crate::canvas::{Area, Canvas, Stroke};
use crate::check::{self, Along};
use crate::error::Error;
use crate::frame::Frame;
use crate::legend::{Entry, Sign};
use crate::palette::Role;
use crate::scale::Axis;
use crate::scatter::Cloud;

/// Paths over two axes of equal scales.
#[derive(Clone, Debug, PartialEq)]
pub struct Paths {
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// The paths, later ones in front.
    pub series: Vec<Movements>,
    /// Where paths should end, as open circles behind them.
    pub targets: Vec<Cloud>,
}

/// The paths of one colour; where each ends there is a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Movements {
    /// Their name in the legend.
    pub label: String,
    /// What they stand for.
    pub role: Role,
    /// x and y of the points of each path.
    pub paths: Vec<Vec<(f64, f64)>>,
}

impl Movements {
    /// Paths of one colour.
    pub fn new(label: impl Into<String>, role: Role, paths: Vec<Vec<(f64, f64)>>) -> Self {
        Self { label: label.into(), role, paths }
    }

    fn stroke(&self) -> Stroke {
        Stroke::solid(self.role.colour(), 1.6)
    }

    fn points(&self) -> impl Iterator<Item = &(f64, f64)> {
        self.paths.iter().flatten()
    }
}

fn ring(targets: &Cloud) -> Stroke {
    Stroke::solid(targets.role.colour(), 1.6)
}

impl Paths {
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let movements = |movements: &Movements| Entry {
            label: movements.label.clone(),
            sign: Sign::Line { stroke: movements.stroke(), marker: false },
        };
        let targets =
            |targets: &Cloud| Entry { label: targets.label.clone(), sign: Sign::Ring(ring(targets)) };
        self.series.iter().map(movements).chain(self.targets.iter().map(targets)).collect()
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        check::axis(&self.x)?;
        check::axis(&self.y)?;
        check::linear([&self.x, &self.y])?;
        for movements in &self.series {
            let series = movements.label.as_str();
            Along { series, what: "x", axis: &self.x }.check(movements.points().map(|point| point.0))?;
            Along { series, what: "y", axis: &self.y }.check(movements.points().map(|point| point.1))?;
        }
        self.targets.iter().try_for_each(|targets| targets.check(&self.x, &self.y))
    }

    pub(crate) fn draw(&self, canvas: &Canvas<'_>, area: Area) -> Result<(), Error> {
        let targets = self.targets.iter().flat_map(|targets| &targets.points);
        let points: Vec<_> = self.series.iter().flat_map(Movements::points).chain(targets).collect();
        let x = self.x.domain(points.iter().map(|point| point.0));
        let y = self.y.domain(points.iter().map(|point| point.1));
        let frame = Frame::draw_with_equal_scales(canvas, area, (&self.x, x), (&self.y, y))?;
        let at = |&(x, y): &(f64, f64)| (frame.x.at(x), frame.y.at(y));
        for targets in &self.targets {
            for point in &targets.points {
                canvas.ring(at(point), 6.0, ring(targets))?;
            }
        }
        for movements in &self.series {
            for path in &movements.paths {
                canvas.line(&path.iter().map(at).collect::<Vec<_>>(), movements.stroke())?;
                if let Some(end) = path.last() {
                    canvas.disc(at(end), 2.6, movements.role.colour(), 1.0)?;
                }
            }
        }
        Ok(())
    }
}
