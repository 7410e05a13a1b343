//! The frozen readout `A`, laid out for the kernels.

use crate::error::{Error, check_len};
use crate::padded_units;

/// The frozen readout `A`, `[classes, units]`, in the shape that suits its structure.
#[derive(Clone, Debug, PartialEq)]
pub enum Readout {
    /// Unit `i` feeds class `i % classes` alone, with one weight: a tenth of the arithmetic of a dense
    /// readout of ten classes.
    OneHot {
        /// The weight of each unit, padded with zeros.
        weights: Vec<f32>,
        /// Number of classes.
        classes: usize,
    },
    /// Every unit feeds every class.
    Dense {
        /// `[classes, padded units]`, padded with zeros.
        weights: Vec<f32>,
        /// Number of classes.
        classes: usize,
    },
}

impl Readout {
    /// A readout whose unit `i` feeds class `i % classes` with `weights[i]`.
    pub fn one_hot(weights: &[f32], classes: usize) -> Result<Self, Error> {
        check_classes(classes)?;
        let mut padded = weights.to_vec();
        padded.resize(padded_units(weights.len()), 0.0);
        Ok(Self::OneHot { weights: padded, classes })
    }

    /// A dense readout from `[classes, units]`.
    pub fn dense(weights: &[f32], classes: usize, units: usize) -> Result<Self, Error> {
        check_classes(classes)?;
        check_len("readout", classes * units, weights.len())?;
        let stride = padded_units(units);
        let mut padded = vec![0.0; classes * stride];
        for (to, from) in padded.chunks_exact_mut(stride).zip(weights.chunks_exact(units.max(1))) {
            to[..units].copy_from_slice(from);
        }
        Ok(Self::Dense { weights: padded, classes })
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        match self {
            Self::OneHot { classes, .. } | Self::Dense { classes, .. } => *classes,
        }
    }

    /// `A diag(m)`: every unit's column of `frozen` times its gain.
    ///
    /// # Shapes
    /// - `gains`: `[units]`; padding keeps its zeros
    pub fn scale_units(&mut self, frozen: &Self, gains: &[f32]) -> Result<(), Error> {
        check_len("classes of the frozen readout", self.classes(), frozen.classes())?;
        check_len("readout", self.stride(), frozen.stride())?;
        check_len("unit gains", self.stride(), padded_units(gains.len()))?;
        let stride = self.stride();
        let (Self::OneHot { weights: from, .. } | Self::Dense { weights: from, .. }) = frozen;
        let (Self::OneHot { weights: to, .. } | Self::Dense { weights: to, .. }) = self;
        check_len("readout", to.len(), from.len())?;
        for (to, from) in to.chunks_exact_mut(stride).zip(from.chunks_exact(stride)) {
            to.iter_mut().zip(from).zip(gains).for_each(|((to, a), gain)| *to = a * gain);
        }
        Ok(())
    }

    /// Bytes of the weights, padding counted.
    pub fn bytes(&self) -> usize {
        let (Self::OneHot { weights, .. } | Self::Dense { weights, .. }) = self;
        size_of_val(&**weights)
    }

    /// Units, padding counted.
    pub(crate) fn stride(&self) -> usize {
        match self {
            Self::OneHot { weights, .. } => weights.len(),
            Self::Dense { weights, classes } => weights.len() / classes,
        }
    }
}

fn check_classes(classes: usize) -> Result<(), Error> {
    const MAX: usize = 1 << 16;
    if (1..=MAX).contains(&classes) {
        Ok(())
    } else {
        Err(Error::OutOfRange { what: "number of classes", index: classes, len: MAX })
    }
}
