//! The outermost ring of pixels, which shows what the ground is like.

use image::GrayImage;

/// The ground of a picture, as its border shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ground {
    /// Median grey of the border.
    pub(super) median: u8,
    /// Median distance from that: the grain of the paper.
    pub(super) noise: u8,
}

/// The places of the border; corners are there twice.
pub(super) fn ring((width, height): (u32, u32)) -> impl Iterator<Item = (u32, u32)> {
    let (right, bottom) = (width - 1, height - 1);
    let rows = (0..=right).flat_map(move |x| [(x, 0), (x, bottom)]);
    rows.chain((0..=bottom).flat_map(move |y| [(0, y), (right, y)]))
}

pub(super) fn ground(grey: &GrayImage) -> Ground {
    let border: Vec<u8> = ring(grey.dimensions()).map(|at| grey[at].0[0]).collect();
    let median = median(border.iter().copied());
    Ground { median, noise: self::median(border.iter().map(|&value| value.abs_diff(median))) }
}

pub(super) fn is_bright(grey: u8) -> bool {
    grey >= 128
}

fn median(values: impl Iterator<Item = u8>) -> u8 {
    let mut histogram = [0_usize; 256];
    let mut count = 0;
    for value in values {
        histogram[usize::from(value)] += 1;
        count += 1;
    }
    let mut below = 0;
    (0..=255_u8)
        .find(|&value| {
            below += histogram[usize::from(value)];
            2 * below >= count
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spot_on_the_border_does_not_move_the_median() {
        let mut grey = GrayImage::from_pixel(9, 7, image::Luma([200]));
        grey.put_pixel(0, 3, image::Luma([0]));
        grey.put_pixel(4, 4, image::Luma([10]));
        assert_eq!(ground(&grey), Ground { median: 200, noise: 0 });
    }

    #[test]
    fn grain_is_measured() {
        let grey = GrayImage::from_fn(10, 10, |x, y| image::Luma([[95, 100, 105][(x + y) as usize % 3]]));
        assert_eq!(ground(&grey), Ground { median: 100, noise: 5 });
        assert_eq!(ground(&GrayImage::from_pixel(1, 1, image::Luma([5]))), Ground { median: 5, noise: 0 });
    }
}
