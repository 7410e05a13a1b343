//! Numbers that have the size of the training images already: those of arrays and tables, and of requests.

use bl_core::io::{InputSchema, Polarity};
use image::GrayImage;

use super::planes::Planes;
use super::{Fault, Fitted, Picture, as_prepared, border, check_channels, extremes, fit, shades};
use crate::grey::{FAINT, FAINTEST, Reading};

/// Brings whole numbers of images to 0 to 255, all of a file or request by one rule, and says it if it is a guess. What is
/// all but black is refused: it could be read in another way.
pub fn read_arrays(values: &mut [u8], input: &InputSchema) -> Result<Option<String>, Fault> {
    let reading = Reading::of_bytes(values);
    reading.apply(values);
    check_arrays(values, input).map(|()| reading.note())
}

/// That images in arrays have more than one shade.
pub(crate) fn check_arrays(values: &[u8], input: &InputSchema) -> Result<(), Fault> {
    let (least, most) = extremes(values);
    let is_blank = has_ink(input) && !values.is_empty() && most.saturating_sub(least) < FAINTEST;
    if is_blank { Err(Fault::BlankArray { least, most }) } else { Ok(()) }
}

/// Pixels of an array that have the size of the training pictures already: inverted if they are dark on light where those
/// are not. Of many, one may be faint, but not blank.
pub(crate) fn of_pixels(
    pixels: &[u8],
    input: &InputSchema,
    scaled: Option<&'static str>,
) -> Result<Picture, Fault> {
    check_channels(input)?;
    let doubts = Doubts::of(pixels, input);
    if let Some((least, most)) = doubts.blank {
        return Err(Fault::BlankArray { least, most });
    }
    let planes = Planes::of_values(pixels, (input.width, input.height), input.channels)
        .ok_or(Fault::BlankArray { least: 0, most: 0 })?;
    let Fitted { pixels, how, .. } = fit(planes, &as_prepared(input), scaled)?;
    Ok(Picture { pixels, how, note: doubts.faint })
}

/// What is doubtful of pixels that are used as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubts {
    /// Zeros and ones alone: of 255, that is black.
    pub is_zero_one: bool,
    /// One shade, where there should be ink: the darkest and the brightest.
    pub blank: Option<(u8, u8)>,
    /// So little contrast that an answer means little, in words.
    pub faint: Option<String>,
    /// Dark on light, where training images are light on dark.
    pub is_dark_on_light: bool,
}

impl Doubts {
    /// Looks at pixels of the right size as those of a file are looked at, and changes nothing.
    pub fn of(pixels: &[u8], input: &InputSchema) -> Self {
        let is_zero_one = Reading::of_bytes(pixels) == Reading::Bits;
        let grey = GrayImage::from_raw(input.width, input.height, pixels.to_vec());
        let Some(grey) = grey.filter(|_| has_ink(input)) else {
            return Self { is_zero_one, ..Self::default() };
        };
        let (least, most) = extremes(&grey);
        Self {
            is_zero_one,
            blank: (least == most).then_some((least, most)),
            faint: faint(&grey),
            is_dark_on_light: border::is_bright(border::ground(&grey).median),
        }
    }
}

/// Whether training images are grey ink on a dark ground.
pub(super) fn has_ink(input: &InputSchema) -> bool {
    input.channels == 1 && input.polarity == Polarity::LightOnDark
}

/// What is to be said of pixels that span less than a third of the range, but for a hundredth at either end: of 280,000
/// training images of MNIST, KMNIST, Kannada-MNIST and Afro-MNIST none does.
pub(super) fn faint(pixels: &[u8]) -> Option<String> {
    let mut counts = [0_usize; 256];
    for &pixel in pixels {
        counts[usize::from(pixel)] += 1;
    }
    let (mut below, mut above) = (0, 0);
    let is_beyond = |sum: &mut usize, shade: u8| {
        *sum += counts[usize::from(shade)];
        *sum > pixels.len() / 100
    };
    let least = (0..=u8::MAX).find(|&shade| is_beyond(&mut below, shade))?;
    let most = (0..=u8::MAX).rev().find(|&shade| is_beyond(&mut above, shade))?;
    (most - least < FAINT).then(|| {
        format!(
            "faint: all but a hundredth of its pixels at either end are {}, and its contrast is not stretched; bring it to \
             0..255 first, or take it with more contrast",
            shades(least, most)
        )
    })
}
