//! A frozen convolution in front of the frozen half: filters, both signs rectified, summed over the cells of a grid, to 8 bits.
//!
//! ```text
//! s_f(y, x)  the sum over a patch of pixels times filter f: exact integers; pixels outside the image are 0
//! v_f±       scale_f · Σ max(±s_f, 0) over a cell, in f32, row by row
//! u          min(255, ⌊√v · LEVEL / rms + ½⌋), rms over all √v of the image: its contrast does not matter
//! ```
//!
//! One order of operations for all instruction sets, so the same bits.

use std::ops::Range;

use crate::error::{Error, check_len};
use crate::isa::Isa;
use crate::parallel;
use crate::simd::{Kernel, SUMS, Simd};

/// Filters that lie side by side in memory.
const FILTERS: usize = 32;
/// Images in one task.
const IMAGES: usize = 8;
/// What the root mean square of an image's values becomes.
const LEVEL: f64 = 90.0;

/// Sizes of a [`Conv`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvShape {
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// Values per pixel.
    pub channels: usize,
    /// Number of filters.
    pub filters: usize,
    /// Rows and columns of a filter.
    pub size: usize,
    /// Rows and columns of cells.
    pub grid: usize,
}

impl ConvShape {
    /// Values of an image.
    pub fn inputs(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Values that come out, `[grid, grid, 2, filters]`.
    pub fn outputs(&self) -> usize {
        self.grid * self.grid * 2 * self.filters
    }

    /// Values of a filter, `[size, size, channels]`.
    pub fn taps(&self) -> usize {
        self.size * self.size * self.channels
    }

    /// Pairs of values that a row of a patch is taken in.
    fn row_pairs(&self) -> usize {
        (self.size * self.channels).div_ceil(2)
    }

    /// Filters that are computed: they lie side by side in blocks, which cost as much if they are not full.
    pub fn computed_filters(&self) -> usize {
        self.blocks() * FILTERS
    }

    fn blocks(&self) -> usize {
        self.filters.div_ceil(FILTERS)
    }

    /// The rows of the image in a row of cells, or its columns in a column of them.
    fn cell(&self, at: usize, length: usize) -> Range<usize> {
        at * length / self.grid..(at + 1) * length / self.grid
    }
}

/// Frozen filters on their 8-bit lattice.
pub struct Conv {
    shape: ConvShape,
    /// `[block][row of the patch][pair][FILTERS][2]`, padded with zeros
    q: Vec<i8>,
    /// For each filter, padded
    scales: Vec<f32>,
}

impl Conv {
    /// Packs the lattice values `[filters, size, size, channels]`; what filter f gives is multiplied by `scales[f]`.
    pub fn new(q: &[i8], scales: &[f32], shape: ConvShape) -> Result<Self, Error> {
        /// `255 · 127 · 65,536 < 2³¹`
        const MAX_TAPS: usize = 65_536;
        let taps = shape.taps();
        if taps > MAX_TAPS {
            return Err(Error::TooManyInputs { inputs: taps, max: MAX_TAPS });
        }
        check_len("filters", shape.filters * taps, q.len())?;
        check_len("scales of filters", shape.filters, scales.len())?;
        if shape.grid == 0 || shape.grid > shape.height.min(shape.width) {
            let len = shape.height.min(shape.width);
            return Err(Error::OutOfRange { what: "grid of cells", index: shape.grid, len });
        }
        let (row, pairs) = (shape.size * shape.channels, shape.row_pairs());
        let mut packed = vec![0; shape.blocks() * shape.size * pairs * 2 * FILTERS];
        for (filter, values) in q.chunks_exact(taps.max(1)).enumerate() {
            let block = filter / FILTERS * shape.size * pairs;
            for (dy, values) in values.chunks_exact(row).enumerate() {
                for (i, &value) in values.iter().enumerate() {
                    let pair = block + dy * pairs + i / 2;
                    packed[(pair * FILTERS + filter % FILTERS) * 2 + i % 2] = value;
                }
            }
        }
        let mut scales = scales.to_vec();
        scales.resize(shape.computed_filters(), 0.0);
        Ok(Self { shape, q: packed, scales })
    }

    /// Sizes of all that goes in and out.
    pub fn shape(&self) -> ConvShape {
        self.shape
    }

    /// The 8-bit values of some images.
    ///
    /// # Shapes
    /// - `images`: `[rows, height, width, channels]`
    /// - `out`: `[rows, grid, grid, 2, filters]`; of the two, the first is the filter, the second its negative
    pub fn features(&self, isa: Isa, images: &[u8], out: &mut [u8]) -> Result<(), Error> {
        let (inputs, outputs) = (self.shape.inputs(), self.shape.outputs());
        let rows = images.len() / inputs.max(1);
        check_len("images", rows * inputs, images.len())?;
        check_len("features", rows * outputs, out.len())?;
        parallel::chunks_mut(out, IMAGES * outputs, |chunk, out| {
            let mut padded = vec![0; self.padded_len()];
            let mut sums = vec![0.0; self.shape.grid.pow(2) * 2 * self.scales.len()];
            let mut values = Vec::with_capacity(outputs);
            for (i, out) in out.chunks_exact_mut(outputs).enumerate() {
                self.pad(&images[(chunk * IMAGES + i) * inputs..][..inputs], &mut padded);
                isa.run(Cells { conv: self, image: &padded, sums: &mut sums });
                values.clear();
                let cells = sums.chunks_exact(self.scales.len());
                values.extend(cells.flat_map(|cell| &cell[..self.shape.filters]).map(|v| v.sqrt()));
                to_bytes(&values, out);
            }
        });
        Ok(())
    }

    /// Values of a row of the padded image.
    fn padded_row(&self) -> usize {
        (self.shape.width + self.shape.size - 1) * self.shape.channels
    }

    /// One more than the rows: the last pair of a row of a patch may reach beyond it, where its weight is 0.
    fn padded_len(&self) -> usize {
        self.padded_row() * (self.shape.height + self.shape.size - 1) + 1
    }

    /// Writes an image into the middle of a frame of zeros.
    fn pad(&self, image: &[u8], out: &mut [i16]) {
        let before = self.shape.size / 2;
        let row = self.shape.width * self.shape.channels;
        let rows = out.chunks_exact_mut(self.padded_row()).skip(before);
        for (out, image) in rows.zip(image.chunks_exact(row)) {
            let out = &mut out[before * self.shape.channels..][..row];
            out.iter_mut().zip(image).for_each(|(out, &x)| *out = x.into());
        }
    }
}

/// Brings the values of one image to 8 bits.
fn to_bytes(values: &[f32], out: &mut [u8]) {
    let mut sums = [0.0_f64; SUMS];
    for values in values.chunks(SUMS) {
        for (sum, &v) in sums.iter_mut().zip(values) {
            *sum += f64::from(v) * f64::from(v);
        }
    }
    let mean = sums.iter().sum::<f64>() / values.len() as f64;
    let factor = if mean > 0.0 { (LEVEL / mean.sqrt()) as f32 } else { 0.0 };
    for (out, v) in out.iter_mut().zip(values) {
        *out = (v * factor + 0.5) as u8; // what is above 255 becomes 255
    }
}

/// What each cell gives: `[cell][sign][filter]`.
struct Cells<'a> {
    conv: &'a Conv,
    image: &'a [i16],
    sums: &'a mut [f32],
}

impl Kernel for Cells<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Self { conv, image, sums } = self;
        let shape = conv.shape;
        let block_len = shape.size * shape.row_pairs() * 2 * FILTERS;
        let filters = conv.scales.len();
        assert!(image.len() == conv.padded_len() && conv.q.len() == filters / FILTERS * block_len);
        assert!(sums.len() == shape.grid.pow(2) * 2 * filters);
        for (block, q) in conv.q.chunks_exact(block_len).enumerate() {
            for (cell, sums) in sums.chunks_exact_mut(2 * filters).enumerate() {
                let rows = shape.cell(cell / shape.grid, shape.height);
                let columns = shape.cell(cell % shape.grid, shape.width);
                for first in (0..FILTERS).step_by(2 * S::LANES) {
                    let at = block * FILTERS + first;
                    let patches = Patches { q: &q[2 * first..], image, row: conv.padded_row(), shape };
                    // SAFETY: the CPU has the instructions of `S`; the cell lies within the image; `at + 2 LANES` is
                    // within `filters`, the length of the scales and of each half of the sums.
                    unsafe {
                        let both = patches.of_cell::<S>(rows.clone(), columns.clone());
                        for n in 0..2 {
                            let scale = S::load(conv.scales.as_ptr().add(at + n * S::LANES));
                            for (sign, sums) in sums.chunks_exact_mut(filters).enumerate() {
                                let to = sums.as_mut_ptr().add(at + n * S::LANES);
                                S::store(to, S::mul(both[sign][n], scale));
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The patches of an image, to be multiplied with two vectors of filters.
struct Patches<'a> {
    q: &'a [i8],
    image: &'a [i16],
    /// Values of a row of the image.
    row: usize,
    shape: ConvShape,
}

impl Patches<'_> {
    /// `[sign][vector]`: sums over the positions of a cell of what is above zero, and of what is below.
    ///
    /// # Safety
    /// As [`Simd`]. `q` has two vectors of filters from its beginning in each `FILTERS`; the cell lies within the image.
    #[inline(always)]
    unsafe fn of_cell<S: Simd>(&self, rows: Range<usize>, columns: Range<usize>) -> [[S::V; 2]; 2] {
        // SAFETY: as many positions as each call takes are left in the row of the cell.
        unsafe {
            let mut both = [[S::splat(0.0); 2]; 2];
            for y in rows {
                let mut x = columns.start;
                while x < columns.end {
                    x += match (columns.end - x).min(S::PRODUCT_ROWS) {
                        8.. => self.add::<S, 8>(y, x, &mut both),
                        4.. => self.add::<S, 4>(y, x, &mut both),
                        2.. => self.add::<S, 2>(y, x, &mut both),
                        _ => self.add::<S, 1>(y, x, &mut both),
                    };
                }
            }
            both
        }
    }

    /// Adds `R` positions of row `y`, from `x` on. Returns R.
    ///
    /// # Safety
    /// As [`Self::of_cell`]; the positions are in the image.
    #[inline(always)]
    unsafe fn add<S: Simd, const R: usize>(&self, y: usize, x: usize, both: &mut [[S::V; 2]; 2]) -> usize {
        let ConvShape { size, channels, .. } = self.shape;
        let pairs = self.shape.row_pairs();
        // SAFETY: the patch of a position ends within the padded image, but for one value after its last pair, which the
        // image has too; weights as `of_cell` says.
        unsafe {
            let mut acc = [[S::no_sums(); 2]; R];
            for dy in 0..size {
                let patch = self.image.as_ptr().add((y + dy) * self.row + x * channels);
                let q = self.q.as_ptr().add(dy * pairs * 2 * FILTERS);
                for pair in 0..pairs {
                    let q = q.add(pair * 2 * FILTERS);
                    let q = [S::load_pairs(q), S::load_pairs(q.add(2 * S::LANES))];
                    for r in 0..R {
                        let u = S::splat_pair(patch.add(r * channels + 2 * pair));
                        for n in 0..2 {
                            acc[r][n] = S::add_products(acc[r][n], q[n], u);
                        }
                    }
                }
            }
            for acc in acc {
                for n in 0..2 {
                    let s = S::round_sums(acc[n]);
                    both[0][n] = S::add(both[0][n], S::relu(s));
                    both[1][n] = S::add(both[1][n], S::relu(S::mul(s, S::splat(-1.0))));
                }
            }
        }
        R
    }
}
