//! Images side by side, with words under each.

use console::{Alignment, pad_str, truncate_str};

use crate::pixels::Pixels;
use crate::screen::Screen;

/// An image and what is said of it.
pub struct Exhibit<'a> {
    /// The image.
    pub pixels: Pixels<'a>,
    /// Lines of words; longer ones than the image is wide are cut.
    pub caption: Vec<String>,
}

/// Columns between two images.
const GAP: usize = 2;
/// Images are never wider, however wide the screen is.
const WIDEST: usize = 64;
/// Captions of images narrower than this would be cut to nothing.
const NARROWEST: usize = 20;

/// All images, as many side by side as the screen allows; lines without colours end without blanks.
pub fn lines(exhibits: &[Exhibit<'_>], screen: Screen) -> Vec<String> {
    let mut shown = Vec::new();
    for Exhibit { pixels, caption } in exhibits {
        let (values, height, width) = pixels.at_most(WIDEST.min(screen.width));
        let image = Pixels { values: &values, height, width, channels: pixels.channels }.lines(screen.ink);
        shown.push((image, caption, width.max(NARROWEST.min(screen.width))));
    }
    let width = shown.iter().map(|(.., width)| *width).max().unwrap_or(1);
    let abreast = ((screen.width + GAP) / (width + GAP)).max(1);
    let mut lines = Vec::new();
    for row in shown.chunks(abreast) {
        let height = row.iter().map(|(image, ..)| image.len()).max().unwrap_or(0);
        let words = row.iter().map(|(_, caption, _)| caption.len()).max().unwrap_or(0);
        let cell = |text: Option<&String>| {
            let text = text.map_or("", String::as_str);
            pad_str(&truncate_str(text, width, "…"), width + GAP, Alignment::Left, None).into_owned()
        };
        lines.extend(
            (0..height).map(|y| row.iter().map(|(image, ..)| cell(image.get(y))).collect::<String>()),
        );
        lines.extend((0..words).map(|y| row.iter().map(|(_, caption, _)| cell(caption.get(y))).collect()));
        lines.push(String::new());
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::Ink;

    #[test]
    fn images_stand_side_by_side_as_the_width_allows() {
        let values = [255; 4];
        let exhibit = |caption: &str| Exhibit {
            pixels: Pixels { values: &values, height: 2, width: 2, channels: 1 },
            caption: vec![caption.to_owned()],
        };
        let three = [exhibit("says 1"), exhibit("says 2"), exhibit("a name too long to fit")];
        let screen = |width| Screen { ink: Ink::Plain, width, is_terminal: false };
        assert_eq!(
            lines(&three, screen(42)),
            [
                "@@                    @@",
                "says 1                says 2",
                "",
                "@@",
                "a name too long to …",
                "",
            ]
        );
        assert_eq!(lines(&three, screen(10)).len(), 9);
        assert_eq!(lines(&three, screen(64)).len(), 3);
    }
}
