//! Products of matrices, against the plain sum.

use bl_kernels::{Error, Matrix, product};

/// Whole numbers, whose sums are exact.
fn values(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 37 + seed * 11) % 17) as f32 - 8.0).collect()
}

#[test]
fn a_product_is_the_plain_sum_in_every_shape_and_order() {
    for [m, k, n] in
        [[1, 1, 1], [3, 5, 2], [17, 64, 33], [64, 1, 48], [10, 300, 1], [1, 7, 130], [2, 0, 3], [0, 3, 2]]
    {
        let (a, b) = (values(m * k, 1), values(k * n, 2));
        let turned = |values: &[f32], rows: usize, columns: usize| -> Vec<f32> {
            (0..columns * rows).map(|at| values[at % rows * columns + at / rows]).collect()
        };
        let (a_t, b_t) = (turned(&a, m, k), turned(&b, k, n));
        let plain = |i: usize, j: usize| (0..k).map(|l| a[i * k + l] * b[l * n + j]).sum::<f32>();
        let of = |values, rows, columns| Matrix::new(values, rows, columns).expect("lengths agree");
        for a in [of(&a, m, k), of(&a_t, k, m).t()] {
            for b in [of(&b, k, n), of(&b_t, n, k).t()] {
                let expected: Vec<f32> = (0..m * n).map(|at| plain(at / n, at % n)).collect();
                let mut into = vec![f32::NAN; m * n];
                product(&mut into, a, b, false).expect("shapes agree");
                assert_eq!(into, expected, "{m} {k} {n}");
                product(&mut into, a, b, true).expect("shapes agree");
                assert_eq!(into, expected.iter().map(|y| 2.0 * y).collect::<Vec<_>>(), "{m} {k} {n}, added");
                let (rows, columns) = (m / 3..m, n / 2..n);
                let (a, b) =
                    (a.rows(rows.clone()).expect("rows"), b.columns(columns.clone()).expect("columns"));
                let mut part = vec![f32::NAN; rows.len() * columns.len()];
                product(&mut part, a, b, false).expect("shapes agree");
                let expected: Vec<f32> =
                    rows.flat_map(|i| columns.clone().map(move |j| plain(i, j))).collect();
                assert_eq!(part, expected, "{m} {k} {n}, a part");
            }
        }
    }
}

#[test]
fn shapes_that_disagree_are_errors() {
    let values = [0.0; 12];
    assert!(matches!(Matrix::new(&values, 3, 5), Err(Error::Length { expected: 15, found: 12, .. })));
    assert!(matches!(Matrix::new(&values, usize::MAX, 2), Err(Error::Length { .. })));
    let a = Matrix::new(&values, 3, 4).expect("3 × 4");
    assert!(matches!(a.rows(1..4), Err(Error::OutOfRange { index: 4, len: 3, .. })));
    assert!(matches!(a.columns(4..5), Err(Error::OutOfRange { index: 5, len: 4, .. })));
    assert!(product(&mut [0.0; 9], a, a, false).is_err(), "4 columns and 3 rows");
    assert!(product(&mut [0.0; 8], a, a.t(), false).is_err(), "9 values");
    assert!(product(&mut [0.0; 9], a, a.t(), false).is_ok());
}
