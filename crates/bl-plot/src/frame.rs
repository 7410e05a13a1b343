//! Axes: where the data is drawn, ticks, labels and a light grid.

use plotters::style::text_anchor::HPos;

use crate::canvas::{Area, Canvas, Stroke, TextAt};
use crate::error::Error;
use crate::font;
use crate::labels::Names;
use crate::palette::{GRID, INK};
use crate::scale::{Axis, Domain, Ruler};
use crate::ticks::Tick;

pub(crate) const TICK_SIZE: f64 = 13.0;
pub(crate) const LABEL_SIZE: f64 = 14.5;
/// From an axis to the label of a tick.
pub(crate) const TICK_GAP: f64 = 8.0;
/// Room for the label of an axis.
const LABEL_ROOM: f64 = 24.0;
/// Room to the right, for half of the last tick's label.
const RIGHT_ROOM: f64 = 16.0;
/// Above the axes, for half of the highest tick's label.
const TOP_ROOM: f64 = 8.0;

/// The longer axis is at most so many times the shorter one where both have equal scales.
const LONGEST: f64 = 2.0;

/// Where numbers lie in a panel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) x: Ruler,
    pub(crate) y: Ruler,
}

/// An axis and the numbers it shows.
pub(crate) type Shown<'a> = (&'a Axis, Domain);

impl Frame {
    /// Draws two axes of numbers into `area`.
    pub(crate) fn draw(canvas: &Canvas<'_>, area: Area, x: Shown<'_>, y: Shown<'_>) -> Result<Self, Error> {
        let bottom = x_bottom(area);
        let (left, y_ruler) = draw_y(canvas, area, bottom, y)?;
        let ruler = Ruler { domain: x.1, from: left, to: area.right - RIGHT_ROOM };
        for tick in fitting_ticks(&ruler, area) {
            let at = ruler.at(tick.value);
            let long = if tick.label.is_some() { 5.0 } else { 3.0 };
            canvas.line(&[(at, bottom), (at, bottom + long)], Stroke::solid(INK, 1.0))?;
            if let Some(label) = &tick.label {
                let (from, to) = label_span(label, at, area);
                let at = (f64::midpoint(from, to), bottom + TICK_GAP + TICK_SIZE / 2.0);
                canvas.text(label, tick_text(at, HPos::Center))?;
            }
        }
        draw_x_line(canvas, area, left, bottom, &x.0.label)?;
        Ok(Self { x: ruler, y: y_ruler })
    }

    /// The same with equal scales on both axes: `area` is made narrower or lower, in its middle.
    pub(crate) fn draw_with_equal_scales(
        canvas: &Canvas<'_>,
        area: Area,
        (x_axis, x): Shown<'_>,
        (y_axis, y): Shown<'_>,
    ) -> Result<Self, Error> {
        let (x, y) = (x.at_least((y.high - y.low) / LONGEST), y.at_least((x.high - x.low) / LONGEST));
        let (from, to) = (y_left(area, (y_axis, y)), area.right - RIGHT_ROOM);
        let (top, bottom) = (area.top + TOP_ROOM, x_bottom(area));
        let pixels = ((to - from) / (x.high - x.low)).min((bottom - top) / (y.high - y.low)); // to a unit
        let beside = (to - from - pixels * (x.high - x.low)) / 2.0;
        let above = (bottom - top - pixels * (y.high - y.low)) / 2.0;
        let area = Area {
            left: area.left + beside,
            top: area.top + above,
            right: area.right - beside,
            bottom: area.bottom - above,
        };
        Self::draw(canvas, area, (x_axis, x), (y_axis, y))
    }

    /// Draws an axis of numbers and one of names; returns the y ruler and the span of each place.
    pub(crate) fn draw_named(
        canvas: &Canvas<'_>,
        area: Area,
        (names, label): (&[String], &str),
        y: Shown<'_>,
    ) -> Result<(Ruler, Vec<(f64, f64)>), Error> {
        let left = y_left(area, y);
        let right = area.right - RIGHT_ROOM / 2.0;
        let slot = (right - left) / names.len() as f64;
        let spans: Vec<(f64, f64)> =
            (0..names.len()).map(|index| left + slot * index as f64).map(|x| (x, x + slot)).collect();
        let set = Names::fit(names, slot, TICK_SIZE);
        let label_room = if label.is_empty() { 0.0 } else { LABEL_ROOM };
        let bottom = area.bottom - label_room - set.depth - 4.0;
        let (left, y_ruler) = draw_y(canvas, area, bottom, y)?;
        let middles: Vec<f64> = spans.iter().map(|(from, to)| f64::midpoint(*from, *to)).collect();
        set.draw(canvas, &middles, bottom + 4.0)?;
        draw_x_line(canvas, area, left, bottom, label)?;
        Ok((y_ruler, spans))
    }
}

/// Lower end of the axes: what numbers and a label leave.
fn x_bottom(area: Area) -> f64 {
    area.bottom - LABEL_ROOM - TICK_GAP - TICK_SIZE
}

/// From where to where the label of a tick goes: around the tick, but not out of the panel.
fn label_span(label: &str, at: f64, area: Area) -> (f64, f64) {
    let width = font::width(label, TICK_SIZE);
    let from = (at - width / 2.0).min(area.right + 8.0 - width);
    (from, from + width)
}

/// As many ticks as have room for their labels.
fn fitting_ticks(ruler: &Ruler, area: Area) -> Vec<Tick> {
    let fits = |ticks: &Vec<Tick>| {
        let ends: Vec<(f64, f64)> = ticks
            .iter()
            .filter_map(|tick| Some(label_span(tick.label.as_ref()?, ruler.at(tick.value), area)))
            .collect();
        ends.windows(2).all(|pair| pair[0].1 + 12.0 <= pair[1].0)
    };
    (2..=7).rev().map(|most| ruler.domain.ticks(most)).find(fits).unwrap_or_else(|| ruler.domain.ticks(2))
}

fn y_ticks(domain: Domain) -> Vec<Tick> {
    domain.ticks(5)
}

/// Left end of the axes: what the y labels leave.
fn y_left(area: Area, (axis, domain): Shown<'_>) -> f64 {
    let widest = y_ticks(domain)
        .iter()
        .filter_map(|tick| tick.label.as_ref())
        .map(|label| font::width(label, TICK_SIZE))
        .fold(0.0, f64::max);
    area.left + widest + TICK_GAP + if axis.label.is_empty() { 0.0 } else { LABEL_ROOM }
}

fn draw_y(canvas: &Canvas<'_>, area: Area, bottom: f64, y: Shown<'_>) -> Result<(f64, Ruler), Error> {
    let top = area.top + TOP_ROOM;
    let left = y_left(area, y);
    let ruler = Ruler { domain: y.1, from: bottom, to: top };
    for tick in y_ticks(y.1) {
        let at = ruler.at(tick.value);
        let long = if tick.label.is_some() { 5.0 } else { 3.0 };
        if let Some(label) = &tick.label {
            canvas.line(&[(left, at), (area.right, at)], Stroke::solid(GRID, 0.8))?;
            canvas.text(label, tick_text((left - TICK_GAP, at), HPos::Right))?;
        }
        canvas.line(&[(left - long, at), (left, at)], Stroke::solid(INK, 1.0))?;
    }
    canvas.line(&[(left, top), (left, bottom)], Stroke::solid(INK, 1.0))?;
    if !y.0.label.is_empty() {
        let at = (area.left + LABEL_SIZE / 2.0, f64::midpoint(top, bottom));
        let size = font::fitting(&y.0.label, LABEL_SIZE, bottom - top);
        canvas.text(&y.0.label, TextAt { at, anchor: HPos::Center, size, colour: INK, upward: true })?;
    }
    Ok((left, ruler))
}

fn draw_x_line(canvas: &Canvas<'_>, area: Area, left: f64, bottom: f64, label: &str) -> Result<(), Error> {
    canvas.line(&[(left, bottom), (area.right, bottom)], Stroke::solid(INK, 1.0))?;
    if label.is_empty() {
        return Ok(());
    }
    let at = (f64::midpoint(left, area.right), area.bottom - LABEL_SIZE / 2.0);
    let size = font::fitting(label, LABEL_SIZE, area.right - left);
    canvas.text(label, TextAt { at, anchor: HPos::Center, size, colour: INK, upward: false })
}

/// Text at a tick.
pub(crate) fn tick_text(at: (f64, f64), anchor: HPos) -> TextAt {
    TextAt { at, anchor, size: TICK_SIZE, colour: INK, upward: false }
}
