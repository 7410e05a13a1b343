//! The ink of a picture, cut out, scaled and centred, as the pictures of MNIST were made.

use std::fmt;
use std::ops::Range;

use bl_core::io::{InputSchema, Polarity};
use image::GrayImage;

use super::border::{Ground, ground, is_bright, ring};
use super::planes::Planes;
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
    /// By how much it had differed from its ground at most, before it was stretched; none if it was not.
    pub(super) strongest: Option<u8>,
}

/// Grey ink becomes bright and is laid on black; ink in colour, or of a schema that says nothing of bright and dark, stays on
/// its ground.
pub(super) fn fit(planes: &Planes, side: u32, input: &InputSchema) -> Result<Inked, Fault> {
    if planes.channels() == 1 && input.polarity == Polarity::LightOnDark {
        bright(&planes.all()[0], side, input)
    } else {
        on_ground(planes, side, input)
    }
}

fn bright(grey: &GrayImage, side: u32, input: &InputSchema) -> Result<Inked, Fault> {
    let ground = ground(grey);
    let inverted = is_dark_ink(grey, ground.median);
    let ink = Ink::bright(grey, ground, inverted).ok_or_else(|| no_ink(grey))?;
    let shape = Shape::of(&ink, side, input);
    let Shape { mut plane, centre, frame, .. } = shape.clone();
    let strongest = plane.values.iter().copied().fold(0.0, f32::max);
    plane.values.iter_mut().for_each(|value| *value *= 255.0 / strongest);
    let inverted = match (inverted, is_bright(ground.median)) {
        (true, true) => "inverted (bright border), ",
        (true, false) => "inverted (dark ink), ",
        (false, _) => "",
    };
    let pixels = place(&plane, centre, frame, 0).into_raw();
    Ok(Inked { pixels, how: format!("{inverted}{shape}"), strongest: Some(ink.strongest) })
}

fn on_ground(planes: &Planes, side: u32, input: &InputSchema) -> Result<Inked, Fault> {
    let ink = Ink::on_ground(planes).ok_or_else(|| no_ink(&planes.grey()))?;
    let shape = Shape::of(&ink, side, input);
    let mut fitted = planes.map(|plane| {
        let paper = ground(plane).median;
        place(&shape.resampled(|x, y| plane[(x, y)].0[0].into()), shape.centre, shape.frame, paper)
    });
    let inverted = input.polarity == Polarity::LightOnDark && is_bright(ground(&planes.grey()).median);
    if inverted {
        fitted.invert();
    }
    let inverted = if inverted { "inverted (bright border), " } else { "" };
    Ok(Inked { pixels: fitted.into_values(), how: format!("{inverted}{shape}"), strongest: None })
}

/// Why there is no ink: there is nothing at all, or the ground is as uneven as ink would be.
fn no_ink(grey: &GrayImage) -> Fault {
    let (least, most) = extremes(grey);
    if most - least < FAINTEST {
        return Fault::Blank { least, most };
    }
    let border: Vec<u8> = ring(grey.dimensions()).map(|at| grey[at].0[0]).collect();
    let (least, most) = extremes(&border);
    Fault::NoPlainGround { least, most }
}

/// Whether the ink is darker than the ground: on a bright ground, unless most of what differs from
/// it is brighter still; on a dark one (grey paper in a dim light) only if that is clear.
pub(super) fn is_dark_ink(grey: &GrayImage, ground: u8) -> bool {
    let (mut darker, mut brighter) = (0_u64, 0_u64);
    for pixel in grey.pixels() {
        darker += u64::from(ground.saturating_sub(pixel.0[0]));
        brighter += u64::from(pixel.0[0].saturating_sub(ground));
    }
    if is_bright(ground) { brighter <= CLEARLY * darker } else { darker > CLEARLY * brighter }
}

/// How much ink each pixel has.
pub(super) struct Ink {
    amount: GrayImage,
    strongest: u8,
}

impl Ink {
    /// What is brighter than the ground, or darker if `inverted`.
    fn bright(grey: &GrayImage, ground: Ground, inverted: bool) -> Option<Self> {
        let turned = |value: u8| if inverted { 255 - value } else { value };
        // What is not above this is ground.
        let floor = turned(ground.median).saturating_add(ground.noise.saturating_mul(3));
        Self::of(grey.width(), grey.height(), |x, y| turned(grey[(x, y)].0[0]).saturating_sub(floor))
    }

    /// What differs from the ground, in the plane where it differs most.
    pub(super) fn on_ground(planes: &Planes) -> Option<Self> {
        let grounds: Vec<Ground> = planes.all().iter().map(ground).collect();
        let (width, height) = planes.size();
        Self::of(width, height, |x, y| {
            let of_plane = |(plane, ground): (&GrayImage, &Ground)| {
                plane[(x, y)].0[0].abs_diff(ground.median).saturating_sub(ground.noise.saturating_mul(3))
            };
            planes.all().iter().zip(&grounds).map(of_plane).max().unwrap_or(0)
        })
    }

    /// `None` if there is no ink: what is fainter than [`FAINTEST`] above the grain of the ground is none.
    fn of(width: u32, height: u32, amount: impl Fn(u32, u32) -> u8) -> Option<Self> {
        let amount = GrayImage::from_fn(width, height, |x, y| image::Luma([amount(x, y)]));
        let strongest = amount.iter().copied().max()?;
        (strongest >= FAINTEST).then_some(Self { amount, strongest })
    }

    /// The columns and the rows of the box.
    pub(super) fn bounds(&self) -> (Range<usize>, Range<usize>) {
        let edge = EDGE * f32::from(self.strongest); // from which on a pixel counts
        let mut columns = vec![0_u64; self.amount.width() as usize];
        let mut rows = vec![0_u64; self.amount.height() as usize];
        for (x, y, pixel) in self.amount.enumerate_pixels() {
            let ink = pixel.0[0];
            if f32::from(ink) > edge {
                columns[x as usize] += u64::from(ink);
                rows[y as usize] += u64::from(ink);
            }
        }
        (extent(&columns), extent(&rows))
    }
}

/// Where the ink of a picture is, and where it goes.
#[derive(Clone)]
struct Shape {
    columns: Range<usize>,
    rows: Range<usize>,
    side: u32,
    /// The amount of ink, scaled.
    plane: Plane,
    /// The point of that which comes to the middle of the frame.
    centre: (f32, f32),
    /// Whether the ink fills the frame.
    fills: bool,
    frame: (usize, usize),
}

impl Shape {
    fn of(ink: &Ink, side: u32, input: &InputSchema) -> Self {
        let (columns, rows) = ink.bounds();
        let frame = (input.width as usize, input.height as usize);
        // Sets whose ink fills the frame (KMNIST, Fashion-MNIST) are centred by its box: bringing
        // enlarged test pictures back is half as far off as with the centre of mass.
        let fills = side as usize >= frame.0.min(frame.1);
        let plane = Plane { width: 0, height: 0, values: Vec::new() };
        let mut shape = Self { columns, rows, side, plane, centre: (0.0, 0.0), fills, frame };
        shape.plane = shape.resampled(|x, y| ink.amount[(x, y)].0[0].into());
        shape.centre = if fills { middle(&shape.plane) } else { centre_of_mass(&shape.plane) };
        shape
    }

    /// The box, scaled.
    fn resampled(&self, value: impl Fn(u32, u32) -> f32) -> Plane {
        let cut = (self.columns.len(), self.rows.len());
        let at = |x: usize, y: usize| value((self.columns.start + x) as u32, (self.rows.start + y) as u32);
        resample(cut, scaled(cut, self.side, self.frame), at)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { columns, rows, side, fills, frame, .. } = self;
        let by = if *fills { "its box" } else { "mass" };
        write!(
            f,
            "ink box {}x{} scaled to {side}, centred by {by}, {}x{}",
            rows.len(),
            columns.len(),
            frame.1,
            frame.0
        )
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

/// Lays the ink into a frame of `paper`, `centre` on the pixel (width / 2, height / 2), which is where
/// MNIST has it, but never over the edge.
fn place(ink: &Plane, centre: (f32, f32), frame: (usize, usize), paper: u8) -> GrayImage {
    let start = |frame: usize, size: usize, centre: f32| {
        ((frame as f32 / 2.0 - centre).round().max(0.0) as usize).min(frame - size)
    };
    let (left, top) = (start(frame.0, ink.width, centre.0), start(frame.1, ink.height, centre.1));
    let mut placed = GrayImage::from_pixel(frame.0 as u32, frame.1 as u32, image::Luma([paper]));
    for (y, row) in ink.values.chunks_exact(ink.width).enumerate() {
        for (x, value) in row.iter().enumerate() {
            placed[((left + x) as u32, (top + y) as u32)].0[0] = value.round() as u8;
        }
    }
    placed
}
