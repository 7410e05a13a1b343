//! What the numbers of an image mean: the one place that decides it, whatever file or text they came in.
//!
//! - Whole numbers are 0 to 255. If there are zeros and ones alone, they are 0 to 1, and become 0 and 255.
//! - Fractions from 0 to 1 are multiplied by 255; a value that rounding put a hair outside is cut off.
//! - Other fractions are 0 to 255, unless the largest is so small that it could be either: that is an error.
//! - Samples of 16 bits in an image file are of the fewest bits, 8 to 16, that hold the largest: to 255 of 8, to 4095 of 12.
//!
//! Whatever is more than the usual is said: `Reading::how`, and if it is a guess, `Reading::note`.

use bl_core::text::number;

/// How far outside of 0 to 1 fractions may be.
const HAIR: f64 = 0.01;
/// Shades that differ by less than this (of 255) are one shade. Fractions of 0 to 255 that stay below could be 0 to 1.
pub(crate) const FAINTEST: u8 = 16;
/// Pixels that span less than this are used, and said to be faint: a third of the range.
pub(crate) const FAINT: u8 = 85;

/// The smallest and the largest of some numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Extent {
    pub(crate) least: f64,
    pub(crate) most: f64,
    /// Whether all are whole; numbers of an integer type are.
    pub(crate) whole: bool,
}

impl Extent {
    /// Of none yet.
    pub(crate) const NONE: Self = Self { least: f64::INFINITY, most: f64::NEG_INFINITY, whole: true };

    pub(crate) fn take(&mut self, value: f64) {
        self.least = self.least.min(value);
        self.most = self.most.max(value);
        self.whole = self.whole && value.fract() == 0.0;
    }
}

/// How numbers become grey.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reading {
    /// They are grey already.
    Bytes,
    /// From 0 to 1.
    Fractions,
    /// From 0 to 1, and some a hair outside.
    Cut { least: f64, most: f64 },
    /// Zeros and ones.
    Bits,
}

/// Fractions that could be of 0 to 1 as well as of 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "expected values from 0 to 1 or from 0 to 255, found a largest value of {most}, which could be of either"
)]
pub struct Unclear {
    /// The largest value.
    pub most: f64,
}

impl Unclear {
    /// What to do about it.
    pub fn hint(self) -> String {
        "bring the values to 0..255 (or 0..1) first; those outside 0..1 for rounding alone can be cut off, as with \
         `array.clip(0, 1)`"
            .into()
    }
}

impl Reading {
    /// What it must be for numbers of that extent, which the type says to be `real` or whole.
    pub(crate) fn of(real: bool, extent: Extent) -> Result<Self, Unclear> {
        let Extent { least, most, whole } = extent;
        match real {
            _ if whole && (least, most) == (0.0, 1.0) => Ok(if real { Self::Fractions } else { Self::Bits }),
            true if least >= 0.0 && most <= 1.0 => Ok(Self::Fractions),
            true if least >= -HAIR && most <= 1.0 + HAIR => Ok(Self::Cut { least, most }),
            true if most < FAINTEST.into() => Err(Unclear { most }),
            _ => Ok(Self::Bytes),
        }
    }

    /// As [`Self::of`], of whole numbers that fit into bytes: most are decided by the first that is neither 0 nor 1.
    pub(crate) fn of_bytes(values: &[u8]) -> Self {
        let is_bits = values.iter().all(|&value| value <= 1) && values.contains(&0) && values.contains(&1);
        if is_bits { Self::Bits } else { Self::Bytes }
    }

    /// Whether a value may be read at all, before the extent is known.
    pub(crate) fn may_be(value: f64) -> bool {
        (-HAIR..=255.0).contains(&value) // false for NaN
    }

    /// Whether a value is in the range.
    pub(crate) fn takes(self, value: f64) -> bool {
        match self {
            Self::Bytes => (0.0..=255.0).contains(&value),
            _ => true, // the extent was within it
        }
    }

    /// Fractions are rounded to the nearest, halves up.
    pub(crate) fn grey(self, value: f64) -> u8 {
        match self {
            Self::Bytes => value.round() as u8,
            _ => (value.clamp(0.0, 1.0) * 255.0).round() as u8,
        }
    }

    /// Brings bytes in place; there is nothing to do for most.
    pub(crate) fn apply(self, values: &mut [u8]) {
        if self != Self::Bytes {
            for value in values {
                *value = self.grey(f64::from(*value));
            }
        }
    }

    /// What was done, in plain words.
    pub(crate) fn how(self) -> Option<&'static str> {
        (self != Self::Bytes).then_some("values 0..1 multiplied by 255")
    }

    /// What must not be overlooked.
    pub(crate) fn note(self) -> Option<String> {
        match self {
            Self::Bytes | Self::Fractions => None,
            Self::Bits => Some("the values are 0 and 1 of 255: taken for 0..1 and multiplied by 255".into()),
            Self::Cut { least, most } => Some(format!(
                "the values are {least} to {most}: taken for 0..1, cut off and multiplied by 255"
            )),
        }
    }
}

/// What to do with numbers where only bytes are taken, by the same rules.
pub fn how_to_bytes(values: impl Iterator<Item = f64>) -> String {
    let mut extent = Extent::NONE;
    let mut finite = true;
    for value in values {
        finite = finite && value.is_finite();
        extent.take(value);
    }
    let Extent { least, most, .. } = extent;
    let what = match Reading::of(true, extent) {
        _ if !finite || least > most => return "pixels are whole numbers from 0 to 255".into(),
        Ok(Reading::Bytes) if Reading::Bytes.takes(least) && Reading::Bytes.takes(most) => "round them",
        Ok(Reading::Fractions | Reading::Cut { .. } | Reading::Bits) => {
            "multiply them by 255 and round them, if 1 stands for white"
        }
        Ok(Reading::Bytes) | Err(_) => "bring them to 0 to 255 and round them",
    };
    format!("the values are {} to {}: {what}, then send them as UINT8", number(least), number(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_with_numbers_follows_from_their_range() {
        for (values, expected) in [
            (&[0.0, 0.5, 1.0][..], "the values are 0 to 1: multiply them by 255"),
            (&[0.0, 1.0], "multiply them by 255"),
            (&[-0.001, 0.5], "multiply them by 255"),
            (&[0.0, 254.5], "the values are 0 to 254.5: round them"),
            (&[-1.0, 1.0], "the values are -1 to 1: bring them to 0 to 255"),
            (&[0.0, 3.0], "bring them to 0 to 255"),
            (&[0.0, 65535.0], "bring them to 0 to 255"),
            (&[0.0, f64::NAN], "pixels are whole numbers from 0 to 255"),
            (&[], "pixels are whole numbers from 0 to 255"),
        ] {
            let found = how_to_bytes(values.iter().copied());
            assert!(found.contains(expected), "{values:?}: {found}");
        }
    }

    #[test]
    fn the_extent_decides() {
        fn check(real: bool, values: &[f64], expected: Option<&[u8]>) {
            let mut extent = Extent::NONE;
            for &value in values {
                extent.take(value);
            }
            let found = Reading::of(real, extent);
            let found = found.ok().map(|reading| values.iter().map(|&v| reading.grey(v)).collect::<Vec<_>>());
            assert_eq!(found.as_deref(), expected, "{values:?}");
            if !real {
                let mut bytes: Vec<u8> = values.iter().map(|&value| value as u8).collect();
                Reading::of_bytes(&bytes).apply(&mut bytes);
                assert_eq!(Some(&*bytes), expected);
            }
        }
        check(false, &[0.0, 1.0, 1.0], Some(&[0, 255, 255]));
        check(false, &[1.0, 1.0], Some(&[1, 1]));
        check(false, &[0.0, 2.0], Some(&[0, 2]));
        check(false, &[0.0, 0.0], Some(&[0, 0]));
        check(true, &[0.0, 0.5, 1.0], Some(&[0, 128, 255]));
        check(true, &[0.0, 0.5, 1.000_000_1], Some(&[0, 128, 255]));
        check(true, &[-0.01, 0.5, 1.01], Some(&[0, 128, 255]));
        check(true, &[0.0, 0.5, 1.02], None);
        check(true, &[0.0, 15.9], None);
        check(true, &[0.0, 1.5, 254.5], Some(&[0, 2, 255]));
    }

    #[test]
    fn a_guess_is_said_and_the_usual_is_not() {
        let said = |reading: Reading| (reading.how().is_some(), reading.note().is_some());
        assert_eq!(said(Reading::Bytes), (false, false));
        assert_eq!(said(Reading::Fractions), (true, false));
        assert_eq!(said(Reading::Bits), (true, true));
        assert_eq!(said(Reading::Cut { least: 0.0, most: 1.001 }), (true, true));
    }
}
