//! Who has which colour, in every figure.

use plotters::style::RGBColor;

/// What a series stands for. Colours are those of Okabe and Ito (2008), which stay apart for the
/// colour-blind, in the roles of the paper's figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Bias learning: orange.
    Bias,
    /// Another kind of bias learning, such as another distribution of weights: dark orange.
    BiasVariant,
    /// A fully trained network: blue.
    Full,
    /// Mask learning: black.
    Mask,
    /// A null model or chance: grey.
    Null,
    /// A further series: green.
    Green,
    /// A further series: purple.
    Purple,
    /// A further series: light blue.
    Sky,
}

impl Role {
    pub(crate) fn colour(self) -> RGBColor {
        match self {
            Self::Bias => RGBColor(230, 159, 0),
            Self::BiasVariant => RGBColor(192, 78, 0),
            Self::Full => RGBColor(0, 114, 178),
            Self::Mask => RGBColor(20, 20, 20),
            Self::Null => RGBColor(140, 140, 140),
            Self::Green => RGBColor(0, 158, 115),
            Self::Purple => RGBColor(184, 92, 150),
            Self::Sky => RGBColor(86, 180, 233),
        }
    }
}

/// Text and axes.
pub(crate) const INK: RGBColor = RGBColor(34, 34, 34);
/// Lines that help to read off a value.
pub(crate) const GRID: RGBColor = RGBColor(228, 228, 228);
/// The paper.
pub(crate) const WHITE: RGBColor = RGBColor(255, 255, 255);
