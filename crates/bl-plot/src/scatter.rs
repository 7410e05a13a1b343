//! Thousands of points, small and translucent.

use std::f64::consts::TAU;

use crate::canvas::{Area, Canvas, Stroke};
use crate::check::{self, Along};
use crate::error::Error;
use crate::frame::Frame;
use crate::legend::{Entry, Sign};
use crate::palette::{INK, Role};
use crate::scale::Axis;

/// Clouds of points over two axes of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Scatter {
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// The clouds, later ones in front.
    pub series: Vec<Cloud>,
    /// The name of a line where x equals y, if there is to be one.
    pub diagonal: Option<String>,
    /// Whether both axes have equal scales, as in the complex plane.
    pub equal_scales: bool,
    /// A circle to compare with, if there is to be one.
    pub circle: Option<Circle>,
}

/// A circle around the origin, as the edge of a spectrum.
#[derive(Clone, Debug, PartialEq)]
pub struct Circle {
    /// Its name in the legend.
    pub label: String,
    /// Its radius on both axes.
    pub radius: f64,
}

/// The points of one colour.
#[derive(Clone, Debug, PartialEq)]
pub struct Cloud {
    /// Its name in the legend.
    pub label: String,
    /// What it stands for.
    pub role: Role,
    /// x and y of each point.
    pub points: Vec<(f64, f64)>,
}

const DIAGONAL: Stroke = Stroke { colour: INK, width: 1.0, dash: Some((2.0, 3.0)) };
const CIRCLE: Stroke = Stroke { colour: INK, width: 1.2, dash: None };
/// Corners of the polygon that is drawn for a circle, the first and last in one place.
const CORNERS: usize = 181;

impl Scatter {
    /// Over these axes, without a line or circle to compare with.
    pub fn new(x: Axis, y: Axis, series: Vec<Cloud>) -> Self {
        Self { x, y, series, diagonal: None, equal_scales: false, circle: None }
    }
}

impl Scatter {
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let cloud =
            |cloud: &Cloud| Entry { label: cloud.label.clone(), sign: Sign::Disc(cloud.role.colour()) };
        let diagonal = |label: &String| Entry {
            label: label.clone(),
            sign: Sign::Line { stroke: DIAGONAL, marker: false },
        };
        let circle = |circle: &Circle| Entry { label: circle.label.clone(), sign: Sign::Ring(CIRCLE) };
        let clouds = self.series.iter().map(cloud);
        clouds.chain(self.diagonal.iter().map(diagonal)).chain(self.circle.iter().map(circle)).collect()
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        check::axis(&self.x)?;
        check::axis(&self.y)?;
        if self.equal_scales {
            check::linear([&self.x, &self.y])?;
        }
        if let Some(Circle { label: series, radius }) = &self.circle {
            check::linear([&self.x, &self.y])?; // it goes below zero
            check::finite(series, "radius", 0, *radius)?;
        }
        self.series.iter().try_for_each(|cloud| cloud.check(&self.x, &self.y))
    }

    pub(crate) fn draw(&self, canvas: &Canvas<'_>, area: Area) -> Result<(), Error> {
        let circle: Vec<(f64, f64)> = self.circle.iter().flat_map(Circle::points).collect();
        let points = || self.series.iter().flat_map(|cloud| &cloud.points).chain(&circle);
        let (x, y) = (self.x.domain(points().map(|p| p.0)), self.y.domain(points().map(|p| p.1)));
        let draw = if self.equal_scales { Frame::draw_with_equal_scales } else { Frame::draw };
        let frame = draw(canvas, area, (&self.x, x), (&self.y, y))?;
        for cloud in &self.series {
            let opacity = opacity(cloud.points.len());
            for &(x, y) in &cloud.points {
                canvas.disc((frame.x.at(x), frame.y.at(y)), 2.0, cloud.role.colour(), opacity)?;
            }
        }
        if !circle.is_empty() {
            let outline: Vec<_> = circle.iter().map(|&(x, y)| (frame.x.at(x), frame.y.at(y))).collect();
            canvas.line(&outline, CIRCLE)?;
        }
        if self.diagonal.is_some() {
            let (low, high) = (x.low.max(y.low), x.high.min(y.high));
            if low < high {
                let ends = [low, high].map(|value| (frame.x.at(value), frame.y.at(value)));
                canvas.line(&ends, DIAGONAL)?;
            }
        }
        Ok(())
    }
}

impl Cloud {
    /// Points of one colour.
    pub fn new(label: impl Into<String>, role: Role, points: Vec<(f64, f64)>) -> Self {
        Self { label: label.into(), role, points }
    }

    pub(crate) fn check(&self, x: &Axis, y: &Axis) -> Result<(), Error> {
        let (series, points) = (self.label.as_str(), &self.points);
        Along { series, what: "x", axis: x }.check(points.iter().map(|point| point.0))?;
        Along { series, what: "y", axis: y }.check(points.iter().map(|point| point.1))
    }
}

impl Circle {
    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let angle = |corner: usize| TAU * corner as f64 / (CORNERS - 1) as f64;
        (0..CORNERS).map(angle).map(|angle| (self.radius * angle.cos(), self.radius * angle.sin()))
    }
}

/// Few points are seen one by one, many as a density.
fn opacity(points: usize) -> f64 {
    (60.0 / (points as f64).max(1.0)).sqrt().clamp(0.2, 0.8)
}
