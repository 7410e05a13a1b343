//! Everything that can be wrong with a figure, one variant each.

/// What is wrong, as facts; [`hint`](Error::hint) says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing to draw.
    #[error("expected at least one entry, found none: {what}")]
    Empty {
        /// Which list.
        what: &'static str,
    },
    /// A list that should ascend and does not.
    #[error("{what}: expected each to be greater than the one before")]
    NotAscending {
        /// Which list.
        what: &'static str,
    },
    /// A number of a figure that is NaN or infinite.
    #[error("series `{series}`: expected a finite {what}, found {value} at index {index}")]
    NotDrawable {
        /// Its name in the legend.
        series: String,
        /// Which number of a point.
        what: &'static str,
        /// Where the first such number is.
        index: usize,
        /// The number.
        value: f64,
    },
    /// A number that a logarithmic axis has no place for.
    #[error(
        "series `{series}`: expected {what} above 0 on a logarithmic axis, found {value} at index {index}"
    )]
    NotPositive {
        /// Its name in the legend.
        series: String,
        /// Which number of a point.
        what: &'static str,
        /// Where the first such number is.
        index: usize,
        /// The number.
        value: f64,
    },
    /// A number that the colours have no place for.
    #[error("`{series}`: expected numbers from {low} to {high}, found {value} at index {index}")]
    Outside {
        /// The row of a heat map.
        series: String,
        /// The least number.
        low: f64,
        /// The greatest number.
        high: f64,
        /// Where the first such number is.
        index: usize,
        /// The number.
        value: f64,
    },
    /// A standard deviation below zero.
    #[error("series `{series}`: expected no negative deviation, found {value} at index {index}")]
    NegativeDeviation {
        /// Its name in the legend.
        series: String,
        /// Where the first such number is.
        index: usize,
        /// The number.
        value: f64,
    },
    /// A series without a point.
    #[error("series `{series}`: expected at least one point, found none")]
    EmptySeries {
        /// Its name in the legend.
        series: String,
    },
    /// A series of another length than its places.
    #[error("series `{series}`: expected {expected} {what}, found {found}")]
    SeriesLength {
        /// Its name in the legend.
        series: String,
        /// What there are too many or too few of.
        what: &'static str,
        /// Number of places.
        expected: usize,
        /// Number of entries.
        found: usize,
    },
    /// An axis that goes nowhere, or a logarithmic one that goes to zero.
    #[error("axis `{axis}`: expected a range that ascends, above 0 if logarithmic, found {low} to {high}")]
    Range {
        /// Its label.
        axis: String,
        /// Its lower end.
        low: f64,
        /// Its upper end.
        high: f64,
    },
    /// A chart with equal scales on both axes, and a logarithmic axis.
    #[error("axis `{axis}`: expected a linear scale, for equal scales on both axes")]
    NotLinear {
        /// Its label.
        axis: String,
    },
    /// Text that the embedded font cannot show.
    #[error("the font has no `{}` for the text `{text}`", character.escape_default())]
    Glyph {
        /// The text.
        text: String,
        /// The first character that is missing.
        character: char,
    },
    /// The embedded font cannot be read.
    #[error("the embedded font cannot be read")]
    Font,
    /// The drawing library refused.
    #[error("cannot draw: {cause}")]
    Draw {
        /// What it says.
        cause: plotters::drawing::DrawingAreaErrorKind<std::io::Error>,
    },
    /// The drawing is not read as SVG.
    #[error("cannot read the drawing: {cause}")]
    Svg {
        /// What the reader says.
        cause: resvg::usvg::Error,
    },
    /// An image too large for memory.
    #[error("cannot make an image of {width} by {height} pixels")]
    Pixels {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// The image cannot be encoded.
    #[error("cannot encode the image: {cause}")]
    Png {
        /// What the encoder says.
        cause: String,
    },
}

impl Error {
    /// What to do about it, if there is something to say.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotDrawable { .. } => {
                Some("a run may have diverged: look at its loss, or lower the learning rate".into())
            }
            Self::NotPositive { .. } => Some("leave such points out, or make the axis linear".into()),
            Self::Glyph { .. } => Some("use letters of Latin, Greek or Cyrillic scripts".into()),
            _ => None,
        }
    }
}
