//! Each distribution has the moments it says, and no two streams are alike.

use crate::support::{ANYWHERE, generate, matrix, mlp_spec, spec};
use bl_core::Lattice;

/// Units of a layer over 28 x 28 pixels: 1.6 million weights.
const UNITS: u32 = 2000;
const INPUTS: usize = 784;

fn first_layer(seed: u64, weights: &str) -> Lattice {
    let text = format!(
        r#"
        seed = {seed}
        input = {{ height = 28, width = 28 }}
        layers = [{{ units = {UNITS}, weights = {weights} }}]
        readout = {{ outputs = 10, weights = {{ distribution = "one_hot", value = 1.0 }} }}
        "#
    );
    matrix(&generate(&mlp_spec(&text)), "hidden.0.weight")
}

/// What a distribution should have: mean is zero for all of them.
struct Moments {
    std: f64,
    /// Fourth moment over the squared variance.
    kurtosis: f64,
    /// Share of the weights that are not zero.
    dense: f64,
}

#[test]
fn weights_have_the_moments_of_their_distribution() {
    // Five standard errors of 1.6 million independent draws, and the lattice: a value is rounded to one of
    // 255 levels, and nothing lies beyond ±127 steps, 3.97 standard deviations of a normal.
    let check = |weights: &str, expected: Moments| {
        let lattice = first_layer(5, weights);
        let weights: Vec<f64> = lattice.weights().iter().map(|&w| f64::from(w)).collect();
        let n = weights.len() as f64;
        let moment = |k: i32| weights.iter().map(|w| w.powi(k)).sum::<f64>() / n;
        let (mean, variance) = (moment(1), moment(2));
        let error = 5.0 / n.sqrt();
        assert!(mean.abs() < error * expected.std, "{weights:?}: mean {mean}", weights = lattice.scales[0]);
        let ratio = variance.sqrt() / expected.std;
        assert!((ratio - 1.0).abs() < error * expected.kurtosis.sqrt() + 1e-3, "standard deviation {ratio}");
        let kurtosis = moment(4) / variance.powi(2);
        assert!((kurtosis / expected.kurtosis - 1.0).abs() < 0.01, "kurtosis {kurtosis}");
        let dense = weights.iter().filter(|&&w| w != 0.0).count() as f64 / n;
        assert!((dense - expected.dense).abs() < error, "share {dense}");
    };
    // A normal value is zero with probability 2Φ(1/64) − 1 = 0.01246, a uniform one with 1/255.
    let normal = 0.98754;
    check(ANYWHERE[0], Moments { std: 0.5 / 3_f64.sqrt(), kurtosis: 1.8, dense: 254.0 / 255.0 });
    check(ANYWHERE[1], Moments { std: 0.25, kurtosis: 3.0, dense: normal });
    let (mean, std) = (0.5_f64, 0.125_f64);
    let variance = mean.powi(2) + std.powi(2);
    let fourth = mean.powi(4) + 6.0 * (mean * std).powi(2) + 3.0 * std.powi(4);
    check(ANYWHERE[2], Moments { std: variance.sqrt(), kurtosis: fourth / variance.powi(2), dense: 1.0 });
    check(ANYWHERE[3], Moments { std: 0.25, kurtosis: 1.0, dense: 1.0 });
    // A quarter of the weights: a quarter of the variance, four times the kurtosis.
    check(ANYWHERE[4], Moments { std: 0.5 / 2.0, kurtosis: 12.0, dense: 0.25 * normal });
}

#[test]
fn local_fields_are_local_have_their_norm_and_lie_everywhere() {
    const NORM: f64 = 1.5;
    for sigma in [1.0, 2.0, 4.0] {
        let lattice = first_layer(
            5,
            &format!(r#"{{ distribution = "local_normal", sigma = {sigma}, norm = {NORM} }}"#),
        );
        let (mut quarters, mut far) = ([0_u32; 4], 0.0);
        for row in lattice.weights().chunks_exact(INPUTS) {
            let energy: Vec<f64> = row.iter().map(|&w| f64::from(w).powi(2)).collect();
            let total: f64 = energy.iter().sum();
            // 127 levels, and the product with an f32 scale.
            assert!((total.sqrt() / NORM - 1.0).abs() < 1e-6, "norm {}", total.sqrt());
            let pixels = || energy.iter().enumerate().map(|(i, e)| ((i % 28) as f64, (i / 28) as f64, e));
            let (cx, cy) = pixels().fold((0.0, 0.0), |(x, y), (px, py, e)| (x + px * e, y + py * e));
            let (cx, cy) = (cx / total, cy / total);
            let distance = |x: f64, y: f64| ((x - cx).powi(2) + (y - cy).powi(2)).sqrt();
            let outside = pixels().filter(|&(x, y, _)| distance(x, y) > 3.0 * sigma);
            far += outside.map(|(_, _, e)| e).sum::<f64>() / total / f64::from(UNITS);
            quarters[usize::from(cx > 13.5) + 2 * usize::from(cy > 13.5)] += 1;
        }
        // A Gaussian window squared leaves exp(−9) beyond three standard deviations of the window.
        assert!(far < 1e-3, "sigma {sigma}: {far} of the energy is far from the centre");
        // 500 ± 19 expected in each quarter.
        assert!(quarters.iter().all(|&count| (400..600).contains(&count)), "sigma {sigma}: {quarters:?}");
    }
}

#[test]
fn a_one_hot_unit_feeds_its_class_alone_with_a_random_sign() {
    let backbone = generate(&spec(5, &[(3001, ANYWHERE[3])], crate::support::ONE_HOT));
    let readout = matrix(&backbone, "readout.weight");
    let mut positive = 0;
    for unit in 0..readout.columns {
        for output in 0..readout.rows {
            let q = readout.q[output * readout.columns + unit];
            assert_eq!(q != 0, output == unit % 3, "unit {unit}, output {output}");
            assert!((-1..=1).contains(&q));
            positive += usize::from(q == 1);
        }
    }
    assert!((1400..1600).contains(&positive), "{positive} of 3001 positive, 1500 ± 27 expected");
}

/// Pearson's r of the lattice values.
fn correlation(a: &[i8], b: &[i8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum =
        |a: &[i8], b: &[i8]| -> f64 { a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum() };
    sum(a, b) / (sum(a, a) * sum(b, b)).sqrt()
}

#[test]
fn seeds_matrices_and_units_are_uncorrelated() {
    let check = |what: &str, a: &[i8], b: &[i8]| {
        let r = correlation(a, b);
        assert!(r.abs() < 5.0 / (a.len() as f64).sqrt(), "{what}: correlation {r}");
    };
    for weights in ANYWHERE {
        let lattice = first_layer(5, weights).q;
        let (first, last) = (&lattice[..INPUTS * 1000], &lattice[INPUTS * 1000..]);
        check("units 0.. and 1000..", first, last);
        check("units 0.. and 1..", first, &lattice[INPUTS..][..INPUTS * 1000]);
        check("neighbouring weights", &lattice[1..], &lattice[..lattice.len() - 1]);
        check("weights 32 apart", &lattice[32..], &lattice[..lattice.len() - 32]); // a ChaCha block
        for seed in [4, 6, 50, 5 + (1 << 32)] {
            check("another seed", &lattice, &first_layer(seed, weights).q);
        }
        // All three matrices are 24 x 24, or hold as much.
        let backbone = generate(&spec(5, &[(24, weights), (24, weights), (24, weights)], weights));
        let matrices = [0, 1, 2].map(|depth| matrix(&backbone, &format!("hidden.{depth}.weight")));
        check("layers 0 and 1", &matrices[0].q, &matrices[1].q);
        check("layers 1 and 2", &matrices[1].q, &matrices[2].q);
        let readout = matrix(&backbone, "readout.weight");
        let heads: Vec<i8> =
            (0..3).flat_map(|o| (0..24).map(move |u| u * 24 + o)).map(|i| matrices[2].q[i]).collect();
        check("layer 2 and the readout", &heads, &readout.q);
    }
}
