//! The form that images are brought to: what is wished, or what looking at the training images suggests.

mod found;
mod reform;
mod size;

use bl_core::io::{Fit, InputSchema, Polarity};
use serde::{Deserialize, Serialize};

use crate::{Error, Split};

use found::MOST;
pub(crate) use found::{Found, LOOKED_AT, of_classes, spread};
pub(crate) use reform::{check_size, reform};
pub use size::{BadSize, Size};

/// Pictures of one and the same size keep it up to this many pixels a side.
const KEPT_SIDE: u32 = 64;
/// All others become this many pixels a side: in grey as MNIST, in colour as CIFAR-10.
const SIDE: [u32; 2] = [28, 32];
/// Of a frame, the part that ink fills: 20 of 28, as in MNIST.
const INK: f64 = 20.0 / 28.0;

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
        Ok(OfArrays { input, inverts, words: self.words(&found, &input, inverts) })
    }

    /// What was found and what was chosen, in one line; `inverts` says whether some of the images are inverted.
    pub(crate) fn words(&self, found: &Found, input: &InputSchema, inverts: bool) -> String {
        let how = if self.learned.is_some() { "as the adapter has learned" } else { "chosen" };
        format!("{found}; {how}: {}", chosen(input, inverts))
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

/// `28 × 28 grey, dark on light inverted, ink cut out, scaled to 20 and centred`; `inverts` says whether some of the images
/// that are spoken of are inverted.
pub(crate) fn chosen(input: &InputSchema, inverts: bool) -> String {
    let InputSchema { height, width, channels, polarity, fit } = input;
    let colour = if *channels == 3 { "in colour" } else { "grey" };
    let invert = match (polarity, inverts) {
        (Polarity::AsIs, _) => ", not inverted",
        (Polarity::LightOnDark, true) => ", dark on light inverted",
        (Polarity::LightOnDark, false) => ", light on dark as they are (others would be inverted)",
    };
    let fit = match fit {
        Fit::Whole => "the whole image".to_owned(),
        Fit::InkBox { side } => format!("ink of other sizes cut out and scaled to {side}"),
        Fit::Cut { side } => format!("ink cut out, scaled to {side} and centred"),
    };
    format!("{height} × {width} {colour}{invert}, {fit}")
}

#[cfg(test)]
mod tests {
    use super::*;

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
