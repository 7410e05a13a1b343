//! The samples of a decoded picture: in 8 bits, whatever they were stored in, and how colourful they are.

use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};

use crate::grey::{Extent, Reading};

/// A picture of 8-bit samples, or of 16-bit samples that use their range.
pub(super) struct Eight {
    pub(super) picture: DynamicImage,
    pub(super) how: Option<&'static str>,
    pub(super) note: Option<String>,
    /// Of a picture of 16-bit samples, how many of the bits are in use.
    pub(super) bits: Option<u32>,
}

/// Stretches 16-bit samples that use 8 to 15 bits, and takes zeros and ones for 0 to 1: both would be dark or black. A
/// largest sample of 4000 is of 12 bits, unless `bits` says of how many.
pub(super) fn eight_bits(picture: DynamicImage, bits: Option<u32>) -> Eight {
    let bits_in_use = bits_in_use(&picture);
    let mut eight = Eight { picture, how: None, note: None, bits: bits_in_use.map(|(bits, _)| bits) };
    if let Some((in_use, most)) = bits_in_use {
        let bits = bits.unwrap_or(in_use);
        if let Some(picture) = narrowed(&eight.picture, bits) {
            let words = if bits == 8 {
                "taken for 8-bit".into()
            } else {
                format!("values to {} taken as {bits} bits", largest(bits))
            };
            eight.picture = picture;
            eight.how =
                Some(if bits == 8 { "16-bit samples taken for 8-bit" } else { "16-bit samples stretched" });
            eight.note =
                Some(format!("the samples have 16 bits, and the largest is {most} of 65535: {words}"));
        }
    }
    if let Some(picture) = widened(&eight.picture) {
        let (how, note) = (Reading::Bits.how(), Reading::Bits.note());
        eight = Eight { picture, how, note, bits: eight.bits };
    }
    eight
}

/// The samples of a picture that has 16 bits for each.
fn wide(picture: &DynamicImage) -> Option<&[u16]> {
    match picture {
        DynamicImage::ImageLuma16(picture) => Some(picture),
        DynamicImage::ImageLumaA16(picture) => Some(picture),
        DynamicImage::ImageRgb16(picture) => Some(picture),
        DynamicImage::ImageRgba16(picture) => Some(picture),
        _ => None,
    }
}

/// Of 16-bit samples, the fewest bits (8 at least) that hold the largest, and that; none if all are 0.
fn bits_in_use(picture: &DynamicImage) -> Option<(u32, u16)> {
    let (values, layout) = (wide(picture)?, Layout::of(picture));
    let most = layout.colours(values).max().filter(|&most| most > 0)?;
    let bits = (u16::BITS - most.leading_zeros()).max(u8::BITS);
    let opaque = layout.alphas(values).all(|alpha| alpha == u16::MAX);
    // Black ink, and how much of it there is.
    let of_alpha = !opaque && layout.alphas(values).any(|alpha| alpha > largest(bits));
    Some((if of_alpha { u16::BITS } else { bits }, most))
}

fn largest(bits: u32) -> u16 {
    u16::MAX >> (u16::BITS - bits)
}

/// A picture of 16-bit samples that use fewer as one of 8-bit samples.
fn narrowed(picture: &DynamicImage, bits: u32) -> Option<DynamicImage> {
    let (values, most) = (wide(picture).filter(|_| bits < u16::BITS)?, u32::from(largest(bits)));
    let grey = |&value: &u16| ((u32::from(value).min(most) * 255 + most / 2) / most) as u8;
    Layout::of(picture).picture(picture, values.iter().map(grey).collect())
}

/// A picture of zeros and ones alone, times 255.
fn widened(picture: &DynamicImage) -> Option<DynamicImage> {
    let values: &[u8] = match picture {
        DynamicImage::ImageLuma8(picture) => picture,
        DynamicImage::ImageLumaA8(picture) => picture,
        DynamicImage::ImageRgb8(picture) => picture,
        DynamicImage::ImageRgba8(picture) => picture,
        _ => return None,
    };
    let layout = Layout::of(picture);
    if layout.colours(values).any(|value| value > 1) {
        return None;
    }
    let mut extent = Extent::NONE;
    layout.colours(values).for_each(|value| extent.take(value.into()));
    let alpha = layout.alphas(values).next().unwrap_or(u8::MAX);
    let even = alpha > 0 && layout.alphas(values).all(|other| other == alpha);
    if !even || Reading::of(false, extent) != Ok(Reading::Bits) {
        return None;
    }
    let mut values = values.to_vec();
    Reading::Bits.apply(&mut values); // an even alpha becomes opaque
    layout.picture(picture, values)
}

/// How the samples of a pixel lie.
#[derive(Clone, Copy)]
struct Layout {
    samples: usize,
    alpha: bool,
}

impl Layout {
    fn of(picture: &DynamicImage) -> Self {
        let colour = picture.color();
        Self { samples: colour.channel_count().into(), alpha: colour.has_alpha() }
    }

    fn colours<T: Copy>(self, values: &[T]) -> impl Iterator<Item = T> + '_ {
        let colours = self.samples - usize::from(self.alpha);
        values.chunks_exact(self.samples).flat_map(move |pixel| &pixel[..colours]).copied()
    }

    fn alphas<T: Copy>(self, values: &[T]) -> impl Iterator<Item = T> + '_ {
        let pixels = if self.alpha { values } else { &[] };
        pixels.chunks_exact(self.samples).filter_map(|pixel| pixel.last()).copied()
    }

    /// A picture of the same size and layout.
    fn picture(self, old: &DynamicImage, values: Vec<u8>) -> Option<DynamicImage> {
        let (width, height) = (old.width(), old.height());
        match self.samples {
            1 => GrayImage::from_raw(width, height, values).map(Into::into),
            2 => GrayAlphaImage::from_raw(width, height, values).map(Into::into),
            3 => RgbImage::from_raw(width, height, values).map(Into::into),
            _ => RgbaImage::from_raw(width, height, values).map(Into::into),
        }
    }
}

/// The mean of the pixels of a picture that have a colour, and their mean grey.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Colour {
    pub(crate) rgb: [f64; 3],
    pub(crate) grey: f64,
}

/// Samples of a pixel with a colour differ by more than this: JPEG tints grey ones.
const TINT: u8 = 32;
/// Of all pixels, the part that must have a colour.
const COLOURED: usize = 100;

/// What colour a picture is, if it has one.
pub(super) fn colour(picture: &DynamicImage) -> Option<Colour> {
    if !picture.color().has_color() {
        return None;
    }
    let (mut count, mut rgb, mut grey) = (0_usize, [0_u64; 3], 0_u64);
    let mut take = |pixel: [u8; 3]| {
        let (least, most) = (pixel.into_iter().min(), pixel.into_iter().max());
        if most.unwrap_or(0) - least.unwrap_or(0) > TINT {
            count += 1;
            rgb.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u64::from(value));
            grey += u64::from(image::Pixel::to_luma(&image::Rgb(pixel)).0[0]);
        }
    };
    match picture {
        DynamicImage::ImageRgb8(picture) => picture.pixels().for_each(|pixel| take(pixel.0)),
        other => {
            let pixels = other.to_rgba8();
            let seen = pixels.pixels().filter(|pixel| pixel.0[3] >= 128);
            seen.for_each(|pixel| take([pixel.0[0], pixel.0[1], pixel.0[2]]));
        }
    }
    let pixels = picture.width() as usize * picture.height() as usize;
    let mean = |sum: u64| sum as f64 / count as f64;
    (count * COLOURED >= pixels).then(|| Colour { rgb: rgb.map(mean), grey: mean(grey) })
}
