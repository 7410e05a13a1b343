//! A readout of real weights against the sums that `docs/arithmetic.md` states, on every instruction set, to the bit.

use bl_kernels::{Isa, Linear};

use crate::support::Draw;

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 16];
    a.iter().zip(b).enumerate().for_each(|(i, (a, b))| sums[i % 16] += a * b);
    sums.iter().sum()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn every_sum_has_the_order_that_is_stated() {
    let mut draw = Draw::new(1);
    for [rows, outputs, size] in [[1, 1, 1], [2, 3, 15], [3, 2, 16], [5, 7, 33], [4, 150, 384], [0, 2, 8]] {
        let [weights, vectors, delta] =
            [outputs * size, rows * size, rows * outputs].map(|len| draw.units(len));
        let vector = |row: usize| &vectors[row * size..(row + 1) * size];
        let weights_of = |output: usize| &weights[output * size..(output + 1) * size];
        for added in [Vec::new(), draw.units(outputs)] {
            let scores: Vec<f32> = (0..rows * outputs)
                .map(|at| dot(weights_of(at % outputs), vector(at / outputs)))
                .zip(added.iter().cycle().map(Some).chain(std::iter::repeat(None)))
                .map(|(y, added)| added.map_or(y, |added| y + added))
                .collect();
            let back: Vec<f32> = (0..rows * size)
                .map(|at| {
                    let (row, i) = (at / size, at % size);
                    (0..outputs).fold(0.0, |sum, o| sum + delta[row * outputs + o] * weights_of(o)[i])
                })
                .collect();
            let over_rows = |o: usize, x: &dyn Fn(usize) -> f32| {
                (0..rows).fold(0.0, |sum, row| sum + delta[row * outputs + o] * x(row))
            };
            let of_weights: Vec<f32> =
                (0..outputs * size).map(|at| over_rows(at / size, &|row| vector(row)[at % size])).collect();
            let of_added: Vec<f32> = (0..outputs).map(|o| over_rows(o, &|_| 1.0)).collect();
            for isa in Isa::all() {
                let linear = Linear::new(isa, &weights, &added, size).expect("lengths agree");
                let words = format!("{isa}: {rows} {outputs} {size}");
                assert_eq!(bits(&linear.scores(&vectors).expect("whole rows")), bits(&scores), "{words}");
                assert_eq!(bits(&linear.back(&delta).expect("whole rows")), bits(&back), "{words}");
                let (mut w, mut c) = (vec![f32::NAN; weights.len()], vec![f32::NAN; outputs]);
                linear.gradient(&delta, &vectors, &mut w, &mut c).expect("lengths agree");
                assert_eq!((bits(&w), bits(&c)), (bits(&of_weights), bits(&of_added)), "{words}");
            }
        }
    }
}

#[test]
fn lengths_that_do_not_agree_are_errors() {
    let isa = Isa::best();
    for (weights, added, size) in [(0, 0, 4), (7, 0, 4), (8, 1, 4), (8, 3, 4), (3, 0, 0)] {
        let (weights, added) = (vec![0.0; weights], vec![0.0; added]);
        let made = Linear::new(isa, &weights, &added, size);
        assert!(made.is_err() || size == 0, "{} {} {size}", weights.len(), added.len());
    }
    let weights = [0.0; 8];
    let linear = Linear::new(isa, &weights, &[], 4).expect("two outputs");
    assert!(linear.scores(&[0.0; 5]).is_err() && linear.back(&[0.0; 3]).is_err());
    for (delta, vectors, of_weights, of_added) in [(2, 8, 8, 2), (4, 7, 8, 2), (4, 8, 7, 2), (4, 8, 8, 1)] {
        let (delta, vectors) = (vec![0.0; delta], vec![0.0; vectors]);
        let (mut w, mut c) = (vec![0.0; of_weights], vec![0.0; of_added]);
        assert!(linear.gradient(&delta, &vectors, &mut w, &mut c).is_err());
    }
}
