//! The ink of a picture, cut out, scaled and centred, as the pictures of MNIST were made.

use std::ops::Range;

use bl_core::io::{InputSchema, Polarity};
use image::GrayImage;

use super::border::{Ground, ground, is_bright};
use super::resample::{Plane, resample};
use super::{Fault, extremes};
use crate::grey::FAINTEST;

/// Of the strongest ink, the part from which on a pixel counts for the box: below it are the
/// fringes of blur and of JPEG. 0.2 gave the best accuracy on enlarged test pictures.
const EDGE: f32 = 0.2;
/// Of all ink, the part that may lie outside the box at each side: a speck of dust would move the
/// box, and with 0.1 % it does not, at no cost to clean pictures.
const OUTSIDE: f64 = 0.001;
/// Ink on the one side of the ground that is clearly more than on the other.
const CLEARLY: u64 = 4;

/// The ink of a picture in the form of the training images.
pub(super) struct Inked {
    pub(super) pixels: Vec<u8>,
    pub(super) how: String,
    /// By how much it had differed from its ground at most, before it was stretched.
    pub(super) strongest: u8,
}

pub(super) fn fit(grey: &GrayImage, side: u32, input: &InputSchema) -> Result<Inked, Fault> {
    let ground = ground(grey);
    let inverted = input.polarity == Polarity::LightOnDark && is_dark_ink(grey, ground.median);
    let ink = Ink::new(grey, ground, inverted).ok_or_else(|| blank(grey))?;
    let (columns, rows) = ink.bounds();
    let cut = (columns.len(), rows.len());

    let frame = (input.width as usize, input.height as usize);
    let mut plane = resample(cut, scaled(cut, side, frame), |x, y| ink.at(columns.start + x, rows.start + y));
    let strongest = plane.values.iter().copied().fold(0.0, f32::max);
    plane.values.iter_mut().for_each(|value| *value *= 255.0 / strongest);

    // Sets whose ink fills the frame (KMNIST, Fashion-MNIST) are centred by its box: bringing
    // enlarged test pictures back is half as far off as with the centre of mass.
    let fills = side as usize >= frame.0.min(frame.1);
    let centre = if fills { middle(&plane) } else { centre_of_mass(&plane) };
    let how = [
        match (inverted, is_bright(ground.median)) {
            (true, true) => "inverted (bright border), ",
            (true, false) => "inverted (dark ink), ",
            (false, _) => "",
        },
        &format!("ink box {}x{} scaled to {side}, ", cut.0, cut.1),
        if fills { "centred by its box, " } else { "centred by mass, " },
        &format!("{}x{}", frame.0, frame.1),
    ];
    Ok(Inked { pixels: place(&plane, centre, frame), how: how.concat(), strongest: ink.strongest })
}

fn blank(grey: &GrayImage) -> Fault {
    let (least, most) = extremes(grey);
    Fault::Blank { least, most }
}

/// Whether the ink is darker than the ground: on a bright ground, unless most of what differs from
/// it is brighter still; on a dark one (grey paper in a dim light) only if that is clear.
fn is_dark_ink(grey: &GrayImage, ground: u8) -> bool {
    let (mut darker, mut brighter) = (0_u64, 0_u64);
    for pixel in grey.pixels() {
        darker += u64::from(ground.saturating_sub(pixel.0[0]));
        brighter += u64::from(pixel.0[0].saturating_sub(ground));
    }
    if is_bright(ground) { brighter <= CLEARLY * darker } else { darker > CLEARLY * brighter }
}

/// A picture seen as ink on nothing.
struct Ink<'a> {
    grey: &'a GrayImage,
    inverted: bool,
    /// What is not above this is ground.
    floor: u8,
    /// Ink from which on a pixel counts for the box.
    edge: f32,
    strongest: u8,
}

impl<'a> Ink<'a> {
    /// `None` if there is no ink: what is fainter than [`FAINTEST`] above the grain of the ground is none.
    fn new(grey: &'a GrayImage, ground: Ground, inverted: bool) -> Option<Self> {
        let median = if inverted { 255 - ground.median } else { ground.median };
        let floor = median.saturating_add(ground.noise.saturating_mul(3));
        let mut ink = Self { grey, inverted, floor, edge: 0.0, strongest: 0 };
        ink.strongest = grey.pixels().map(|pixel| ink.of(pixel.0[0])).max()?;
        ink.edge = EDGE * f32::from(ink.strongest);
        (ink.strongest >= FAINTEST).then_some(ink)
    }

    fn of(&self, value: u8) -> u8 {
        (if self.inverted { 255 - value } else { value }).saturating_sub(self.floor)
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        self.of(self.grey[(x as u32, y as u32)].0[0]).into()
    }

    /// The columns and the rows of the box.
    fn bounds(&self) -> (Range<usize>, Range<usize>) {
        let mut columns = vec![0_u64; self.grey.width() as usize];
        let mut rows = vec![0_u64; self.grey.height() as usize];
        for (x, y, pixel) in self.grey.enumerate_pixels() {
            let ink = self.of(pixel.0[0]);
            if f32::from(ink) > self.edge {
                columns[x as usize] += u64::from(ink);
                rows[y as usize] += u64::from(ink);
            }
        }
        (extent(&columns), extent(&rows))
    }
}

/// What is left of `ink` when [`OUTSIDE`] of it is cut off at either end; never empty.
fn extent(ink: &[u64]) -> Range<usize> {
    let spared = (ink.iter().sum::<u64>() as f64 * OUTSIDE) as u64;
    let start = beyond(ink.iter(), spared);
    let end = ink.len() - beyond(ink.iter().rev(), spared);
    start..end.max(start + 1)
}

/// How many come before the one with which the sum exceeds `spared`.
fn beyond<'a>(ink: impl Iterator<Item = &'a u64>, spared: u64) -> usize {
    let sums = ink.scan(0, |sum, here| {
        *sum += here;
        Some(*sum)
    });
    sums.take_while(|&sum| sum <= spared).count()
}

/// Width and height of the box when its longer side is `side` and it fits into the frame.
fn scaled(cut: (usize, usize), side: u32, frame: (usize, usize)) -> (usize, usize) {
    let (width, height) = (cut.0 as f64, cut.1 as f64);
    let scale =
        (f64::from(side) / width.max(height)).min(frame.0 as f64 / width).min(frame.1 as f64 / height);
    let round = |size: f64, most| ((size * scale).round() as usize).clamp(1, most);
    (round(width, frame.0), round(height, frame.1))
}

/// The point of the ink, in pixels from its first, that comes to the frame's middle.
fn centre_of_mass(ink: &Plane) -> (f32, f32) {
    let (mut mass, mut x, mut y) = (0.0, 0.0, 0.0);
    for (i, value) in ink.values.iter().enumerate() {
        mass += value;
        x += value * (i % ink.width) as f32;
        y += value * (i / ink.width) as f32;
    }
    (x / mass, y / mass)
}

fn middle(ink: &Plane) -> (f32, f32) {
    (ink.width as f32 / 2.0, ink.height as f32 / 2.0)
}

/// Lays the ink into an empty frame, `centre` on the pixel (width / 2, height / 2), which is where
/// MNIST has it, but never over the edge.
fn place(ink: &Plane, centre: (f32, f32), frame: (usize, usize)) -> Vec<u8> {
    let start = |frame: usize, size: usize, centre: f32| {
        ((frame as f32 / 2.0 - centre).round().max(0.0) as usize).min(frame - size)
    };
    let (left, top) = (start(frame.0, ink.width, centre.0), start(frame.1, ink.height, centre.1));
    let mut pixels = vec![0; frame.0 * frame.1];
    for (y, row) in ink.values.chunks_exact(ink.width).enumerate() {
        for (pixel, value) in pixels[(top + y) * frame.0 + left..].iter_mut().zip(row) {
            *pixel = value.round() as u8;
        }
    }
    pixels
}
