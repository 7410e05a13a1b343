//! A figure: panels in a grid, lettered A, B, C.

use plotters::style::text_anchor::HPos;

use crate::bars::Bars;
use crate::canvas::{Area, Canvas, TextAt, in_pixels};
use crate::error::Error;
use crate::font;
use crate::heat_map::HeatMap;
use crate::histogram::Histograms;
use crate::legend::{self, Entry};
use crate::lines::Lines;
use crate::outline::{outlined, rasterised};
use crate::palette::INK;
use crate::paths::Paths;
use crate::pictures::Pictures;
use crate::scatter::Scatter;

/// One or more panels.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Above all panels; may be empty.
    pub title: String,
    /// Panels side by side before the next row begins.
    pub columns: usize,
    /// From left to right, then from top to bottom. More than one are lettered.
    pub panels: Vec<Panel>,
}

/// A chart with its title.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Above the chart; may be empty.
    pub title: String,
    /// What is drawn.
    pub chart: Chart,
}

impl Panel {
    /// A chart under a title.
    pub fn new(title: impl Into<String>, chart: Chart) -> Self {
        Self { title: title.into(), chart }
    }
}

/// What a panel shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Chart {
    /// Curves with bands.
    Lines(Lines),
    /// Groups of bars.
    Bars(Bars),
    /// Outlines of histograms.
    Histograms(Histograms),
    /// Clouds of points.
    Scatter(Scatter),
    /// Paths in the plane.
    Paths(Paths),
    /// A matrix in colours.
    HeatMap(HeatMap),
    /// Small images in a grid.
    Pictures(Pictures),
}

const PANEL_WIDTH: f64 = 480.0;
const PANEL_HEIGHT: f64 = 370.0;
/// A panel alone is read at 600 pixels.
const SINGLE_WIDTH: f64 = 600.0;
const SINGLE_HEIGHT: f64 = 420.0;
const MARGIN: f64 = 16.0;
const TITLE_ROOM: f64 = 36.0;
const HEADING_ROOM: f64 = 26.0;
const TITLE_SIZE: f64 = 18.0;
const HEADING_SIZE: f64 = 15.5;

impl Figure {
    /// A figure of one panel.
    pub fn single(panel: Panel) -> Self {
        Self { title: String::new(), columns: 1, panels: vec![panel] }
    }

    /// Panels side by side.
    pub fn row(title: impl Into<String>, panels: Vec<Panel>) -> Self {
        Self { title: title.into(), columns: panels.len(), panels }
    }

    /// The figure as SVG, with outlines for text: it needs no font where it is shown.
    pub fn svg(&self) -> Result<String, Error> {
        let titles: Vec<&str> = std::iter::once(&self.title)
            .chain(self.panels.iter().map(|panel| &panel.title))
            .map(String::as_str)
            .filter(|title| !title.is_empty())
            .collect();
        outlined(&self.drawing()?, &titles.join("; "))
    }

    /// The figure as PNG, of twice the size in pixels that the SVG states.
    pub fn png(&self) -> Result<Vec<u8>, Error> {
        rasterised(&self.svg()?)
    }

    /// Width and height of the SVG in pixels.
    pub fn size(&self) -> (u32, u32) {
        let columns = self.columns.clamp(1, self.panels.len().max(1));
        let rows = self.panels.len().div_ceil(columns);
        let (width, height) = self.panel_size();
        let title = if self.title.is_empty() { 0.0 } else { TITLE_ROOM };
        ((width * columns as f64) as u32, (height * rows as f64 + title) as u32)
    }

    /// The figure as SVG with text as text.
    pub(crate) fn drawing(&self) -> Result<String, Error> {
        self.check()?;
        let (width, height) = self.size();
        let mut svg = String::new();
        let canvas = Canvas::new(&mut svg, width, height)?;
        let mut top = 0.0;
        if !self.title.is_empty() {
            let at = (f64::from(width) / 2.0, MARGIN + TITLE_SIZE / 2.0);
            let size = font::fitting(&self.title, TITLE_SIZE, f64::from(width) - 2.0 * MARGIN);
            let text = TextAt { at, anchor: HPos::Center, size, colour: INK, upward: false };
            canvas.text(&self.title, text)?;
            top = TITLE_ROOM;
        }
        for (index, panel) in self.panels.iter().enumerate() {
            self.draw_panel(&canvas, index, panel, top)?;
        }
        canvas.finish()?;
        Ok(in_pixels(&svg, width, height))
    }

    fn check(&self) -> Result<(), Error> {
        if self.panels.is_empty() || self.columns == 0 {
            return Err(Error::Empty { what: "panels of a figure" });
        }
        self.panels.iter().try_for_each(|panel| panel.chart.check())
    }

    fn panel_size(&self) -> (f64, f64) {
        match &self.panels[..] {
            [Panel { chart: Chart::Pictures(pictures), .. }] => {
                let height = 2.0 * MARGIN + HEADING_ROOM + pictures.height(SINGLE_WIDTH - 2.0 * MARGIN);
                (SINGLE_WIDTH, SINGLE_HEIGHT.max(height))
            }
            [_] => (SINGLE_WIDTH, SINGLE_HEIGHT),
            _ => (PANEL_WIDTH, PANEL_HEIGHT),
        }
    }

    fn draw_panel(&self, canvas: &Canvas<'_>, index: usize, panel: &Panel, top: f64) -> Result<(), Error> {
        let (width, height) = self.panel_size();
        let left = width * (index % self.columns) as f64;
        let top = top + height * (index / self.columns) as f64;
        let mut area = Area {
            left: left + MARGIN,
            top: top + MARGIN,
            right: left + width - MARGIN,
            bottom: top + height - MARGIN,
        };
        let letter = (self.panels.len() > 1).then(|| letter(index));
        if letter.is_some() || !panel.title.is_empty() {
            draw_heading(canvas, letter.as_deref(), &panel.title, area)?;
            area.top += HEADING_ROOM;
        }
        legend::draw(canvas, &panel.chart.entries(), area)?;
        area.top += self.legend_room(index / self.columns, area.width());
        panel.chart.draw(canvas, area)
    }

    /// Room for the longest legend of a row of panels, so that their axes are of one height.
    fn legend_room(&self, row: usize, width: f64) -> f64 {
        let panels = self.panels.iter().skip(row * self.columns).take(self.columns);
        panels.map(|panel| legend::height(&panel.chart.entries(), width)).fold(0.0, f64::max)
    }
}

/// A, B, …, Z, then A1 and so on.
fn letter(index: usize) -> String {
    let letter = char::from(b'A' + (index % 26) as u8);
    if index < 26 { letter.into() } else { format!("{letter}{}", index / 26) }
}

/// The letter at the left, set twice to be bold, and the title beside it.
fn draw_heading(canvas: &Canvas<'_>, letter: Option<&str>, title: &str, area: Area) -> Result<(), Error> {
    let middle = area.top + HEADING_SIZE / 2.0;
    let at =
        |x: f64, size: f64| TextAt { at: (x, middle), anchor: HPos::Left, size, colour: INK, upward: false };
    let mut left = area.left;
    if let Some(letter) = letter {
        for shift in [0.0, 0.4, 0.8] {
            canvas.text(letter, at(left + shift, TITLE_SIZE))?;
        }
        left += font::width(letter, TITLE_SIZE) + 12.0;
    }
    canvas.text(title, at(left, font::fitting(title, HEADING_SIZE, area.right - left)))
}

impl Chart {
    fn check(&self) -> Result<(), Error> {
        match self {
            Self::Lines(chart) => chart.check(),
            Self::Bars(chart) => chart.check(),
            Self::Histograms(chart) => chart.check(),
            Self::Scatter(chart) => chart.check(),
            Self::Paths(chart) => chart.check(),
            Self::HeatMap(chart) => chart.check(),
            Self::Pictures(chart) => chart.check(),
        }
    }

    fn entries(&self) -> Vec<Entry> {
        match self {
            Self::Lines(chart) => chart.entries(),
            Self::Bars(chart) => chart.entries(),
            Self::Histograms(chart) => chart.entries(),
            Self::Scatter(chart) => chart.entries(),
            Self::Paths(chart) => chart.entries(),
            Self::HeatMap(_) | Self::Pictures(_) => vec![],
        }
    }

    fn draw(&self, canvas: &Canvas<'_>, area: Area) -> Result<(), Error> {
        match self {
            Self::Lines(chart) => chart.draw(canvas, area),
            Self::Bars(chart) => chart.draw(canvas, area),
            Self::Histograms(chart) => chart.draw(canvas, area),
            Self::Scatter(chart) => chart.draw(canvas, area),
            Self::Paths(chart) => chart.draw(canvas, area),
            Self::HeatMap(chart) => chart.draw(canvas, area),
            Self::Pictures(chart) => chart.draw(canvas, area),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Axis, Line, Reference, Role};

    #[test]
    fn every_series_and_reference_has_its_entry_in_the_legend() {
        let point = crate::Point { x: 1.0, y: 0.5, sd: 0.1 };
        let names = ["Full", "Bias & mask", "A name so long that no other can stand in a row with it"];
        let line = |name| Line { points: vec![point; 2], ..Line::new(name, Role::Full) };
        let reference = Reference { label: "paper: 0.934".into(), value: 0.9, role: Role::Null };
        let chart = Chart::Lines(Lines {
            x: Axis::linear("x"),
            y: Axis::linear("y"),
            series: names.map(line).to_vec(),
            references: vec![reference],
        });
        let drawing = Figure::single(Panel { title: String::new(), chart }).drawing().unwrap();
        for name in names.into_iter().chain(["paper: 0.934"]) {
            let written = name.replace('&', "&amp;").replace(' ', "\u{a0}");
            assert_eq!(drawing.lines().filter(|line| *line == written).count(), 1, "{name}");
        }
    }
}
