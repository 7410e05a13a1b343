//! The few vector operations that the adapter half and the recurrence are written in.
//!
//! # The same bits on every instruction set
//! A sum over units is [`SUMS`] sums, unit i in sum `i % SUMS` (or a multiple of `SUMS` where lanes also stand for classes),
//! added up in order at the end. A vector of fewer lanes goes over them in several passes, so it takes each sum in the same
//! order. Products are rounded before they are added, as `a * b + c` is in Rust; they are fused only where the product is
//! exact, and then it makes no difference.

/// Sums that a sum over units is taken in.
pub(crate) const SUMS: usize = 16;

/// The most vectors of units that go back together: `UNIT_BLOCK` is a multiple of as many.
pub(crate) const VECTORS: usize = 4;

const _: () = assert!(crate::UNIT_BLOCK.is_multiple_of(VECTORS * SUMS));

/// A vector of f32 lanes.
///
/// # Safety
/// Every method may use instructions that only [`crate::Isa`] has checked: call them from
/// [`Kernel::run`]. Pointers must be valid for `LANES` values, at any alignment.
pub(crate) trait Simd: Copy {
    /// Values in one vector. `SUMS` is a multiple of it.
    const LANES: usize;
    /// Rows that the forward pass holds in registers at once: 1, 2 or 4.
    const ROWS: usize;
    /// Vectors of units that go back together: 2 or 4.
    const VECTORS: usize;
    /// From how many units on the way back reads which were ON from bits: that is faster than to compute it again.
    const GATES_FROM: usize;
    /// Rows that an integer product holds in registers at once, two vectors each.
    const PRODUCT_ROWS: usize;
    type V: Copy;
    /// A truth value for each lane.
    type Mask: Copy;
    /// `LANES` pairs of 16-bit integers.
    type Pairs: Copy;
    /// `LANES` 32-bit integers.
    type Sums: Copy;

    unsafe fn splat(x: f32) -> Self::V;
    unsafe fn load(src: *const f32) -> Self::V;
    unsafe fn store(dst: *mut f32, v: Self::V);
    /// Loads f16 values and widens them (exact).
    unsafe fn load_f16(src: *const u16) -> Self::V;
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V;
    /// `acc + a · b` where `a · b` is exact: whether it is fused cannot be told.
    unsafe fn add_exact_product(a: Self::V, b: Self::V, acc: Self::V) -> Self::V;
    /// `max(v, 0)`
    unsafe fn relu(v: Self::V) -> Self::V;
    /// `acc + v` in the lanes where `x > 0`, else `acc`, which is not −0.
    unsafe fn add_where_positive(x: Self::V, v: Self::V, acc: Self::V) -> Self::V;
    /// Rounds to 17 significant bits, halves away from zero: a product with an integer of −128 to 127 is exact.
    unsafe fn round_to_17_bits(v: Self::V) -> Self::V;

    /// `v > 0`
    unsafe fn positive(v: Self::V) -> Self::Mask;
    /// One bit for each lane, the first one lowest.
    unsafe fn store_mask(dst: *mut u8, mask: Self::Mask);
    /// The masks of `N` vectors, 4 at most, from as many bits.
    unsafe fn load_masks<const N: usize>(src: *const u8) -> [Self::Mask; N];
    /// `acc + v` where the mask holds, else `acc`, which is not −0.
    unsafe fn add_where(mask: Self::Mask, v: Self::V, acc: Self::V) -> Self::V;
    /// Asks for the cache line at `src`, which need not be valid.
    unsafe fn prefetch(src: *const u16);

    /// Loads `2 LANES` 8-bit integers and widens them.
    unsafe fn load_pairs(src: *const i8) -> Self::Pairs;
    /// The two integers at `src` in every lane.
    unsafe fn splat_pair(src: *const i16) -> Self::Pairs;
    unsafe fn no_sums() -> Self::Sums;
    /// `acc + a₀ b₀ + a₁ b₁`: exact as long as the caller keeps it within 32 bits.
    unsafe fn add_products(acc: Self::Sums, a: Self::Pairs, b: Self::Pairs) -> Self::Sums;
    /// Rounds to f32, ties to even.
    unsafe fn round_sums(sums: Self::Sums) -> Self::V;
}

/// A kernel, written once and compiled for each vector type. Implementations are `inline(always)`.
pub(crate) trait Kernel {
    type Output;

    /// # Safety
    /// The CPU must have the instructions of `S`.
    unsafe fn run<S: Simd>(self) -> Self::Output;
}

/// Plain arrays: what the compiler makes of them is baseline SSE2 or NEON.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

impl Simd for Portable {
    const LANES: usize = 8;
    const ROWS: usize = 1;
    const VECTORS: usize = 2; // four together took twice as long
    const GATES_FROM: usize = usize::MAX;
    const PRODUCT_ROWS: usize = 1; // two together took four times as long per row
    type V = [f32; 8];
    type Mask = [bool; 8];
    type Pairs = [i16; 16];
    type Sums = [i32; 8];

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self::V {
        [x; 8]
    }

    #[inline(always)]
    unsafe fn load(src: *const f32) -> Self::V {
        // SAFETY: the caller's pointer is valid for 8 values.
        unsafe { src.cast::<[f32; 8]>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn store(dst: *mut f32, v: Self::V) {
        // SAFETY: the caller's pointer is valid for 8 values.
        unsafe { dst.cast::<[f32; 8]>().write_unaligned(v) }
    }

    #[inline(always)]
    unsafe fn load_f16(src: *const u16) -> Self::V {
        // SAFETY: the caller's pointer is valid for 8 values.
        unsafe { src.cast::<[u16; 8]>().read_unaligned() }.map(widen)
    }

    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        std::array::from_fn(|i| a[i] + b[i])
    }

    #[inline(always)]
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V {
        std::array::from_fn(|i| a[i] * b[i])
    }

    #[inline(always)]
    unsafe fn add_exact_product(a: Self::V, b: Self::V, acc: Self::V) -> Self::V {
        std::array::from_fn(|i| acc[i] + a[i] * b[i])
    }

    #[inline(always)]
    unsafe fn relu(v: Self::V) -> Self::V {
        v.map(|x| if x > 0.0 { x } else { 0.0 })
    }

    #[inline(always)]
    unsafe fn add_where_positive(x: Self::V, v: Self::V, acc: Self::V) -> Self::V {
        std::array::from_fn(|i| acc[i] + if x[i] > 0.0 { v[i] } else { 0.0 })
    }

    #[inline(always)]
    unsafe fn round_to_17_bits(v: Self::V) -> Self::V {
        v.map(round_to_17_bits)
    }

    #[inline(always)]
    unsafe fn positive(v: Self::V) -> Self::Mask {
        v.map(|x| x > 0.0)
    }

    #[inline(always)]
    unsafe fn store_mask(dst: *mut u8, mask: Self::Mask) {
        let bits = mask.into_iter().enumerate().fold(0, |bits, (i, on)| bits | (u8::from(on) << i));
        // SAFETY: the caller's pointer is valid for a byte.
        unsafe { dst.write(bits) }
    }

    #[inline(always)]
    unsafe fn load_masks<const N: usize>(src: *const u8) -> [Self::Mask; N] {
        // SAFETY: the caller's pointer is valid for `N` bytes.
        let bytes = unsafe { src.cast::<[u8; N]>().read() };
        bytes.map(|bits| std::array::from_fn(|i| bits & (1 << i) != 0))
    }

    #[inline(always)]
    unsafe fn add_where(mask: Self::Mask, v: Self::V, acc: Self::V) -> Self::V {
        std::array::from_fn(|i| acc[i] + if mask[i] { v[i] } else { 0.0 })
    }

    #[inline(always)]
    unsafe fn prefetch(_: *const u16) {}

    #[inline(always)]
    unsafe fn load_pairs(src: *const i8) -> Self::Pairs {
        // SAFETY: the caller's pointer is valid for 16 values.
        unsafe { src.cast::<[i8; 16]>().read_unaligned() }.map(i16::from)
    }

    #[inline(always)]
    unsafe fn splat_pair(src: *const i16) -> Self::Pairs {
        // SAFETY: the caller's pointer is valid for two values.
        let pair = unsafe { src.cast::<[i16; 2]>().read_unaligned() };
        std::array::from_fn(|i| pair[i % 2])
    }

    #[inline(always)]
    unsafe fn no_sums() -> Self::Sums {
        [0; 8]
    }

    #[inline(always)]
    unsafe fn add_products(acc: Self::Sums, a: Self::Pairs, b: Self::Pairs) -> Self::Sums {
        let product = |i: usize| i32::from(a[i]) * i32::from(b[i]);
        std::array::from_fn(|i| acc[i] + (product(2 * i) + product(2 * i + 1)))
    }

    #[inline(always)]
    unsafe fn round_sums(sums: Self::Sums) -> Self::V {
        sums.map(|sum| sum as f32)
    }
}

/// Rounds to 17 significant bits, halves away from zero. Half a step added to the bits carries into the exponent where it
/// must; infinities stay, and so does NaN.
#[inline(always)]
pub(crate) fn round_to_17_bits(x: f32) -> f32 {
    f32::from_bits(x.to_bits().wrapping_add(0x40) & !0x7f)
}

/// f16 to f32 for finite values, without branches so that it vectorises: the bits moved into place
/// read as a number 2^112 too small, subnormals included.
#[inline(always)]
fn widen(half: u16) -> f32 {
    const TWO_112: f32 = f32::from_bits((127 + 112) << 23);
    let magnitude = f32::from_bits(u32::from(half & 0x7fff) << 13) * TWO_112;
    f32::from_bits(magnitude.to_bits() | (u32::from(half & 0x8000) << 16))
}

#[cfg(test)]
mod tests {
    use half::f16;

    #[test]
    fn widening_is_exact_for_every_finite_half() {
        for bits in 0..=u16::MAX {
            let half = f16::from_bits(bits);
            if half.is_finite() {
                assert_eq!(super::widen(bits).to_bits(), half.to_f32().to_bits(), "{bits:#x}");
            }
        }
    }
}
