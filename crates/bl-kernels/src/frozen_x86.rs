//! The frozen half on x86-64: one panel of 64 units times a few images.

use std::arch::x86_64::*;

use crate::{QUAD, UNIT_BLOCK};

const PANEL_QUAD: usize = UNIT_BLOCK * QUAD;

/// AVX-512 VNNI: 64 multiply-adds per instruction, six images at a time (24 accumulators).
///
/// # Safety
/// AVX-512F, BW, VL and VNNI. `weights` is `[quad][64][4]`, `scales` `[64]`, `pixels` `[rows, quads * 4]`;
/// `out` points to `rows` rows of 64 values, `stride` apart.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(crate) unsafe fn vnni(
    weights: &[i8],
    scales: &[f32],
    pixels: &[u8],
    rows: usize,
    out: *mut u16,
    stride: usize,
) {
    let padded = weights.len() / UNIT_BLOCK;
    assert!(scales.len() == UNIT_BLOCK && pixels.len() == rows * padded);
    let mut row = 0;
    while row < rows {
        let pixels = pixels[row * padded..].as_ptr();
        // SAFETY: as many rows as each call takes are left, of pixels and of `out`.
        unsafe {
            let out = out.add(row * stride);
            match rows - row {
                1 => vnni_rows::<1>(weights, scales, pixels, out, stride),
                2 => vnni_rows::<2>(weights, scales, pixels, out, stride),
                3 => vnni_rows::<3>(weights, scales, pixels, out, stride),
                4 => vnni_rows::<4>(weights, scales, pixels, out, stride),
                5 => vnni_rows::<5>(weights, scales, pixels, out, stride),
                _ => vnni_rows::<6>(weights, scales, pixels, out, stride),
            }
        }
        row += (rows - row).min(6);
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn vnni_rows<const R: usize>(
    weights: &[i8],
    scales: &[f32],
    pixels: *const u8,
    out: *mut u16,
    stride: usize,
) {
    const VECTORS: usize = UNIT_BLOCK / 16;
    let padded = weights.len() / UNIT_BLOCK;
    let mut acc = [[_mm512_setzero_si512(); VECTORS]; R];
    // SAFETY: quads are within the weights and the R rows of pixels; stores within the R rows of `out`.
    unsafe {
        for quad in 0..padded / QUAD {
            let w = weights.as_ptr().add(quad * PANEL_QUAD);
            let mut panel = [_mm512_setzero_si512(); VECTORS];
            for v in 0..VECTORS {
                panel[v] = _mm512_loadu_si512(w.add(v * 64).cast());
            }
            for r in 0..R {
                let x = pixels.add(r * padded + quad * QUAD).cast::<i32>().read_unaligned();
                let x = _mm512_set1_epi32(x);
                for v in 0..VECTORS {
                    acc[r][v] = _mm512_dpbusd_epi32(acc[r][v], x, panel[v]);
                }
            }
        }
        for (r, acc) in acc.into_iter().enumerate() {
            for (v, acc) in acc.into_iter().enumerate() {
                let scale = _mm512_loadu_ps(scales.as_ptr().add(v * 16));
                let p = _mm512_mul_ps(_mm512_cvtepi32_ps(acc), scale);
                let half = _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(p);
                _mm256_storeu_si256(out.add(r * stride + v * 16).cast(), half);
            }
        }
    }
}

/// AVX2: 16-bit products, pairs summed to 32 bits; 16 multiply-adds per instruction, 16 units and three
/// images at a time (12 accumulators). (`maddubs` would be twice as fast, but saturates: 2 · 255 · 127.)
///
/// # Safety
/// AVX2, F16C. As [`vnni`], but `pixels` are 16-bit values, little-endian.
#[target_feature(enable = "avx2,f16c")]
pub(crate) unsafe fn avx2(
    weights: &[i8],
    scales: &[f32],
    pixels: &[u8],
    rows: usize,
    out: *mut u16,
    stride: usize,
) {
    let padded = weights.len() / UNIT_BLOCK;
    assert!(scales.len() == UNIT_BLOCK && pixels.len() == rows * padded * 2);
    for units in (0..UNIT_BLOCK).step_by(16) {
        let mut row = 0;
        while row < rows {
            // SAFETY: 16 units from `units` on are in the panel; rows as in `vnni`.
            unsafe {
                let w = weights.as_ptr().add(units * QUAD);
                let scales = scales.as_ptr().add(units);
                let pixels = pixels.as_ptr().add(row * padded * 2);
                let out = out.add(row * stride + units);
                match rows - row {
                    1 => avx2_rows::<1>(w, padded, scales, pixels, out, stride),
                    2 => avx2_rows::<2>(w, padded, scales, pixels, out, stride),
                    _ => avx2_rows::<3>(w, padded, scales, pixels, out, stride),
                }
            }
            row += (rows - row).min(3);
        }
    }
}

#[target_feature(enable = "avx2,f16c")]
unsafe fn avx2_rows<const R: usize>(
    weights: *const i8,
    padded: usize,
    scales: *const f32,
    pixels: *const u8,
    out: *mut u16,
    stride: usize,
) {
    let mut acc = [[_mm256_setzero_si256(); 4]; R]; // [row][four units]: two partial sums per unit
    // SAFETY: quads are within the panel's weights and the R rows of pixels; stores within `out`.
    unsafe {
        for quad in 0..padded / QUAD {
            let w = weights.add(quad * PANEL_QUAD);
            let mut x = [_mm256_setzero_si256(); R];
            for r in 0..R {
                let four = pixels.add((r * padded + quad * QUAD) * 2).cast::<i64>().read_unaligned();
                x[r] = _mm256_set1_epi64x(four);
            }
            for v in 0..4 {
                let w = _mm256_cvtepi8_epi16(_mm_loadu_si128(w.add(v * 16).cast()));
                for r in 0..R {
                    acc[r][v] = _mm256_add_epi32(acc[r][v], _mm256_madd_epi16(x[r], w));
                }
            }
        }
        for (r, acc) in acc.into_iter().enumerate() {
            for (v, pair) in [(acc[0], acc[1]), (acc[2], acc[3])].into_iter().enumerate() {
                // hadd works within 128-bit lanes: units 0 1 4 5 | 2 3 6 7.
                let sums = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_hadd_epi32(pair.0, pair.1));
                let p = _mm256_mul_ps(_mm256_cvtepi32_ps(sums), _mm256_loadu_ps(scales.add(v * 8)));
                let half = _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(p);
                _mm_storeu_si128(out.add(r * stride + v * 8).cast(), half);
            }
        }
    }
}
