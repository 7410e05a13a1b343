//! Images as an adapter expects them.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::spec::{MAX_INPUTS, range};

/// The image an adapter expects: 8-bit pixels, row-major `[height, width, channels]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputSchema {
    /// Rows of pixels.
    pub height: u32,
    /// Columns of pixels.
    pub width: u32,
    /// Values per pixel; 1 for grey.
    pub channels: u32,
    /// Which of ink and paper is bright.
    pub polarity: Polarity,
    /// How an image of another size is brought to this one.
    pub fit: Fit,
}

impl InputSchema {
    /// Number of values of one image, the width of the backbone's input; saturates.
    pub fn len(&self) -> usize {
        (self.height as usize).saturating_mul(self.width as usize).saturating_mul(self.channels as usize)
    }

    /// An image has a pixel at least and no more values than a network takes, and its ink fits into it.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let side = |what, found: u32, most: u32| range(what, found.into(), 1.0, most.into());
        side("input.height", self.height, MAX_INPUTS as u32)?;
        side("input.width", self.width, MAX_INPUTS as u32)?;
        side("input.channels", self.channels, MAX_INPUTS as u32)?;
        range("values of the input", self.len() as f64, 1.0, MAX_INPUTS as f64)?;
        match self.fit {
            Fit::Whole => Ok(()),
            Fit::InkBox { side: ink } | Fit::Cut { side: ink } => {
                side("input.fit.side", ink, self.height.max(self.width))
            }
        }
    }

    /// Whether the image has no pixels (never true of a valid schema).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Which of ink and paper is bright in the training images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Polarity {
    /// Bright ink on a dark ground, as in MNIST: an image with a bright border is inverted.
    LightOnDark,
    /// Images are used as they are.
    AsIs,
}

/// How an image of another size is brought to the size of the training images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "how")]
pub enum Fit {
    /// The whole image, padded to the aspect ratio of the input and resized.
    Whole,
    /// The ink is cut out, scaled so that its longer side is `side` pixels, and centred by its
    /// centre of mass, as MNIST was made.
    InkBox {
        /// Longer side of the ink in pixels.
        side: u32,
    },
    /// As [`Fit::InkBox`], and images that have the size of the training images already are cut out too: those lay
    /// anywhere in theirs.
    Cut {
        /// Longer side of the ink in pixels.
        side: u32,
    },
}

/// Standardisation of the pixels: `(pixel / 255 − mean) / std`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preprocessing {
    /// Subtracted.
    pub mean: f64,
    /// Divided by.
    pub std: f64,
}

impl Preprocessing {
    /// Nothing happens.
    pub const NONE: Self = Self { mean: 0.0, std: 1.0 };

    pub(crate) fn validate(self) -> Result<(), Error> {
        let Self { mean, std } = self;
        if mean.abs() <= 1e6 && (1e-6..=1e6).contains(&std) {
            Ok(())
        } else {
            Err(Error::BadPreprocessing { mean, std }) // a NaN is in no range
        }
    }
}
