//! A picture of any size and colour, brought to the form that an adapter was trained on.
//!
//! - Transparent pixels are laid on white, a photograph is turned upright. Colours become grey for an adapter of one channel,
//!   and grey three equal colours for one of three.
//! - Samples that would be all but black are brought to 0 to 255, if it is clear how, and that is said: 16-bit samples whose
//!   largest is of 8 to 15 bits are stretched from these.
//! - A picture whose contrast is less than a third of the range is faint, and that is said.
//! - A picture that already has the right size is only inverted, if its border is bright where
//!   training pictures are dark (but with [`Fit::Cut`], its ink is cut out as well). Arrays and tables of pixels are such
//!   pictures.
//! - Any other is fitted as the [`InputSchema`] says: whole and padded, or its ink cut out,
//!   scaled and centred.

use std::path::Path;

use crate::Error;
use crate::grey::{FAINT, FAINTEST};
use bl_core::io::{Fit, InputSchema, Polarity};

mod arrays;
mod border;
mod decode;
mod fault;
mod ink;
mod jpeg;
mod look;
mod planes;
mod resample;
mod samples;
mod share;
mod whole;

pub use crate::grey::how_to_bytes;
pub use arrays::{Doubts, read_arrays};
pub(crate) use arrays::{check_arrays, of_pixels};
pub(crate) use decode::format;
pub use fault::Fault;
pub(crate) use look::{Inked, Look, look};
pub(crate) use planes::Planes;
pub(crate) use samples::Colour;

/// A picture as an adapter expects it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// `[height, width, channels]`, row-major.
    pub pixels: Vec<u8>,
    /// What was done to it, in plain words.
    pub how: String,
    /// What was guessed of it and must not be overlooked.
    pub note: Option<String>,
}

/// Height first, as everywhere in words; what is given is width and height.
fn sized((width, height): (u32, u32)) -> String {
    format!("{height}x{width}")
}

fn shades(least: u8, most: u8) -> String {
    if least == most {
        format!("one shade ({least} of 255)")
    } else {
        format!("shades {least} to {most} of 255")
    }
}

/// Loads a file and brings it to the form of `input`.
pub fn load(path: &Path, input: &InputSchema) -> Result<Picture, Error> {
    load_of_bits(path, input, None).map(|loaded| loaded.picture)
}

/// A picture, with what is lost of it.
pub(crate) struct Loaded {
    pub(crate) picture: Picture,
    pub(crate) colour: Option<Colour>,
    /// Of 16-bit samples, how many of the bits are in use.
    pub(crate) bits: Option<u32>,
}

/// As [`load`]; 16-bit samples are of so many bits, where that is known.
pub(crate) fn load_of_bits(path: &Path, input: &InputSchema, bits: Option<u32>) -> Result<Loaded, Error> {
    let content = decode::read(path)?;
    prepared(&content.bytes, input, bits).map_err(|fault| Error::picture(path, fault))
}

/// As [`load`], from the bytes of a file.
pub fn from_bytes(bytes: &[u8], input: &InputSchema) -> Result<Picture, Fault> {
    prepared(bytes, input, None).map(|loaded| loaded.picture)
}

/// What decoding a file takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Pixels that are decoded.
    pub pixels: u64,
    /// Bytes of memory, at most.
    pub memory: u64,
}

impl Declared {
    /// From the header of a file alone; more pixels than `most` are an error.
    pub fn of(bytes: &[u8], most: u64) -> Result<Self, Fault> {
        let (size, memory) = decode::declared(bytes)?;
        decode::check_size(size, most)?;
        Ok(Self { pixels: decode::pixels(size), memory })
    }
}

/// Width and height of a file's picture when it is upright.
pub(crate) fn size(path: &Path) -> Result<(u32, u32), Error> {
    let size = decode::size(&decode::read(path)?.bytes);
    let checked = size.and_then(|size| decode::check_size(size, decode::MOST_PIXELS).map(|()| size));
    checked.map_err(|fault| Error::picture(path, fault))
}

fn prepared(bytes: &[u8], input: &InputSchema, bits: Option<u32>) -> Result<Loaded, Fault> {
    check_channels(input)?;
    let decode::Decoded { planes, how, note, colour, bits, share: _share } =
        decode::planes(bytes, input.channels, bits)?;
    if input.polarity == Polarity::LightOnDark {
        check_contrast(&planes.grey(), FAINTEST)?;
    }
    let Fitted { pixels, how, faint } = fit(planes, input, how)?;
    let notes: Vec<String> = [note, faint].into_iter().flatten().collect();
    let note = (!notes.is_empty()).then(|| notes.join("; "));
    Ok(Loaded { picture: Picture { pixels, how, note }, colour, bits })
}

fn check_channels(input: &InputSchema) -> Result<(), Fault> {
    if matches!(input.channels, 1 | 3) { Ok(()) } else { Err(Fault::Channels { found: input.channels }) }
}

/// The form of images that have the size of the training images, as arrays do: none is cut.
fn as_prepared(input: &InputSchema) -> InputSchema {
    let fit = if let Fit::Cut { side } = input.fit { Fit::InkBox { side } } else { input.fit };
    InputSchema { fit, ..*input }
}

/// A picture in another form, if it is not blank.
pub(crate) fn reformed(planes: Planes, input: &InputSchema) -> Result<Vec<u8>, Fault> {
    fit(planes.with_channels(input.channels), input, None).map(|fitted| fitted.pixels)
}

/// An image of `[height, width, channels]` at one part in `by` of its height and width; none of no size.
pub fn smaller(values: &[u8], [height, width, channels]: [usize; 3], by: usize) -> Option<Vec<u8>> {
    let [height, width, channels] = [height, width, channels].map(|n| n as u32);
    let planes = Planes::of_values(values, (width, height), channels)?;
    let (height, width) = (height / by as u32, width / by as u32);
    let input = InputSchema { height, width, channels, polarity: Polarity::AsIs, fit: Fit::Whole };
    reformed(planes, &input).ok()
}

/// A picture in the form of the training images.
struct Fitted {
    pixels: Vec<u8>,
    how: String,
    /// What is to be said of its contrast.
    faint: Option<String>,
}

/// Brings a picture to its form; `scaled` is what had been done before.
fn fit(planes: Planes, input: &InputSchema, scaled: Option<&'static str>) -> Result<Fitted, Fault> {
    let (width, height) = planes.size();
    let is_cut = matches!(input.fit, Fit::Cut { .. });
    let (pixels, words, stretched) = if (width, height) == (input.width, input.height) && !is_cut {
        let (pixels, inverted) = unscaled(planes, input.polarity);
        let size = sized((width, height));
        let words = match (inverted, scaled) {
            (Some(inverted), _) => format!("{inverted}, {size}"),
            (None, Some(_)) => size,
            (None, None) => format!("used as it is, {size}"),
        };
        (pixels, words, None)
    } else {
        match input.fit {
            Fit::Whole => {
                let (pixels, words) = whole::fit(&planes, input);
                (pixels, words, None)
            }
            Fit::InkBox { side } | Fit::Cut { side } => {
                let ink::Inked { pixels, how, strongest } = ink::fit(&planes, side, input)?;
                (pixels, how, strongest)
            }
        }
    };
    let faint = match stretched {
        Some(strongest) => (strongest < FAINT).then(|| {
            format!(
                "faint: its ink differs from its ground by at most {strongest} of 255, and was stretched; take it with more \
                 contrast"
            )
        }),
        None => arrays::faint(&pixels).filter(|_| arrays::has_ink(input)),
    };
    Ok(Fitted { pixels, how: scaled.map_or(words.clone(), |scaled| format!("{scaled}, {words}")), faint })
}

/// That shades differ by so much.
fn check_contrast(shades: &[u8], least_difference: u8) -> Result<(), Fault> {
    let (least, most) = extremes(shades);
    if most.saturating_sub(least) < least_difference { Err(Fault::Blank { least, most }) } else { Ok(()) }
}

fn extremes(shades: &[u8]) -> (u8, u8) {
    shades.iter().fold((u8::MAX, 0), |(least, most), &value| (least.min(value), most.max(value)))
}

fn unscaled(mut planes: Planes, polarity: Polarity) -> (Vec<u8>, Option<&'static str>) {
    let inverted =
        polarity == Polarity::LightOnDark && border::is_bright(border::ground(&planes.grey()).median);
    if inverted {
        planes.invert();
    }
    (planes.into_values(), inverted.then_some("inverted (bright border)"))
}
