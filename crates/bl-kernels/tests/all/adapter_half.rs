//! The adapter half against f64, candle's autograd, difference quotients, and itself.

use crate::support::{Case, SCALE, bits, check_close, digest_on_any_threads};
use bl_kernels::{
    AdapterHalf, Error, Gradient, Isa, Preactivations, Readout, Targets, Wrt, logits, loss_and_gradient,
};
use candle_core::{D, Device, Tensor, Var};

const UNITS: [usize; 9] = [1, 5, 63, 64, 65, 300, 511, 640, 2048];
const CLASSES: [usize; 8] = [1, 2, 3, 5, 7, 10, 26, 47];

fn cases() -> impl Iterator<Item = (Isa, Case)> {
    Isa::all().into_iter().flat_map(|isa| {
        [true, false].into_iter().flat_map(move |one_hot| {
            UNITS.into_iter().flat_map(move |units| {
                CLASSES
                    .into_iter()
                    .zip([1, 2, 3, 17, 5, 33, 6, 9])
                    .map(move |(classes, rows)| (isa, Case::new(rows, units, classes, one_hot)))
            })
        })
    })
}

fn all(case: &Case) -> Vec<u32> {
    (0..case.rows() as u32).collect()
}

fn run(isa: Isa, case: &Case) -> Vec<f32> {
    let mut out = vec![f32::NAN; case.rows() * case.classes];
    logits(isa, &case.p, &all(case), &case.half(), &mut out).expect("lengths agree");
    out
}

/// Mean loss, and its gradients with respect to biases and gains.
fn step(isa: Isa, case: &Case, rows: &[u32]) -> (f64, Vec<f32>, Vec<f32>) {
    let (both, loss) = gradient(isa, case, rows, Wrt::Both);
    (loss, both.bias().to_vec(), both.unit_gain().to_vec())
}

fn gradient(isa: Isa, case: &Case, rows: &[u32], wrt: Wrt) -> (Gradient, f64) {
    let mut gradient = Gradient::new(wrt, case.units);
    let loss =
        loss_and_gradient(isa, &case.p, rows, Targets::Labels(&case.labels), &case.half(), &mut gradient)
            .expect("lengths agree");
    (gradient, loss.sum / rows.len() as f64)
}

#[test]
fn logits_agree_with_f64_on_every_instruction_set_and_odd_size() {
    for (isa, case) in cases() {
        let got = run(isa, &case);
        for row in 0..case.rows() {
            let what = format!("{isa} {}x{} {:?}", case.units, case.classes, row);
            check_close(&what, &got[row * case.classes..][..case.classes], &case.logits(row), 3e-6);
        }
    }
}

#[test]
fn loss_and_gradient_agree_with_f64_on_every_instruction_set_and_odd_size() {
    for (isa, case) in cases() {
        let rows: Vec<u32> = (0..case.rows() as u32).rev().collect();
        let (loss, of_bias, of_gain) = step(isa, &case, &rows);
        let (expected_loss, expected_bias, expected_gain) = case.loss_and_gradients(&rows);
        let what = format!("{isa} {}x{}", case.units, case.classes);
        check_close(&what, &[loss as f32], &[expected_loss], 1e-5);
        let tolerance = if case.readout.is_one_hot() { 2e-5 } else { 5e-5 }; // δ is rounded to 17 bits there
        check_close(&format!("{what} bias"), &of_bias, &expected_bias, tolerance);
        check_close(&format!("{what} gain"), &of_gain, &expected_gain, tolerance);
    }
}

/// The mean squared error of a batch as a function of the biases, in f64, and its slope where the kernel says what it is.
#[test]
fn squared_errors_agree_with_f64_whatever_the_parts_and_tiles() {
    for (isa, case) in cases() {
        let rows: Vec<u32> = (0..case.rows() as u32).rev().collect();
        let target = |at: usize| ((at * 37) as f32 * 0.618).sin();
        let targets: Vec<f32> = (0..rows.len() * case.classes).map(target).collect();
        let mut gradient = Gradient::new(Wrt::UnitGain, case.units);
        let of_batch = Targets::Values(&targets);
        let loss = loss_and_gradient(isa, &case.p, &rows, of_batch, &case.half(), &mut gradient);
        let loss = loss.expect("lengths agree");
        let scores: Vec<Vec<f64>> = rows.iter().map(|&row| case.logits(row as usize)).collect();
        let errors: Vec<f64> =
            scores.iter().flatten().zip(&targets).map(|(y, t)| y - f64::from(*t)).collect();
        let expected: f64 = errors.iter().map(|error| error * error).sum();
        let what = format!("{isa} {}x{}", case.units, case.classes);
        check_close(&what, &[loss.sum as f32], &[expected], 1e-4);
        // y is linear in the gains, so Σ m · dL/dm = Σ dL/dy · y, the mean over the batch.
        let along: f64 = errors.iter().zip(scores.iter().flatten()).map(|(error, y)| 2.0 * error * y).sum();
        let gains = case.gains.iter().zip(gradient.unit_gain());
        let found: f64 = gains.map(|(m, dm)| f64::from(*m) * f64::from(*dm)).sum();
        check_close(&what, &[found as f32], &[along / rows.len() as f64], 1e-3);
        assert_eq!(loss.correct, 0, "{what}");
    }
}

#[test]
fn targets_that_are_not_as_many_are_refused() {
    let case = Case::new(4, 65, 3, true);
    let mut gradient = Gradient::new(Wrt::Bias, 65);
    for len in [0, 11, 13] {
        let targets = vec![0.0; len];
        let (isa, of_batch) = (Isa::best(), Targets::Values(&targets));
        assert!(loss_and_gradient(isa, &case.p, &all(&case), of_batch, &case.half(), &mut gradient).is_err());
    }
}

#[test]
fn learning_one_thing_gives_the_same_gradient_as_learning_both() {
    for (isa, case) in cases() {
        let rows = all(&case);
        let (_, of_bias, of_gain) = step(isa, &case, &rows);
        let (alone, _) = gradient(isa, &case, &rows, Wrt::Bias);
        assert_eq!((alone.bias(), alone.unit_gain()), (&*of_bias, &[][..]));
        let (alone, _) = gradient(isa, &case, &rows, Wrt::UnitGain);
        assert_eq!((alone.bias(), alone.unit_gain()), (&[][..], &*of_gain));
    }
}

#[test]
fn gradient_equals_candles_autograd() -> candle_core::Result<()> {
    for one_hot in [true, false] {
        let case = Case::new(40, 301, 10, one_hot);
        let rows: Vec<u32> = (0..40).collect();
        let values: Vec<f32> = (0..40).flat_map(|row| case.p.row_f32(row)).collect();
        let p = Tensor::from_vec(values, (40, 301), &Device::Cpu)?;
        let bias = Var::from_vec(case.bias[..301].to_vec(), 301, &Device::Cpu)?;
        let gains = Var::from_vec(case.gains[..301].to_vec(), 301, &Device::Cpu)?;
        let readout = Tensor::from_vec(case.dense.clone(), (10, 301), &Device::Cpu)?;
        let labels: Vec<u32> = case.labels.iter().map(|&label| label.into()).collect();
        let labels = Tensor::from_vec(labels, (40, 1), &Device::Cpu)?;

        let h = p.broadcast_add(&bias)?.relu()?.broadcast_mul(&gains)?;
        let y = (h.matmul(&readout.t()?)? * f64::from(SCALE))?;
        let log_sum = y.exp()?.sum_keepdim(D::Minus1)?.log()?;
        let loss = log_sum.sub(&y.gather(&labels, 1)?)?.mean_all()?;
        let gradients = loss.backward()?;
        let expected = |variable: &Var| -> candle_core::Result<Vec<f64>> {
            let gradient: Vec<f32> = gradients.get(variable).expect("it is a variable").to_vec1()?;
            Ok(gradient.into_iter().map(f64::from).collect())
        };

        for isa in Isa::all() {
            let (ours, of_bias, of_gain) = step(isa, &case, &rows);
            check_close("loss", &[ours as f32], &[f64::from(loss.to_scalar::<f32>()?)], 1e-5);
            check_close("bias", &of_bias, &expected(&bias)?, 2e-5);
            check_close("gain", &of_gain, &expected(&gains)?, 2e-5);
        }
    }
    Ok(())
}

#[test]
fn gradient_equals_the_difference_quotient_of_the_loss() {
    let mut case = Case::new(24, 70, 3, false);
    let rows: Vec<u32> = (0..24).collect();
    let (_, gradient, _) = step(Isa::best(), &case, &rows);
    case.is_rounded = false; // the loss would go in steps
    for unit in 0..70 {
        let b = case.bias[unit];
        let mut at = |x: f32| {
            case.bias[unit] = x;
            let loss = case.loss_and_gradients(&rows).0;
            case.bias[unit] = b;
            loss
        };
        let step = 1e-4;
        let slope = (at(b + step) - at(b - step)) / f64::from(2.0 * step);
        // A unit may switch within the step: the loss has a kink there.
        let slack = 2e-3;
        assert!((slope - f64::from(gradient[unit])).abs() < slack, "unit {unit}: {slope} {}", gradient[unit]);
    }
}

#[test]
fn results_are_the_same_bits_on_every_instruction_set_and_odd_size() {
    for one_hot in [true, false] {
        for units in UNITS {
            for (classes, rows) in CLASSES.into_iter().zip([1, 2, 3, 17, 5, 33, 6, 9]) {
                let case = Case::new(rows, units, classes, one_hot);
                let plain = AdapterHalf { gains: &[], ..case.half() };
                for half in [case.half(), plain] {
                    let digests = Isa::all().into_iter().map(|isa| {
                        let mut out = vec![f32::NAN; rows * classes];
                        logits(isa, &case.p, &all(&case), &half, &mut out).expect("lengths agree");
                        for wrt in [Wrt::Bias, Wrt::UnitGain, Wrt::Both] {
                            let mut gradient = Gradient::new(wrt, units);
                            let loss = loss_and_gradient(
                                isa,
                                &case.p,
                                &all(&case),
                                Targets::Labels(&case.labels),
                                &half,
                                &mut gradient,
                            );
                            out.push(loss.expect("lengths agree").sum as f32);
                            out.extend(gradient.bias().iter().chain(gradient.unit_gain()));
                        }
                        bits(&out)
                    });
                    let digests: Vec<_> = digests.collect();
                    assert!(
                        digests.iter().all(|d| *d == digests[0]),
                        "one-hot {one_hot}, {units} x {classes}"
                    );
                }
            }
        }
    }
}

/// The digests hold on every machine, with and without the feature `threads`: all take the same sums in the same order.
#[test]
fn results_are_the_same_bits_whatever_the_number_of_threads() {
    for (one_hot, expected) in [(true, 0xc333_fb83_8b1b_967d), (false, 0x4edb_f725_e993_5cd6)] {
        let case = Case::new(300, 1000, 10, one_hot);
        let rows: Vec<u32> = (0..300).map(|i| i * 7 % 300).collect();
        for isa in Isa::all() {
            let digest = digest_on_any_threads(|| {
                let (loss, of_bias, of_gain) = step(isa, &case, &rows);
                bits(run(isa, &case).iter().chain(&[loss as f32]).chain(&of_bias).chain(&of_gain))
            });
            assert!(digest == expected, "{isa}, one-hot {one_hot}: {digest:#x}");
        }
    }
}

#[test]
fn wrong_lengths_are_errors_and_nothing_is_read() {
    let case = Case::new(4, 65, 10, true);
    let check = |expected: &str, result: Result<(), Error>| {
        assert_eq!(result.expect_err(expected).to_string(), expected);
    };
    let isa = Isa::best();
    let mut out = vec![0.0; 40];
    let mut gradient = Gradient::new(Wrt::Bias, 65);
    let half = case.half();
    let short = AdapterHalf { bias: &case.bias[..65], ..half };
    check("`bias` has 65 values, expected 128", logits(isa, &case.p, &[0, 1, 2, 3], &short, &mut out));
    check("row 4 is out of range, there are 4", logits(isa, &case.p, &[1, 4], &half, &mut out));
    check("`logits` has 39 values, expected 40", logits(isa, &case.p, &[0, 1, 2, 3], &half, &mut out[..39]));
    let other = Readout::one_hot(&[1; 129], 10, 1.0).expect("one class or more");
    let wide = AdapterHalf { readout: &other, ..half };
    check("`readout` has 192 values, expected 128", logits(isa, &case.p, &[0, 1, 2, 3], &wide, &mut out));
    let mut fit = |rows: &[u32], labels: &[u8]| {
        loss_and_gradient(isa, &case.p, rows, Targets::Labels(labels), &half, &mut gradient).map(|_| ())
    };
    check("row 4 is out of range, there are 4", fit(&[0, 4], &[0; 4]));
    check("label 10 is out of range, there are 10", fit(&[1], &[0, 10, 0, 0]));
    check("`labels` has 3 values, expected 4", fit(&[0], &[0; 3]));
    check("`rows of a batch` has 0 values, expected 1", fit(&[], &[0; 4]));
    let few = AdapterHalf { gains: &case.gains[..65], ..half };
    check("`unit gains` has 65 values, expected 128", logits(isa, &case.p, &[0, 1, 2, 3], &few, &mut out));
    assert!(Readout::one_hot(&[1], 0, 1.0).is_err());
    assert!(Readout::one_hot(&[1, 2], 1, 1.0).is_err());
    assert!(Readout::dense(&[1; 9], 2, 5, 1.0).is_err());
    assert!(Preactivations::from_f32(&[0.0; 9], 2, 5).is_err());
}
