//! The frozen convolution: the same bits on every instruction set, as a plain reference has them.

use crate::support::{Draw, digest_on_any_threads};
use bl_kernels::{Conv, ConvShape, Error, Isa};

const fn shape(image: [usize; 3], filters: usize, size: usize, grid: usize) -> ConvShape {
    ConvShape { height: image[0], width: image[1], channels: image[2], filters, size, grid }
}

const SHAPES: [ConvShape; 7] = [
    shape([28, 28, 1], 32, 7, 4),
    shape([32, 32, 3], 40, 6, 4),
    shape([9, 5, 1], 1, 2, 5),
    shape([5, 9, 2], 33, 5, 1),
    shape([3, 3, 3], 16, 3, 3),
    shape([40, 23, 1], 65, 4, 7),
    shape([1, 1, 1], 2, 1, 1),
];

fn weights(draw: &mut Draw, shape: ConvShape) -> (Vec<i8>, Vec<f32>) {
    let q = (0..shape.filters * shape.taps()).map(|_| (draw.below(255) as i32 - 127) as i8).collect();
    (q, (0..shape.filters).map(|_| 0.01 + draw.unit().abs()).collect())
}

/// Step by step as FORMAT.md has it.
fn reference(shape: ConvShape, q: &[i8], scales: &[f32], image: &[u8]) -> Vec<u8> {
    let ConvShape { height, width, channels, filters, size, grid } = shape;
    let pixel = |y: usize, x: usize, c: usize| {
        let inside = (size / 2..height + size / 2).contains(&y) && (size / 2..width + size / 2).contains(&x);
        if inside { i64::from(image[((y - size / 2) * width + x - size / 2) * channels + c]) } else { 0 }
    };
    let sum = |f: usize, y: usize, x: usize| -> f32 {
        let taps = (0..shape.taps()).map(|i| (i / channels / size, i / channels % size, i % channels));
        let products = taps
            .enumerate()
            .map(|(i, (dy, dx, c))| i64::from(q[f * shape.taps() + i]) * pixel(y + dy, x + dx, c));
        products.sum::<i64>() as f32
    };
    let mut values = Vec::new();
    for cell in 0..grid * grid {
        let (row, column) = (cell / grid, cell % grid);
        for sign in [1.0, -1.0] {
            for f in 0..filters {
                let mut v = 0.0;
                for y in row * height / grid..(row + 1) * height / grid {
                    for x in column * width / grid..(column + 1) * width / grid {
                        v += (sign * sum(f, y, x)).max(0.0);
                    }
                }
                values.push((v * scales[f]).sqrt());
            }
        }
    }
    let mut sums = [0.0_f64; 16];
    values.iter().enumerate().for_each(|(i, &v)| sums[i % 16] += f64::from(v) * f64::from(v));
    let mean = sums.iter().sum::<f64>() / values.len() as f64;
    let factor = if mean > 0.0 { (90.0 / mean.sqrt()) as f32 } else { 0.0 };
    values.iter().map(|v| (v * factor + 0.5).floor().min(255.0) as u8).collect()
}

#[test]
fn every_instruction_set_gives_what_the_reference_gives() {
    for shape in SHAPES {
        let mut draw = Draw::new(shape.filters as u64);
        let (q, scales) = weights(&mut draw, shape);
        let conv = Conv::new(&q, &scales, shape).expect("a valid shape");
        let images: Vec<u8> = (0..11 * shape.inputs()).map(|_| draw.below(256) as u8).collect();
        let expected: Vec<u8> = images
            .chunks_exact(shape.inputs())
            .flat_map(|image| reference(shape, &q, &scales, image))
            .collect();
        for isa in Isa::all() {
            let mut out = vec![7; expected.len()];
            conv.features(isa, &images, &mut out).expect("lengths agree");
            assert_eq!(out, expected, "{isa} {shape:?}");
        }
    }
}

#[test]
fn contrast_does_not_matter_and_a_blank_image_gives_zeros() {
    let shape = SHAPES[0];
    let mut draw = Draw::new(3);
    let (q, scales) = weights(&mut draw, shape);
    let conv = Conv::new(&q, &scales, shape).expect("a valid shape");
    let faint: Vec<u8> = (0..shape.inputs()).map(|_| draw.below(60) as u8).collect();
    let strong: Vec<u8> = faint.iter().map(|x| 4 * x).collect();
    let features = |image: &[u8]| {
        let mut out = vec![0; shape.outputs()];
        conv.features(Isa::all()[0], image, &mut out).expect("lengths agree");
        out
    };
    let pairs = features(&faint).into_iter().zip(features(&strong));
    assert!(pairs.into_iter().all(|(a, b)| a.abs_diff(b) <= 1));
    assert_eq!(features(&[0; 784]), vec![0; shape.outputs()]);
}

#[test]
fn results_are_the_same_bits_whatever_the_number_of_threads() {
    let shape = SHAPES[1];
    let mut draw = Draw::new(5);
    let (q, scales) = weights(&mut draw, shape);
    let images: Vec<u8> = (0..50 * shape.inputs()).map(|_| draw.below(256) as u8).collect();
    for isa in Isa::all() {
        let digest = digest_on_any_threads(|| {
            let conv = Conv::new(&q, &scales, shape).expect("a valid shape");
            let mut out = vec![0; 50 * shape.outputs()];
            conv.features(isa, &images, &mut out).expect("lengths agree");
            out.into_iter().map(u32::from).collect()
        });
        assert_eq!(digest, DIGEST, "{isa}: {digest:#x}");
    }
}

const DIGEST: u64 = 0xa9bb_1b84_ddfe_14e4;

#[test]
fn lengths_that_do_not_fit_are_errors() {
    let shape = SHAPES[2];
    let (q, scales) = weights(&mut Draw::new(1), shape);
    let length = |error| matches!(error, Error::Length { .. });
    assert!(Conv::new(&q[1..], &scales, shape).is_err_and(length));
    assert!(Conv::new(&q, &[], shape).is_err_and(length));
    let no_cells = |grid| Conv::new(&q, &scales, ConvShape { grid, ..shape });
    assert!([0, 6].into_iter().all(|grid| matches!(no_cells(grid), Err(Error::OutOfRange { .. }))));
    let conv = Conv::new(&q, &scales, shape).expect("a valid shape");
    let mut out = vec![0; shape.outputs()];
    assert!(conv.features(Isa::all()[0], &[0; 44], &mut out).is_err_and(length));
    assert!(conv.features(Isa::all()[0], &[0; 90], &mut out).is_err_and(length));
}
