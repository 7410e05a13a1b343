//! A matrix in colours, with a strip of correlations below it as in the paper's Fig. 1C.

use plotters::style::text_anchor::HPos;

use crate::canvas::{Area, Canvas, Stroke, TextAt};
use crate::check;
use crate::colour_map::{diverging, is_light, sequential};
use crate::error::Error;
use crate::font;
use crate::frame::{LABEL_SIZE, TICK_GAP, TICK_SIZE, tick_text};
use crate::labels::Names;
use crate::palette::{INK, WHITE};
use crate::ticks::fixed;

/// A matrix of numbers from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// Names of the rows, from top to bottom.
    pub rows: Vec<String>,
    /// Names of the columns, from left to right.
    pub columns: Vec<String>,
    /// What the columns are; may be empty.
    pub x_label: String,
    /// What the colours show.
    pub colour_label: String,
    /// From 0 to 1, `[rows][columns]`.
    pub values: Vec<Vec<f64>>,
    /// A row of correlations below.
    pub strip: Option<Strip>,
}

/// A correlation for each column.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// Its name, beside it.
    pub label: String,
    /// From −1 to 1, `[columns]`; none where there is no correlation.
    pub values: Vec<Option<f64>>,
}

const COLOUR_BAR: f64 = 14.0;
const COLOUR_STEPS: u32 = 64;
const STRIP_HEIGHT: f64 = 26.0;
const STRIP_GAP: f64 = 10.0;
const LABEL_ROOM: f64 = 22.0;

impl HeatMap {
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.columns.is_empty() || self.rows.is_empty() {
            return Err(Error::Empty { what: "rows or columns of a heat map" });
        }
        check::length("rows of a heat map", "rows", self.rows.len(), self.values.len())?;
        for (row, values) in self.rows.iter().zip(&self.values) {
            check::length(row, "columns", self.columns.len(), values.len())?;
            for (index, &value) in values.iter().enumerate() {
                check::finite(row, "value", index, value)?;
                check::within(row, (0.0, 1.0), index, value)?;
            }
        }
        let Some(strip) = &self.strip else { return Ok(()) };
        check::length(&strip.label, "columns", self.columns.len(), strip.values.len())?;
        for (index, value) in strip.values.iter().enumerate() {
            let value = value.unwrap_or(0.0);
            check::finite(&strip.label, "value", index, value)?;
            check::within(&strip.label, (-1.0, 1.0), index, value)?;
        }
        Ok(())
    }

    pub(crate) fn draw(&self, canvas: &Canvas<'_>, area: Area) -> Result<(), Error> {
        let cells = self.cells(area);
        let width = cells.width() / self.columns.len() as f64;
        let height = cells.height() / self.rows.len() as f64;
        for (row, (name, values)) in self.rows.iter().zip(&self.values).enumerate() {
            let top = cells.top + height * row as f64;
            let at = (cells.left - TICK_GAP, top + height / 2.0);
            canvas.text(name, tick_text(at, HPos::Right))?;
            for (column, &value) in values.iter().enumerate() {
                let left = cells.left + width * column as f64;
                // A cell reaches under those right of it and below, so that no seam shows.
                let cell = Area {
                    left,
                    top,
                    right: (left + width + 0.5).min(cells.right),
                    bottom: (top + height + 0.5).min(cells.bottom),
                };
                canvas.rectangle(cell, sequential(value))?;
            }
        }
        let mut bottom = cells.bottom;
        if let Some(strip) = &self.strip {
            let top = bottom + STRIP_GAP;
            bottom = top + STRIP_HEIGHT;
            draw_strip(canvas, strip, Area { top, bottom, ..cells })?;
        }
        let middles: Vec<f64> =
            (0..self.columns.len()).map(|column| cells.left + width * (column as f64 + 0.5)).collect();
        Names::fit(&self.columns, width, TICK_SIZE).draw(canvas, &middles, bottom + 3.0)?;
        if !self.x_label.is_empty() {
            let at = (f64::midpoint(cells.left, cells.right), area.bottom - LABEL_SIZE / 2.0);
            let size = font::fitting(&self.x_label, LABEL_SIZE, cells.width());
            let text = TextAt { at, anchor: HPos::Center, size, colour: INK, upward: false };
            canvas.text(&self.x_label, text)?;
        }
        let left = cells.right + 18.0;
        draw_colour_bar(canvas, &self.colour_label, Area { left, right: left + COLOUR_BAR, ..cells })
    }

    /// Where the matrix lies in the panel.
    fn cells(&self, area: Area) -> Area {
        let strip_label = self.strip.as_ref().map(|strip| &strip.label);
        let names = self.rows.iter().chain(strip_label);
        let widest = names.map(|name| font::width(name, TICK_SIZE)).fold(0.0, f64::max);
        let left = area.left + widest + TICK_GAP;
        let right = area.right - 18.0 - COLOUR_BAR - 34.0 - LABEL_SIZE;
        let column = (right - left) / self.columns.len() as f64;
        let below = Names::fit(&self.columns, column, TICK_SIZE).depth
            + 4.0
            + if self.strip.is_some() { STRIP_GAP + STRIP_HEIGHT } else { 0.0 }
            + if self.x_label.is_empty() { 0.0 } else { LABEL_ROOM };
        Area { left, top: area.top + 8.0, right, bottom: area.bottom - below }
    }
}

/// The correlations in colours, and in digits where they have room.
fn draw_strip(canvas: &Canvas<'_>, strip: &Strip, area: Area) -> Result<(), Error> {
    let middle = f64::midpoint(area.top, area.bottom);
    canvas.text(&strip.label, tick_text((area.left - TICK_GAP, middle), HPos::Right))?;
    let width = area.width() / strip.values.len() as f64;
    let size = 11.0;
    let digits = |value: f64| fixed(value, 2).replacen("0.", ".", 1);
    let widest = strip.values.iter().flatten().map(|&value| font::width(&digits(value), size));
    let (upward, room) = (widest.clone().any(|digits| digits > width - 3.0), area.height() - 2.0);
    let legible = widest.clone().all(|digits| digits <= room) && width > size;
    for (column, value) in strip.values.iter().enumerate() {
        let left = area.left + width * column as f64;
        let Some(value) = *value else { continue };
        let fill = diverging(value);
        canvas.rectangle(Area { left, right: left + width, ..area }, fill)?;
        if legible || !upward {
            let colour = if is_light(fill) { INK } else { WHITE };
            let at = (left + width / 2.0, middle);
            canvas.text(&digits(value), TextAt { at, anchor: HPos::Center, size, colour, upward })?;
        }
    }
    let outline = [
        (area.left, area.top),
        (area.right, area.top),
        (area.right, area.bottom),
        (area.left, area.bottom),
        (area.left, area.top),
    ];
    canvas.line(&outline, Stroke::solid(INK, 0.6))
}

fn draw_colour_bar(canvas: &Canvas<'_>, label: &str, area: Area) -> Result<(), Error> {
    let share = |step: u32| f64::from(step) / f64::from(COLOUR_STEPS);
    for step in 0..COLOUR_STEPS {
        let height = |share: f64| area.bottom - share * area.height();
        // Each step reaches under the next, so that no seam shows.
        let top = height(share(step + 2).min(1.0));
        canvas.rectangle(Area { top, bottom: height(share(step)), ..area }, sequential(share(step)))?;
    }
    for tenths in [0, 2, 4, 6, 8, 10] {
        let share = f64::from(tenths) / 10.0;
        let y = area.bottom - share * area.height();
        canvas.line(&[(area.right, y), (area.right + 4.0, y)], Stroke::solid(INK, 1.0))?;
        canvas.text(&fixed(share, 1), tick_text((area.right + 7.0, y), HPos::Left))?;
    }
    let at = (area.right + 34.0 + LABEL_SIZE / 2.0, f64::midpoint(area.top, area.bottom));
    let size = font::fitting(label, LABEL_SIZE, area.height());
    canvas.text(label, TextAt { at, anchor: HPos::Center, size, colour: INK, upward: true })
}
