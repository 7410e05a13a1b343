//! Small images in a grid, each with a caption.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use crate::canvas::{Area, Canvas, TextAt};
use crate::check;
use crate::error::Error;
use crate::font;
use crate::frame::TICK_SIZE;
use crate::palette::{INK, Role};

/// Pictures in rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Pictures {
    /// Pictures in a row.
    pub columns: usize,
    /// From left to right, then from top to bottom.
    pub pictures: Vec<Thumbnail>,
}

/// An image, grey or in colour, and its caption.
#[derive(Clone, Debug, PartialEq)]
pub struct Thumbnail {
    /// From 0 (black) to 255 (white), `[height][width]`, or `[height][width][3]` for red, green and blue.
    pub pixels: Vec<u8>,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Below the image.
    pub caption: String,
    /// Whether the caption is to stand out.
    pub is_marked: bool,
}

const GAP: f64 = 12.0;
const CAPTION_ROOM: f64 = 20.0;

impl Pictures {
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.pictures.is_empty() || self.columns == 0 {
            return Err(Error::Empty { what: "images of a grid" });
        }
        for picture in &self.pictures {
            if picture.pixels.is_empty() {
                return Err(Error::Empty { what: "pixels of an image" });
            }
            let expected = picture.height * picture.width * picture.channels();
            check::length(&picture.caption, "pixels", expected, picture.pixels.len())?;
        }
        Ok(())
    }

    /// The height at which the pictures are as large as the width lets them be.
    pub(crate) fn height(&self, width: f64) -> f64 {
        let column = width / self.columns.max(1) as f64 - GAP;
        let tall = |picture: &Thumbnail| column * picture.height as f64 / picture.width.max(1) as f64;
        let tallest = self.pictures.iter().map(tall).fold(0.0, f64::max);
        self.pictures.len().div_ceil(self.columns.max(1)) as f64 * (tallest + CAPTION_ROOM + GAP / 2.0)
    }

    pub(crate) fn draw(&self, canvas: &Canvas<'_>, area: Area) -> Result<(), Error> {
        let rows = self.pictures.len().div_ceil(self.columns);
        let cell = (area.width() / self.columns as f64, area.height() / rows as f64);
        for (index, picture) in self.pictures.iter().enumerate() {
            let left = area.left + cell.0 * (index % self.columns) as f64;
            let top = area.top + cell.1 * (index / self.columns) as f64;
            let room = (cell.0 - GAP, cell.1 - CAPTION_ROOM - GAP / 2.0);
            picture.draw(canvas, (left + cell.0 / 2.0, top), room)?;
        }
        Ok(())
    }
}

impl Thumbnail {
    fn channels(&self) -> usize {
        if self.pixels.len() == 3 * self.height * self.width { 3 } else { 1 }
    }

    /// Draws into a room whose upper edge has its middle at `at`.
    fn draw(&self, canvas: &Canvas<'_>, at: (f64, f64), room: (f64, f64)) -> Result<(), Error> {
        let pixel = (room.0 / self.width as f64).min(room.1 / self.height as f64);
        let (left, top) = (at.0 - pixel * self.width as f64 / 2.0, at.1);
        let (right, bottom) = (left + pixel * self.width as f64, top + pixel * self.height as f64);
        let channels = self.channels();
        for (y, row) in self.pixels.chunks_exact(self.width * channels).enumerate() {
            let mut x = 0;
            let row: Vec<&[u8]> = row.chunks_exact(channels).collect();
            // Equal pixels of a row are one rectangle: most of an image is background.
            for run in row.chunk_by(|one, other| one == other) {
                let [red, green, blue] = [0, 1, 2].map(|channel: usize| run[0][channel.min(channels - 1)]);
                // A rectangle reaches under those right of it and below, so that no seam shows.
                let area = Area {
                    left: left + pixel * x as f64,
                    top: top + pixel * y as f64,
                    right: (left + pixel * (x + run.len()) as f64 + 0.5).min(right),
                    bottom: (top + pixel * (y + 1) as f64 + 0.5).min(bottom),
                };
                canvas.rectangle(area, RGBColor(red, green, blue))?;
                x += run.len();
            }
        }
        let colour = if self.is_marked { Role::BiasVariant.colour() } else { INK };
        let size = font::fitting(&self.caption, TICK_SIZE, room.0 + GAP);
        let text = TextAt {
            at: (at.0, bottom + CAPTION_ROOM / 2.0),
            anchor: HPos::Center,
            size,
            colour,
            upward: false,
        };
        canvas.text(&self.caption, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chart, Figure, Panel};

    #[test]
    fn every_picture_has_its_caption_and_equal_pixels_are_drawn_at_once() {
        let picture = |caption: &str| Thumbnail {
            pixels: vec![0, 0, 255, 255],
            height: 2,
            width: 2,
            caption: caption.into(),
            is_marked: false,
        };
        let pictures = vec![picture("one"), picture("two"), picture("three")];
        let chart = Chart::Pictures(Pictures { columns: 2, pictures });
        let drawing = Figure::single(Panel { title: String::new(), chart }).drawing().unwrap();
        for caption in ["one", "two", "three"] {
            assert!(drawing.lines().any(|line| line == caption), "{caption}");
        }
        assert_eq!(drawing.matches("<rect").count(), 1 + 3 * 2, "the sheet, and two rows of each");
        let red = Thumbnail { pixels: [200, 10, 10].repeat(4), ..picture("red") };
        let chart = Chart::Pictures(Pictures { columns: 1, pictures: vec![red] });
        let drawing = Figure::single(Panel { title: String::new(), chart }).drawing().unwrap();
        assert_eq!(drawing.to_lowercase().matches("#c80a0a").count(), 2, "{drawing}");
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        let wrong =
            Thumbnail { pixels: vec![0; 3], height: 2, width: 2, caption: "x".into(), is_marked: false };
        for pictures in [vec![], vec![wrong]] {
            let chart = Chart::Pictures(Pictures { columns: 2, pictures });
            assert!(Figure::single(Panel { title: String::new(), chart }).svg().is_err());
        }
    }
}
