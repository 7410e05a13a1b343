//! Curves on a grid of dots.

/// Dots of the cells of a chart.
pub(super) struct Raster {
    pub(super) width: usize,
    pub(super) height: usize,
    on: Vec<bool>,
}

impl Raster {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self { width, height, on: vec![false; width * height] }
    }

    pub(super) fn is_on(&self, x: usize, y: usize) -> bool {
        self.on[y * self.width + x]
    }

    /// A dot, unless it is outside.
    pub(super) fn dot(&mut self, x: f64, y: f64) {
        let inside = |v: f64, size: usize| (v >= 0.0 && v < size as f64).then_some(v as usize);
        if let (Some(x), Some(y)) = (inside(x.round(), self.width), inside(y.round(), self.height)) {
            self.on[y * self.width + x] = true;
        }
    }

    /// Dots from one place to another, without a gap. Places must not be further away than a few times the grid.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64)) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let steps = dx.abs().max(dy.abs()).ceil().max(1.0) as usize;
        for step in 0..=steps {
            let share = step as f64 / steps as f64;
            self.dot(from.0 + share * dx, from.1 + share * dy);
        }
    }

    /// The dots of a cell of `size` (across, down) as bits, row by row.
    pub(super) fn cell(&self, column: usize, row: usize, size: (usize, usize)) -> u8 {
        let dots = (0..size.1).flat_map(|y| (0..size.0).map(move |x| (x, y)));
        dots.enumerate().fold(0, |bits, (bit, (x, y))| {
            bits | u8::from(self.is_on(column * size.0 + x, row * size.1 + y)) << bit
        })
    }
}

/// The character of dots in two columns and four rows: U+2800 has them column by column, the last row at the end.
pub(super) fn braille(bits: u8) -> char {
    const PLACES: [u32; 8] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];
    let dots = PLACES.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, place)| place);
    char::from_u32(0x2800 + dots.sum::<u32>()).unwrap_or(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagonal_is_a_diagonal_in_braille() {
        let mut raster = Raster::new(4, 4);
        raster.line((0.0, 0.0), (3.0, 3.0));
        raster.line((9.0, -9.0), (9.0, 9.0)); // outside
        let cells = [0, 1].map(|column| braille(raster.cell(column, 0, (2, 4))));
        assert_eq!(cells, ['⠑', '⢄']);
        assert_eq!(braille(0), '\u{2800}');
        assert_eq!(braille(255), '⣿');
    }
}
