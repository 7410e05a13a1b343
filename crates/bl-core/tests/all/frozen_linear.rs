//! The frozen linear map is candle's product, with the gradient of its input and of nothing else.

use crate::support::{ANYWHERE, Draw, LOCAL_NORMAL, generate, matrix, spec};
use bl_core::deep::FrozenLinear;
use candle_core::{Device, Result, Tensor, Var};

const BATCH: usize = 7;

/// A first layer of 24 inputs, as a frozen map and as a plain matrix.
fn layer(units: u32) -> (FrozenLinear, Tensor) {
    let lattice = matrix(&generate(&spec(1, &[(units, LOCAL_NORMAL)], ANYWHERE[0])), "hidden.0.weight");
    let plain = Tensor::from_vec(lattice.weights(), (lattice.rows, lattice.columns), &Device::Cpu);
    (FrozenLinear::new(&lattice).expect("a matrix"), plain.expect("a matrix"))
}

fn random(rows: usize, columns: usize, seed: u64) -> Result<Tensor> {
    Tensor::from_vec(Draw::new(seed).units(rows * columns), (rows, columns), &Device::Cpu)
}

fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}

/// `Σ φ(x Wᵀ) ⊙ target`, something that is not linear in x.
fn loss(product: &Tensor, target: &Tensor) -> Result<Tensor> {
    product.relu()?.mul(target)?.sum_all()
}

#[test]
fn output_and_gradient_equal_those_of_a_plain_product() -> Result<()> {
    for units in [1, 5, 64, 130] {
        let (frozen, weight) = layer(units);
        let xs = Var::from_tensor(&random(BATCH, 24, 2)?)?;
        let target = random(BATCH, units as usize, 3)?;
        let (ours, theirs) = (frozen.forward(&xs)?, xs.matmul(&weight.t()?)?);
        assert_eq!(values(&ours)?, values(&theirs)?);
        let gradient = |product: &Tensor| -> Result<Vec<f32>> {
            values(loss(product, &target)?.backward()?.get(&xs).expect("xs is a variable"))
        };
        for (ours, theirs) in gradient(&ours)?.into_iter().zip(gradient(&theirs)?) {
            assert!((ours - theirs).abs() <= 1e-5, "{ours} {theirs}");
        }
    }
    Ok(())
}

#[test]
fn the_gradient_is_the_difference_quotient() -> Result<()> {
    let (frozen, _) = layer(9);
    let xs = Var::from_tensor(&random(1, 24, 2)?)?;
    let target = random(1, 9, 3)?;
    let gradients = loss(&frozen.forward(&xs)?, &target)?.backward()?;
    let gradient = values(gradients.get(&xs).expect("xs is a variable"))?;
    let at = |input: usize, step: f32| -> Result<f32> {
        let mut x = values(&xs)?;
        x[input] += step;
        let x = Tensor::from_vec(x, (1, 24), &Device::Cpu)?;
        loss(&frozen.forward(&x)?, &target)?.to_scalar()
    };
    for (input, gradient) in gradient.into_iter().enumerate() {
        let step = 1.0 / 512.0; // piecewise linear, and no unit switches within such a step
        let slope = (at(input, step)? - at(input, -step)?) / (2.0 * step);
        assert!((slope - gradient).abs() < 1e-4, "input {input}: {slope} {gradient}");
    }
    Ok(())
}

#[test]
fn any_layout_of_the_input_is_right() -> Result<()> {
    let (frozen, weight) = layer(9);
    let wide = random(24, BATCH, 2)?;
    let tall = random(2 * BATCH, 24, 2)?;
    for xs in [wide.t()?, tall.narrow(0, BATCH, BATCH)?, tall.narrow(0, 3, 1)?] {
        let expected = xs.contiguous()?.matmul(&weight.t()?)?;
        assert_eq!(values(&frozen.forward(&xs)?)?, values(&expected)?);
    }
    assert!(frozen.forward(&random(BATCH, 23, 2)?).is_err(), "another number of inputs");
    Ok(())
}
