//! Rows that go forward and back together.

/// Rows of a batch, and all that they meet. Lengths agree: whoever makes one vouches for them.
pub(crate) struct Tile<'a> {
    /// Rows of pre-activations, of as many values as there are biases: the tile's, then those that come next.
    pub(crate) p: &'a [*const u16],
    /// How many of them are the tile's.
    pub(crate) rows: usize,
    /// b, padded
    pub(crate) bias: &'a [f32],
    /// m, padded; empty for 1
    pub(crate) gains: &'a [f32],
    /// Q of the readout, padded
    pub(crate) weights: &'a [f32],
    pub(crate) classes: usize,
}

impl Tile<'_> {
    /// Bytes of the gates of a row: one bit for each unit.
    pub(crate) fn gate_bytes(&self) -> usize {
        self.bias.len() / 8
    }
}
