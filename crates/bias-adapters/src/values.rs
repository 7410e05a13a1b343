//! Rows of real values: classes, or numbers.

use bl_core::Net;
use bl_core::io::ValueSchema;
use bl_core::softmax;

use crate::kinds::ROWS;
use crate::{Error, Model};

impl Model {
    /// Scores of the classes of some rows, as they come out of the network.
    ///
    /// # Shapes
    /// - `rows`: `[count, columns]` of [`columns`](Self::columns)
    /// - returns: `[count, classes]`, in the order of [`labels`](Self::labels)
    pub fn row_scores(&self, rows: &[f64]) -> Result<Vec<f32>, Error> {
        self.scores_of_rows(&self.columns()?.rows(rows)?)
    }

    /// Probabilities of the classes: the softmax of the [`row_scores`](Self::row_scores).
    pub fn row_probabilities(&self, rows: &[f64]) -> Result<Vec<f32>, Error> {
        Ok(self.row_scores(rows)?.chunks_exact(self.core().outputs()).flat_map(softmax).collect())
    }

    /// Numbers for some rows, in their own unit.
    ///
    /// # Shapes
    /// - `rows`: `[count, columns]` of [`columns`](Self::columns)
    /// - returns: `[count, outputs]`
    pub fn estimate(&self, rows: &[f64]) -> Result<Vec<f64>, Error> {
        let Some(scale) = self.columns()?.target else {
            return Err(self.other_kind(crate::kinds::ESTIMATES));
        };
        Ok(self.row_scores(rows)?.into_iter().map(|y| scale.offset + scale.unit * f64::from(y)).collect())
    }

    /// The ranges of the columns that go in, and the scale of numbers that come out.
    pub fn columns(&self) -> Result<&ValueSchema, Error> {
        self.header().io.values().map_err(|_| self.other_kind(ROWS))
    }
}
