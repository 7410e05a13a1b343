//! What panels draw with: strokes, areas and text, in pixels with fractions.
//!
//! plotters draws in whole units, so a unit is made a tenth of a pixel.

use std::io;

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, DashedPathElement, PathElement, Polygon, Rectangle, Text};
use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle, TextStyle,
};

use crate::error::Error;
use crate::font;
use crate::palette::WHITE;

/// Units to a pixel.
const UNITS: f64 = 10.0;

/// Left to right, top to bottom, in pixels.
pub(crate) type At = (f64, f64);

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Area {
    pub(crate) fn width(self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(self) -> f64 {
        self.bottom - self.top
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stroke {
    pub(crate) colour: RGBColor,
    pub(crate) width: f64,
    /// Length of a dash and of a gap, in pixels.
    pub(crate) dash: Option<(f64, f64)>,
}

impl Stroke {
    pub(crate) fn solid(colour: RGBColor, width: f64) -> Self {
        Self { colour, width, dash: None }
    }
}

/// Where text stands.
#[derive(Clone, Copy)]
pub(crate) struct TextAt {
    /// Middle of the capitals' height, and the start, middle or end of the line.
    pub(crate) at: At,
    pub(crate) anchor: HPos,
    /// Font size in pixels.
    pub(crate) size: f64,
    pub(crate) colour: RGBColor,
    /// Whether it is read from bottom to top.
    pub(crate) upward: bool,
}

/// A sheet to draw on.
pub(crate) struct Canvas<'a> {
    sheet: DrawingArea<SVGBackend<'a>, Shift>,
}

impl<'a> Canvas<'a> {
    /// A white sheet whose SVG is written into `svg`.
    pub(crate) fn new(svg: &'a mut String, width: u32, height: u32) -> Result<Self, Error> {
        let size = (width * UNITS as u32, height * UNITS as u32);
        let sheet = SVGBackend::with_string(svg, size).into_drawing_area();
        sheet.fill(&WHITE).map_err(draw)?;
        Ok(Self { sheet })
    }

    /// Completes the SVG.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.sheet.present().map_err(draw)
    }

    pub(crate) fn line(&self, points: &[At], stroke: Stroke) -> Result<(), Error> {
        let style = ShapeStyle {
            color: stroke.colour.to_rgba(),
            filled: false,
            stroke_width: units(stroke.width) as u32,
        };
        let points: Vec<(i32, i32)> = points.iter().copied().map(place).collect();
        match stroke.dash {
            None => self.sheet.draw(&PathElement::new(points, style)).map_err(draw),
            Some((dash, gap)) => {
                let dashed = DashedPathElement::new(points, units(dash), units(gap), style);
                self.sheet.draw(&dashed).map_err(draw)
            }
        }
    }

    /// A filled outline; `opacity` from 0 to 1.
    pub(crate) fn polygon(&self, points: &[At], colour: RGBColor, opacity: f64) -> Result<(), Error> {
        let points: Vec<(i32, i32)> = points.iter().copied().map(place).collect();
        self.sheet.draw(&Polygon::new(points, colour.mix(opacity).filled())).map_err(draw)
    }

    pub(crate) fn rectangle(&self, area: Area, colour: RGBColor) -> Result<(), Error> {
        let corners = [place((area.left, area.top)), place((area.right, area.bottom))];
        self.sheet.draw(&Rectangle::new(corners, colour.filled())).map_err(draw)
    }

    pub(crate) fn disc(&self, at: At, radius: f64, colour: RGBColor, opacity: f64) -> Result<(), Error> {
        let style = colour.mix(opacity).filled();
        self.sheet.draw(&Circle::new(place(at), units(radius), style)).map_err(draw)
    }

    /// The outline of a circle.
    pub(crate) fn ring(&self, at: At, radius: f64, stroke: Stroke) -> Result<(), Error> {
        let style = ShapeStyle {
            color: stroke.colour.to_rgba(),
            filled: false,
            stroke_width: units(stroke.width) as u32,
        };
        self.sheet.draw(&Circle::new(place(at), units(radius), style)).map_err(draw)
    }

    /// One line of text. Superscripts are raised.
    pub(crate) fn text(&self, text: &str, at: TextAt) -> Result<(), Error> {
        font::check(text)?;
        let runs = font::runs(text);
        if let [run] = runs.as_slice() {
            return self.run(run, 0.0, at);
        }
        let mut along = match at.anchor {
            HPos::Left => 0.0,
            HPos::Center => -font::width(text, at.size) / 2.0,
            HPos::Right => -font::width(text, at.size),
        };
        for run in &runs {
            self.run(run, along, TextAt { anchor: HPos::Left, ..at })?;
            along += font::run_width(run, at.size);
        }
        Ok(())
    }

    /// A stretch of text, `along` pixels further on the line.
    fn run(&self, run: &font::Run, along: f64, at: TextAt) -> Result<(), Error> {
        let (size, rise) =
            if run.raised { (at.size * font::SUPERSCRIPT, at.size * 0.42) } else { (at.size, 0.0) };
        // The backend sets the base line a quarter of the size below the given place.
        let below = at.size * font::CAPITAL / 2.0 - size * 0.25 - rise;
        let ((x, y), transform) = if at.upward {
            ((at.at.0 + below, at.at.1 - along), FontTransform::Rotate270)
        } else {
            ((at.at.0 + along, at.at.1 + below), FontTransform::None)
        };
        // The backend divides sizes by 1.24.
        let font = FontDesc::new(FontFamily::Name(font::FAMILY), size * UNITS * 1.24, FontStyle::Normal);
        let style = TextStyle {
            font: font.transform(transform),
            color: at.colour.to_backend_color(),
            pos: Pos::new(at.anchor, VPos::Center),
        };
        self.sheet.draw(&Text::new(run.text.as_str(), place((x, y)), style)).map_err(draw)
    }
}

/// Rewrites the size that the SVG states from units to pixels; its coordinates stay in units.
pub(crate) fn in_pixels(svg: &str, width: u32, height: u32) -> String {
    let units = |pixels: u32| pixels * UNITS as u32;
    let stated = format!("width=\"{}\" height=\"{}\"", units(width), units(height));
    svg.replacen(&stated, &format!("width=\"{width}\" height=\"{height}\""), 1)
}

fn units(pixels: f64) -> i32 {
    (pixels * UNITS).round() as i32
}

fn place((x, y): At) -> (i32, i32) {
    (units(x), units(y))
}

fn draw(cause: DrawingAreaErrorKind<io::Error>) -> Error {
    Error::Draw { cause }
}
