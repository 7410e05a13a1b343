//! A picture as planes of one size each: grey, or red, green and blue.

use std::borrow::Cow;

use image::{DynamicImage, GrayImage, Pixel as _, Rgb};

/// One plane of grey, or three of red, green and blue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planes(Vec<GrayImage>);

impl Planes {
    /// Of a decoded picture, laid on white where it is transparent.
    pub(super) fn of(picture: DynamicImage, channels: u32) -> Self {
        if channels == 1 {
            return Self(vec![match picture {
                DynamicImage::ImageLuma8(grey) => grey,
                other => grey_on_white(&other),
            }]);
        }
        let picture = picture.into_rgba8();
        let plane = |channel: usize| {
            GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
                let pixel = picture[(x, y)].0;
                image::Luma([on_white(pixel[channel], pixel[3])])
            })
        };
        Self((0..3).map(plane).collect())
    }

    /// Of values that lie as `[height, width, channels]`; none if these are others in number, or no channels.
    pub(crate) fn of_values(values: &[u8], (width, height): (u32, u32), channels: u32) -> Option<Self> {
        let channels = channels as usize;
        if channels == 0 || values.len() != width as usize * height as usize * channels {
            return None;
        }
        let plane = |channel: usize| {
            GrayImage::from_raw(width, height, values[channel..].iter().step_by(channels).copied().collect())
        };
        (0..channels).map(plane).collect::<Option<_>>().map(Self)
    }

    /// As `[height, width, channels]`.
    pub(super) fn into_values(mut self) -> Vec<u8> {
        if self.0.len() == 1 {
            return self.0.remove(0).into_raw();
        }
        let pixels = self.0[0].as_raw().len();
        (0..pixels).flat_map(|pixel| self.0.iter().map(move |plane| plane.as_raw()[pixel])).collect()
    }

    /// With another number of channels.
    pub(crate) fn with_channels(self, channels: u32) -> Self {
        match (self.0.len(), channels) {
            (3, 1) => Self(vec![self.grey().into_owned()]),
            (1, 3) => Self(self.0.iter().cycle().take(3).cloned().collect()),
            _ => self,
        }
    }

    pub(super) fn all(&self) -> &[GrayImage] {
        &self.0
    }

    pub(super) fn map(&self, each: impl FnMut(&GrayImage) -> GrayImage) -> Self {
        Self(self.0.iter().map(each).collect())
    }

    /// Width and height.
    pub(crate) fn size(&self) -> (u32, u32) {
        self.0[0].dimensions()
    }

    pub(super) fn channels(&self) -> u32 {
        self.0.len() as u32
    }

    /// How bright it is.
    pub(super) fn grey(&self) -> Cow<'_, GrayImage> {
        let [red, green, blue] = &*self.0 else { return Cow::Borrowed(&self.0[0]) };
        Cow::Owned(GrayImage::from_fn(red.width(), red.height(), |x, y| {
            Rgb([red, green, blue].map(|plane| plane[(x, y)].0[0])).to_luma()
        }))
    }

    pub(super) fn invert(&mut self) {
        self.0.iter_mut().for_each(image::imageops::invert);
    }
}

fn on_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

fn grey_on_white(picture: &DynamicImage) -> GrayImage {
    let picture = picture.to_luma_alpha8();
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [grey, alpha] = picture[(x, y)].0;
        image::Luma([on_white(grey, alpha)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_there_and_back() {
        let values: Vec<u8> = (0..24).map(|i| i * 10).collect();
        for channels in [1, 3] {
            let size = (2, 12 / channels);
            let planes = Planes::of_values(&values, size, channels).unwrap();
            assert_eq!((planes.size(), planes.channels()), (size, channels));
            assert_eq!(planes.into_values(), values);
        }
        assert_eq!(Planes::of_values(&values, (2, 3), 3), None);
        assert_eq!(Planes::of_values(&values, (2, 3), 0), None);
    }

    #[test]
    fn grey_is_three_equal_colours_and_back() {
        let grey = Planes::of_values(&[3, 77, 255], (3, 1), 1).unwrap();
        let coloured = grey.clone().with_channels(3);
        assert_eq!(coloured.clone().into_values(), [3, 3, 3, 77, 77, 77, 255, 255, 255]);
        assert_eq!(coloured.with_channels(1), grey);
    }
}
