//! The generator: integers drawn from an integer stream, and what a step of the lattice is worth.
//!
//! Each unit of a matrix has a `ChaCha8` stream of its own, so unit i has the same weights at every width
//! and units can be drawn anywhere, in any order. Everything is integer arithmetic on the stream's bytes
//! but for f64 `+ − × ÷ √`, which IEEE 754 fixes, and one table of `libm`'s `exp`.

use std::sync::LazyLock;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use crate::normal_table::{LEVELS_PER_STD, RMS, THRESHOLDS};
use crate::spec::{Distribution, InputShape};

/// The stream family of one matrix; [`Streams::fill`] gives the bytes of one unit.
pub(crate) struct Streams {
    key: [u8; 32],
}

impl Streams {
    pub(crate) fn new(seed: u64, matrix: &str) -> Self {
        let name = format!("bl-adapt/backbone/1/{seed}/{matrix}");
        Self { key: Sha256::digest(name).into() }
    }

    /// The key stream of unit `unit`.
    pub(crate) fn of_unit(&self, unit: usize) -> ChaCha8Rng {
        let mut stream = ChaCha8Rng::from_seed(self.key);
        stream.set_stream(unit as u64);
        stream
    }

    /// The first bytes of unit `unit`'s key stream.
    fn fill(&self, unit: usize, bytes: &mut [u8]) {
        self.of_unit(unit).fill_bytes(bytes);
    }
}

/// Draws the weights of single units.
pub(crate) struct Sampler<'a> {
    streams: Streams,
    distribution: &'a Distribution,
    mixture: [i8; 255],
    window: Vec<i32>,
    input: InputShape,
}

impl<'a> Sampler<'a> {
    /// `input` is the shape of the first layer's images, for distributions that know of places.
    pub(crate) fn new(streams: Streams, distribution: &'a Distribution, input: InputShape) -> Self {
        let mixture = match *distribution {
            Distribution::Mixture { mean, std } => mixture_table(mean, std),
            _ => [0; 255],
        };
        let window = match *distribution {
            Distribution::LocalNormal { sigma, .. } => window_table(sigma, input),
            _ => Vec::new(),
        };
        Self { streams, distribution, mixture, window, input }
    }

    /// Draws unit `unit`'s weights into `q` and returns what a lattice step is worth.
    pub(crate) fn draw(&self, unit: usize, q: &mut [i8], bytes: &mut Vec<u8>) -> f32 {
        let need = match self.distribution {
            Distribution::Uniform { .. } | Distribution::Normal { .. } => 2 * q.len(),
            Distribution::Mixture { .. } | Distribution::Sparse { .. } => 4 * q.len(),
            Distribution::Rademacher { .. } => q.len().div_ceil(8),
            Distribution::LocalNormal { .. } => 8 + 2 * q.len(),
            Distribution::OneHot { .. } => 1,
        };
        bytes.resize(need, 0);
        self.streams.fill(unit, bytes);
        match *self.distribution {
            Distribution::Uniform { half_width } => {
                for (q, u) in q.iter_mut().zip(words(bytes)) {
                    *q = (((u32::from(u) * 255) >> 16) as i32 - 127) as i8;
                }
                (half_width / 127.5) as f32
            }
            Distribution::Normal { std } => {
                for (q, u) in q.iter_mut().zip(words(bytes)) {
                    *q = normal(u);
                }
                (std / RMS) as f32
            }
            Distribution::Mixture { mean, std } => {
                for (q, pair) in q.iter_mut().zip(bytes.chunks_exact(4)) {
                    let z = normal(u16::from_le_bytes([pair[0], pair[1]]));
                    let at = self.mixture[(i32::from(z) + 127) as usize];
                    *q = if pair[2] & 1 == 1 { -at } else { at };
                }
                (mixture_top(mean, std) / 127.0) as f32
            }
            Distribution::Sparse { density, std } => {
                let keep = (density * 65_536.0 + 0.5) as u32;
                for (q, pair) in q.iter_mut().zip(bytes.chunks_exact(4)) {
                    let kept = u32::from(u16::from_le_bytes([pair[2], pair[3]])) < keep;
                    *q = if kept { normal(u16::from_le_bytes([pair[0], pair[1]])) } else { 0 };
                }
                (std / RMS) as f32
            }
            Distribution::Rademacher { value } => {
                for (i, q) in q.iter_mut().enumerate() {
                    *q = if bytes[i / 8] >> (i % 8) & 1 == 1 { -1 } else { 1 };
                }
                value as f32
            }
            Distribution::LocalNormal { norm, .. } => self.local(q, bytes, norm),
            Distribution::OneHot { value } => {
                q.fill(0);
                let class = unit % q.len();
                q[class] = if bytes[0] & 1 == 1 { -1 } else { 1 };
                value as f32
            }
        }
    }

    /// A Gaussian window at a random place times normal values, stretched to the whole lattice.
    fn local(&self, q: &mut [i8], bytes: &[u8], norm: f64) -> f32 {
        let place = |word: &[u8], pixels: u32| {
            let word = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
            ((u64::from(word) * u64::from(8 * pixels)) >> 32) as i32 // in eighths of a pixel
        };
        let (height, width, channels) =
            (self.input.height as usize, self.input.width as usize, self.input.channels as usize);
        let (cx, cy) = (place(&bytes[..4], self.input.width), place(&bytes[4..8], self.input.height));
        let along =
            |pixel: usize, centre: i32| self.window[(8 * pixel as i32 + 4 - centre).unsigned_abs() as usize];
        let columns: Vec<i32> = (0..width).map(|x| along(x, cx)).collect();
        let mut products = vec![0_i32; q.len()]; // below 127 · 4096²
        let mut values = words(&bytes[8..]);
        for (y, row) in products.chunks_exact_mut(width * channels).enumerate().take(height) {
            let of_row = along(y, cy);
            for (pixel, column) in row.chunks_exact_mut(channels).zip(&columns) {
                for product in pixel {
                    *product = i32::from(normal(values.next().unwrap_or(0))) * (of_row * column);
                }
            }
        }
        stretch(&products, q, norm)
    }
}

/// Takes the mean from a filter's weights and stretches what is left to the whole lattice. Returns what a step is worth for
/// the Euclidean norm 1.
pub(crate) fn centre(q: &mut [i8]) -> f32 {
    let sum: i32 = q.iter().map(|&q| i32::from(q)).sum();
    let products: Vec<i32> = q.iter().map(|&v| i32::from(v) * q.len() as i32 - sum).collect();
    stretch(&products, q, 1.0)
}

/// Brings integers to the lattice, the largest to 127. Returns what a step is worth for a Euclidean norm.
fn stretch(products: &[i32], q: &mut [i8], norm: f64) -> f32 {
    let largest = products.iter().map(|p| p.abs()).max().unwrap_or(0);
    if largest == 0 {
        q.fill(0);
        return 0.0;
    }
    let stretch = 127.0 / f64::from(largest);
    let mut squares = 0_i64;
    for (q, product) in q.iter_mut().zip(products) {
        let size = (f64::from(product.abs()) * stretch + 0.5) as i32;
        squares += i64::from(size * size);
        *q = (size * product.signum()) as i8;
    }
    (norm / (squares as f64).sqrt()) as f32
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
}

/// A normal lattice value from 16 random bits: the sign from the top bit, the size from the other 15.
fn normal(u: u16) -> i8 {
    static TABLE: LazyLock<Vec<i8>> = LazyLock::new(|| {
        let size = |u: u16| THRESHOLDS.partition_point(|&threshold| threshold <= u & 0x7fff) as i8;
        (0..=u16::MAX).map(|u| if u & 0x8000 == 0 { size(u) } else { -size(u) }).collect()
    });
    TABLE[usize::from(u)]
}

/// The largest value of one Gaussian of the mixture.
fn mixture_top(mean: f64, std: f64) -> f64 {
    mean + std * (127.0 / LEVELS_PER_STD)
}

/// Where each normal lattice value puts a weight of the Gaussian at `+mean`.
fn mixture_table(mean: f64, std: f64) -> [i8; 255] {
    let top = mixture_top(mean, std);
    std::array::from_fn(|i| {
        let z = (i as f64 - 127.0) / LEVELS_PER_STD;
        let at = 127.0 * (mean + std * z) / top;
        let size = (at.abs() + 0.5) as i32;
        (if at < 0.0 { -size } else { size }) as i8
    })
}

/// `round(4096 · exp(−d²/2σ²))` for distances d of 0, 1/8, 2/8, … pixels.
fn window_table(sigma: f64, input: InputShape) -> Vec<i32> {
    let reach = 8 * input.height.max(input.width) + 8;
    (0..reach)
        .map(|eighths| {
            let d = f64::from(eighths) / 8.0;
            (4096.0 * libm::exp(-(d * d) / (2.0 * sigma * sigma)) + 0.5) as i32
        })
        .collect()
}
