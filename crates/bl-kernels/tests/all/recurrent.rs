//! The recurrence against f64, candle's autograd, difference quotients, and itself.

use crate::support::{Draw, bits, check_close, digest_on_any_threads};
use bl_kernels::{Batch, Drive, Isa, Recurrence, RecurrentGradient, Unrolled, Wrt};
use candle_core::{Device, Tensor, Var};

struct Case {
    units: usize,
    inputs: usize,
    outputs: usize,
    steps: usize,
    trajectories: usize,
    leak: (f32, f32),
    q: Vec<i8>,
    scales: Vec<f32>,
    input: Vec<f32>,
    readout: Vec<f32>,
    bias: Vec<f32>,
    gains: Vec<f32>,
    initial: Vec<f32>,
    x: Vec<f32>,
    /// ∂L/∂y of the loss `Σ w y`
    delta: Vec<f32>,
}

impl Case {
    fn new(
        units: usize,
        inputs: usize,
        outputs: usize,
        steps: usize,
        trajectories: usize,
        leak: (f32, f32),
    ) -> Self {
        let mut draw = Draw::new((units * 31 + steps * 7 + trajectories) as u64);
        let q = (0..units * units).map(|_| (draw.unit() * 127.0) as i8).collect();
        let typical = 1.2 / (74.0 * (units as f32).sqrt()); // a spectral radius near 1.2 before the gate
        let scales = (0..units).map(|_| typical * (1.0 + 0.2 * draw.unit())).collect();
        Self {
            q,
            scales,
            input: draw.units(units * inputs),
            readout: draw.units(outputs * units),
            bias: draw.units(units).iter().map(|b| 0.3 * b).collect(),
            gains: draw.units(units).iter().map(|m| 1.0 + 0.5 * m).collect(),
            initial: draw.units(trajectories * units),
            x: draw.units(steps * trajectories * inputs),
            delta: draw.units(steps * trajectories * outputs),
            units,
            inputs,
            outputs,
            steps,
            trajectories,
            leak,
        }
    }

    fn net(&self) -> Recurrence {
        Recurrence::new(&self.q, &self.scales, &self.input, &self.readout, self.leak).expect("lengths agree")
    }

    fn drive(&self) -> Drive<'_> {
        Drive { bias: &self.bias, gains: &self.gains, initial: &self.initial }
    }

    fn batch(&self) -> Batch<'_> {
        Batch { inputs: &self.x, steps: self.steps, trajectories: self.trajectories, lengths: &[] }
    }

    fn forward(&self, isa: Isa) -> Unrolled {
        self.net().forward(isa, &self.drive(), &self.batch()).expect("lengths agree")
    }

    fn weights(&self) -> Vec<f32> {
        self.q
            .chunks(self.units)
            .zip(&self.scales)
            .flat_map(|(row, s)| row.iter().map(move |&q| f32::from(q) * s))
            .collect()
    }

    /// Outputs in f64.
    fn reference(&self) -> Vec<f64> {
        let (w, n) = (self.weights(), self.units);
        let mut all = vec![0.0; self.steps * self.trajectories * self.outputs];
        for m in 0..self.trajectories {
            let mut r: Vec<f64> = self.initial[m * n..][..n].iter().map(|&r| r.into()).collect();
            for t in 0..self.steps {
                let x = &self.x[(t * self.trajectories + m) * self.inputs..][..self.inputs];
                r = (0..n)
                    .map(|i| {
                        let mut sum = f64::from(self.bias[i]);
                        sum += (0..n).map(|j| f64::from(w[i * n + j]) * r[j]).sum::<f64>();
                        sum += x
                            .iter()
                            .enumerate()
                            .map(|(k, &x)| f64::from(self.input[i * self.inputs + k] * x))
                            .sum::<f64>();
                        let h = sum.max(0.0) * f64::from(self.gains[i]);
                        f64::from(self.leak.0) * r[i] + f64::from(self.leak.1) * h
                    })
                    .collect();
                for o in 0..self.outputs {
                    let y = (0..n).map(|i| f64::from(self.readout[o * n + i]) * r[i]).sum();
                    all[(t * self.trajectories + m) * self.outputs + o] = y;
                }
            }
        }
        all
    }
}

/// Few enough steps and units that no pre-activation is within rounding of 0: there the gate may be the other one, and
/// the gradient jumps.
fn cases() -> Vec<Case> {
    vec![
        Case::new(1, 1, 1, 3, 1, (0.0, 1.0)),
        Case::new(31, 1, 1, 6, 2, (0.0, 1.0)),
        Case::new(64, 0, 1, 9, 3, (0.0, 1.0)),
        Case::new(65, 2, 2, 5, 7, (0.4, 0.6)),
        Case::new(128, 3, 2, 4, 8, (0.9, 0.5)),
        Case::new(200, 1, 3, 3, 21, (0.0, 1.0)),
        Case::new(600, 1, 1, 2, 6, (0.0, 1.0)),
    ]
}

/// Of the largest output or gradient. A product with W of a vector v whose largest magnitude is M differs from the exact
/// one by at most `s/2 Σ|q|` (times the scale of the row), `s = M / 32767`; such errors have either sign, so over
/// `n` units some `√n M 2^−16 · |w|` per step is to be expected, 1e-5 of the states, and the steps of a case carry it on.
const ROUNDING: f64 = 2e-4;

#[test]
fn outputs_agree_with_f64_on_every_instruction_set_and_odd_size() {
    for isa in Isa::all() {
        for case in cases() {
            let unrolled = case.forward(isa);
            check_close(&format!("{isa} {}", case.units), &unrolled.outputs, &case.reference(), ROUNDING);
            assert_eq!(unrolled.exploded, None);
            assert_eq!(unrolled.last.len(), case.trajectories * case.units);
        }
    }
}

#[test]
fn results_are_the_same_bits_on_every_instruction_set_and_odd_size() {
    for case in cases() {
        for wrt in [Wrt::Bias, Wrt::UnitGain, Wrt::Both] {
            let all = Isa::all().into_iter().map(|isa| {
                let forward = case.forward(isa);
                let gradient = case.net().backward(isa, &case.drive(), &forward, &case.delta, wrt, None);
                let RecurrentGradient { bias, gains, initial } = gradient.expect("lengths agree");
                bits(forward.outputs.iter().chain(&forward.last).chain(&bias).chain(&gains).chain(&initial))
            });
            let all: Vec<_> = all.collect();
            assert!(all.iter().all(|bits| *bits == all[0]), "{} units, {wrt:?}", case.units);
        }
    }
}

#[test]
fn gradients_equal_candles_autograd() -> candle_core::Result<()> {
    for case in cases() {
        let device = &Device::Cpu;
        let (n, m) = (case.units, case.trajectories);
        let w = Tensor::from_vec(case.weights(), (n, n), device)?;
        let input = Tensor::from_vec(case.input.clone(), (n, case.inputs), device)?;
        let readout = Tensor::from_vec(case.readout.clone(), (case.outputs, n), device)?;
        let bias = Var::from_slice(&case.bias, n, device)?;
        let gains = Var::from_slice(&case.gains, n, device)?;
        let initial = Var::from_slice(&case.initial, (m, n), device)?;
        let mut r = initial.as_tensor().clone();
        let mut loss = Tensor::zeros((), candle_core::DType::F32, device)?;
        for t in 0..case.steps {
            let mut sum = r.matmul(&w.t()?)?.broadcast_add(&bias)?;
            if case.inputs > 0 {
                let x = &case.x[t * m * case.inputs..][..m * case.inputs];
                sum = (sum + Tensor::from_slice(x, (m, case.inputs), device)?.matmul(&input.t()?)?)?;
            }
            let h = sum.relu()?.broadcast_mul(&gains)?;
            r = ((r * f64::from(case.leak.0))? + (h * f64::from(case.leak.1))?)?;
            let delta = &case.delta[t * m * case.outputs..][..m * case.outputs];
            let delta = Tensor::from_slice(delta, (m, case.outputs), device)?;
            loss = (loss + (r.matmul(&readout.t()?)? * delta)?.sum_all()?)?;
        }
        let gradients = loss.backward()?;
        let expected = |variable: &Var| -> candle_core::Result<Vec<f64>> {
            let values = gradients.get(variable).expect("a variable").flatten_all()?.to_vec1::<f32>()?;
            Ok(values.into_iter().map(f64::from).collect())
        };
        for isa in Isa::all() {
            let unrolled = case.forward(isa);
            let got = case
                .net()
                .backward(isa, &case.drive(), &unrolled, &case.delta, Wrt::Both, None)
                .expect("lengths agree");
            let what = format!("{isa} {}", case.units);
            check_close(&format!("{what} bias"), &got.bias, &expected(&bias)?, ROUNDING);
            check_close(&format!("{what} gains"), &got.gains, &expected(&gains)?, ROUNDING);
            check_close(&format!("{what} initial"), &got.initial, &expected(&initial)?, ROUNDING);
        }
    }
    Ok(())
}

#[test]
fn learning_one_thing_gives_the_same_gradient_as_learning_both() {
    let case = Case::new(65, 2, 2, 5, 7, (0.4, 0.6));
    let (net, isa) = (case.net(), Isa::best());
    let unrolled = case.forward(isa);
    let of = |wrt| net.backward(isa, &case.drive(), &unrolled, &case.delta, wrt, None).expect("agree");
    let (both, bias, gains) = (of(Wrt::Both), of(Wrt::Bias), of(Wrt::UnitGain));
    assert_eq!((&bias.bias, bias.gains.len()), (&both.bias, 0));
    assert_eq!((&gains.gains, gains.bias.len()), (&both.gains, 0));
    assert_eq!(bias.initial, both.initial);
}

#[test]
fn truncation_drops_what_comes_from_later_windows() {
    let case = Case::new(65, 2, 2, 6, 3, (0.4, 0.6));
    let (net, isa) = (case.net(), Isa::best());
    let unrolled = case.forward(isa);
    let of = |delta: &[f32], truncate| {
        net.backward(isa, &case.drive(), &unrolled, delta, Wrt::Bias, truncate).expect("agree")
    };
    assert_eq!(of(&case.delta, Some(6)), of(&case.delta, None));
    // What reaches the initial state is the loss of the first window alone.
    let mut first = case.delta.clone();
    first[3 * 3 * 2..].fill(0.0);
    assert_eq!(of(&case.delta, Some(3)).initial, of(&first, None).initial);
    assert_ne!(of(&case.delta, Some(3)).bias, of(&case.delta, None).bias);
}

/// The digest holds with and without the feature `threads`: both take the same sums in the same order.
#[test]
fn results_are_the_same_bits_whatever_the_number_of_threads() {
    let case = Case::new(200, 1, 3, 7, 21, (0.0, 1.0));
    for isa in Isa::all() {
        let digest = digest_on_any_threads(|| {
            let forward = case.forward(isa);
            let gradient = case.net().backward(isa, &case.drive(), &forward, &case.delta, Wrt::Both, None);
            let RecurrentGradient { bias, gains, initial } = gradient.expect("lengths agree");
            bits(forward.outputs.iter().chain(&forward.last).chain(&bias).chain(&gains).chain(&initial))
        });
        assert!(digest == 0x4549_7a5e_69e3_93ae, "{isa}: {digest:#x}");
    }
}

#[test]
fn a_state_that_explodes_says_when() {
    let mut case = Case::new(64, 1, 1, 200, 2, (0.0, 1.0));
    case.scales.iter_mut().for_each(|s| *s *= 1e4);
    let step = case.forward(Isa::best()).exploded.expect("it grows by four orders of magnitude per step");
    assert!((5..30).contains(&step), "{step}");
}

#[test]
fn a_zero_state_without_drive_stays_zero() {
    let mut case = Case::new(65, 1, 1, 4, 3, (0.4, 0.6));
    for all in [&mut case.initial, &mut case.bias, &mut case.x] {
        all.fill(0.0);
    }
    for isa in Isa::all() {
        assert_eq!(case.forward(isa).outputs, [0.0; 12]);
    }
}

#[test]
fn a_state_that_is_not_finite_explodes_alone() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for leak in [(0.0, 1.0), (0.9, 0.5)] {
            let clean = Case::new(65, 1, 1, 4, 5, leak);
            let mut case = Case::new(65, 1, 1, 4, 5, leak);
            case.initial[2 * 65 + 9] = bad;
            for isa in Isa::all() {
                let (unrolled, clean) = (case.forward(isa), clean.forward(isa));
                assert_eq!(unrolled.exploded, Some(0), "{isa} {bad}");
                let same = |(y, clean): (usize, &f32)| {
                    y % 5 == 2 || unrolled.outputs[y].to_bits() == clean.to_bits()
                };
                assert!(clean.outputs.iter().enumerate().all(same));
                let gradient =
                    case.net().backward(isa, &case.drive(), &unrolled, &case.delta, Wrt::Both, None);
                assert_eq!(gradient.expect("lengths agree").initial.len(), 5 * 65);
            }
        }
    }
}

/// Whatever stands after its end or beside it, a trajectory is as if it were alone.
#[test]
fn trajectories_of_unequal_lengths_are_as_if_alone() {
    let lengths = [5, 1, 4, 4, 2, 5, 3, 1, 2, 5, 0];
    let mut case = Case::new(65, 2, 3, 5, lengths.len(), (0.4, 0.6));
    let after_end = |width: usize| {
        let (steps, count) = (case.steps, case.trajectories);
        let at =
            move |step: usize, row: usize| ((step * count + row) * width)..((step * count + row + 1) * width);
        (0..steps * count)
            .map(move |i| (i / count, i % count))
            .filter(|(step, row)| *step >= lengths[*row])
            .map(move |(step, row)| at(step, row))
            .collect::<Vec<_>>()
    };
    for (of_x, of_delta) in after_end(2).into_iter().zip(after_end(3)) {
        case.x[of_x].fill(f32::NAN);
        case.delta[of_delta].fill(f32::INFINITY);
    }
    let net = case.net();
    for isa in Isa::all() {
        let batch = Batch { lengths: &lengths, ..case.batch() };
        let all = net.forward(isa, &case.drive(), &batch).unwrap();
        assert_eq!(all.exploded, None);
        let back = net.backward(isa, &case.drive(), &all, &case.delta, Wrt::Both, None).unwrap();
        let (mut of_bias, mut of_gains) = (vec![0.0; 65], vec![0.0; 65]);
        for (row, &steps) in lengths.iter().enumerate() {
            let of_row = |all: &[f32], width: usize, steps: usize| -> Vec<f32> {
                (0..steps)
                    .flat_map(|step| &all[(step * lengths.len() + row) * width..][..width])
                    .copied()
                    .collect()
            };
            let own = row * 65..(row + 1) * 65;
            let drive = Drive { initial: &case.initial[own.clone()], ..case.drive() };
            let outputs = of_row(&all.outputs, 3, 5);
            assert!(outputs[3 * steps..].iter().all(|y| *y == 0.0));
            if steps == 0 {
                assert_eq!(bits(&all.last[own.clone()]), bits(&case.initial[own.clone()]));
                assert!(back.initial[own].iter().all(|a| *a == 0.0));
                continue;
            }
            let x = of_row(&case.x, 2, steps);
            let alone = net
                .forward(isa, &drive, &Batch { inputs: &x, steps, trajectories: 1, lengths: &[] })
                .unwrap();
            assert_eq!(bits(&alone.outputs), bits(&outputs[..3 * steps]));
            assert_eq!(bits(&alone.last), bits(&all.last[own.clone()]));
            let delta = of_row(&case.delta, 3, steps);
            let alone = net.backward(isa, &drive, &alone, &delta, Wrt::Both, None).unwrap();
            assert_eq!(bits(&alone.initial), bits(&back.initial[own]));
            of_bias.iter_mut().zip(&alone.bias).for_each(|(sum, x)| *sum += f64::from(*x));
            of_gains.iter_mut().zip(&alone.gains).for_each(|(sum, x)| *sum += f64::from(*x));
        }
        check_close("bias", &back.bias, &of_bias, 1e-5);
        check_close("gains", &back.gains, &of_gains, 1e-5);
    }
}

#[test]
fn wrong_lengths_are_errors() {
    let case = Case::new(31, 1, 1, 6, 2, (0.0, 1.0));
    let net = case.net();
    let check = |expected: &str, drive: Drive<'_>, batch: Batch<'_>| {
        let error = net.forward(Isa::best(), &drive, &batch).err().expect(expected);
        assert_eq!(error.to_string(), expected);
    };
    let (drive, batch) = (case.drive(), case.batch());
    check("`bias` has 30 values, expected 31", Drive { bias: &case.bias[1..], ..drive }, batch);
    check("`unit gains` has 30 values, expected 31", Drive { gains: &case.gains[1..], ..drive }, batch);
    check(
        "`initial state` has 61 values, expected 62",
        Drive { initial: &case.initial[1..], ..drive },
        batch,
    );
    check("`lengths` has 1 values, expected 2", drive, Batch { lengths: &[6], ..batch });
    check("step 7 is out of range, there are 6", drive, Batch { lengths: &[6, 7], ..batch });
    check("`inputs` has 11 values, expected 12", drive, Batch { inputs: &case.x[1..], ..batch });
    check(
        "`steps and trajectories` has 0 values, expected 1",
        drive,
        Batch { inputs: &[], steps: 0, ..batch },
    );
    let unrolled = case.forward(Isa::best());
    assert!(net.backward(Isa::best(), &drive, &unrolled, &case.delta[1..], Wrt::Bias, None).is_err());
    assert!(Recurrence::new(&case.q[1..], &case.scales, &case.input, &case.readout, case.leak).is_err());
    assert!(Recurrence::new(&case.q, &case.scales, &case.input[1..], &[], case.leak).is_err());
}
