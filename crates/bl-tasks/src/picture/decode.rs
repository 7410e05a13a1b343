//! From a file to pixels.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::planes::Planes;
use super::samples::{self, Colour};
use super::share::Share;
use super::{Fault, jpeg};
use crate::Error;
use crate::foreign::Start;

/// A header can claim any size; this is more than a camera or a scanner's page has. Checked before anything is decoded.
pub(super) const MOST_PIXELS: u64 = 64_000_000;
/// Memory that one decoded picture may take.
const MOST_BYTES: u64 = 512 << 20;
/// Of a file.
pub(super) const LONGEST: u64 = 256 << 20;

/// A picture as planes, and what there is to say of how it became so.
pub(super) struct Decoded {
    pub(super) planes: Planes,
    pub(super) how: Option<&'static str>,
    pub(super) note: Option<String>,
    pub(super) colour: Option<Colour>,
    /// Of 16-bit samples, how many of the bits are in use.
    pub(super) bits: Option<u32>,
    /// Held until the picture has the form that is wanted.
    pub(super) share: Share,
}

/// Decodes a file, upright, laid on white, as grey or in three colours. `bits` are those of 16-bit samples, where they are
/// known.
pub(super) fn planes(bytes: &[u8], channels: u32, bits: Option<u32>) -> Result<Decoded, Fault> {
    let mut decoder = decoder(bytes)?;
    let size = decoder.dimensions();
    check_size(size, MOST_PIXELS)?;
    if decoder.total_bytes() > MOST_BYTES {
        return Err(Fault::TooLarge { most: MOST_PIXELS, found: Some(size) });
    }
    if is_jpeg(bytes) {
        jpeg::check_content(bytes)?;
    }
    let share = Share::of_picture(memory(&decoder));
    let orientation = decoder.orientation().map_err(fault)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(fault)?;
    picture.apply_orientation(orientation);
    let samples::Eight { picture, how, note, bits } = samples::eight_bits(picture, bits);
    let colour = samples::colour(&picture);
    Ok(Decoded { planes: Planes::of(picture, channels), how, note, colour, bits, share })
}

/// The most memory that decoding takes: the picture as it is stored and once more (turned, or in 8 bits), and what
/// transparency, planes and ink need of each pixel.
fn memory(decoder: &impl ImageDecoder) -> u64 {
    decoder.total_bytes().saturating_mul(2).saturating_add(12 * pixels(decoder.dimensions()))
}

/// Width and height as they are stored, and the memory that decoding takes, from the header alone.
pub(super) fn declared(bytes: &[u8]) -> Result<((u32, u32), u64), Fault> {
    let decoder = decoder(bytes)?;
    Ok((decoder.dimensions(), memory(&decoder)))
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

/// The content of a file, and its share of the memory.
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    _share: Share,
}

/// The content of a file, unless that is too long: a plain one says so before it is read.
pub(super) fn read(path: &Path) -> Result<Content, Error> {
    let failed = |cause| Error::io(path, cause);
    let long = || Error::picture(path, Fault::LongFile { most: LONGEST });
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    if length > LONGEST {
        return Err(long());
    }
    let share = Share::of_file(length);
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LONGEST { Err(long()) } else { Ok(Content { bytes, _share: share }) }
}

fn decoder(bytes: &[u8]) -> Result<impl ImageDecoder + '_, Fault> {
    let format = format(bytes).ok_or_else(|| Fault::Format { found: Start::new(bytes) })?;
    if is_jpeg(bytes) {
        jpeg::check(bytes)?;
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(match format {
        ImageFormat::Png => beside_pixels(bytes),
        _ => MOST_BYTES,
    });
    reader.limits(limits);
    reader.into_decoder().map_err(fault)
}

/// The format that a file begins as, of those that are read.
pub(crate) fn format(bytes: &[u8]) -> Option<ImageFormat> {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
    let format = image::guess_format(bytes).ok()?;
    // Text may begin as a BMP does: `BMI,age`. Its header has zeros.
    let is_text = format == Bmp && bytes.get(6..10).is_none_or(|reserved| reserved != [0; 4]);
    (matches!(format, Png | Jpeg | WebP | Bmp | Gif | Tiff) && !is_text).then_some(format)
}

fn is_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xd8])
}

/// What a PNG may take beside its pixels: a row of them, and texts and profiles as they are in the file. A profile of colours
/// is unpacked whenever a file is opened, and nobody needs it for grey: one that does not fit is passed over by the decoder,
/// and a small file cannot make a large one.
fn beside_pixels(bytes: &[u8]) -> u64 {
    const SOME: u64 = 1 << 20;
    const OF_PIXEL: u64 = 8; // four samples of 16 bits
    let width = bytes.get(16..20).and_then(|width| width.try_into().ok()).map_or(0, u32::from_be_bytes);
    (SOME + 3 * bytes.len() as u64 + OF_PIXEL * u64::from(width)).min(MOST_BYTES)
}

fn fault(error: ImageError) -> Fault {
    match error {
        ImageError::IoError(cause) if cause.kind() != std::io::ErrorKind::UnexpectedEof => Fault::Read(cause),
        ImageError::Limits(_) => Fault::TooLarge { most: MOST_PIXELS, found: None },
        error @ ImageError::Unsupported(_) => Fault::Unsupported(error),
        error => Fault::Decode(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_small_file_unpacks_beside_its_pixels_is_little() {
        let file = |width: u32, length: usize| {
            let mut bytes = vec![0; length];
            bytes[16..20].copy_from_slice(&width.to_be_bytes());
            bytes
        };
        for (width, length, most) in [(28, 500, 2 << 20), (28, 500_000, 3 << 20), (60_000, 500, 2 << 20)] {
            assert!(beside_pixels(&file(width, length)) <= most, "{width} {length}");
        }
        assert_eq!(beside_pixels(&file(u32::MAX, 500)), MOST_BYTES);
        assert!(beside_pixels(b"\x89PNG\r\n\x1a\n") > 0);
    }
}
