//! The form that images are brought to: what is wished, or what looking at the training images suggests.

use std::fmt;
use std::str::FromStr;

use bl_core::io::{Fit, InputSchema, Polarity};
use bl_core::text::grouped;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::picture::{self, Colour, Look, Planes};
use crate::{Error, Split};

/// Images that are looked at, at most, evenly spread over the training half.
pub(crate) const LOOKED_AT: usize = 200;
/// Pictures of one and the same size keep it up to this many pixels a side.
const KEPT_SIDE: u32 = 64;
/// All others become this many pixels a side: in grey as MNIST, in colour as CIFAR-10.
const SIDE: [u32; 2] = [28, 32];
/// Of a frame, the part that ink fills: 20 of 28, as in MNIST.
const INK: f64 = 20.0 / 28.0;
/// Images are held to be ink on a plain ground if this part of them is.
const MOST: f64 = 0.8;
/// They are in colour if this part of them is.
const SOME: f64 = 0.1;
/// Ink is placed already if its box is off the middle by no more than this part of the sides.
const OFF: f64 = 0.08;
/// Inks of two classes have other colours if they differ by more than this (of 255) in red, green or blue.
const OTHER_COLOUR: f64 = 48.0;

/// What a user wants of the form; what is not stated is chosen by looking at the images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// The form itself, as an adapter's header has it: nothing is left to choose.
    pub learned: Option<InputSchema>,
    /// How images become that size.
    pub fit: Option<Fitting>,
    /// Whether images with a bright border are inverted.
    pub invert: Option<bool>,
    /// Height and width.
    pub size: Option<Size>,
    /// 1 for grey, 3 for colour.
    pub channels: Option<u32>,
}

/// How images become one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fitting {
    /// Whole, padded to the proportions.
    Whole,
    /// Their ink is cut out, scaled and centred.
    Ink,
}

/// Height and width of images: `28` or `28x40`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Size {
    /// Rows of pixels.
    pub height: u32,
    /// Columns of pixels.
    pub width: u32,
}

/// What is no size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a side of 1 to {MOST_SIDE} pixels, or HEIGHTxWIDTH, found `{found}`")]
pub struct BadSize {
    found: String,
}

/// Larger ones are more values than a network takes.
const MOST_SIDE: u32 = 1024;

impl FromStr for Size {
    type Err = BadSize;

    fn from_str(text: &str) -> Result<Self, BadSize> {
        let side = |text: &str| text.parse().ok().filter(|side| (1..=MOST_SIDE).contains(side));
        let (height, width) = text.split_once('x').unwrap_or((text, text));
        let size = side(height).zip(side(width)).map(|(height, width)| Self { height, width });
        size.ok_or_else(|| BadSize { found: text.to_owned() })
    }
}

impl TryFrom<String> for Size {
    type Error = BadSize;

    fn try_from(text: String) -> Result<Self, BadSize> {
        text.parse()
    }
}

impl From<Size> for String {
    fn from(size: Size) -> Self {
        size.to_string()
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.height, self.width)
    }
}

impl Form {
    /// Whether nothing is wished.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// Of images that have a form already, which is kept where nothing else is wished.
    pub(crate) fn over(&self, of_set: InputSchema) -> InputSchema {
        if let Some(learned) = self.learned {
            return learned;
        }
        let Size { height, width } = self.size.unwrap_or(Size { height: of_set.height, width: of_set.width });
        let channels = self.channels.unwrap_or(of_set.channels);
        let polarity = self.invert.map_or(of_set.polarity, polarity);
        let fit = match (self.fit, of_set.fit) {
            (Some(Fitting::Whole), _) => Fit::Whole,
            (Some(Fitting::Ink), _) => Fit::Cut { side: ink_side(height, width) },
            // The same part of another frame.
            (None, Fit::InkBox { side }) if (height, width) != (of_set.height, of_set.width) => {
                let part = f64::from(side) / f64::from(of_set.height.min(of_set.width));
                Fit::InkBox { side: scaled(height.min(width), part) }
            }
            (None, fit) => fit,
        };
        InputSchema { height, width, channels, polarity, fit }
    }

    /// The form of pictures that were looked at; `sizes` are the widths and heights of all.
    pub(crate) fn of_pictures(&self, found: &Found, sizes: &[(u32, u32)]) -> InputSchema {
        if let Some(learned) = self.learned {
            return learned;
        }
        let is_ink = self.fit.map_or(found.is_ink(), |fit| fit == Fitting::Ink);
        let channels = self.channels.unwrap_or(if found.is_coloured() { 3 } else { 1 });
        let common = match *sizes {
            [(width, height), ..]
                if width.max(height) <= KEPT_SIDE && sizes.iter().all(|&size| size == (width, height)) =>
            {
                Some(Size { height, width })
            }
            _ => None,
        };
        let side = SIDE[usize::from(channels == 3)];
        let size = self.size.or(common).unwrap_or(Size { height: side, width: side });
        let Size { height, width } = size;
        let is_placed = self.fit.is_none() && common == Some(size) && found.is_placed();
        let polarity = match self.invert {
            Some(invert) => polarity(invert),
            None if is_ink && channels == 1 => Polarity::LightOnDark,
            None => Polarity::AsIs,
        };
        let fit = match (is_ink, is_placed) {
            (false, _) => Fit::Whole,
            (true, true) => Fit::InkBox { side: found.side(height.min(width)) },
            (true, false) => Fit::Cut { side: ink_side(height, width) },
        };
        InputSchema { height, width, channels, polarity, fit }
    }

    /// The form of arrays that were looked at. They are taken as they are, and other images will be made like them.
    ///
    /// That they be inverted can only be said of ink: nothing else tells those that are dark on light.
    pub(crate) fn of_arrays(&self, split: &Split) -> Result<OfArrays, Error> {
        let found = Found::of_split(split);
        let (height, width) = (split.height as u32, split.width as u32);
        let channels = split.channels as u32;
        let is_light =
            found.is_ink() && channels == 1 && found.dark() as f64 <= (1.0 - MOST) * found.plain() as f64;
        let input = self.over(InputSchema {
            height,
            width,
            channels,
            polarity: if is_light { Polarity::LightOnDark } else { Polarity::AsIs },
            fit: if found.is_ink() {
                Fit::InkBox { side: found.side(height.min(width)) }
            } else {
                Fit::Whole
            },
        });
        let inverts =
            input.polarity == Polarity::LightOnDark && 2 * found.dark() > found.plain() && found.is_ink();
        if self.invert == Some(true) && !inverts && !is_light {
            return Err(Error::InvertsArrays);
        }
        Ok(OfArrays { input, inverts, words: self.words(&found, &input) })
    }

    /// What was found and what was chosen, in one line.
    pub(crate) fn words(&self, found: &Found, input: &InputSchema) -> String {
        let how = if self.learned.is_some() { "as the adapter has learned" } else { "chosen" };
        format!("{found}; {how}: {}", chosen(input))
    }
}

/// What becomes of arrays.
pub(crate) struct OfArrays {
    pub(crate) input: InputSchema,
    /// Whether those with a bright border are inverted: all of a set, or none.
    pub(crate) inverts: bool,
    /// What was found and what was chosen.
    pub(crate) words: String,
}

fn polarity(invert: bool) -> Polarity {
    if invert { Polarity::LightOnDark } else { Polarity::AsIs }
}

fn ink_side(height: u32, width: u32) -> u32 {
    scaled(height.min(width), INK)
}

fn scaled(side: u32, part: f64) -> u32 {
    ((f64::from(side) * part).round() as u32).max(1)
}

/// `28 × 28, grey, bright borders inverted, ink cut out and scaled to 20`
pub fn chosen(input: &InputSchema) -> String {
    let InputSchema { height, width, channels, polarity, fit } = input;
    let colour = if *channels == 3 { "in colour" } else { "grey" };
    let invert =
        if *polarity == Polarity::LightOnDark { ", dark on light inverted" } else { ", not inverted" };
    let fit = match fit {
        Fit::Whole => "the whole image".to_owned(),
        Fit::InkBox { side } => format!("ink of other sizes cut out and scaled to {side}"),
        Fit::Cut { side } => format!("ink cut out, scaled to {side} and centred"),
    };
    format!("{height} × {width} {colour}{invert}, {fit}")
}

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

    fn of_split(split: &Split) -> Self {
        let size = (split.width as u32, split.height as u32);
        let look =
            |i: usize| Some(Look::of(&Planes::of_values(split.image(i), size, split.channels as u32)?));
        let chosen: Vec<usize> = spread(split.len(), LOOKED_AT).collect();
        let looks = chosen.into_par_iter().filter_map(look).collect();
        Self { looks, other_colours: false, sizes: Some([size, size]) }
    }

    fn inked(&self) -> impl Iterator<Item = picture::Inked> {
        self.looks.iter().filter_map(|look| look.ink)
    }

    fn plain(&self) -> usize {
        self.inked().count()
    }

    fn dark(&self) -> usize {
        self.inked().filter(|ink| ink.is_dark).count()
    }

    fn is_most(&self, count: usize) -> bool {
        count > 0 && count as f64 >= MOST * self.looks.len() as f64
    }

    fn is_ink(&self) -> bool {
        self.is_most(self.plain())
    }

    fn coloured(&self) -> usize {
        self.looks.iter().filter(|look| look.colour.is_some()).count()
    }

    /// A pen of one colour is ink as any other.
    fn is_coloured(&self) -> bool {
        let some = self.coloured() as f64 >= SOME * self.looks.len() as f64 && self.coloured() > 0;
        some && (self.other_colours || !self.is_ink())
    }

    fn is_placed(&self) -> bool {
        let mean = self.mean_side();
        let is_placed = |ink: &picture::Inked| ink.off <= OFF && (ink.side as f64 - mean).abs() <= 0.2 * mean;
        self.is_most(self.inked().filter(is_placed).count())
    }

    fn mean_side(&self) -> f64 {
        self.inked().map(|ink| ink.side as f64).sum::<f64>() / self.plain() as f64
    }

    /// The longer side of the ink, on average.
    fn side(&self, most: u32) -> u32 {
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

/// Images of an array in another form, if that is wanted; what has no ink to cut out stays whole.
pub(crate) fn reform(split: Split, input: &InputSchema, inverts: bool) -> Result<Split, Error> {
    let size = (split.width as u32, split.height as u32);
    let is_cut = matches!(input.fit, Fit::Cut { .. });
    let has_form = (size, split.channels as u32) == ((input.width, input.height), input.channels);
    if has_form && !is_cut && !inverts {
        return Ok(split);
    }
    check_size(input)?;
    let values = input.len();
    let mut images = vec![0; split.len() * values];
    let whole = InputSchema { fit: Fit::Whole, ..*input };
    images.par_chunks_exact_mut(values.max(1)).enumerate().try_for_each(|(i, image)| {
        let planes = || Planes::of_values(split.image(i), size, split.channels as u32);
        let Some(planes) = planes() else { return Err(Error::NoContrast { samples: split.len() }) };
        let fitted = picture::reformed(planes.clone(), input);
        image.copy_from_slice(&fitted.or_else(|_| picture::reformed(planes, &whole)).unwrap_or_default());
        Ok(())
    })?;
    let [height, width, channels] = [input.height, input.width, input.channels].map(|n| n as usize);
    Ok(Split { images, labels: split.labels, height, width, channels })
}

/// Refuses a form that no network takes, before any image is brought to it.
pub(crate) fn check_size(input: &InputSchema) -> Result<(), Error> {
    const MOST: usize = 65_536;
    let [height, width, channels] = [input.height, input.width, input.channels].map(|n| n as usize);
    if input.len() > MOST { Err(Error::FormTooLarge { height, width, channels }) } else { Ok(()) }
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

    #[test]
    fn a_size_is_a_side_or_two() {
        let check = |text: &str, expected: Option<&str>| {
            let found = text.parse::<Size>().ok().map(|size| size.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        };
        check("28", Some("28x28"));
        check("28x40", Some("28x40"));
        check("1024", Some("1024x1024"));
        for text in ["0", "", "28x", "28x40x3", "-1", "2000", "28 x 40"] {
            check(text, None);
        }
    }

    #[test]
    fn what_is_wished_counts_and_the_rest_stays() {
        let mnist = InputSchema {
            height: 28,
            width: 28,
            channels: 1,
            polarity: Polarity::LightOnDark,
            fit: Fit::InkBox { side: 20 },
        };
        let check = |form: Form, expected: InputSchema| assert_eq!(form.over(mnist), expected, "{form:?}");
        check(Form::default(), mnist);
        let learned = InputSchema { height: 9, ..mnist };
        check(
            Form { learned: Some(learned), size: Some(Size { height: 7, width: 7 }), ..Form::default() },
            learned,
        );
        let large = InputSchema { height: 56, width: 60, fit: Fit::InkBox { side: 40 }, ..mnist };
        check(Form { size: Some("56x60".parse().unwrap()), ..Form::default() }, large);
        let plain = InputSchema { polarity: Polarity::AsIs, fit: Fit::Whole, channels: 3, ..mnist };
        let form =
            Form { fit: Some(Fitting::Whole), invert: Some(false), channels: Some(3), ..Form::default() };
        check(form, plain);
        check(
            Form { fit: Some(Fitting::Ink), ..Form::default() },
            InputSchema { fit: Fit::Cut { side: 20 }, ..mnist },
        );
    }
}
