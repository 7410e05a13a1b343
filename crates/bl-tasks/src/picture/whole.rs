//! The whole picture, scaled to fit and padded with the median of its border.

use bl_core::io::{InputSchema, Polarity};
use image::GrayImage;

use super::border::{ground, is_bright};
use super::planes::Planes;
use super::resample::resample;

pub(super) fn fit(planes: &Planes, input: &InputSchema) -> (Vec<u8>, String) {
    let (old_width, old_height) = planes.size();
    let (width, height) = (input.width as usize, input.height as usize);
    let scale = (width as f64 / f64::from(old_width)).min(height as f64 / f64::from(old_height));
    let scaled = |old: u32, most: usize| ((f64::from(old) * scale).round() as usize).clamp(1, most);
    let inner = (scaled(old_width, width), scaled(old_height, height));
    let mut fitted = planes.map(|plane| padded(plane, inner, (width, height)));

    let mut how = Vec::new();
    if input.polarity == Polarity::LightOnDark && is_bright(ground(&planes.grey()).median) {
        fitted.invert();
        how.push("inverted (bright border)".into());
    }
    how.push(format!("whole image of {old_height}x{old_width} scaled to {}x{}", inner.1, inner.0));
    if inner != (width, height) {
        how.push(format!("padded to {height}x{width}"));
    }
    (fitted.into_values(), how.join(", "))
}

fn padded(plane: &GrayImage, inner: (usize, usize), frame: (usize, usize)) -> GrayImage {
    let old = (plane.width() as usize, plane.height() as usize);
    let scaled = resample(old, inner, |x, y| f32::from(plane[(x as u32, y as u32)].0[0]));
    let mut padded =
        GrayImage::from_pixel(frame.0 as u32, frame.1 as u32, image::Luma([ground(plane).median]));
    let (left, top) = ((frame.0 - inner.0) / 2, (frame.1 - inner.1) / 2);
    for (y, row) in scaled.values.chunks_exact(inner.0).enumerate() {
        for (x, value) in row.iter().enumerate() {
            padded[((left + x) as u32, (top + y) as u32)].0[0] = value.round() as u8;
        }
    }
    padded
}
