//! Pieces of a series to learn from.

/// All windows of one length, with what comes `horizon` samples later.
///
/// # Shapes
/// - `values`: `[samples]`
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Windows<'a> {
    /// The samples.
    pub values: &'a [f64],
    /// Samples in each window.
    pub length: usize,
    /// How many samples ahead the targets are.
    pub horizon: usize,
}

/// An input and its target: `target[t]` is the sample `horizon` after `input[t]`.
///
/// # Shapes
/// - both: `[length]`
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window<'a> {
    /// What the network is shown.
    pub input: &'a [f64],
    /// What it should say.
    pub target: &'a [f64],
}

impl<'a> Windows<'a> {
    /// How many there are, one for each place to begin at; 0 if the samples are too few.
    pub fn count(&self) -> usize {
        (self.values.len() + 1).saturating_sub(self.length.saturating_add(self.horizon))
    }

    /// The window that begins at sample i, which is below [`count`](Self::count).
    pub fn get(&self, i: usize) -> Window<'a> {
        Window {
            input: &self.values[i..][..self.length],
            target: &self.values[i + self.horizon..][..self.length],
        }
    }
}
