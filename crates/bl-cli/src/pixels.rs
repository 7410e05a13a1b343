//! An image in characters: each is two pixels high, which makes pixels square on most terminals.

use std::fmt::Write as _;

use crate::screen::Ink;

/// An image, 255 is bright.
///
/// # Shapes
/// - `values`: `[height, width, channels]`
#[derive(Clone, Copy, Debug)]
pub struct Pixels<'a> {
    /// Its values, row-major.
    pub values: &'a [u8],
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// 1 for grey, 3 for red, green and blue.
    pub channels: usize,
}

/// Red, green and blue.
type Colour = [u8; 3];

/// From paper to ink, in the order of their measured darkness in common fonts.
const RAMP: [char; 10] = [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'];

impl Pixels<'_> {
    /// Lines of `width` characters each, `(height + 1) / 2` of them.
    pub(crate) fn lines(self, ink: Ink) -> Vec<String> {
        let row = |y: usize| (0..self.width).map(|x| self.colour(y, x)).collect::<Vec<_>>();
        let upper_rows = (0..self.height).step_by(2);
        upper_rows.map(|y| line(&row(y), (y + 1 < self.height).then(|| row(y + 1)).as_deref(), ink)).collect()
    }

    fn colour(&self, y: usize, x: usize) -> Colour {
        let pixel = &self.values[(y * self.width + x) * self.channels..][..self.channels];
        [0, 1, 2].map(|channel: usize| pixel[channel.min(self.channels - 1)])
    }

    /// The image at no more than `most` pixels wide: blocks of pixels become their mean.
    pub(crate) fn at_most(self, most: usize) -> (Vec<u8>, usize, usize) {
        let step = self.width.div_ceil(most.max(1)).max(1);
        let (height, width) = (self.height.div_ceil(step), self.width.div_ceil(step));
        let mut values = Vec::with_capacity(height * width * self.channels);
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            let rows = y * step..((y + 1) * step).min(self.height);
            let columns = x * step..((x + 1) * step).min(self.width);
            let count = rows.len() * columns.len();
            values.extend((0..self.channels).map(|channel| {
                let at = |row, column| {
                    usize::from(self.values[(row * self.width + column) * self.channels + channel])
                };
                let of_row = |row| columns.clone().map(move |column| at(row, column)).sum::<usize>();
                (rows.clone().map(of_row).sum::<usize>() / count.max(1)) as u8
            }));
        }
        (values, height, width)
    }
}

fn line(upper: &[Colour], lower: Option<&[Colour]>, ink: Ink) -> String {
    let pairs = upper.iter().enumerate().map(|(x, &up)| (up, lower.map(|lower| lower[x])));
    if ink == Ink::Plain {
        let mean = |(up, down): (Colour, Option<Colour>)| usize::midpoint(grey(up), grey(down.unwrap_or(up)));
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

fn grey([red, green, blue]: Colour) -> usize {
    (299 * usize::from(red) + 587 * usize::from(green) + 114 * usize::from(blue)) / 1000
}

/// The code that gives what follows a colour; `place` is 3 for ink and 4 for paper.
fn colour(place: u8, [red, green, blue]: Colour, ink: Ink) -> String {
    if ink == Ink::TrueColour {
        return format!("\u{1b}[{place}8;2;{red};{green};{blue}m");
    }
    // The palette has black, 24 greys 8, 18, … 238, and white; and a cube of six shades each, 0, 95, 135, … 255.
    let shade = |value: u8| if value < 48 { 0 } else { (u16::from(value).max(75) - 35) / 40 };
    let index = match (red, red == green && green == blue) {
        (0..=3, true) => 16,
        (4..=246, true) => 232 + ((u16::from(red) - 4) / 10).min(23),
        (247.., true) => 231,
        _ => 16 + 36 * shade(red) + 6 * shade(green) + shade(blue),
    };
    format!("\u{1b}[{place}8;5;{index}m")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[u8], width: usize, ink: Ink, expected: &[&str]) {
        let pixels = Pixels { values, height: values.len() / width, width, channels: 1 };
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
        let shade = |grey: u8| match colour(3, [grey; 3], Ink::Colours256)[7..]
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
    fn colours_are_shown_as_such() {
        let red = Pixels { values: &[200, 10, 10, 0, 0, 255], height: 1, width: 2, channels: 3 };
        assert_eq!(red.at_most(1), (vec![100, 5, 132], 1, 1));
        let expected = "\u{1b}[38;2;200;10;10m\u{1b}[49m▀\u{1b}[38;2;0;0;255m\u{1b}[49m▀\u{1b}[0m";
        assert_eq!(red.lines(Ink::TrueColour), [expected]);
        assert_eq!(
            red.lines(Ink::Colours256),
            ["\u{1b}[38;5;160m\u{1b}[49m▀\u{1b}[38;5;21m\u{1b}[49m▀\u{1b}[0m"]
        );
        assert_eq!(red.lines(Ink::Plain), [":."]);
    }

    #[test]
    fn large_images_shrink_by_whole_blocks() {
        let values: Vec<u8> = vec![0, 100, 50, 200, 100, 50, 7, 9, 30];
        let pixels = Pixels { values: &values, height: 3, width: 3, channels: 1 };
        assert_eq!(pixels.at_most(2), (vec![100, 50, 8, 30], 2, 2));
        assert_eq!(pixels.at_most(3), (values.clone(), 3, 3));
    }
}
