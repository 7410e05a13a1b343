//! What a training picture is like: its size, its colour, and whether it is ink on a plain ground.

use std::path::Path;

use image::GrayImage;

use super::border::{ground, is_bright, ring};
use super::ink::{Ink, is_dark_ink};
use super::planes::Planes;
use super::samples::Colour;
use super::{Fault, decode};
use crate::Error;

/// A ground is plain if no more than one in so many pixels of the border is ink or pattern,
const PLAIN: usize = 4;
/// which differs from the median by more than this, in some channel.
const SHADE: u8 = 32;

/// What a picture is like.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    /// Its colour, if it has one.
    pub(crate) colour: Option<Colour>,
    /// Whether its border is bright.
    pub(crate) is_bright: bool,
    /// Its ink, if it lies on a plain ground.
    pub(crate) ink: Option<Inked>,
}

/// Ink on a plain ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Inked {
    /// Whether it is darker than its ground.
    pub(crate) is_dark: bool,
    /// The longer side of its box in pixels.
    pub(crate) side: usize,
    /// How far the middle of its box is from that of the picture, as parts of the picture's sides: the greater of both.
    pub(crate) off: f64,
}

/// Looks at a file.
pub(crate) fn look(path: &Path) -> Result<Look, Error> {
    let content = decode::read(path)?;
    let decoded =
        decode::planes(&content.bytes, 3, None).map_err(|fault: Fault| Error::picture(path, fault))?;
    Ok(Look { colour: decoded.colour, ..Look::of(&decoded.planes) })
}

impl Look {
    /// Of pixels; their colour is not looked at.
    pub(crate) fn of(planes: &Planes) -> Self {
        let is_bright = is_bright(ground(&planes.grey()).median);
        Self { colour: None, is_bright, ink: is_plain(planes).then(|| Inked::of(planes)).flatten() }
    }
}

impl Inked {
    fn of(planes: &Planes) -> Option<Self> {
        let (columns, rows) = Ink::on_ground(planes)?.bounds();
        let (width, height) = planes.size();
        let off = |range: &std::ops::Range<usize>, size: u32| {
            (((range.start + range.end) as f64 - f64::from(size)) / 2.0 / f64::from(size)).abs()
        };
        let grey = planes.grey();
        Some(Self {
            is_dark: is_dark_ink(&grey, ground(&grey).median),
            side: columns.len().max(rows.len()),
            off: off(&columns, width).max(off(&rows, height)),
        })
    }
}

fn is_plain(planes: &Planes) -> bool {
    let grounds: Vec<(&GrayImage, u8)> =
        planes.all().iter().map(|plane| (plane, ground(plane).median)).collect();
    let is_other =
        |at: &(u32, u32)| grounds.iter().any(|(plane, median)| plane[*at].0[0].abs_diff(*median) > SHADE);
    let size = planes.size();
    ring(size).filter(is_other).count() * PLAIN <= ring(size).count()
}
