//! The frozen half `p = B x`: 8-bit weights times 8-bit pixels, summed in 32-bit integers.
//!
//! `p_ni = f16(f32(Σ_j q_ij x_nj) · scale_i)`: the sum is exact and each of the two roundings is to
//! nearest even, so p has the same bits on every machine.

use half::f16;

use crate::error::{Error, check_len};
use crate::isa::Isa;
#[cfg(target_arch = "x86_64")]
use crate::isa::Kind;
use crate::preactivations::Preactivations;
use crate::{QUAD, UNIT_BLOCK, parallel};

/// Pixel rows in one task.
const IMAGES: usize = 128;
/// Panels in one task: their weights stay in the cache while images pass by.
const PANELS: usize = 16;
/// `65_536 · 255 · 127 < 2³¹`
const MAX_INPUTS: usize = 65_536;

/// The weights `B` of a layer on its 8-bit lattice, in panels of 64 units, `[panel][quad][unit][4]`:
/// four neighbouring inputs of a unit side by side, as dot-product instructions take them.
pub struct PackedWeights {
    q: Vec<i8>,
    /// What one lattice step is worth, for each unit, padded.
    scales: Vec<f32>,
    units: usize,
    inputs: usize,
}

impl PackedWeights {
    /// Packs the lattice values `[units, inputs]`; unit `i` is multiplied by `scales[i]`.
    pub fn new(q: &[i8], scales: &[f32], units: usize, inputs: usize) -> Result<Self, Error> {
        if inputs > MAX_INPUTS {
            return Err(Error::TooManyInputs { inputs, max: MAX_INPUTS });
        }
        check_len("weights", units * inputs, q.len())?;
        check_len("scales", units, scales.len())?;
        check_half_range(q, scales, inputs)?;
        let (panels, quads) = (units.div_ceil(UNIT_BLOCK), inputs.div_ceil(QUAD));
        let mut packed = vec![0; panels * quads * UNIT_BLOCK * QUAD];
        if inputs > 0 {
            parallel::chunks_mut(&mut packed, quads * UNIT_BLOCK * QUAD, |i, panel| {
                let rows = i * UNIT_BLOCK..units.min((i + 1) * UNIT_BLOCK);
                pack_panel(panel, &q[rows.start * inputs..rows.end * inputs], inputs);
            });
        }
        let mut scales = scales.to_vec();
        scales.resize(panels * UNIT_BLOCK, 0.0);
        Ok(Self { q: packed, scales, units, inputs })
    }

    /// The lattice values `[units, inputs]`, as they were given.
    pub fn unpack(&self) -> Vec<i8> {
        let mut q = Vec::with_capacity(self.units * self.inputs);
        for unit in 0..self.units {
            let panel = self.panel(unit / UNIT_BLOCK);
            for input in 0..self.inputs {
                q.push(panel[(input / QUAD * UNIT_BLOCK + unit % UNIT_BLOCK) * QUAD + input % QUAD]);
            }
        }
        q
    }

    /// Number of units.
    pub fn units(&self) -> usize {
        self.units
    }

    /// Number of inputs of each unit.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Writes the pre-activations of `images` into `out` from row `first` on.
    ///
    /// # Shapes
    /// - `images`: `[rows, inputs]`
    pub fn preactivations(
        &self,
        isa: Isa,
        images: &[u8],
        out: &mut Preactivations,
        first: usize,
    ) -> Result<(), Error> {
        check_len("units of the pre-activations", self.units, out.units())?;
        let rows = images.len() / self.inputs.max(1);
        check_len("images", rows * self.inputs, images.len())?;
        let stride = out.stride();
        let out = Shared(out.rows_mut(first, rows)?.as_mut_ptr());
        let (chunks, groups) = (rows.div_ceil(IMAGES), self.panels().div_ceil(PANELS));
        parallel::map_init(chunks * groups, Vec::new, |pixels, task| {
            // Images change fastest: a group's weights are read once and stay.
            let (group, chunk) = (task / chunks, task % chunks);
            let rows = chunk * IMAGES..rows.min((chunk + 1) * IMAGES);
            self.widen(isa, &images[rows.start * self.inputs..rows.end * self.inputs], pixels);
            for panel in group * PANELS..self.panels().min((group + 1) * PANELS) {
                let start = rows.start * stride + panel * UNIT_BLOCK;
                // SAFETY: the task owns these rows of these panels; `rows_mut` checked the rows, and the
                // panels lie within the stride, a multiple of UNIT_BLOCK that covers all units.
                unsafe { self.panel_products(isa, panel, pixels, rows.len(), out.at(start), stride) };
            }
        });
        Ok(())
    }

    fn panels(&self) -> usize {
        self.units.div_ceil(UNIT_BLOCK)
    }

    fn quads(&self) -> usize {
        self.inputs.div_ceil(QUAD)
    }

    fn panel(&self, panel: usize) -> &[i8] {
        let len = self.quads() * UNIT_BLOCK * QUAD;
        &self.q[panel * len..][..len]
    }

    /// Copies images into `pixels`, rows padded to whole quads, as the instruction set takes them:
    /// bytes, or 16-bit values.
    fn widen(&self, isa: Isa, images: &[u8], pixels: &mut Vec<u8>) {
        let (inputs, padded) = (self.inputs, self.quads() * QUAD);
        let rows = images.chunks_exact(inputs.max(1));
        pixels.clear();
        #[cfg(target_arch = "x86_64")]
        if isa.kind() == Kind::Avx2 {
            pixels.resize(rows.len() * padded * 2, 0);
            for (wide, row) in pixels.chunks_exact_mut(padded.max(1) * 2).zip(rows) {
                for (wide, &pixel) in wide.chunks_exact_mut(2).zip(row) {
                    wide[0] = pixel; // the low byte of a little-endian i16
                }
            }
            return;
        }
        let _ = isa;
        pixels.resize(rows.len() * padded, 0);
        for (to, row) in pixels.chunks_exact_mut(padded.max(1)).zip(rows) {
            to[..inputs].copy_from_slice(row);
        }
    }

    /// # Safety
    /// `out` points to `rows` rows of `UNIT_BLOCK` values, `stride` apart, that no other task writes.
    unsafe fn panel_products(
        &self,
        isa: Isa,
        panel: usize,
        pixels: &[u8],
        rows: usize,
        out: *mut u16,
        stride: usize,
    ) {
        let weights = self.panel(panel);
        let scales = &self.scales[panel * UNIT_BLOCK..][..UNIT_BLOCK];
        // SAFETY: the CPU has the instructions; pixels are `widen`'s; `out` is the caller's.
        unsafe {
            #[cfg(target_arch = "x86_64")]
            match isa.kind() {
                Kind::Avx512 => {
                    return crate::frozen_x86::vnni(weights, scales, pixels, rows, out, stride);
                }
                Kind::Avx2 => {
                    return crate::frozen_x86::avx2(weights, scales, pixels, rows, out, stride);
                }
                Kind::Portable => {}
            }
            let _ = isa;
            portable(weights, scales, pixels, rows, out, stride);
        }
    }
}

/// A pointer that tasks share; each writes its own part.
#[derive(Clone, Copy)]
struct Shared(*mut u16);
// SAFETY: tasks write disjoint ranges (see the call).
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    fn at(self, offset: usize) -> *mut u16 {
        self.0.wrapping_add(offset)
    }
}

fn pack_panel(panel: &mut [i8], rows: &[i8], inputs: usize) {
    for (unit, row) in rows.chunks_exact(inputs).enumerate() {
        for (quad, values) in row.chunks(QUAD).enumerate() {
            panel[(quad * UNIT_BLOCK + unit) * QUAD..][..values.len()].copy_from_slice(values);
        }
    }
}

/// Rejects weights with which some image would overflow f16, so that pre-activations need no check.
fn check_half_range(q: &[i8], scales: &[f32], inputs: usize) -> Result<(), Error> {
    const MAX_HALF: f64 = 65504.0;
    let units = parallel::map(scales.len(), |unit| {
        let (mut up, mut down) = (0_i32, 0_i32);
        for &q in &q[unit * inputs..][..inputs] {
            up += i32::from(q.max(0));
            down -= i32::from(q.min(0));
        }
        let bound = f64::from(up.max(down)) * 255.0 * f64::from(scales[unit]).abs();
        // Written so that a scale that is not a number is rejected too.
        if bound <= MAX_HALF { Ok(()) } else { Err(Error::HalfOverflow { unit, bound }) }
    });
    units.into_iter().collect() // the first such unit, on any number of threads
}

/// Plain integer arithmetic, shaped so that the compiler keeps a tile's sums in vector registers.
///
/// # Safety
/// As `PackedWeights::panel_products`.
unsafe fn portable(weights: &[i8], scales: &[f32], pixels: &[u8], rows: usize, out: *mut u16, stride: usize) {
    const UNITS: usize = 16;
    let padded = weights.len() / UNIT_BLOCK;
    let mut column = vec![[0_i16; UNITS]; padded]; // [input][unit]: neighbours in a vector are units
    for first in (0..UNIT_BLOCK).step_by(UNITS) {
        for (input, units) in column.iter_mut().enumerate() {
            let quad = &weights[input / QUAD * UNIT_BLOCK * QUAD..];
            for (unit, w) in units.iter_mut().enumerate() {
                *w = quad[(first + unit) * QUAD + input % QUAD].into();
            }
        }
        for row in 0..rows {
            let mut sums = [0_i32; UNITS];
            for (&x, units) in pixels[row * padded..][..padded].iter().zip(&column) {
                for (sum, &w) in sums.iter_mut().zip(units) {
                    *sum += i32::from(i16::from(x)) * i32::from(w);
                }
            }
            // SAFETY: the caller's rows have UNIT_BLOCK values, of which these are UNITS.
            let out = unsafe { std::slice::from_raw_parts_mut(out.add(row * stride + first), UNITS) };
            for ((out, sum), scale) in out.iter_mut().zip(sums).zip(&scales[first..]) {
                *out = f16::from_f32(sum as f32 * scale).to_bits();
            }
        }
    }
}
