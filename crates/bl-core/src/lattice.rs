//! One weight matrix on the 8-bit lattice: integers, and what a step is worth.

use crate::generator::{Sampler, Streams, centre};
use crate::spec::{Distribution, InputShape};

/// One weight matrix: integers and what a step is worth, for the whole matrix or for each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Lattice {
    /// `[rows, columns]`
    pub q: Vec<i8>,
    /// One for each row; for the readout, one in all.
    pub scales: Vec<f32>,
    /// Output units.
    pub rows: usize,
    /// Input units.
    pub columns: usize,
}

/// How one matrix of a backbone is drawn.
pub(crate) struct MatrixPlan<'a> {
    /// Its name, in files and as part of the generator's key.
    pub(crate) name: String,
    pub(crate) distribution: &'a Distribution,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) drawn: Drawn,
    /// What drawn weights are multiplied by.
    pub(crate) factor: f64,
}

/// Which of a matrix's two sides are hidden units, each with a stream of its own.
pub(crate) enum Drawn {
    /// Row i is what unit i receives. Distributions that know of places need the shape of the inputs.
    Rows(Option<InputShape>),
    /// Row i is a filter, whose weights add up to about 0 and have the Euclidean norm 1.
    Filters,
    /// Column i is what unit i sends out: a readout, with one scale in all.
    Columns,
}

impl MatrixPlan<'_> {
    /// How many scales the matrix has.
    pub(crate) fn scales(&self) -> usize {
        match self.drawn {
            Drawn::Rows(_) | Drawn::Filters => self.rows,
            Drawn::Columns => 1,
        }
    }

    /// Draws the matrix: the same bits on every platform.
    pub(crate) fn draw(&self, seed: u64) -> Lattice {
        let mut lattice = match self.drawn {
            Drawn::Rows(shape) => self.draw_rows(seed, shape),
            Drawn::Filters => self.draw_filters(seed),
            Drawn::Columns => self.draw_columns(seed),
        };
        lattice.scales.iter_mut().for_each(|scale| *scale = (f64::from(*scale) * self.factor) as f32);
        lattice
    }

    fn draw_rows(&self, seed: u64, shape: Option<InputShape>) -> Lattice {
        let (rows, columns) = (self.rows, self.columns);
        if columns == 0 {
            return Lattice { q: Vec::new(), scales: vec![0.0; rows], rows, columns };
        }
        let shape = shape.unwrap_or(row_of(columns));
        let (q, scales) = self.draw_units(seed, rows, columns, shape);
        Lattice { q, scales, rows, columns }
    }

    fn draw_filters(&self, seed: u64) -> Lattice {
        let mut lattice = self.draw_rows(seed, None);
        for (q, scale) in lattice.q.chunks_exact_mut(self.columns).zip(&mut lattice.scales) {
            *scale = centre(q);
        }
        lattice
    }

    fn draw_columns(&self, seed: u64) -> Lattice {
        let (outputs, units) = (self.rows, self.columns);
        let (columns, scales) = self.draw_units(seed, units, outputs, row_of(outputs));
        let mut q = vec![0; units * outputs];
        for (unit, column) in columns.chunks_exact(outputs).enumerate() {
            for (output, &value) in column.iter().enumerate() {
                q[output * units + unit] = value;
            }
        }
        // No distribution of a readout scales its units apart, so the first scale is everyone's.
        Lattice { q, scales: scales[..1].to_vec(), rows: outputs, columns: units }
    }

    /// `[units, values]`, each unit from its own stream, and the scale of each.
    fn draw_units(&self, seed: u64, units: usize, values: usize, shape: InputShape) -> (Vec<i8>, Vec<f32>) {
        let sampler = Sampler::new(Streams::new(seed, &self.name), self.distribution, shape);
        let mut q = vec![0; units * values];
        let mut scales = vec![0.0; units];
        let draw = |bytes: &mut Vec<u8>, (unit, (q, scale)): (usize, (&mut [i8], &mut f32))| {
            *scale = sampler.draw(unit, q, bytes);
        };
        #[cfg(feature = "threads")]
        {
            use rayon::prelude::*;
            let units = q.par_chunks_exact_mut(values).zip(&mut scales).enumerate();
            units.for_each_init(Vec::new, draw);
        }
        #[cfg(not(feature = "threads"))]
        {
            let mut bytes = Vec::new();
            q.chunks_exact_mut(values).zip(&mut scales).enumerate().for_each(|unit| draw(&mut bytes, unit));
        }
        (q, scales)
    }
}

/// Inputs that are nowhere in particular.
fn row_of(columns: usize) -> InputShape {
    InputShape { height: 1, width: columns as u32, channels: 1 }
}

impl Lattice {
    /// The weights `q · scale`, `[rows, columns]`.
    pub fn weights(&self) -> Vec<f32> {
        let mut weights = Vec::with_capacity(self.q.len()); // growing would take as much again
        let shared = self.scales.len() == 1;
        for (row, q) in self.q.chunks(self.columns.max(1)).enumerate() {
            let scale = self.scales[if shared { 0 } else { row }];
            weights.extend(q.iter().map(|&q| f32::from(q) * scale));
        }
        weights
    }

    /// `Σ_j W_ij` of each row.
    pub(crate) fn row_sums(&self) -> Vec<f32> {
        let rows = self.q.chunks_exact(self.columns.max(1)).zip(&self.scales);
        rows.map(|(row, &scale)| {
            let sum: i64 = row.iter().map(|&q| i64::from(q)).sum();
            (sum as f64 * f64::from(scale)) as f32
        })
        .collect()
    }
}
