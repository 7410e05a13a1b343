//! The frozen half: the same bits on every instruction set, and the exact integer sums.

use crate::support::{Draw, digest_on_any_threads};
use bl_kernels::{Error, Isa, PackedWeights, Preactivations};
use half::f16;

fn weights(draw: &mut Draw, units: usize, inputs: usize) -> (Vec<i8>, Vec<f32>) {
    let q = (0..units * inputs).map(|_| (draw.below(255) as i32 - 127) as i8).collect();
    let scales = (0..units).map(|_| draw.unit() * 1e-3).collect();
    (q, scales)
}

#[test]
fn every_instruction_set_gives_the_exact_sums_rounded_once_to_f16() {
    for (rows, units, inputs) in
        [(1, 1, 1), (2, 63, 3), (7, 64, 4), (13, 65, 5), (129, 200, 33), (300, 1100, 784), (5, 2048, 130)]
    {
        let mut draw = Draw::new(units as u64);
        let (q, scales) = weights(&mut draw, units, inputs);
        let images: Vec<u8> = (0..rows * inputs).map(|_| draw.below(256) as u8).collect();
        let packed = PackedWeights::new(&q, &scales, units, inputs).expect("small weights");
        for isa in Isa::all() {
            let mut p = Preactivations::zeroed(rows + 1, units).expect("a few MiB");
            packed.preactivations(isa, &images, &mut p, 1).expect("lengths agree");
            assert!(p.row(0).iter().all(|&bits| bits == 0), "row 0 was not asked for");
            for row in 0..rows {
                let image = &images[row * inputs..][..inputs];
                for unit in 0..units {
                    let w = &q[unit * inputs..][..inputs];
                    let sum: i64 = w.iter().zip(image).map(|(&w, &x)| i64::from(w) * i64::from(x)).sum();
                    let expected = f16::from_f32(sum as f32 * scales[unit]).to_bits();
                    assert_eq!(p.row(row + 1)[unit], expected, "{isa} {rows}x{units}x{inputs} {row} {unit}");
                }
            }
        }
    }
}

#[test]
fn results_are_the_same_bits_whatever_the_number_of_threads() {
    let (rows, units, inputs) = (300, 1100, 97);
    let mut draw = Draw::new(1);
    let (q, scales) = weights(&mut draw, units, inputs);
    let images: Vec<u8> = (0..rows * inputs).map(|_| draw.below(256) as u8).collect();
    for isa in Isa::all() {
        let digest = digest_on_any_threads(|| {
            let packed = PackedWeights::new(&q, &scales, units, inputs).expect("small weights");
            let mut p = Preactivations::zeroed(rows, units).expect("small");
            packed.preactivations(isa, &images, &mut p, 0).expect("lengths agree");
            (0..rows).flat_map(|row| p.row(row)).map(|&bits| bits.into()).collect()
        });
        assert_eq!(digest, 0xff58_65d6_3097_cc84, "{isa}: {digest:#x}");
    }
}

#[test]
fn extreme_weights_and_pixels_do_not_saturate() {
    let (units, inputs) = (64, 1000);
    for value in [127, -127] {
        let packed =
            PackedWeights::new(&vec![value; units * inputs], &[1e-3; 64], units, inputs).expect("in range");
        for isa in Isa::all() {
            let mut p = Preactivations::zeroed(1, units).expect("small");
            packed.preactivations(isa, &vec![255; inputs], &mut p, 0).expect("lengths agree");
            let expected = f16::from_f32((i32::from(value) * 255 * 1000) as f32 * 1e-3).to_bits();
            assert!(p.row(0).iter().all(|&bits| bits == expected), "{isa}");
        }
    }
}

#[test]
fn unpacking_gives_the_lattice_back() {
    for (units, inputs) in [(1, 1), (63, 7), (64, 8), (130, 785)] {
        let (q, scales) = weights(&mut Draw::new(1), units, inputs);
        let packed = PackedWeights::new(&q, &scales, units, inputs).expect("small weights");
        assert_eq!(packed.unpack(), q);
    }
}

#[test]
fn weights_that_could_overflow_are_refused() {
    let check = |expected: &str, result: Result<PackedWeights, Error>| {
        let error = result.err().expect(expected).to_string();
        assert!(error.contains(expected), "{error}");
    };
    check("unit 1 could reach a pre-activation", PackedWeights::new(&[0, 127], &[1.0, 3.0], 2, 1));
    let all = PackedWeights::new(&[127; 1000], &[3.0; 1000], 1000, 1);
    check("unit 0 could", all); // on any number of threads
    check("unit 0 could reach a pre-activation of NaN", PackedWeights::new(&[1], &[f32::NAN], 1, 1));
    check("65537 inputs is too wide", PackedWeights::new(&[], &[], 0, 65_537));
    check("`weights` has 3 values, expected 4", PackedWeights::new(&[0; 3], &[1.0; 2], 2, 2));
    let packed = PackedWeights::new(&[1; 6], &[1.0; 2], 2, 3).expect("small weights");
    let mut p = Preactivations::zeroed(2, 2).expect("small");
    assert!(packed.preactivations(Isa::best(), &[0; 4], &mut p, 0).is_err(), "not whole images");
    assert!(packed.preactivations(Isa::best(), &[0; 6], &mut p, 1).is_err(), "more rows than there are");
    let mut narrow = Preactivations::zeroed(2, 1).expect("small");
    assert!(packed.preactivations(Isa::best(), &[0; 6], &mut narrow, 0).is_err(), "other units");
}
