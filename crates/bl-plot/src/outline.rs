//! From a drawing with text to one that needs no font, and to pixels.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Indent, Options, Tree, WriteOptions};

use crate::error::Error;
use crate::font;

/// Pixels of the PNG to a pixel of the drawing.
pub(crate) const ZOOM: u32 = 2;

/// The drawing with every text turned into outlines of the embedded font; `title` is what a screen
/// reader says instead.
pub(crate) fn outlined(drawing: &str, title: &str) -> Result<String, Error> {
    let options = WriteOptions {
        preserve_text: false,
        coordinates_precision: 1, // a hundredth of a pixel
        transforms_precision: 4,
        indent: Indent::None,
        ..WriteOptions::default()
    };
    let tree = tree(drawing)?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    // Without a view box it would be cut off instead of scaled where it is shown smaller.
    let head = format!("<svg viewBox=\"0 0 {width} {height}\" role=\"img\"");
    let svg = tree.to_string(&options).replacen("<svg", &head, 1);
    Ok(svg.replacen('>', &format!("><title>{title}</title>"), 1))
}

/// An outlined drawing as a PNG of [`ZOOM`] times its size.
pub(crate) fn rasterised(svg: &str) -> Result<Vec<u8>, Error> {
    let tree = tree(svg)?;
    let (width, height) = (tree.size().width() as u32 * ZOOM, tree.size().height() as u32 * ZOOM);
    let mut pixels = Pixmap::new(width, height).ok_or(Error::Pixels { width, height })?;
    resvg::render(&tree, Transform::from_scale(ZOOM as f32, ZOOM as f32), &mut pixels.as_mut());
    pixels.encode_png().map_err(|cause| Error::Png { cause: cause.to_string() })
}

fn tree(svg: &str) -> Result<Tree, Error> {
    let options =
        Options { fontdb: font::database(), font_family: font::FAMILY.into(), ..Options::default() };
    Tree::from_str(svg, &options).map_err(|cause| Error::Svg { cause })
}
