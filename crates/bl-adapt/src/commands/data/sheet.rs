//! A contact sheet: some training images of each class, as a network will see them.

use bl_cli::words::printable;
use bl_cli::{Exhibit, Pixels, Printer, Screen, gallery};
use bl_plot::{Chart, Figure, Panel, Pictures, Thumbnail};
use bl_tasks::Images;

/// Images of a class on the screen; classes beyond the tenth have one.
const SHOWN: usize = 4;
/// Images of a class in a file.
const DRAWN: usize = 8;
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

/// For a file.
pub(super) fn figure(images: &Images) -> Figure {
    let [height, width, _] = images.train.shape();
    let thumbnail = |place: usize| Thumbnail {
        pixels: images.train.image(place).to_vec(),
        height,
        width,
        caption: images.labels[usize::from(images.train.labels[place])].clone(),
        is_marked: false,
    };
    let pictures = chosen(images, DRAWN).into_iter().map(thumbnail).collect();
    let title = "Training images, as a network sees them".to_owned();
    Figure::single(Panel { title, chart: Chart::Pictures(Pictures { columns: DRAWN, pictures }) })
}
