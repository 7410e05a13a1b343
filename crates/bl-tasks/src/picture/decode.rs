//! From a file to grey pixels.

use std::io::{BufRead, Read, Seek};
use std::path::Path;

use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::Fault;
use crate::Error;

/// A header can claim any size; this is what a scanner's page has, with room to spare.
pub(super) const MOST_PIXELS_A_SIDE: u32 = 16_384;
/// Memory that one decoded picture may take.
pub(super) const MOST_BYTES: u64 = 512 << 20;

/// Decodes a PNG or JPEG, upright, laid on white, as grey.
pub(super) fn grey(reader: impl BufRead + Seek) -> Result<GrayImage, Fault> {
    let mut decoder = decoder(reader)?;
    let (width, height) = decoder.dimensions();
    if width.max(height) > MOST_PIXELS_A_SIDE || decoder.total_bytes() > MOST_BYTES {
        return Err(Fault::TooLarge { found: Some((width, height)) });
    }
    let orientation = decoder.orientation().map_err(fault)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(fault)?;
    picture.apply_orientation(orientation);
    Ok(match picture {
        DynamicImage::ImageLuma8(grey) => grey,
        other => lay_on_white(&other),
    })
}

/// Width and height, from the header alone.
pub(crate) fn size(path: &Path) -> Result<(u32, u32), Error> {
    let file = std::fs::File::open(path).map_err(|cause| Error::io(path, cause))?;
    let decoder = decoder(std::io::BufReader::new(file)).map_err(|fault| Error::picture(path, fault))?;
    Ok(decoder.dimensions())
}

fn decoder<'a>(mut reader: impl BufRead + Seek + 'a) -> Result<impl ImageDecoder + 'a, Fault> {
    let start = first_bytes(&mut reader)?;
    let format = image::guess_format(&start).ok();
    let Some(format @ (ImageFormat::Png | ImageFormat::Jpeg)) = format else {
        return Err(Fault::Format { found: start });
    };
    let mut reader = ImageReader::with_format(reader, format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    reader.into_decoder().map_err(fault)
}

fn first_bytes(reader: &mut (impl BufRead + Seek)) -> Result<Vec<u8>, Fault> {
    let mut start = Vec::new();
    reader.take(8).read_to_end(&mut start).map_err(Fault::Read)?;
    reader.rewind().map_err(Fault::Read)?;
    Ok(start)
}

fn fault(error: ImageError) -> Fault {
    match error {
        ImageError::IoError(cause) if cause.kind() != std::io::ErrorKind::UnexpectedEof => Fault::Read(cause),
        ImageError::Limits(_) => Fault::TooLarge { found: None },
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
