//! The few vector operations that the adapter half and the recurrence are written in.

/// A vector of f32 lanes.
///
/// # Safety
/// Every method may use instructions that only [`crate::Isa`] has checked: call them from
/// [`Kernel::run`]. Pointers must be valid for `LANES` values, at any alignment.
pub(crate) trait Simd: Copy {
    /// Values in one vector. `UNIT_BLOCK` is a multiple of it.
    const LANES: usize;
    /// Rows that the one-hot forward pass holds in registers at once.
    const ROWS: usize;
    /// Rows that an integer product holds in registers at once, two vectors each.
    const PRODUCT_ROWS: usize;
    type V: Copy;
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
    /// `a · b + c`
    unsafe fn mul_add(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// `max(v, 0)`
    unsafe fn relu(v: Self::V) -> Self::V;
    /// `acc + v` in the lanes where `gate > 0`, else `acc`
    unsafe fn add_where_positive(acc: Self::V, gate: Self::V, v: Self::V) -> Self::V;

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

/// How a unit's output `m φ(x)` changes with a parameter of it, `x = p + b`.
pub(crate) trait Derivative {
    /// `acc + (∂/∂parameter) · back`, with `back` what comes back to the unit.
    ///
    /// # Safety
    /// As the methods of [`Simd`].
    unsafe fn accumulate<S: Simd>(acc: S::V, x: S::V, back: S::V) -> S::V;
}

/// `∂φ(x)/∂b = 1[x > 0]`
pub(crate) struct OfBias;

impl Derivative for OfBias {
    #[inline(always)]
    unsafe fn accumulate<S: Simd>(acc: S::V, x: S::V, back: S::V) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::add_where_positive(acc, x, back) }
    }
}

/// `∂(m φ(x))/∂m = φ(x)`
pub(crate) struct OfGain;

impl Derivative for OfGain {
    #[inline(always)]
    unsafe fn accumulate<S: Simd>(acc: S::V, x: S::V, back: S::V) -> S::V {
        // SAFETY: the caller's.
        unsafe { S::mul_add(S::relu(x), back, acc) }
    }
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
    const PRODUCT_ROWS: usize = 1; // two together took four times as long per row
    type V = [f32; 8];
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
    unsafe fn mul_add(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        std::array::from_fn(|i| a[i] * b[i] + c[i])
    }

    #[inline(always)]
    unsafe fn relu(v: Self::V) -> Self::V {
        v.map(|x| if x > 0.0 { x } else { 0.0 })
    }

    #[inline(always)]
    unsafe fn add_where_positive(acc: Self::V, gate: Self::V, v: Self::V) -> Self::V {
        std::array::from_fn(|i| acc[i] + if gate[i] > 0.0 { v[i] } else { 0.0 })
    }

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
