//! A contact sheet: some training images of each class, as a network will see them.

use std::path::Path;

use bl_cli::words::printable;
use bl_cli::{Exhibit, Pixels, Printer, Screen, gallery};
use bl_core::files;
use bl_plot::{Chart, Figure, Panel, Pictures, Thumbnail};
use bl_tasks::Images;
use bl_tasks::picture::smaller;

use crate::error::Error;

/// Images of a class on the screen; classes beyond the tenth have one.
const SHOWN: usize = 4;
/// Images of a class in a file, at most.
const DRAWN: usize = 8;
/// Pixels in a file: each may be drawn by itself.
const PIXELS: usize = 500_000;
/// Classes that are shown.
const CLASSES: usize = 30;

/// Places of some training images, by class: evenly spread, as far as there are so many.
fn chosen(images: &Images, of_class: usize) -> Vec<usize> {
    let places = |class: usize| -> Vec<usize> {
        let is_of = |&(_, &label): &(usize, &u8)| usize::from(label) == class;
        let all: Vec<usize> = images.train.labels.iter().enumerate().filter(is_of).map(|(i, _)| i).collect();
        let shown = all.len().min(of_class);
        (0..shown).map(|nth| all[nth * all.len() / shown]).collect()
    };
    (0..images.labels.len().min(CLASSES)).flat_map(places).collect()
}

/// On standard output.
pub(super) fn draw(images: &Images, out: Printer) -> anyhow::Result<()> {
    let [height, width, channels] = images.train.shape();
    let exhibit = |place: usize| Exhibit {
        pixels: Pixels { values: images.train.image(place), height, width, channels },
        caption: vec![printable(&images.labels[usize::from(images.train.labels[place])])],
    };
    let of_class = if images.labels.len() > 10 { 1 } else { SHOWN };
    let exhibits: Vec<_> = chosen(images, of_class).into_iter().map(exhibit).collect();
    out.result("")?;
    out.drawing(&gallery::lines(&exhibits, Screen::of_stdout()))
}

/// What a file is, by its name.
#[derive(Clone, Copy)]
pub(super) enum Format {
    Png,
    Svg,
}

impl Format {
    pub(super) fn of(path: &Path) -> Result<Self, Error> {
        match path.extension().unwrap_or_default().to_string_lossy().to_lowercase().as_str() {
            "png" => Ok(Self::Png),
            "svg" => Ok(Self::Svg),
            _ => Err(Error::SheetFormat { path: path.to_owned() }),
        }
    }

    pub(super) fn write(self, images: &Images, path: &Path) -> anyhow::Result<()> {
        let figure = figure(images);
        let bytes = match self {
            Self::Png => figure.png()?,
            Self::Svg => figure.svg()?.into_bytes(),
        };
        Ok(files::write_atomically(path, &bytes)?)
    }
}

fn figure(images: &Images) -> Figure {
    let of_class = |class: usize| images.train.labels.iter().filter(|&&of| usize::from(of) == class).count();
    let classes = images.labels.len().min(CLASSES);
    // As many of each, so that a row is a class.
    let columns = (0..classes).map(of_class).filter(|count| *count > 0).min().unwrap_or(1).min(DRAWN);
    let places = chosen(images, columns);
    let [height, width, _] = images.train.shape();
    let by =
        (1..=height.max(width)).find(|by| (height / by) * (width / by) * places.len() <= PIXELS).unwrap_or(1);
    let thumbnail = |place: usize| {
        let class = usize::from(images.train.labels[place]);
        let label = Some(images.labels[class].clone()).filter(|label| bl_plot::has_glyphs(label));
        Thumbnail {
            pixels: smaller(images.train.image(place), images.train.shape(), by).unwrap_or_default(),
            height: height / by,
            width: width / by,
            caption: label.unwrap_or_else(|| format!("class {}", class + 1)),
            is_marked: false,
        }
    };
    let pictures = places.into_iter().map(thumbnail).collect();
    let reduced = if by > 1 { format!(", at 1/{by} of their size") } else { String::new() };
    let shown =
        if classes < images.labels.len() { format!(", the first {classes} classes") } else { String::new() };
    let title = format!("Training images, as a network sees them{reduced}{shown}");
    Figure::single(Panel { title, chart: Chart::Pictures(Pictures { columns, pictures }) })
}
