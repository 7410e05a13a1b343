//! Why a picture cannot be used, and what to do about it.

use std::io;

use super::{shades, sized};
use crate::foreign::Start;
use crate::grey::FAINTEST;

/// Why a picture cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Of no format that is read.
    #[error("expected a PNG, JPEG, WebP, BMP, GIF or TIFF image, found {found}")]
    Format {
        /// The first bytes.
        found: Start,
    },
    /// Larger than is ever decoded.
    #[error(
        "expected an image of at most {} megapixels, found {}",
        most / 1_000_000,
        found.map_or("more".into(), sized)
    )]
    TooLarge {
        /// Pixels that are decoded at most.
        most: u64,
        /// Width and height that the header states, where the decoder came far enough to tell.
        found: Option<(u32, u32)>,
    },
    /// A longer file than is ever read.
    #[error("expected an image file of at most {} MiB, found more", most >> 20)]
    LongFile {
        /// Bytes.
        most: u64,
    },
    /// A sound file, as far as can be told, of a variant of its format that is not read.
    #[error("this variant of the format is not read: {0}")]
    Unsupported(image::ImageError),
    /// A damaged file.
    #[error("the image cannot be decoded: {0}")]
    Decode(image::ImageError),
    /// A file that was cut off: a decoder would fill up what lacks.
    #[error("the JPEG ends early: it has no end mark, so the rest of the image is missing")]
    EndsEarly,
    /// A file that was cut off or spoilt inside: a decoder would go on as if nothing were.
    #[error("the JPEG is damaged: {0}")]
    Damaged(&'static str),
    /// A file that is made to take long.
    #[error("expected a JPEG of at most {most} scans, found more")]
    Scans {
        /// As many are decoded.
        most: usize,
    },
    /// Nothing stands out from the ground.
    #[error("the image is blank: expected ink on a plain ground, found {}", shades(*least, *most))]
    Blank {
        /// The darkest shade.
        least: u8,
        /// The brightest shade.
        most: u8,
    },
    /// Ink may be there, but the ground is as uneven as that.
    #[error(
        "no ink can be told from paper: the border of the image has {}, and nothing stands out from that",
        shades(*least, *most)
    )]
    NoPlainGround {
        /// The darkest shade of the border.
        least: u8,
        /// The brightest shade of it.
        most: u8,
    },
    /// Numbers of an array that do not stand out from each other.
    #[error("the image is blank: expected ink on a plain ground, found {}", shades(*least, *most))]
    BlankArray {
        /// The darkest shade.
        least: u8,
        /// The brightest shade.
        most: u8,
    },
    /// An adapter for something else than pictures.
    #[error("expected an adapter of 1 channel (grey) or 3 (red, green, blue), found {found}")]
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
            Self::Format { found } => found.hint().unwrap_or("convert it to PNG, in 8-bit grey or colour"),
            Self::TooLarge { .. } | Self::LongFile { .. } => {
                "scale it down: a few hundred pixels a side are plenty"
            }
            Self::EndsEarly | Self::Damaged(_) => {
                "fetch it again, or open it in an image viewer and save what is left as another image"
            }
            Self::Decode(_) | Self::Scans { .. } => {
                "the file is damaged: open it in an image viewer and save it again"
            }
            Self::Blank { most, .. } | Self::BlankArray { most, .. } if *most > 0 && *most < FAINTEST => {
                "its values are all but black: bring them to 0..255, as in `array * 255 / array.max()`"
            }
            Self::BlankArray { .. } => {
                "are there any other values than these? bring them to 0..255, as in `array * 255 / array.max()`; an image \
                 of one shade has no class"
            }
            Self::Blank { .. } => {
                "draw with dark ink on light paper, or light on dark; white on a transparent ground vanishes"
            }
            Self::NoPlainGround { .. } => {
                "this adapter takes ink on plain paper: cut the image so that its border is paper alone, evenly lit and without \
                 lines or pattern; one trained with `--fit whole` takes any image"
            }
            Self::Unsupported(_) => "convert it to PNG, in 8-bit grey or colour",
            _ => return None,
        };
        Some(hint.into())
    }
}
