//! What goes in and what comes out of an adapter: enough for a program that never saw the task.

use serde::{Deserialize, Serialize};

/// The picture an adapter expects: 8-bit pixels, row-major `[height, width, channels]`.
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
    /// How a picture of another size is brought to this one.
    pub fit: Fit,
}

impl InputSchema {
    /// Number of values of one picture, the width of the backbone's input; saturates.
    pub fn len(&self) -> usize {
        (self.height as usize).saturating_mul(self.width as usize).saturating_mul(self.channels as usize)
    }

    /// Whether the picture has no pixels (never true of a valid schema).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Which of ink and paper is bright in the training pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Polarity {
    /// Bright ink on a dark ground, as in MNIST: a picture with a bright border is inverted.
    LightOnDark,
    /// Pictures are used as they are.
    AsIs,
}

/// How a picture of another size is brought to the size of the training pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "how")]
pub enum Fit {
    /// The whole picture, padded to the aspect ratio of the input and resized.
    Whole,
    /// The ink is cut out, scaled so that its longer side is `side` pixels, and centred by its
    /// centre of mass, as MNIST was made.
    InkBox {
        /// Longer side of the ink in pixels.
        side: u32,
    },
}
