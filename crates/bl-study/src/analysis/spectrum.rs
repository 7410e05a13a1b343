//! Eigenvalues of a real matrix: how a linear map grows, shrinks and turns.

use std::cmp::Ordering;
use std::f64::consts::TAU;

use faer::MatRef;

use super::{check_finite, check_length};
use crate::error::Error;

/// An eigenvalue `re + i·im`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Eigenvalue {
    /// The real part.
    pub re: f64,
    /// The imaginary part; 0 for a real eigenvalue.
    pub im: f64,
}

impl Eigenvalue {
    /// How much its direction grows in a step.
    pub fn modulus(self) -> f64 {
        self.re.hypot(self.im)
    }

    /// How far its direction turns in a step, from −π to π.
    pub fn angle(self) -> f64 {
        self.im.atan2(self.re)
    }

    /// Steps for a full turn, `2π/|angle|`; none for a real eigenvalue.
    pub fn period(self) -> Option<f64> {
        (self.im != 0.0).then(|| TAU / self.angle().abs())
    }
}

/// All eigenvalues, each as often as its multiplicity: by falling modulus, then falling real part,
/// then falling imaginary part, so that the upper one of a conjugate pair comes first.
///
/// A row or a column with nothing beside the diagonal has its diagonal entry for an eigenvalue, and the
/// others are those of the matrix without it. Such rows, as those of silent units, are taken out
/// first: with half of the units silent that leaves an eighth of the work. It also takes the matrices
/// of few connections apart that the multishift QR algorithm of faer 0.24 never finishes.
///
/// # Shapes
/// - `matrix`: `[n, n]`, row-major
/// - returns: `[n]`
pub fn eigenvalues(matrix: &[f64], n: usize) -> Result<Vec<Eigenvalue>, Error> {
    check_finite("matrix", matrix)?;
    check_length("entries of a square matrix", n.saturating_mul(n), matrix.len())?;
    let coupled = coupled(matrix, n);
    let block: Vec<f64> =
        coupled.iter().flat_map(|&row| coupled.iter().map(move |&column| matrix[row * n + column])).collect();
    let mut spectrum = dense(&block, coupled.len()).ok_or(Error::Eigenvalues { n })?;
    let alone = (0..n).filter(|index| coupled.binary_search(index).is_err());
    spectrum.extend(alone.map(|index| Eigenvalue { re: matrix[index * n + index], im: 0.0 }));
    spectrum.sort_by(order);
    Ok(spectrum)
}

/// The largest modulus, 0 without eigenvalues: above 1 the map blows up, below 1 it comes to rest.
pub fn spectral_radius(spectrum: &[Eigenvalue]) -> f64 {
    spectrum.iter().map(|value| value.modulus()).fold(0.0, f64::max)
}

/// The upper eigenvalue of the conjugate pair of the largest modulus, if not all are real: the
/// oscillation that dies last.
pub fn leading_pair(spectrum: &[Eigenvalue]) -> Option<Eigenvalue> {
    spectrum.iter().filter(|value| value.im > 0.0).copied().max_by(|a, b| order(b, a))
}

fn order(a: &Eigenvalue, b: &Eigenvalue) -> Ordering {
    let moduli = b.modulus().total_cmp(&a.modulus());
    moduli.then(b.re.total_cmp(&a.re)).then(b.im.total_cmp(&a.im))
}

/// The indices that remain, ascending, when rows and columns without an entry beside the diagonal are
/// taken out until there is none.
fn coupled(matrix: &[f64], n: usize) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..n).collect();
    loop {
        let before = kept.len();
        let others = kept.clone();
        kept.retain(|&i| others.iter().any(|&j| j != i && matrix[i * n + j] != 0.0));
        let others = kept.clone();
        kept.retain(|&i| others.iter().any(|&j| j != i && matrix[j * n + i] != 0.0));
        if kept.len() == before {
            return kept;
        }
    }
}

/// By the multishift QR algorithm; none if it did not converge.
fn dense(matrix: &[f64], n: usize) -> Option<Vec<Eigenvalue>> {
    let largest = matrix.iter().fold(0.0, |largest: f64, entry| largest.max(entry.abs()));
    if n == 0 {
        return Some(vec![]);
    }
    // By a power of two, which rounds nothing: no product of entries over- or underflows.
    let exponent = (largest.log2() as i32).clamp(-1000, 1000);
    let (down, up) = (2.0_f64.powi(-exponent), 2.0_f64.powi(exponent));
    let scaled: Vec<f64> = matrix.iter().map(|entry| entry * down).collect();
    let found = MatRef::from_row_major_slice(&scaled, n, n).eigenvalues().ok()?;
    // faer does not say when it gave up; the sum of what it found does.
    let trace: f64 = (0..n).map(|index| scaled[index * n + index]).sum();
    let sum: f64 = found.iter().map(|value| value.re).sum();
    let near = (sum - trace).abs() <= 1e-9 * (n as f64).powi(2);
    let spectrum: Vec<Eigenvalue> =
        found.iter().map(|value| Eigenvalue { re: value.re * up, im: value.im * up }).collect();
    (near && spectrum.iter().all(|value| value.modulus().is_finite())).then_some(spectrum)
}
