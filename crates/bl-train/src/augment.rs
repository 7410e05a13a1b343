//! Images shifted, turned a little and mirrored, otherwise in every epoch: more to learn from where there are few.

use std::fmt;

use bl_core::text::number;
use bl_tasks::Split;
use rayon::prelude::*;
use serde::Serialize;

use crate::config::TrainConfig;
use crate::draws::displacement;

/// What of it a run has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Augmentation {
    /// At most so many pixels, each way.
    pub shift: f64,
    /// At most so many degrees, either way.
    pub rotate: f64,
    /// Every other one, left and right exchanged.
    pub flip: bool,
}

impl Augmentation {
    /// None if a run takes its images as they are.
    pub fn of(config: &TrainConfig) -> Option<Self> {
        let (shift, rotate) = (config.shift.unwrap_or(0.0), config.rotate.unwrap_or(0.0));
        let flip = config.flip.unwrap_or(false);
        (shift > 0.0 || rotate > 0.0 || flip).then_some(Self { shift, rotate, flip })
    }
}

/// `shifted by up to 2 pixels, mirrored left to right every other time (`--flip false` does not)`
impl fmt::Display for Augmentation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shift = (self.shift > 0.0).then(|| format!("shifted by up to {} pixels", number(self.shift)));
        let rotate = (self.rotate > 0.0).then(|| format!("turned by up to {} degrees", number(self.rotate)));
        let flip = self.flip.then(|| {
            "half of them mirrored, left and right exchanged (`--flip false` mirrors none)".to_owned()
        });
        let all: Vec<String> = [shift, rotate, flip].into_iter().flatten().collect();
        f.write_str(&all.join(", "))
    }
}

/// How images vary. An image is a function of seed, epoch and row alone, so a resumed run sees the same ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Augment {
    shape: [usize; 3],
    of: Augmentation,
    seed: u64,
}

impl Augment {
    /// None if a run has nothing of it.
    pub(crate) fn of(config: &TrainConfig, data: &Split) -> Option<Self> {
        Augmentation::of(config).map(|of| Self { shape: data.shape(), of, seed: config.seed })
    }

    /// Whether an image has more than its two sides.
    pub(crate) fn moves(&self) -> bool {
        self.of.shift > 0.0 || self.of.rotate > 0.0
    }

    /// Whether an image is the other way round in an epoch.
    pub(crate) fn is_flipped(&self, row: u32, epoch: u32) -> bool {
        self.of.flip && displacement(self.seed, epoch, row)[3] < 0.0
    }

    /// Exchanges left and right of some images.
    pub(crate) fn flip(&self, pixels: &mut [u8]) {
        let [_, width, channels] = self.shape;
        for row in pixels.chunks_exact_mut((width * channels).max(1)) {
            for x in 0..width / 2 {
                let (left, right) = row.split_at_mut((width - 1 - x) * channels);
                left[x * channels..][..channels].swap_with_slice(&mut right[..channels]);
            }
        }
    }

    /// Varies some images in place; `rows` are their places in the training set.
    pub(crate) fn apply(&self, pixels: &mut [u8], rows: &[u32], epoch: u32) {
        let values = self.shape.iter().product::<usize>().max(1);
        pixels.par_chunks_exact_mut(values).zip(rows).for_each(|(image, &row)| self.vary(image, row, epoch));
    }

    fn vary(&self, image: &mut [u8], row: u32, epoch: u32) {
        if self.is_flipped(row, epoch) {
            self.flip(image);
        }
        if self.moves() {
            self.displace(image, row, epoch);
        }
    }

    fn displace(&self, image: &mut [u8], row: u32, epoch: u32) {
        let [across, down, turn, _] = displacement(self.seed, epoch, row);
        let angle = turn * self.of.rotate * std::f64::consts::PI / 180.0;
        let (sin, cos) = (libm::sin(angle), libm::cos(angle)); // the same on every machine
        let [height, width, channels] = self.shape;
        let middle = ((height - 1) as f64 / 2.0, (width - 1) as f64 / 2.0);
        let old = image.to_vec();
        for y in 0..height {
            for x in 0..width {
                let (dy, dx) = (y as f64 - middle.0, x as f64 - middle.1);
                let from_y = middle.0 + cos * dy - sin * dx - down * self.of.shift;
                let from_x = middle.1 + sin * dy + cos * dx - across * self.of.shift;
                for channel in 0..channels {
                    let at = |y: usize, x: usize| f64::from(old[(y * width + x) * channels + channel]);
                    let value = between(at, (from_y, height), (from_x, width));
                    image[(y * width + x) * channels + channel] = (value + 0.5) as u8;
                }
            }
        }
    }
}

/// Linear between pixels; outside, the nearest one.
fn between(at: impl Fn(usize, usize) -> f64, (y, height): (f64, usize), (x, width): (f64, usize)) -> f64 {
    let (y, x) = (y.clamp(0.0, (height - 1) as f64), x.clamp(0.0, (width - 1) as f64));
    let (top, left) = (y as usize, x as usize);
    let (bottom, right) = ((top + 1).min(height - 1), (left + 1).min(width - 1));
    let (down, across) = (y - top as f64, x - left as f64);
    let row = |y: usize| at(y, left) * (1.0 - across) + at(y, right) * across;
    row(top) * (1.0 - down) + row(bottom) * down
}

#[cfg(test)]
mod tests {
    use super::*;

    const STILL: Augmentation = Augmentation { shift: 0.0, rotate: 0.0, flip: false };
    const NONE: Augment = Augment { shape: [5, 7, 1], of: STILL, seed: 1 };

    fn varied(of: Augment, image: &[u8], epoch: u32) -> Vec<u8> {
        let mut image = image.to_vec();
        of.apply(&mut image, &[3], epoch);
        image
    }

    #[test]
    fn nothing_moves_without_a_reason_and_every_epoch_is_another() {
        let image: Vec<u8> = (0..35).map(|i| i * 7).collect();
        assert_eq!(varied(NONE, &image, 0), image);
        for of in [Augmentation { shift: 1.5, ..STILL }, Augmentation { rotate: 20.0, ..STILL }]
            .map(|of| Augment { of, ..NONE })
        {
            assert_ne!(varied(of, &image, 0), image);
            assert_ne!(varied(of, &image, 0), varied(of, &image, 1));
            assert_eq!(varied(of, &image, 1), varied(of, &image, 1));
            assert_eq!(varied(of, &[9; 35], 0), [9; 35], "the border goes on outside");
        }
        let coloured: Vec<u8> = image.iter().flat_map(|&value| [value, 50, 255 - value]).collect();
        let of = Augmentation { shift: 2.0, rotate: 30.0, ..STILL };
        let of = Augment { shape: [5, 7, 3], of, ..NONE };
        let (found, grey) = (varied(of, &coloured, 4), varied(Augment { shape: [5, 7, 1], ..of }, &image, 4));
        assert!(found.chunks_exact(3).map(|pixel| pixel[0]).eq(grey));
        assert!(found.chunks_exact(3).all(|pixel| pixel[1] == 50));
    }

    #[test]
    fn every_other_image_is_mirrored_and_colours_stay_together() {
        let of = Augment { shape: [1, 3, 3], of: Augmentation { flip: true, ..STILL }, ..NONE };
        let image = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        let mut flips = 0;
        for epoch in 0..400 {
            let found = varied(of, &image, epoch);
            flips += i32::from(of.is_flipped(3, epoch));
            let expected = if of.is_flipped(3, epoch) { [7, 8, 9, 4, 5, 6, 1, 2, 3] } else { image };
            assert_eq!(found, expected);
        }
        assert!((160..240).contains(&flips), "{flips}");
    }

    #[test]
    fn a_shift_moves_the_centre_of_mass_by_no_more_than_it_may() {
        let of = Augment { shape: [21, 21, 1], of: Augmentation { shift: 3.0, ..STILL }, seed: 7 };
        let mut dot = vec![0; 441];
        dot[10 * 21 + 10] = 255;
        let mut most = 0.0_f64;
        for epoch in 0..200 {
            let image = varied(of, &dot, epoch);
            let mass: f64 = image.iter().map(|&value| f64::from(value)).sum();
            let x: f64 = image.iter().enumerate().map(|(i, &value)| (i % 21) as f64 * f64::from(value)).sum();
            most = most.max((x / mass - 10.0).abs());
        }
        assert!((2.5..=3.02).contains(&most), "{most}");
    }
}
