//! A picture of any size and colour, brought to the form that an adapter was trained on.
//!
//! - Transparent pixels are laid on white, colours become grey, a photograph is turned upright.
//! - A picture that already has the right size is only inverted, if its border is bright where
//!   training pictures are dark.
//! - Any other is fitted as the [`InputSchema`] says: whole and padded, or its ink cut out,
//!   scaled and centred.

use std::fs::File;
use std::io::{self, BufReader, Cursor};
use std::path::Path;

use bl_core::io::{Fit, InputSchema, Polarity};
use image::GrayImage;

use crate::Error;

mod border;
mod decode;
mod ink;
mod resample;
mod whole;

pub(crate) use decode::size;

/// A picture as an adapter expects it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// `[height, width]`, row-major.
    pub pixels: Vec<u8>,
    /// What was done to it, in plain words.
    pub how: String,
}

/// Why a picture cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Neither PNG nor JPEG.
    #[error("expected a PNG or JPEG image, found a file that starts with `{}`", found.escape_ascii())]
    Format {
        /// The first bytes, eight at most.
        found: Vec<u8>,
    },
    /// Larger than is ever decoded.
    #[error(
        "expected an image of at most {0}x{0} pixels and {1} MiB, found {2}",
        decode::MOST_PIXELS_A_SIDE,
        decode::MOST_BYTES >> 20,
        found.map_or("more".into(), |(width, height)| format!("{width}x{height}"))
    )]
    TooLarge {
        /// Width and height, where the decoder came far enough to tell.
        found: Option<(u32, u32)>,
    },
    /// A damaged file.
    #[error("the image cannot be decoded: {0}")]
    Decode(image::ImageError),
    /// Nothing stands out from the ground.
    #[error("the image is blank: expected ink on a plain ground, found one shade ({ground} of 255)")]
    Blank {
        /// The grey of its border.
        ground: u8,
    },
    /// An adapter for something else than grey pictures.
    #[error("expected an adapter of 1 channel (grey), found {found}")]
    Channels {
        /// What the adapter wants.
        found: u32,
    },
    /// The operating system could not read.
    #[error("{0}")]
    Read(io::Error),
}

impl Fault {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Format { .. } => "convert it to PNG, in 8-bit grey or colour",
            Self::TooLarge { .. } => "scale it down: a few hundred pixels a side are plenty",
            Self::Decode(_) => "the file is damaged: open it in an image viewer and save it again",
            Self::Blank { .. } => {
                "draw with dark ink on light paper, or light on dark; white on a transparent ground vanishes"
            }
            _ => return None,
        };
        Some(hint.into())
    }
}

/// Loads a PNG or JPEG file and brings it to the form of `input`.
pub fn load(path: &Path, input: &InputSchema) -> Result<Picture, Error> {
    let file = File::open(path).map_err(|cause| Error::io(path, cause))?;
    check_channels(input)
        .and_then(|()| decode::grey(BufReader::new(file)))
        .and_then(|grey| fit(grey, input))
        .map_err(|fault| Error::picture(path, fault))
}

/// As [`load`], from the bytes of a PNG or JPEG file.
pub fn from_bytes(bytes: &[u8], input: &InputSchema) -> Result<Picture, Fault> {
    check_channels(input)?;
    fit(decode::grey(Cursor::new(bytes))?, input)
}

fn check_channels(input: &InputSchema) -> Result<(), Fault> {
    if input.channels == 1 { Ok(()) } else { Err(Fault::Channels { found: input.channels }) }
}

fn fit(grey: GrayImage, input: &InputSchema) -> Result<Picture, Fault> {
    let (width, height) = grey.dimensions();
    if (width, height) == (input.width, input.height) {
        return unscaled(grey, input.polarity);
    }
    match input.fit {
        Fit::Whole => Ok(whole::fit(&grey, input)),
        Fit::InkBox { side } => ink::fit(&grey, side, input),
    }
}

fn unscaled(mut grey: GrayImage, polarity: Polarity) -> Result<Picture, Fault> {
    let (width, height) = grey.dimensions();
    let ground = border::ground(&grey).median;
    let mut how = format!("used as it is, {width}x{height}");
    if polarity == Polarity::LightOnDark {
        if grey.pixels().all(|pixel| pixel.0[0] == ground) {
            return Err(Fault::Blank { ground });
        }
        if border::is_bright(ground) {
            image::imageops::invert(&mut grey);
            how = format!("inverted (bright border), {width}x{height}");
        }
    }
    Ok(Picture { pixels: grey.into_raw(), how })
}
