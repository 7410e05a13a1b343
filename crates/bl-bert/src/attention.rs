//! Attention of the tokens of each text to each other, head by head.

use std::ops::Range;

use bl_kernels::{Matrix, product};

use crate::error::Error;
use crate::maths::exp;

/// What the way back needs of a layer's attention.
pub(crate) struct Attention {
    pub(crate) query: Vec<f32>,
    pub(crate) key: Vec<f32>,
    pub(crate) value: Vec<f32>,
    /// Softmax of the scores: of each text and head `[tokens, tokens]`, one after the other.
    shares: Vec<f32>,
}

/// Values of all tokens as matrices `[tokens, size]`, and where texts and heads lie in them.
struct Heads<'a> {
    bounds: &'a [Range<usize>],
    size: usize,
    head: usize,
}

impl Heads<'_> {
    /// The part of a head of a text.
    fn part<'a>(&self, values: &'a [f32], text: &Range<usize>, head: usize) -> Result<Matrix<'a>, Error> {
        let all = Matrix::new(&values[text.start * self.size..text.end * self.size], text.len(), self.size)?;
        Ok(all.columns(head * self.head..(head + 1) * self.head)?)
    }

    /// Adds a part to where it belongs.
    fn put(&self, into: &mut [f32], part: &[f32], text: &Range<usize>, head: usize) {
        let rows = into[text.start * self.size..text.end * self.size].chunks_exact_mut(self.size);
        for (row, part) in rows.zip(part.chunks_exact(self.head)) {
            let row = &mut row[head * self.head..][..self.head];
            row.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
        }
    }

    fn each(
        &self,
        mut act: impl FnMut(&Range<usize>, usize, Range<usize>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut place = 0;
        for text in self.bounds {
            for head in 0..self.size / self.head {
                let shares = place..place + text.len() * text.len();
                place = shares.end;
                act(text, head, shares)?;
            }
        }
        Ok(())
    }
}

impl Attention {
    /// What each token is given of the others of its text, and what the way back needs.
    ///
    /// # Shapes
    /// - `query`, `key`, `value`, returns: `[tokens, size]`
    pub(crate) fn forward(
        query: Vec<f32>,
        key: Vec<f32>,
        value: Vec<f32>,
        bounds: &[Range<usize>],
        (size, head): (usize, usize),
    ) -> Result<(Self, Vec<f32>), Error> {
        let heads = Heads { bounds, size, head };
        let count: usize = bounds.iter().map(|text| text.len() * text.len()).sum();
        let mut shares = vec![0.0; count * (size / head)];
        let mut context = vec![0.0; value.len()];
        let factor = 1.0 / (head as f32).sqrt();
        heads.each(|text, h, place| {
            let of = &mut shares[place];
            product(of, heads.part(&query, text, h)?, heads.part(&key, text, h)?.t(), false)?;
            of.chunks_exact_mut(text.len()).for_each(|row| softmax(row, factor));
            let mut part = vec![0.0; text.len() * head];
            product(
                &mut part,
                Matrix::new(of, text.len(), text.len())?,
                heads.part(&value, text, h)?,
                false,
            )?;
            heads.put(&mut context, &part, text, h);
            Ok(())
        })?;
        Ok((Self { query, key, value, shares }, context))
    }

    /// The gradients at query, key and value from that at what was given.
    pub(crate) fn back(
        &self,
        d: &[f32],
        bounds: &[Range<usize>],
        (size, head): (usize, usize),
    ) -> Result<[Vec<f32>; 3], Error> {
        let heads = Heads { bounds, size, head };
        let [mut dq, mut dk, mut dv] = [0; 3].map(|_| vec![0.0; d.len()]);
        let factor = 1.0 / (head as f32).sqrt();
        heads.each(|text, h, place| {
            let n = text.len();
            let (shares, d) = (&self.shares[place], heads.part(d, text, h)?);
            let mut part = vec![0.0; n * head];
            product(&mut part, Matrix::new(shares, n, n)?.t(), d, false)?;
            heads.put(&mut dv, &part, text, h);
            let mut scores = vec![0.0; n * n];
            product(&mut scores, d, heads.part(&self.value, text, h)?.t(), false)?;
            for (d, p) in scores.chunks_exact_mut(n).zip(shares.chunks_exact(n)) {
                let along: f32 = d.iter().zip(p).map(|(d, p)| d * p).sum();
                d.iter_mut().zip(p).for_each(|(d, p)| *d = factor * p * (*d - along));
            }
            let scores = Matrix::new(&scores, n, n)?;
            product(&mut part, scores, heads.part(&self.key, text, h)?, false)?;
            heads.put(&mut dq, &part, text, h);
            product(&mut part, scores.t(), heads.part(&self.query, text, h)?, false)?;
            heads.put(&mut dk, &part, text, h);
            Ok(())
        })?;
        Ok([dq, dk, dv])
    }
}

/// Of the values times a factor, in place.
fn softmax(row: &mut [f32], factor: f32) {
    let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for value in row.iter_mut() {
        *value = exp(factor * (*value - most));
        sum += *value;
    }
    for value in row.iter_mut() {
        *value /= sum;
    }
}
