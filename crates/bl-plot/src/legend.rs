//! The legend: one entry for each series, in rows above the axes, where no data can be.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use crate::canvas::{Area, Canvas, Stroke, TextAt};
use crate::error::Error;
use crate::font;
use crate::palette::INK;

/// What stands before the name of a series.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sign {
    /// A stretch of line, with a marker on it or not.
    Line { stroke: Stroke, marker: bool },
    /// A filled square.
    Square(RGBColor),
    /// A point.
    Disc(RGBColor),
    /// An open circle.
    Ring(Stroke),
}

/// An entry of the legend.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) label: String,
    pub(crate) sign: Sign,
}

const SIZE: f64 = 14.0;
const ROW: f64 = 20.0;
const GAP: f64 = 7.0;
const BETWEEN: f64 = 18.0;

impl Sign {
    fn width(self) -> f64 {
        match self {
            Self::Line { .. } => 24.0,
            Self::Square(_) => 12.0,
            Self::Disc(_) => 8.0,
            Self::Ring(_) => 11.0,
        }
    }
}

impl Entry {
    /// Font size at which the entry is no wider than the panel.
    fn size(&self, room: f64) -> f64 {
        font::fitting(&self.label, SIZE, room - self.sign.width() - GAP)
    }

    fn width(&self, room: f64) -> f64 {
        self.sign.width() + GAP + font::width(&self.label, self.size(room))
    }
}

/// The rows that entries take in a panel of this width.
fn rows(entries: &[Entry], width: f64) -> Vec<Vec<&Entry>> {
    let mut rows: Vec<Vec<&Entry>> = Vec::new();
    let mut used = 0.0;
    for entry in entries {
        let needed = entry.width(width);
        match rows.last_mut() {
            Some(row) if used + BETWEEN + needed <= width => {
                row.push(entry);
                used += BETWEEN + needed;
            }
            _ => {
                rows.push(vec![entry]);
                used = needed;
            }
        }
    }
    rows
}

/// Height that the legend takes, with the space below it.
pub(crate) fn height(entries: &[Entry], width: f64) -> f64 {
    let rows = rows(entries, width).len() as f64;
    if rows > 0.0 { rows * ROW + 6.0 } else { 0.0 }
}

/// Draws the legend at the top of `area`.
pub(crate) fn draw(canvas: &Canvas<'_>, entries: &[Entry], area: Area) -> Result<(), Error> {
    for (index, row) in rows(entries, area.width()).into_iter().enumerate() {
        let y = area.top + ROW * (index as f64 + 0.5);
        let mut x = area.left;
        for entry in row {
            draw_sign(canvas, entry.sign, x, y)?;
            let at = (x + entry.sign.width() + GAP, y);
            let size = entry.size(area.width());
            canvas.text(&entry.label, TextAt { at, anchor: HPos::Left, size, colour: INK, upward: false })?;
            x += entry.width(area.width()) + BETWEEN;
        }
    }
    Ok(())
}

fn draw_sign(canvas: &Canvas<'_>, sign: Sign, x: f64, y: f64) -> Result<(), Error> {
    let width = sign.width();
    let middle = x + width / 2.0;
    match sign {
        Sign::Line { stroke, marker } => {
            canvas.line(&[(x, y), (x + width, y)], stroke)?;
            if marker { canvas.disc((middle, y), 3.5, stroke.colour, 1.0) } else { Ok(()) }
        }
        Sign::Square(colour) => {
            let square = Area { left: middle - 6.0, top: y - 6.0, right: middle + 6.0, bottom: y + 6.0 };
            canvas.rectangle(square, colour)
        }
        Sign::Disc(colour) => canvas.disc((middle, y), 4.0, colour, 1.0),
        Sign::Ring(stroke) => canvas.ring((middle, y), 5.0, stroke),
    }
}
