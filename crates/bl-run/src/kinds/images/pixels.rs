//! A grey image in characters: each is two pixels high, which makes pixels square on most terminals.

use std::fmt::Write as _;

use crate::terminal::Ink;

/// A grey image, 255 is bright.
///
/// # Shapes
/// - `values`: `[height, width]`
#[derive(Clone, Copy, Debug)]
pub(super) struct Pixels<'a> {
    pub(super) values: &'a [u8],
    pub(super) height: usize,
    pub(super) width: usize,
}

/// From paper to ink, in the order of their measured darkness in common fonts.
const RAMP: [char; 10] = [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'];

impl Pixels<'_> {
    /// Lines of `width` characters each, `(height + 1) / 2` of them.
    pub(super) fn lines(self, ink: Ink) -> Vec<String> {
        let row = |y: usize| self.values.get(y * self.width..(y + 1) * self.width);
        let upper_rows = (0..self.height).step_by(2);
        upper_rows
            .map(|y| {
                let upper = row(y).unwrap_or_default();
                let lower = row(y + 1).filter(|_| y + 1 < self.height);
                line(upper, lower, ink)
            })
            .collect()
    }

    /// The image at no more than `most` pixels wide: blocks of pixels become their mean.
    pub(super) fn at_most(self, most: usize) -> (Vec<u8>, usize, usize) {
        let step = self.width.div_ceil(most.max(1)).max(1);
        let (height, width) = (self.height.div_ceil(step), self.width.div_ceil(step));
        let mut values = Vec::with_capacity(height * width);
        for y in 0..height {
            for x in 0..width {
                let (rows, columns) =
                    (y * step..((y + 1) * step).min(self.height), x * step..((x + 1) * step).min(self.width));
                let count = rows.len() * columns.len();
                let block = rows.flat_map(|row| &self.values[row * self.width..][columns.clone()]);
                let sum: usize = block.map(|&value| usize::from(value)).sum();
                values.push((sum / count.max(1)) as u8);
            }
        }
        (values, height, width)
    }
}

fn line(upper: &[u8], lower: Option<&[u8]>, ink: Ink) -> String {
    let pairs = upper.iter().enumerate().map(|(x, &up)| (up, lower.map(|lower| lower[x])));
    if ink == Ink::Plain {
        let mean = |(up, down): (u8, Option<u8>)| usize::midpoint(up.into(), down.unwrap_or(up).into());
        return pairs.map(|pair| RAMP[(mean(pair) * (RAMP.len() - 1) + 127) / 255]).collect();
    }
    let mut text = String::new();
    let mut before = None;
    for (up, down) in pairs {
        if before != Some((up, down)) {
            let _ = write!(
                text,
                "{}{}",
                colour(3, up, ink),
                down.map_or("\u{1b}[49m".into(), |d| colour(4, d, ink))
            );
            before = Some((up, down));
        }
        text.push('▀');
    }
    text + "\u{1b}[0m"
}

/// The code that makes a grey the colour of what follows; `place` is 3 for ink and 4 for paper.
fn colour(place: u8, grey: u8, ink: Ink) -> String {
    if ink == Ink::TrueColour {
        return format!("\u{1b}[{place}8;2;{grey};{grey};{grey}m");
    }
    // The palette has black, 24 greys 8, 18, … 238, and white.
    let index = match grey {
        0..=3 => 16,
        4..=246 => 232 + ((grey - 4) / 10).min(23),
        247.. => 231,
    };
    format!("\u{1b}[{place}8;5;{index}m")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[u8], width: usize, ink: Ink, expected: &[&str]) {
        let pixels = Pixels { values, height: values.len() / width, width };
        assert_eq!(pixels.lines(ink), expected, "{ink:?}");
    }

    #[test]
    fn a_character_is_two_pixels_high() {
        check(&[0, 255, 0, 255, 255, 255], 2, Ink::Plain, &[" @", "@@"]);
        check(&[0, 255, 255, 255], 2, Ink::Plain, &["=@"]);
        check(
            &[0, 7, 9, 255],
            2,
            Ink::TrueColour,
            &["\u{1b}[38;2;0;0;0m\u{1b}[48;2;9;9;9m▀\u{1b}[38;2;7;7;7m\u{1b}[48;2;255;255;255m▀\u{1b}[0m"],
        );
        check(&[0, 0, 255, 255], 2, Ink::Colours256, &["\u{1b}[38;5;16m\u{1b}[48;5;231m▀▀\u{1b}[0m"]);
    }

    #[test]
    fn the_palette_of_256_never_jumps_by_more_than_its_step() {
        let shade = |grey: u8| match colour(3, grey, Ink::Colours256)[7..]
            .trim_end_matches('m')
            .parse()
            .expect("an index")
        {
            16 => 0,
            231 => 255,
            index => 8 + 10 * (index - 232_i32),
        };
        for grey in 0..=255 {
            assert!((shade(grey) - i32::from(grey)).abs() <= 8, "{grey} is shown as {}", shade(grey));
        }
    }

    #[test]
    fn large_images_shrink_by_whole_blocks() {
        let values: Vec<u8> = vec![0, 100, 50, 200, 100, 50, 7, 9, 30];
        let pixels = Pixels { values: &values, height: 3, width: 3 };
        assert_eq!(pixels.at_most(2), (vec![100, 50, 8, 30], 2, 2));
        assert_eq!(pixels.at_most(3), (values.clone(), 3, 3));
    }
}
