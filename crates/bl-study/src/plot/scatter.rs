//! Thousands of points, small and translucent.

use super::canvas::{Area, Canvas, Stroke};
use super::check::{self, Along};
use super::frame::Frame;
use super::legend::{Entry, Sign};
use super::palette::Role;
use super::scale::Axis;
use crate::error::Error;

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

const DIAGONAL: Stroke = Stroke { colour: super::palette::INK, width: 1.0, dash: Some((2.0, 3.0)) };

impl Scatter {
    pub(super) fn entries(&self) -> Vec<Entry> {
        let cloud =
            |cloud: &Cloud| Entry { label: cloud.label.clone(), sign: Sign::Disc(cloud.role.colour()) };
        let diagonal = |label: &String| Entry {
            label: label.clone(),
            sign: Sign::Line { stroke: DIAGONAL, marker: false },
        };
        self.series.iter().map(cloud).chain(self.diagonal.iter().map(diagonal)).collect()
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        check::axis(&self.x)?;
        check::axis(&self.y)?;
        self.series.iter().try_for_each(|Cloud { label: series, points, .. }| {
            Along { series, what: "x", axis: &self.x }.check(points.iter().map(|point| point.0))?;
            Along { series, what: "y", axis: &self.y }.check(points.iter().map(|point| point.1))
        })
    }

    pub(super) fn draw(&self, canvas: &Canvas<'_>, area: Area) -> Result<(), Error> {
        let points = || self.series.iter().flat_map(|cloud| &cloud.points);
        let (x, y) = (self.x.domain(points().map(|p| p.0)), self.y.domain(points().map(|p| p.1)));
        let frame = Frame::draw(canvas, area, (&self.x, x), (&self.y, y))?;
        for cloud in &self.series {
            let opacity = opacity(cloud.points.len());
            for &(x, y) in &cloud.points {
                canvas.disc((frame.x.at(x), frame.y.at(y)), 2.0, cloud.role.colour(), opacity)?;
            }
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

/// Few points are seen one by one, many as a density.
fn opacity(points: usize) -> f64 {
    (60.0 / (points as f64).max(1.0)).sqrt().clamp(0.2, 0.8)
}
