//! How a file holds the values of the units: as f32, or rounded to half or a quarter of its bytes.
//!
//! ```text
//! f16    v = f16(v)                           2 bytes a value
//! i8     v = f32(q · s), q from −127 to 127    1 byte a value, and a scale s = max |v| / 127 for each 64
//! ```

use half::f16;
use safetensors::tensor::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};

use super::form_error::FormError;
use crate::container::{self, Tensor};
use crate::error::Error;

/// How an adapter's file holds the values of its units. In memory they are f32, and these are what runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// As they were learned.
    #[default]
    F32,
    /// Rounded to the nearest 16-bit float.
    F16,
    /// 8-bit integers, with a scale for each 64 values: an outlier costs its neighbours digits, and nobody else.
    I8,
}

/// Values of i8 that share a scale.
const BLOCK: usize = 64;

/// The largest i8 that is used, so that both signs have as many.
const TOP: f32 = 127.0;

/// Scales other than 0: what is multiplied by them stays normal and finite, so values give their integers back.
const SCALES: std::ops::RangeInclusive<f32> = 1e-30..=1e30;

impl Encoding {
    /// As in a header.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::I8 => "i8",
        }
    }

    /// The scales that suit some values: those of i8, none for the others.
    pub(crate) fn scales(self, values: &[f32]) -> Vec<f32> {
        let scale = |block: &[f32]| {
            let scale = block.iter().fold(0.0_f32, |max, v| max.max(v.abs())) / TOP;
            if SCALES.contains(&scale) { scale } else { 0.0 }
        };
        if self == Self::I8 { values.chunks(BLOCK).map(scale).collect() } else { Vec::new() }
    }

    /// The nearest values that the encoding holds; those beyond the range of f16 have none.
    pub(crate) fn round(self, name: &str, values: &[f32], scales: &[f32]) -> Result<Vec<f32>, Error> {
        let beyond = |v: &f32| f16::from_f32(*v).is_infinite();
        if let Some(at) = values.iter().position(beyond).filter(|_| self != Self::F32) {
            let (name, encoding) = (name.to_owned(), self);
            return Err(FormError::Beyond { name, at, value: values[at], encoding }.into());
        }
        Ok(match self {
            Self::F32 => values.to_vec(),
            Self::F16 => values.iter().map(|v| f16::from_f32(*v).to_f32()).collect(),
            Self::I8 => {
                let block = |(v, s): (&[f32], &f32)| v.iter().map(|v| code(*v, *s) * s).collect::<Vec<_>>();
                values.chunks(BLOCK).zip(scales).flat_map(block).collect()
            }
        })
    }

    /// A vector of values as tensors; values that the encoding does not hold are an error.
    pub(crate) fn write(
        self,
        name: &str,
        values: &[f32],
        scales: &[f32],
    ) -> Result<Vec<(String, Tensor)>, Error> {
        let rounded = self.round(name, values, scales)?;
        let differs = |at: &usize| rounded.get(*at).map(|v| v.to_bits()) != Some(values[*at].to_bits());
        if let Some(at) = (0..values.len()).find(differs) {
            let (name, encoding) = (name.to_owned(), self);
            return Err(FormError::NotHeld { name, at, value: values[at], encoding }.into());
        }
        let tensor = |dtype, bytes| (name.to_owned(), Tensor { dtype, shape: vec![values.len()], bytes });
        Ok(match self {
            Self::F32 => vec![(name.to_owned(), Tensor::vector(values))],
            Self::F16 => {
                let bytes = values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()).collect();
                vec![tensor(Dtype::F16, bytes)]
            }
            Self::I8 => {
                let block = |(v, s): (&[f32], &f32)| {
                    v.iter().map(|v| (code(*v, *s) as i8).cast_unsigned()).collect::<Vec<_>>()
                };
                let bytes = values.chunks(BLOCK).zip(scales).flat_map(block).collect();
                vec![tensor(Dtype::I8, bytes), (scale_name(name), Tensor::vector(scales))]
            }
        })
    }

    /// Reads a vector of `len` finite values, and the scales of i8; what [`Self::write`] would write otherwise is an
    /// error.
    pub(crate) fn read(
        self,
        tensors: &SafeTensors<'_>,
        name: &str,
        len: usize,
    ) -> Result<(Vec<f32>, Vec<f32>), Error> {
        let finite = |values: Vec<f32>| match values.iter().position(|v| !v.is_finite()) {
            None => Ok(values),
            Some(unit) => Err(Error::NotFinite { name: name.to_owned(), unit, value: values[unit] }),
        };
        match self {
            Self::F32 => Ok((container::vector(tensors, name, len)?, Vec::new())),
            Self::F16 => {
                let bytes = container::tensor(tensors, name, Dtype::F16, &[len])?;
                let value = |b: &[u8]| f16::from_le_bytes([b[0], b[1]]).to_f32();
                Ok((finite(bytes.chunks_exact(2).map(value).collect())?, Vec::new()))
            }
            Self::I8 => {
                let codes = container::tensor(tensors, name, Dtype::I8, &[len])?;
                let scales = container::vector(tensors, &scale_name(name), len.div_ceil(BLOCK))?;
                let good = |s: &f32| s.to_bits() == 0 || SCALES.contains(s);
                if let Some(block) = scales.iter().position(|s| !good(s)) {
                    return Err(
                        FormError::BadScale { name: scale_name(name), block, value: scales[block] }.into()
                    );
                }
                let mut values = Vec::with_capacity(len);
                for (codes, &scale) in codes.chunks(BLOCK).zip(&scales) {
                    for code in codes.iter().map(|code| code.cast_signed()) {
                        if code == i8::MIN || (scale == 0.0 && code != 0) {
                            let (name, at) = (name.to_owned(), values.len());
                            return Err(FormError::BadCode { name, at, code, scale }.into());
                        }
                        values.push(f32::from(code) * scale);
                    }
                }
                Ok((values, scales))
            }
        }
    }

    /// Names of the tensors that hold a vector, in the order of the digest.
    pub(crate) fn names(self, name: &str) -> Vec<String> {
        let scale = (self == Self::I8).then(|| scale_name(name));
        [name.to_owned()].into_iter().chain(scale).collect()
    }
}

impl std::fmt::Display for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

fn scale_name(name: &str) -> String {
    format!("{name}.scale")
}

/// The integer nearest to `value / scale`, halves to even, as a float.
fn code(value: f32, scale: f32) -> f32 {
    // `+ 0.0`, so that what rounds to -0 is 0 as the integer has it.
    if scale == 0.0 { 0.0 } else { (value / scale).round_ties_even().clamp(-TOP, TOP) + 0.0 }
}
