//! Smooth random displacement of a picture, the way handwriting varies.
//!
//! `out(y, x) = in(y + 8 (G * u)(y, x), x + 8 (G * v)(y, x))`, with `u`, `v` uniform noise in
//! (-1, 1), `G` a Gaussian of 1.85 pixels, and `in` read between pixels by cubic convolution
//! (Keys, a = -1/2). Only `+ - * /` on `f32`, in a fixed order: the same bits on every machine.

use rand_chacha::ChaCha8Rng;
use rand_core::Rng;

/// Pixels a side.
pub(super) const SIDE: usize = 28;
/// Pixels of a picture.
pub(super) const PIXELS: usize = SIDE * SIDE;

/// Both were fitted to real samples of the Ethiopic set of Afro-MNIST.
const SIGMA: f64 = 1.85;
const STRENGTH: f32 = 8.0;
/// The Gaussian is cut off at four standard deviations.
const RADIUS: usize = 7;

/// One half of a symmetric kernel: weights at distance 0, 1, ... `RADIUS`.
pub(super) struct Gaussian([f32; RADIUS + 1]);

impl Gaussian {
    pub(super) fn new() -> Self {
        let mut weights = [0.0; RADIUS + 1];
        for (distance, weight) in weights.iter_mut().enumerate() {
            *weight = libm::exp(-((distance * distance) as f64) / (2.0 * SIGMA * SIGMA));
        }
        let total = weights[0] + 2.0 * weights[1..].iter().sum::<f64>();
        Self(weights.map(|weight| (weight / total) as f32))
    }

    /// Filters along the rows and turns the picture over its diagonal; outside is 0.
    fn filter_and_transpose(&self, field: &[f32; PIXELS]) -> [f32; PIXELS] {
        let mut filtered = [0.0; PIXELS];
        for y in 0..SIDE {
            let mut row = [0.0; SIDE + 2 * RADIUS];
            row[RADIUS..][..SIDE].copy_from_slice(&field[y * SIDE..][..SIDE]);
            for x in 0..SIDE {
                let centre = x + RADIUS;
                let mut sum = self.0[0] * row[centre];
                for distance in 1..=RADIUS {
                    sum += self.0[distance] * (row[centre - distance] + row[centre + distance]);
                }
                filtered[x * SIDE + y] = sum;
            }
        }
        filtered
    }

    /// Smooth displacements in pixels: `[SIDE, SIDE]`.
    fn field(&self, rng: &mut ChaCha8Rng) -> [f32; PIXELS] {
        let mut noise = [0.0; PIXELS];
        noise.fill_with(|| uniform(rng.next_u32()));
        let smooth = self.filter_and_transpose(&self.filter_and_transpose(&noise));
        smooth.map(|value| STRENGTH * value)
    }
}

/// One of 2^24 evenly spaced numbers in (-1, 1), symmetric about 0; every one is exact in `f32`.
fn uniform(bits: u32) -> f32 {
    let odd = 2 * (bits >> 8) as i32 + 1 - (1 << 24);
    odd as f32 / (1 << 24) as f32
}

/// A displaced copy of `picture`; faint pixels are cleared and strong ones filled.
pub(super) fn deform(picture: &[f32; PIXELS], gaussian: &Gaussian, rng: &mut ChaCha8Rng, out: &mut [u8]) {
    let down = gaussian.field(rng);
    let right = gaussian.field(rng);
    for (i, pixel) in out.iter_mut().enumerate() {
        let (y, x) = ((i / SIDE) as f32, (i % SIDE) as f32);
        let value = interpolate(picture, y + down[i], x + right[i]);
        *pixel = match (value + 0.5) as u8 {
            0..8 => 0,
            248.. => 255,
            value => value,
        };
    }
}

/// The picture between its pixels, by cubic convolution; outside is 0.
fn interpolate(picture: &[f32; PIXELS], y: f32, x: f32) -> f32 {
    let (top, left) = (y.floor(), x.floor());
    let (rows, columns) = (weights(y - top), weights(x - left));
    let (top, left) = (top as i32 - 1, left as i32 - 1);
    let mut sum = 0.0;
    for (row, weight) in (top..).zip(rows) {
        let mut across = 0.0;
        for (column, weight) in (left..).zip(columns) {
            across += weight * pixel(picture, row, column);
        }
        sum += weight * across;
    }
    sum
}

fn pixel(picture: &[f32; PIXELS], y: i32, x: i32) -> f32 {
    let inside = 0..SIDE as i32;
    if inside.contains(&y) && inside.contains(&x) { picture[y as usize * SIDE + x as usize] } else { 0.0 }
}

/// Keys' weights of the four neighbours of a point `t` of the way from the second to the third.
fn weights(t: f32) -> [f32; 4] {
    [
        ((-0.5 * t + 1.0) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1.0,
        ((-1.5 * t + 2.0) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    ]
}

#[cfg(test)]
mod tests {
    use rand_core::SeedableRng;

    use super::*;

    #[test]
    fn uniform_is_symmetric_and_inside_its_bounds() {
        assert_eq!(uniform(0), -uniform(u32::MAX));
        assert!(uniform(u32::MAX) < 1.0);
        assert_eq!(uniform(1 << 31), 1.0 / (1 << 24) as f32);
    }

    #[test]
    fn the_kernel_keeps_a_constant() {
        let filtered = Gaussian::new().filter_and_transpose(&[1.0; PIXELS]);
        assert!((filtered[14 * SIDE + 14] - 1.0).abs() < 1e-6);
        assert!((filtered[0] - 0.6).abs() < 0.02, "the border sees zeros: {}", filtered[0]);
    }

    #[test]
    fn interpolation_hits_the_pixels_and_keeps_a_ramp() {
        let picture: [f32; PIXELS] = std::array::from_fn(|i| (i % SIDE) as f32 + 3.0 * (i / SIDE) as f32);
        assert_eq!(interpolate(&picture, 7.0, 9.0), 30.0);
        assert!((interpolate(&picture, 7.25, 9.5) - (9.5 + 21.75)).abs() < 1e-4);
        assert_eq!(interpolate(&picture, -3.0, 9.5), 0.0);
        assert_eq!(interpolate(&picture, 5.0, 1e6), 0.0);
    }

    #[test]
    fn displacements_are_a_pixel_or_so() {
        let field = Gaussian::new().field(&mut ChaCha8Rng::from_seed([7; 32]));
        let rms = (field.iter().map(|d| d * d).sum::<f32>() / PIXELS as f32).sqrt();
        // 8 / sqrt(3) / (2 sqrt(pi) 1.85) = 0.70 inside, less at the border
        assert!((0.55..0.8).contains(&rms), "{rms}");
    }
}
