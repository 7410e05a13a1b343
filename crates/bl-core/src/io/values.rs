//! Rows of real values as an adapter expects them.

use serde::{Deserialize, Serialize};

use super::SeriesScale;
use crate::error::Error;
use crate::spec::{InputShape, MAX_INPUTS, range};

/// How a row of real values becomes the row of 8-bit values that a network takes, and what comes out.
///
/// Value j of the row is `round(255 (x − low_j) / (high_j − low_j))`, x clipped to `low_j..high_j`, in double precision, halves away
/// from zero; 0 where `low_j = high_j`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueSchema {
    /// The least value of each column in training.
    pub low: Vec<f64>,
    /// The greatest.
    pub high: Vec<f64>,
    /// Where numbers come out and not scores of classes: `y = offset + unit · output`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<SeriesScale>,
}

impl ValueSchema {
    /// The ranges of the columns of some rows.
    ///
    /// # Shapes
    /// - `rows`: `[count, columns]`
    ///
    /// # Errors
    /// If there is no row, or a value that is not finite.
    pub fn of_rows(rows: &[f64], columns: usize) -> Result<Self, Error> {
        check_rows(rows, columns)?;
        let (mut low, mut high) = (rows[..columns].to_vec(), rows[..columns].to_vec());
        for row in rows.chunks_exact(columns) {
            for ((low, high), &x) in low.iter_mut().zip(&mut high).zip(row) {
                *low = low.min(x);
                *high = high.max(x);
            }
        }
        let schema = Self { low, high, target: None };
        schema.validate()?;
        Ok(schema)
    }

    /// One range for all columns, for values that are of one kind, such as pixels.
    #[must_use]
    pub fn of_one_range(mut self) -> Self {
        let low = self.low.iter().copied().fold(f64::INFINITY, f64::min);
        let high = self.high.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.low.fill(low);
        self.high.fill(high);
        self
    }

    /// Values of a row.
    pub fn columns(&self) -> usize {
        self.low.len()
    }

    /// The form of a row, as a backbone takes it.
    pub fn shape(&self) -> InputShape {
        InputShape { height: 1, width: self.columns() as u32, channels: 1 }
    }

    /// 8-bit rows of real ones.
    ///
    /// # Shapes
    /// - `rows`: `[count, columns]`, returns as many
    ///
    /// # Errors
    /// If that is not whole rows, or a value is not finite.
    pub fn rows(&self, rows: &[f64]) -> Result<Vec<u8>, Error> {
        let columns = self.columns();
        check_rows(rows, columns)?;
        let ranges = || self.low.iter().zip(&self.high);
        Ok(rows
            .chunks_exact(columns)
            .flat_map(|row| ranges().zip(row).map(|((l, h), x)| level(*x, *l, *h)))
            .collect())
    }

    /// Whether the numbers make sense.
    pub fn validate(&self) -> Result<(), Error> {
        range("values.low (their number)", self.low.len() as f64, 1.0, MAX_INPUTS as f64)?;
        let columns = self.low.len() as f64;
        range("values.high (their number)", self.high.len() as f64, columns, columns)?;
        for (&low, &high) in self.low.iter().zip(&self.high) {
            range("values.low", low, f64::MIN, f64::MAX)?;
            range("values.high", high, low, f64::MAX)?;
            range("values.high − values.low", high - low, 0.0, f64::MAX)?;
        }
        if let Some(SeriesScale { offset, unit }) = self.target {
            range("values.target.offset", offset, f64::MIN, f64::MAX)?;
            range("values.target.unit", unit, f64::MIN_POSITIVE, f64::MAX)?;
        }
        Ok(())
    }
}

/// The level of a value in a range.
fn level(x: f64, low: f64, high: f64) -> u8 {
    if high <= low {
        return 0;
    }
    (255.0 * (x.clamp(low, high) - low) / (high - low)).round() as u8 // within 0 to 255
}

fn check_rows(rows: &[f64], columns: usize) -> Result<(), Error> {
    if columns == 0 || rows.is_empty() || !rows.len().is_multiple_of(columns) {
        return Err(Error::ValueCount { expected: columns, found: rows.len() });
    }
    match rows.iter().position(|x| !x.is_finite()) {
        None => Ok(()),
        Some(at) => Err(Error::ValueNotFinite { row: at / columns, column: at % columns, found: rows[at] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_span_the_range_and_stop_at_its_ends() {
        let schema = ValueSchema::of_rows(&[-1.0, 7.0, 1.0, 7.0], 2).expect("two rows");
        assert_eq!((&*schema.low, &*schema.high), (&[-1.0, 7.0][..], &[1.0, 7.0][..]));
        assert_eq!(
            schema.rows(&[-1.0, 7.0, 1.0, 0.0, 0.0, 1e9, -9.0, 7.0]).expect("rows"),
            [0, 0, 255, 0, 128, 0, 0, 0]
        );
        assert_eq!(schema.of_one_range().rows(&[-1.0, 7.0]).expect("a row"), [0, 255]);
    }

    #[test]
    fn what_is_no_row_is_refused() {
        let schema = ValueSchema::of_rows(&[0.0, 1.0], 1).expect("two rows");
        for rows in [&[][..], &[f64::NAN], &[f64::INFINITY]] {
            assert!(schema.rows(rows).is_err(), "{rows:?}");
        }
        assert!(ValueSchema::of_rows(&[0.0; 3], 2).is_err());
        assert!(ValueSchema::of_rows(&[-1e308, 1e308], 1).is_err(), "a range that is no number");
        assert!(ValueSchema { low: vec![1.0], high: vec![0.0], target: None }.validate().is_err());
    }
}
