//! Curves with bands of deviation.

use crate::canvas::{Area, Canvas, Stroke};
use crate::check::{self, Along};
use crate::error::Error;
use crate::frame::Frame;
use crate::legend::{Entry, Sign};
use crate::palette::Role;
use crate::scale::{Axis, Ruler};

/// Curves over two axes of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Lines {
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// The curves, later ones in front.
    pub series: Vec<Line>,
    /// Values to compare with.
    pub references: Vec<Reference>,
}

/// One curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its name in the legend; empty for one of a family whose first is named.
    pub label: String,
    /// What it stands for.
    pub role: Role,
    /// Solid or dashed.
    pub style: LineStyle,
    /// Whether its points are marked.
    pub markers: bool,
    /// Its points, from left to right.
    pub points: Vec<Point>,
}

impl Line {
    /// A solid curve with markers and no points yet.
    pub fn new(label: impl Into<String>, role: Role) -> Self {
        Self { label: label.into(), role, style: LineStyle::Solid, markers: true, points: vec![] }
    }

    /// A curve without markers through values at equal distances from 0.
    pub fn over_time(label: impl Into<String>, role: Role, spacing: f64, values: &[f64]) -> Self {
        let point = |(at, &y): (usize, &f64)| Point { x: at as f64 * spacing, y, sd: 0.0 };
        let points = values.iter().enumerate().map(point).collect();
        Self { points, markers: false, ..Self::new(label, role) }
    }

    /// The same with gaps, for what is laid over another curve.
    #[must_use]
    pub fn dashed(self) -> Self {
        Self { style: LineStyle::Dashed, ..self }
    }
}

/// A point of a curve, the mean of several runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Along the horizontal axis.
    pub x: f64,
    /// Along the vertical axis.
    pub y: f64,
    /// Half the height of the band around it; 0 for none.
    pub sd: f64,
}

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineStyle {
    /// Without gaps.
    Solid,
    /// With gaps.
    Dashed,
}

/// A horizontal line at a value to compare with, as `paper: 0.934`.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Its name in the legend.
    pub label: String,
    /// Where it lies on the vertical axis.
    pub value: f64,
    /// Whose value it is.
    pub role: Role,
}

impl Reference {
    fn stroke(&self) -> Stroke {
        Stroke { colour: self.role.colour(), width: 1.2, dash: Some((2.0, 3.0)) }
    }

    pub(crate) fn entry(&self) -> Entry {
        Entry { label: self.label.clone(), sign: Sign::Line { stroke: self.stroke(), marker: false } }
    }

    pub(crate) fn check(&self, axis: &Axis) -> Result<(), Error> {
        Along { series: &self.label, what: "value", axis }.check([self.value].into_iter())
    }

    pub(crate) fn draw(&self, canvas: &Canvas<'_>, y: &Ruler, (from, to): (f64, f64)) -> Result<(), Error> {
        let at = y.at(self.value);
        canvas.line(&[(from, at), (to, at)], self.stroke())
    }
}

impl Line {
    fn stroke(&self) -> Stroke {
        let dash = (self.style == LineStyle::Dashed).then_some((7.0, 4.0));
        // A curve with more points than pixels turns often: thinner, it leaves room between its turns.
        let width = if self.points.len() > LONG { 1.3 } else { 2.0 };
        Stroke { colour: self.role.colour(), width, dash }
    }
}

/// Points of a long series.
const LONG: usize = 1000;

impl Lines {
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let line = |line: &Line| Entry {
            label: line.label.clone(),
            sign: Sign::Line { stroke: line.stroke(), marker: line.markers },
        };
        let named = self.series.iter().filter(|line| !line.label.is_empty());
        named.map(line).chain(self.references.iter().map(Reference::entry)).collect()
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        check::axis(&self.x)?;
        check::axis(&self.y)?;
        for Line { label: series, points, .. } in &self.series {
            Along { series, what: "x", axis: &self.x }.check(points.iter().map(|point| point.x))?;
            Along { series, what: "y", axis: &self.y }.check(points.iter().map(|point| point.y))?;
            check::deviations(series, points.iter().map(|point| point.sd))?;
        }
        self.references.iter().try_for_each(|reference| reference.check(&self.y))
    }

    pub(crate) fn draw(&self, canvas: &Canvas<'_>, area: Area) -> Result<(), Error> {
        let points = || self.series.iter().flat_map(|line| &line.points);
        let ends = points().flat_map(|point| [point.y - point.sd, point.y + point.sd, point.y]);
        let heights = ends.chain(self.references.iter().map(|reference| reference.value));
        let (x, y) = (self.x.domain(points().map(|point| point.x)), self.y.domain(heights));
        let frame = Frame::draw(canvas, area, (&self.x, x), (&self.y, y))?;
        for line in &self.series {
            draw_band(canvas, &frame, line)?;
        }
        for reference in &self.references {
            reference.draw(canvas, &frame.y, (frame.x.from, area.right))?;
        }
        for line in &self.series {
            draw_line(canvas, &frame, line)?;
        }
        Ok(())
    }
}

fn draw_band(canvas: &Canvas<'_>, frame: &Frame, line: &Line) -> Result<(), Error> {
    if line.points.iter().all(|point| point.sd == 0.0) {
        return Ok(());
    }
    let edge = |sign: f64| move |point: &Point| (frame.x.at(point.x), frame.y.at(point.y + sign * point.sd));
    let upper = line.points.iter().map(edge(1.0));
    let lower = line.points.iter().rev().map(edge(-1.0));
    canvas.polygon(&upper.chain(lower).collect::<Vec<_>>(), line.role.colour(), 0.22)
}

fn draw_line(canvas: &Canvas<'_>, frame: &Frame, line: &Line) -> Result<(), Error> {
    let points: Vec<_> = line.points.iter().map(|point| (frame.x.at(point.x), frame.y.at(point.y))).collect();
    canvas.line(&points, line.stroke())?;
    if line.markers {
        for &point in &points {
            canvas.disc(point, 3.5, line.role.colour(), 1.0)?;
        }
    }
    Ok(())
}
