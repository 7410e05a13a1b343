//! The whole picture, scaled to fit and padded with the grey of its border.

use bl_core::io::{InputSchema, Polarity};
use image::GrayImage;

use super::border::{ground, is_bright};
use super::resample::resample;

pub(super) fn fit(grey: &GrayImage, input: &InputSchema) -> (Vec<u8>, String) {
    let (old_width, old_height) = (grey.width() as usize, grey.height() as usize);
    let (width, height) = (input.width as usize, input.height as usize);
    let scale = (width as f64 / old_width as f64).min(height as f64 / old_height as f64);
    let scaled = |old: usize, most: usize| ((old as f64 * scale).round() as usize).clamp(1, most);
    let (inner_width, inner_height) = (scaled(old_width, width), scaled(old_height, height));

    let inner = resample((old_width, old_height), (inner_width, inner_height), |x, y| {
        f32::from(grey[(x as u32, y as u32)].0[0])
    });
    let paper = ground(grey).median;
    let mut pixels = vec![paper; width * height];
    let (top, left) = ((height - inner_height) / 2, (width - inner_width) / 2);
    for (y, row) in inner.values.chunks_exact(inner_width).enumerate() {
        for (pixel, value) in pixels[(top + y) * width + left..].iter_mut().zip(row) {
            *pixel = value.round() as u8;
        }
    }

    let mut how = Vec::new();
    if input.polarity == Polarity::LightOnDark && is_bright(paper) {
        for pixel in &mut pixels {
            *pixel = 255 - *pixel;
        }
        how.push("inverted (bright border)".into());
    }
    how.push(format!("whole image of {old_width}x{old_height} scaled to {inner_width}x{inner_height}"));
    if (inner_width, inner_height) != (width, height) {
        how.push(format!("padded to {width}x{height}"));
    }
    (pixels, how.join(", "))
}
