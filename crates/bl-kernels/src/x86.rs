//! The vector types of x86-64.

use std::arch::x86_64::*;

use crate::simd::Simd;

/// 16 lanes. Needs AVX-512F, BW, VL, VNNI.
#[derive(Clone, Copy)]
pub(crate) struct Avx512;

// SAFETY (every block below): the trait's contract gives the features and valid pointers.
#[expect(clippy::undocumented_unsafe_blocks, reason = "one contract for all: see above")]
impl Simd for Avx512 {
    const LANES: usize = 16;
    const ROWS: usize = 4;
    const VECTORS: usize = 4;
    const GATES_FROM: usize = 0;
    const PRODUCT_ROWS: usize = 8;
    type V = __m512;
    type Mask = __mmask16;
    type Pairs = __m512i;
    type Sums = __m512i;

    #[inline(always)]
    unsafe fn splat(x: f32) -> __m512 {
        unsafe { _mm512_set1_ps(x) }
    }
    #[inline(always)]
    unsafe fn load(src: *const f32) -> __m512 {
        unsafe { _mm512_loadu_ps(src) }
    }
    #[inline(always)]
    unsafe fn store(dst: *mut f32, v: __m512) {
        unsafe { _mm512_storeu_ps(dst, v) }
    }
    #[inline(always)]
    unsafe fn load_f16(src: *const u16) -> __m512 {
        unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(src.cast())) }
    }
    #[inline(always)]
    unsafe fn add(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_add_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn mul(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_mul_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn add_exact_product(a: __m512, b: __m512, acc: __m512) -> __m512 {
        unsafe { _mm512_fmadd_ps(a, b, acc) }
    }
    #[inline(always)]
    unsafe fn relu(v: __m512) -> __m512 {
        unsafe { _mm512_max_ps(v, _mm512_setzero_ps()) }
    }
    #[inline(always)]
    unsafe fn add_where_positive(x: __m512, v: __m512, acc: __m512) -> __m512 {
        unsafe {
            let on = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(x, _mm512_setzero_ps());
            _mm512_mask_add_ps(acc, on, acc, v)
        }
    }
    #[inline(always)]
    unsafe fn round_to_17_bits(v: __m512) -> __m512 {
        unsafe {
            let rounded = _mm512_add_epi32(_mm512_castps_si512(v), _mm512_set1_epi32(0x40));
            _mm512_castsi512_ps(_mm512_and_si512(rounded, _mm512_set1_epi32(!0x7f)))
        }
    }
    #[inline(always)]
    unsafe fn positive(v: __m512) -> __mmask16 {
        unsafe { _mm512_cmp_ps_mask::<_CMP_GT_OQ>(v, _mm512_setzero_ps()) }
    }
    #[inline(always)]
    unsafe fn store_mask(dst: *mut u8, mask: __mmask16) {
        unsafe { dst.cast::<u16>().write_unaligned(mask) }
    }
    #[inline(always)]
    unsafe fn load_masks<const N: usize>(src: *const u8) -> [__mmask16; N] {
        unsafe { src.cast::<[__mmask16; N]>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn add_where(mask: __mmask16, v: __m512, acc: __m512) -> __m512 {
        unsafe { _mm512_mask_add_ps(acc, mask, acc, v) }
    }
    #[inline(always)]
    unsafe fn prefetch(src: *const u16) {
        unsafe { _mm_prefetch::<_MM_HINT_T1>(src.cast()) }
    }
    #[inline(always)]
    unsafe fn load_pairs(src: *const i8) -> __m512i {
        unsafe { _mm512_cvtepi8_epi16(_mm256_loadu_si256(src.cast())) }
    }
    #[inline(always)]
    unsafe fn splat_pair(src: *const i16) -> __m512i {
        unsafe { _mm512_set1_epi32(src.cast::<i32>().read_unaligned()) }
    }
    #[inline(always)]
    unsafe fn no_sums() -> __m512i {
        unsafe { _mm512_setzero_si512() }
    }
    #[inline(always)]
    unsafe fn add_products(acc: __m512i, a: __m512i, b: __m512i) -> __m512i {
        unsafe { _mm512_dpwssd_epi32(acc, a, b) }
    }
    #[inline(always)]
    unsafe fn round_sums(sums: __m512i) -> __m512 {
        unsafe { _mm512_cvtepi32_ps(sums) }
    }
}

/// 8 lanes. Needs AVX2, FMA, F16C.
#[derive(Clone, Copy)]
pub(crate) struct Avx2;

#[expect(clippy::undocumented_unsafe_blocks, reason = "one contract for all: see above")]
impl Simd for Avx2 {
    const LANES: usize = 8;
    const ROWS: usize = 2;
    const VECTORS: usize = 4;
    const GATES_FROM: usize = 8192;
    const PRODUCT_ROWS: usize = 4;
    type V = __m256;
    type Mask = __m256;
    type Pairs = __m256i;
    type Sums = __m256i;

    #[inline(always)]
    unsafe fn splat(x: f32) -> __m256 {
        unsafe { _mm256_set1_ps(x) }
    }
    #[inline(always)]
    unsafe fn load(src: *const f32) -> __m256 {
        unsafe { _mm256_loadu_ps(src) }
    }
    #[inline(always)]
    unsafe fn store(dst: *mut f32, v: __m256) {
        unsafe { _mm256_storeu_ps(dst, v) }
    }
    #[inline(always)]
    unsafe fn load_f16(src: *const u16) -> __m256 {
        unsafe { _mm256_cvtph_ps(_mm_loadu_si128(src.cast())) }
    }
    #[inline(always)]
    unsafe fn add(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_add_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn mul(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_mul_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn add_exact_product(a: __m256, b: __m256, acc: __m256) -> __m256 {
        unsafe { _mm256_fmadd_ps(a, b, acc) }
    }
    #[inline(always)]
    unsafe fn relu(v: __m256) -> __m256 {
        unsafe { _mm256_max_ps(v, _mm256_setzero_ps()) }
    }
    #[inline(always)]
    unsafe fn add_where_positive(x: __m256, v: __m256, acc: __m256) -> __m256 {
        unsafe {
            let on = _mm256_cmp_ps::<_CMP_GT_OQ>(x, _mm256_setzero_ps());
            _mm256_add_ps(acc, _mm256_and_ps(on, v))
        }
    }
    #[inline(always)]
    unsafe fn round_to_17_bits(v: __m256) -> __m256 {
        unsafe {
            let rounded = _mm256_add_epi32(_mm256_castps_si256(v), _mm256_set1_epi32(0x40));
            _mm256_castsi256_ps(_mm256_and_si256(rounded, _mm256_set1_epi32(!0x7f)))
        }
    }
    #[inline(always)]
    unsafe fn positive(v: __m256) -> __m256 {
        unsafe { _mm256_cmp_ps::<_CMP_GT_OQ>(v, _mm256_setzero_ps()) }
    }
    #[inline(always)]
    unsafe fn store_mask(dst: *mut u8, mask: __m256) {
        unsafe { dst.write(_mm256_movemask_ps(mask) as u8) }
    }
    #[inline(always)]
    unsafe fn load_masks<const N: usize>(src: *const u8) -> [__m256; N] {
        unsafe {
            let bits = match N {
                4 => src.cast::<i32>().read_unaligned(),
                _ => src.cast::<u16>().read_unaligned().into(),
            };
            let bits = _mm256_set1_epi32(bits);
            std::array::from_fn(|j| {
                let bit = |i: usize| 1_i32.wrapping_shl((8 * j + i) as u32);
                let bit = _mm256_setr_epi32(bit(0), bit(1), bit(2), bit(3), bit(4), bit(5), bit(6), bit(7));
                _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_and_si256(bits, bit), bit))
            })
        }
    }
    #[inline(always)]
    unsafe fn add_where(mask: __m256, v: __m256, acc: __m256) -> __m256 {
        unsafe { _mm256_add_ps(acc, _mm256_and_ps(mask, v)) }
    }
    #[inline(always)]
    unsafe fn prefetch(src: *const u16) {
        unsafe { _mm_prefetch::<_MM_HINT_T1>(src.cast()) }
    }
    #[inline(always)]
    unsafe fn load_pairs(src: *const i8) -> __m256i {
        unsafe { _mm256_cvtepi8_epi16(_mm_loadu_si128(src.cast())) }
    }
    #[inline(always)]
    unsafe fn splat_pair(src: *const i16) -> __m256i {
        unsafe { _mm256_set1_epi32(src.cast::<i32>().read_unaligned()) }
    }
    #[inline(always)]
    unsafe fn no_sums() -> __m256i {
        unsafe { _mm256_setzero_si256() }
    }
    #[inline(always)]
    unsafe fn add_products(acc: __m256i, a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_add_epi32(acc, _mm256_madd_epi16(a, b)) }
    }
    #[inline(always)]
    unsafe fn round_sums(sums: __m256i) -> __m256 {
        unsafe { _mm256_cvtepi32_ps(sums) }
    }
}
