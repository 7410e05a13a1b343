//! The adapter half against candle, against f64, and against itself.

use crate::support::{
    ANYWHERE, Draw, LOCAL_NORMAL, ONE_HOT, adapter, generate, inputs, mlp, prepare, readouts,
    set_preprocessing, spec,
};
use bl_core::deep::rows;
use bl_core::{Backbone, Error, Isa, Lattice, MlpSpec, Prepared, Preprocessing};
use candle_core::{Device, Tensor};
use half::f16;

const ROWS: usize = 11;

fn all_isas(spec: &MlpSpec) -> impl Iterator<Item = Backbone> {
    Isa::all().into_iter().map(|isa| generate(spec).with_isa(isa))
}

/// Deep networks of every distribution, plain and residual.
fn deep() -> [MlpSpec; 2] {
    let layers: Vec<_> = [LOCAL_NORMAL].into_iter().chain(ANYWHERE).map(|weights| (33, weights)).collect();
    [false, true].map(|residual| MlpSpec { residual, ..spec(3, &layers, ANYWHERE[1]) })
}

fn shallow() -> Vec<MlpSpec> {
    let widths = [1, 5, 63, 64, 65, 300, 1000];
    let each = |units| readouts().map(move |readout| spec(3, &[(units, LOCAL_NORMAL)], readout));
    widths.into_iter().flat_map(each).collect()
}

fn pixels(backbone: &Backbone) -> Vec<u8> {
    Draw::new(5).bytes(ROWS * inputs(backbone))
}

#[track_caller]
fn check_close(found: &[f32], expected: &[f32], tolerance: f32, what: &MlpSpec) {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(1e-3_f32, |max, y| max.max(y.abs()));
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance * scale, "{found}, expected {expected}: {what:?}");
    }
}

#[test]
fn logits_equal_candles_forward_pass() {
    let check = |backbone: &Backbone| {
        let adapter = adapter(backbone, 1);
        let p = mlp(backbone).preactivations(&pixels(backbone)).expect("whole images");
        let prepared = prepare(backbone, &adapter);
        let found = mlp(backbone).logits(&p, 0..ROWS, &prepared).expect("rows exist");

        let all: Vec<u32> = (0..ROWS as u32).collect();
        let biases: Vec<Tensor> = adapter
            .parameters
            .biases
            .iter()
            .map(|bias| Tensor::from_slice(bias, bias.len(), &Device::Cpu).expect("a vector"))
            .collect();
        let layers = mlp(backbone).layers_after_first().expect("matrices");
        let scores = mlp(backbone)
            .forward(
                layers,
                &rows(&p, &all).expect("rows exist"),
                adapter.header.io.images().expect("images").1,
                &biases,
            )
            .expect("shapes agree");
        assert_eq!(scores.dims(), [ROWS, mlp(backbone).outputs()]);
        let expected: Vec<f32> = scores.flatten_all().and_then(|y| y.to_vec1()).expect("f32");
        check_close(&found, &expected, 1e-5, mlp(backbone).spec()); // f32 sums in another order
    };
    for spec in shallow().iter().chain(&deep()) {
        all_isas(spec).for_each(|backbone| check(&backbone));
    }
}

#[test]
fn logits_of_deep_networks_equal_plain_loops() {
    for spec in &deep() {
        let backbone = generate(spec);
        let adapter = adapter(&backbone, 1);
        let p = mlp(&backbone).preactivations(&pixels(&backbone)).expect("whole images");
        let prepared = prepare(&backbone, &adapter);
        let found = mlp(&backbone).logits(&p, 0..ROWS, &prepared).expect("rows exist");

        let Preprocessing { mean, std } = adapter.header.io.images().expect("images").1;
        let product = |matrix: &Lattice, h: &[f64]| -> Vec<f64> {
            let rows = matrix.weights();
            let rows = rows.chunks(matrix.columns);
            rows.map(|row| row.iter().zip(h).map(|(&w, h)| f64::from(w) * h).sum()).collect()
        };
        let activate = |sums: Vec<f64>, bias: &[f32]| -> Vec<f64> {
            sums.iter().zip(bias).map(|(sum, &b)| (sum + f64::from(b)).max(0.0)).collect()
        };
        for row in 0..ROWS {
            let raw = p.row_f32(row).into_iter().zip(mlp(&backbone).row_sums());
            let standardised = raw.map(|(p, &sum)| (f64::from(p) - mean * f64::from(sum)) / std).collect();
            let mut h = activate(standardised, &adapter.parameters.biases[0]);
            for (matrix, bias) in mlp(&backbone).deeper_lattices().iter().zip(&adapter.parameters.biases[1..])
            {
                let next = activate(product(matrix, &h), bias);
                h = if spec.residual {
                    h.iter().zip(&next).map(|(h, next)| h + next).collect()
                } else {
                    next
                };
            }
            let expected: Vec<f32> =
                product(mlp(&backbone).readout_lattice(), &h).into_iter().map(|y| y as f32).collect();
            check_close(&found[row * 3..][..3], &expected, 1e-5, spec);
        }
    }
}

#[test]
fn folding_equals_explicit_standardisation_of_the_pixels() {
    // y = A max(B x̂ + b, 0), x̂ = (x / 255 − μ) / σ, in f64 from the f32 weights. Pre-activations are kept as
    // f16: each is off by at most 2⁻¹¹ of itself (2⁻²⁵ below the smallest normal number).
    for (mean, std) in [(0.0, 1.0), (0.4, 0.3), (-0.5, 2.5), (0.1307, 0.3081)] {
        for backbone in shallow().iter().flat_map(all_isas) {
            let mut adapter = adapter(&backbone, 1);
            set_preprocessing(&mut adapter.header, mean, std);
            let (b, a) =
                (mlp(&backbone).first_lattice().weights(), mlp(&backbone).readout_lattice().weights());
            let (units, inputs) = (mlp(&backbone).units(), inputs(&backbone));
            let images = pixels(&backbone);
            let p = mlp(&backbone).preactivations(&images).expect("whole images");
            let prepared = prepare(&backbone, &adapter);
            let found = mlp(&backbone).logits(&p, 0..ROWS, &prepared).expect("rows exist");
            for (x, scores) in images.chunks(inputs).zip(found.chunks(mlp(&backbone).outputs())) {
                let (mut expected, mut slack) = (vec![0.0; scores.len()], vec![1e-6; scores.len()]);
                for unit in 0..units {
                    let (mut raw, mut standardised) = (0.0, f64::from(adapter.parameters.biases[0][unit]));
                    for (&w, &x) in b[unit * inputs..][..inputs].iter().zip(x) {
                        raw += f64::from(w) * f64::from(x) / 255.0;
                        standardised += f64::from(w) * (f64::from(x) / 255.0 - mean) / std;
                    }
                    for (output, (y, slack)) in expected.iter_mut().zip(&mut slack).enumerate() {
                        let a = f64::from(a[output * units + unit]);
                        *y += a * standardised.max(0.0);
                        let f32_rounding = 1e-6 * standardised.abs().max(1.0);
                        *slack += a.abs() * ((raw.abs() / 2048.0 + 3e-8) / std + f32_rounding);
                    }
                }
                for ((found, expected), slack) in scores.iter().zip(expected).zip(slack) {
                    let error = (f64::from(*found) - expected).abs();
                    assert!(error <= slack, "{found}, expected {expected} ± {slack}: {:?}", backbone.spec());
                }
            }
        }
    }
}

#[test]
fn swapping_adapters_there_and_back_gives_the_same_bits() {
    for spec in [&shallow()[9], &deep()[1]] {
        for backbone in all_isas(spec) {
            let p = mlp(&backbone).preactivations(&pixels(&backbone)).expect("whole images");
            let scores = [1, 2, 1].map(|seed| {
                let prepared = prepare(&backbone, &adapter(&backbone, seed));
                mlp(&backbone).logits(&p, 0..ROWS, &prepared).expect("rows exist")
            });
            assert_ne!(scores[0], scores[1]);
            assert_eq!(scores[0], scores[2]);
        }
    }
}

#[test]
fn a_row_does_not_depend_on_the_others() {
    for spec in &shallow() {
        for backbone in all_isas(spec) {
            let (images, inputs, outputs) =
                (pixels(&backbone), spec.input.values(), mlp(&backbone).outputs());
            let all = mlp(&backbone).preactivations(&images).expect("whole images");
            let prepared = prepare(&backbone, &adapter(&backbone, 1));
            let together = mlp(&backbone).logits(&all, 0..ROWS, &prepared).expect("rows exist");
            for row in 0..ROWS {
                let alone =
                    mlp(&backbone).preactivations(&images[row * inputs..][..inputs]).expect("one image");
                assert_eq!(alone.row(0), all.row(row), "row {row}: {spec:?}");
                let scores = mlp(&backbone).logits(&alone, 0..1, &prepared).expect("one row");
                assert_eq!(scores, together[row * outputs..][..outputs], "row {row}: {spec:?}");
                let scores = mlp(&backbone).logits(&all, row..row + 1, &prepared).expect("one row");
                assert_eq!(scores, together[row * outputs..][..outputs], "row {row}: {spec:?}");
            }
        }
    }
}

#[test]
fn pre_activations_have_the_bits_of_their_formula_on_every_instruction_set() {
    // Enough of them, each unit with a scale of its own, that another rounding anywhere would show.
    const IMAGES: usize = 100;
    let spec = spec(3, &[(3000, LOCAL_NORMAL)], ONE_HOT);
    let lattice = mlp(&generate(&spec)).first_lattice();
    let images = Draw::new(5).bytes(IMAGES * lattice.columns);
    for backbone in all_isas(&spec) {
        let p = mlp(&backbone).preactivations(&images).expect("whole images");
        for (row, image) in images.chunks(lattice.columns).enumerate() {
            let expected = lattice.q.chunks(lattice.columns).zip(&lattice.scales).map(|(q, scale)| {
                let sum: i32 = q.iter().zip(image).map(|(&q, &x)| i32::from(q) * i32::from(x)).sum();
                f16::from_f32(sum as f32 * (scale / 255.0)).to_bits()
            });
            assert!(expected.eq(p.row(row).iter().copied()), "{} row {row}", backbone.isa());
        }
    }
}

#[test]
fn a_row_of_a_deep_network_depends_on_the_others_by_rounding_only() {
    for spec in &deep() {
        let backbone = generate(spec);
        let p = mlp(&backbone).preactivations(&pixels(&backbone)).expect("whole images");
        let prepared = prepare(&backbone, &adapter(&backbone, 1));
        let together = mlp(&backbone).logits(&p, 0..ROWS, &prepared).expect("rows exist");
        for row in 0..ROWS {
            let alone = mlp(&backbone).logits(&p, row..row + 1, &prepared).expect("one row");
            check_close(&alone, &together[row * 3..][..3], 1e-5, spec);
        }
    }
}

#[test]
fn rows_and_images_that_do_not_exist_are_errors() {
    for spec in [&spec(3, &[(5, LOCAL_NORMAL)], ONE_HOT), &deep()[0]] {
        let backbone = generate(spec);
        let p = mlp(&backbone).preactivations(&pixels(&backbone)).expect("whole images");
        let prepared = prepare(&backbone, &adapter(&backbone, 1));
        assert!(mlp(&backbone).logits(&p, 3..3, &prepared).expect("no rows").is_empty());
        let error = mlp(&backbone).logits(&p, 9..12, &prepared).expect_err("eleven rows").to_string();
        assert_eq!(error, "row 11 is out of range, there are 11");
        assert!(
            matches!(mlp(&backbone).preactivations(&[0; 25]), Err(Error::Kernel(_))),
            "a image and a pixel"
        );
        let widths = Prepared::new(mlp(&backbone), Preprocessing { mean: 0.0, std: 1.0 }, &[vec![0.0; 6]]);
        assert!(matches!(widths, Err(Error::BiasWidths { .. })));
    }
}
