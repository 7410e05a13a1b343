//! What looking at some training images has found.

use std::fmt;

use bl_core::text::grouped;
use rayon::prelude::*;

use crate::Split;
use crate::picture::{Colour, Inked, Look, Planes};

/// Images that are looked at, at most, evenly spread over the training half.
pub(crate) const LOOKED_AT: usize = 200;
/// Images are held to be ink on a plain ground if this part of them is.
pub(super) const MOST: f64 = 0.8;
/// They are in colour if this part of them is.
const SOME: f64 = 0.1;
/// Ink is placed already if its box is off the middle by no more than this part of the sides.
const OFF: f64 = 0.08;
/// Inks of two classes have other colours if they differ by more than this (of 255) in red, green or blue.
const OTHER_COLOUR: f64 = 48.0;

/// What looking at some training images has found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    looks: Vec<Look>,
    /// Whether the ink of two classes has other colours.
    other_colours: bool,
    /// The smallest and the largest width and height.
    sizes: Option<[(u32, u32); 2]>,
}

impl Found {
    /// Of pictures, with the label of each; `sizes` are those of all.
    pub(crate) fn new(looks: Vec<(u8, Look)>, sizes: &[(u32, u32)]) -> Self {
        let colours = of_classes(looks.iter().map(|(label, look)| (*label, look.colour)));
        let other =
            |a: &Colour, b: &Colour| a.rgb.iter().zip(b.rgb).any(|(a, b)| (a - b).abs() > OTHER_COLOUR);
        let there: Vec<&Colour> = colours.iter().flatten().collect();
        let other_colours = there.iter().enumerate().any(|(i, a)| there[i + 1..].iter().any(|b| other(a, b)));
        let least = sizes.iter().copied().reduce(|a, b| (a.0.min(b.0), a.1.min(b.1)));
        let most = sizes.iter().copied().reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)));
        let looks = looks.into_iter().map(|(_, look)| look).collect();
        Self { looks, other_colours, sizes: least.zip(most).map(|(least, most)| [least, most]) }
    }

    pub(super) fn of_split(split: &Split) -> Self {
        let size = (split.width as u32, split.height as u32);
        let look =
            |i: usize| Some(Look::of(&Planes::of_values(split.image(i), size, split.channels as u32)?));
        let chosen: Vec<usize> = spread(split.len(), LOOKED_AT).collect();
        let looks = chosen.into_par_iter().filter_map(look).collect();
        Self { looks, other_colours: false, sizes: Some([size, size]) }
    }

    fn inked(&self) -> impl Iterator<Item = Inked> {
        self.looks.iter().filter_map(|look| look.ink)
    }

    pub(super) fn plain(&self) -> usize {
        self.inked().count()
    }

    pub(super) fn dark(&self) -> usize {
        self.inked().filter(|ink| ink.is_dark).count()
    }

    /// Whether some images would be inverted: those of a bright border, or of dark ink.
    pub(crate) fn has_dark_on_light(&self) -> bool {
        self.looks.iter().any(|look| look.is_bright || look.ink.is_some_and(|ink| ink.is_dark))
    }

    fn is_most(&self, count: usize) -> bool {
        count > 0 && count as f64 >= MOST * self.looks.len() as f64
    }

    pub(super) fn is_ink(&self) -> bool {
        self.is_most(self.plain())
    }

    fn coloured(&self) -> usize {
        self.looks.iter().filter(|look| look.colour.is_some()).count()
    }

    /// A pen of one colour is ink as any other.
    pub(super) fn is_coloured(&self) -> bool {
        let some = self.coloured() as f64 >= SOME * self.looks.len() as f64 && self.coloured() > 0;
        some && (self.other_colours || !self.is_ink())
    }

    pub(super) fn is_placed(&self) -> bool {
        let mean = self.mean_side();
        let is_placed = |ink: &Inked| ink.off <= OFF && (ink.side as f64 - mean).abs() <= 0.2 * mean;
        self.is_most(self.inked().filter(is_placed).count())
    }

    fn mean_side(&self) -> f64 {
        self.inked().map(|ink| ink.side as f64).sum::<f64>() / self.plain() as f64
    }

    /// The longer side of the ink, on average.
    pub(super) fn side(&self, most: u32) -> u32 {
        (self.mean_side().round() as u32).clamp(1, most.max(1))
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (looked, plain, dark) = (self.looks.len(), self.plain(), self.dark());
        write!(f, "of {} images looked at {} have ink on a plain ground", grouped(looked), grouped(plain))?;
        match (plain, dark) {
            (0, _) => {}
            (_, 0) => f.write_str(", light on dark")?,
            _ if dark == plain => f.write_str(", dark on light")?,
            _ => write!(f, ", {} of them dark on light", grouped(dark))?,
        }
        if self.coloured() > 0 {
            write!(f, ", {} are in colour", grouped(self.coloured()))?;
        }
        match self.sizes {
            Some([least, most]) if least == most => write!(f, ", {} × {}", least.1, least.0),
            Some([least, most]) => write!(f, ", {} × {} to {} × {}", least.1, least.0, most.1, most.0),
            None => Ok(()),
        }
    }
}

/// So many places of `count`, at most, evenly spread.
pub(crate) fn spread(count: usize, most: usize) -> impl Iterator<Item = usize> {
    let shown = count.min(most);
    (0..shown).map(move |nth| nth * count / shown)
}

/// The mean colour of each class that has one.
pub(crate) fn of_classes(colours: impl Iterator<Item = (u8, Option<Colour>)>) -> Vec<Option<Colour>> {
    let mut classes: Vec<Vec<Colour>> = Vec::new();
    for (label, colour) in colours {
        classes.resize_with(classes.len().max(usize::from(label) + 1), Vec::new);
        classes[usize::from(label)].extend(colour);
    }
    let mean = |of_class: Vec<Colour>| {
        let sum = |of: fn(&Colour) -> f64| of_class.iter().map(of).sum::<f64>() / of_class.len() as f64;
        let rgb = [sum(|c| c.rgb[0]), sum(|c| c.rgb[1]), sum(|c| c.rgb[2])];
        (!of_class.is_empty()).then(|| Colour { rgb, grey: sum(|c| c.grey) })
    };
    classes.into_iter().map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_spread_evenly() {
        assert_eq!(spread(10, 4).collect::<Vec<_>>(), [0, 2, 5, 7]);
        assert_eq!(spread(3, 4).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(spread(0, 4).count(), 0);
    }
}
