//! One half of a task: images and their labels.

use std::fmt;

use bl_core::Preprocessing;
use bl_core::text::hex;
use sha2::{Digest, Sha256};

/// Images with a label each, in a fixed order.
///
/// # Shapes
/// - `images`: `[count, height, width, channels]`, row-major, a byte for each value
/// - `labels`: `[count]`, each the index of a class
#[derive(Clone, PartialEq, Eq)]
pub struct Split {
    /// All pixels, one image after the other.
    pub images: Vec<u8>,
    /// The class of each image.
    pub labels: Vec<u8>,
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// Values of a pixel: 1 for grey, 3 for red, green and blue.
    pub channels: usize,
}

impl Split {
    /// Number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Height, width and channels.
    pub fn shape(&self) -> [usize; 3] {
        [self.height, self.width, self.channels]
    }

    /// Number of values of one image.
    pub fn pixels(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// The values of image `i`: `[height, width, channels]`.
    ///
    /// # Panics
    /// If `i` is not below [`len`](Self::len).
    pub fn image(&self, i: usize) -> &[u8] {
        &self.images[i * self.pixels()..][..self.pixels()]
    }

    /// The first `count` images, or all of them if there are fewer.
    #[must_use]
    pub fn take(&self, count: usize) -> Self {
        let count = count.min(self.len());
        Self {
            images: self.images[..count * self.pixels()].to_vec(),
            labels: self.labels[..count].to_vec(),
            ..*self
        }
    }

    /// The images at `indices`, in that order.
    ///
    /// # Panics
    /// If an index is not below [`len`](Self::len).
    #[must_use]
    pub fn subset(&self, indices: &[usize]) -> Self {
        let mut images = Vec::with_capacity(indices.len() * self.pixels());
        for &i in indices {
            images.extend_from_slice(self.image(i));
        }
        let labels = indices.iter().map(|&i| self.labels[i]).collect();
        Self { images, labels, ..*self }
    }

    /// What identifies the content: sha256, in hex, over height, width and count, and channels if they are several
    /// (little-endian `u32` each), then the labels, then the pixels.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        let colour = (self.channels != 1).then_some(self.channels);
        for size in [self.height, self.width, self.len()].into_iter().chain(colour) {
            hash.update((size as u32).to_le_bytes());
        }
        hash.update(&self.labels);
        hash.update(&self.images);
        hex(&hash.finalize())
    }

    /// The standardisation of these rows, rounded to six digits so that it reads well and is exact; none if all values are the same.
    pub(crate) fn standardisation(&self) -> Option<Preprocessing> {
        let round = |x: f64| (x * 1e6).round() / 1e6;
        let (mean, std) = self.pixel_mean_std();
        Some(Preprocessing { mean: round(mean), std: round(std) }).filter(|found| found.std > 0.0)
    }

    /// Mean and (population) standard deviation of `pixel / 255`; both 0 without a pixel.
    ///
    /// The sums are of integers, so no order of adding and no machine changes a bit.
    pub fn pixel_mean_std(&self) -> (f64, f64) {
        let mut histogram = [0_u64; 256];
        for &pixel in &self.images {
            histogram[usize::from(pixel)] += 1;
        }
        let (mut n, mut sum, mut squares) = (0_u128, 0_u128, 0_u128);
        for (value, &count) in (0_u128..).zip(&histogram) {
            n += u128::from(count);
            sum += u128::from(count) * value;
            squares += u128::from(count) * value * value;
        }
        if n == 0 {
            return (0.0, 0.0);
        }
        let mean = sum as f64 / n as f64;
        let deviation = ((n * squares - sum * sum) as f64).sqrt() / n as f64;
        (mean / 255.0, deviation / 255.0)
    }
}

/// Sizes only: 47 million pixels help nobody in a failed assertion.
impl fmt::Debug for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Split {{ {} images of {}x{}x{} }}", self.len(), self.height, self.width, self.channels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Split {
        Split {
            images: vec![0, 51, 102, 153, 204, 255],
            labels: vec![2, 0, 1],
            height: 1,
            width: 2,
            channels: 1,
        }
    }

    #[test]
    fn a_subset_keeps_the_order_asked_for() {
        let subset = three().subset(&[2, 0]);
        assert_eq!(subset.images, [204, 255, 0, 51]);
        assert_eq!(subset.labels, [1, 2]);
        assert_eq!(three().take(2), three().subset(&[0, 1]));
        assert_eq!(three().take(9), three());
    }

    #[test]
    fn sha256_covers_shape_labels_and_pixels() {
        // python: sha256(struct.pack("<III", 1, 2, 3) + bytes([2, 0, 1]) + bytes(range(0, 256, 51)))
        let known = "665cd7f0ca19a942538b31122b4100d8e123aa5aff5c38a74479714a4a09dd58";
        assert_eq!(three().sha256(), known);
        let turned = Split { height: 2, width: 1, ..three() };
        assert_ne!(turned.sha256(), known);
        let coloured = Split { width: 1, channels: 2, ..three() };
        assert_eq!(coloured.image(1), three().image(1));
        assert_ne!(coloured.sha256(), known);
    }

    #[test]
    fn mean_and_deviation_are_of_pixels_in_0_to_1() {
        let (mean, std) = three().pixel_mean_std();
        assert!((mean - 0.5).abs() < 1e-15, "{mean}");
        assert!((std - (35.0_f64 / 300.0).sqrt()).abs() < 1e-15, "{std}"); // of 0, .2, .4, .6, .8, 1
        assert_eq!(three().take(0).pixel_mean_std(), (0.0, 0.0));
    }
}
