//! From a file to grey pixels.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::samples::{self, Colour};
use super::{Fault, jpeg};
use crate::Error;
use crate::foreign::Start;

/// A header can claim any size; this is more than a camera or a scanner's page has. Checked before anything is decoded.
pub(super) const MOST_PIXELS: u64 = 64_000_000;
/// Memory that one decoded picture may take.
const MOST_BYTES: u64 = 512 << 20;
/// Of a file.
pub(super) const LONGEST: u64 = 256 << 20;
/// From so many pixels on, pictures of a folder are decoded one after the other: each takes much memory.
const LARGE: u64 = 16_000_000;
static LARGE_ONES: Mutex<()> = Mutex::new(());

/// A picture as grey, and what there is to say of how it became so.
pub(super) struct Decoded {
    pub(super) grey: GrayImage,
    pub(super) how: Option<&'static str>,
    pub(super) note: Option<String>,
    pub(super) colour: Option<Colour>,
    /// Of 16-bit samples, how many of the bits are in use.
    pub(super) bits: Option<u32>,
}

/// Decodes a PNG or JPEG, upright, laid on white, as grey. `bits` are those of 16-bit samples, where they are known.
pub(super) fn grey(bytes: &[u8], bits: Option<u32>) -> Result<Decoded, Fault> {
    let mut decoder = decoder(bytes)?;
    let size = decoder.dimensions();
    check_size(size, MOST_PIXELS)?;
    if decoder.total_bytes() > MOST_BYTES {
        return Err(Fault::TooLarge { most: MOST_PIXELS, found: Some(size) });
    }
    if is_jpeg(bytes) {
        jpeg::check_content(bytes)?;
    }
    let alone = pixels(size) > LARGE;
    let _alone = alone.then(|| LARGE_ONES.lock().unwrap_or_else(PoisonError::into_inner));
    let orientation = decoder.orientation().map_err(fault)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(fault)?;
    picture.apply_orientation(orientation);
    let samples::Eight { picture, how, note, bits } = samples::eight_bits(picture, bits);
    let colour = samples::colour(&picture);
    let grey = match picture {
        DynamicImage::ImageLuma8(grey) => grey,
        other => lay_on_white(&other),
    };
    Ok(Decoded { grey, how, note, colour, bits })
}

/// Width and height of an upright picture, from the header alone.
pub(super) fn size(bytes: &[u8]) -> Result<(u32, u32), Fault> {
    let mut decoder = decoder(bytes)?;
    let (width, height) = decoder.dimensions();
    let turned = decoder.orientation().map_err(fault)?.to_exif() > 4; // by a quarter
    Ok(if turned { (height, width) } else { (width, height) })
}

pub(super) fn check_size(found: (u32, u32), most: u64) -> Result<(), Fault> {
    if pixels(found) <= most { Ok(()) } else { Err(Fault::TooLarge { most, found: Some(found) }) }
}

pub(super) fn pixels((width, height): (u32, u32)) -> u64 {
    u64::from(width) * u64::from(height)
}

/// The content of a file, unless that is too long.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|cause| Error::io(path, cause))?;
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|cause| Error::io(path, cause))?;
    if bytes.len() as u64 > LONGEST {
        return Err(Error::picture(path, Fault::LongFile { most: LONGEST }));
    }
    Ok(bytes)
}

fn decoder(bytes: &[u8]) -> Result<impl ImageDecoder + '_, Fault> {
    let format = image::guess_format(bytes).ok();
    let Some(format @ (ImageFormat::Png | ImageFormat::Jpeg)) = format else {
        return Err(Fault::Format { found: Start::new(bytes) });
    };
    if is_jpeg(bytes) {
        jpeg::check(bytes)?;
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    reader.into_decoder().map_err(fault)
}

fn is_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xd8])
}

fn fault(error: ImageError) -> Fault {
    match error {
        ImageError::IoError(cause) if cause.kind() != std::io::ErrorKind::UnexpectedEof => Fault::Read(cause),
        ImageError::Limits(_) => Fault::TooLarge { most: MOST_PIXELS, found: None },
        error => Fault::Decode(error),
    }
}

fn lay_on_white(picture: &DynamicImage) -> GrayImage {
    let picture = picture.to_luma_alpha8();
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [grey, alpha] = picture[(x, y)].0.map(u32::from);
        image::Luma([((grey * alpha + 255 * (255 - alpha) + 127) / 255) as u8])
    })
}
