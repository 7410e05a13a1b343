//! The products beside candle's automatic differentiation.

use bl_core::{Preprocessing, Spec};
use bl_kernels::cross_entropy;
use candle_core::{Device, Tensor, Var};

use super::*;
use crate::network::mlp::MlpNetwork;

fn reference(xs: &Tensor, parameters: &[Var], residual: bool) -> candle_core::Result<Tensor> {
    let layer = |h: &Tensor, of: &[Var]| h.matmul(&of[0].t()?)?.broadcast_add(&of[1])?.relu();
    let mut h = layer(xs, parameters)?;
    for of in parameters[2..parameters.len() - 1].chunks_exact(2) {
        h = if residual { (&h + layer(&h, of)?)? } else { layer(&h, of)? };
    }
    h.matmul(&parameters[parameters.len() - 1].t()?)
}

#[test]
fn scores_and_gradients_are_those_of_autograd() {
    let some = |count: usize, seed: usize| {
        (0..count).map(move |i| (((i * 7919 + seed * 104_729) % 2003) as f32 / 2003.0 - 0.5) * 0.3)
    };
    let head = include_str!("../../../../../../configs/backbones/images-pixels.toml");
    let spec = Spec::from_toml(head).expect("the preset is valid").mlp().expect("feed-forward").clone();
    let preprocessing = Preprocessing { mean: 0.3, std: 0.4 };
    for (units, residual) in [
        (&[5_u32][..], false),
        (&[1100], false),
        (&[70, 33], false),
        (&[40, 600, 9], false),
        (&[70, 70, 70], true),
    ] {
        let mut spec = spec.clone();
        let first = spec.layers[0].clone();
        spec.layers = vec![first; units.len()];
        spec.layers.iter_mut().zip(units).for_each(|(layer, &units)| layer.units = units);
        spec.residual = residual;
        let shapes = MlpNetwork::shapes(&spec);
        let shapes = || shapes.iter().map(|(_, shape)| shape.clone()).enumerate();
        let parameters: Vec<Vec<f32>> =
            shapes().map(|(i, shape)| some(shape.iter().product(), i).collect()).collect();
        let vars: Vec<Var> = shapes()
            .zip(&parameters)
            .map(|((_, shape), values)| Var::from_slice(values, shape, &Device::Cpu).expect("its shape"))
            .collect();
        let mut pass = Pass::new(&spec, preprocessing).expect("a valid spec");
        for rows in [33, 2] {
            let what = format!("{units:?}, residual {residual}, {rows} rows");
            let inputs = spec.input.values();
            let images: Vec<u8> = (0..rows * inputs).map(|i| (i * 97 % 256) as u8).collect();
            let images: Vec<&[u8]> = images.chunks(inputs).collect();
            let xs = images.concat().iter().map(|&x| (f32::from(x) / 255.0 - 0.3) / 0.4).collect();
            let xs = Tensor::from_vec(xs, (rows, inputs), &Device::Cpu).expect("its shape");
            let y = reference(&xs, &vars, residual).expect("shapes agree");
            let labels = Tensor::from_vec(vec![3_u32; rows], rows, &Device::Cpu).expect("its shape");
            let loss = candle_nn::loss::cross_entropy(&y, &labels).expect("shapes agree");
            let gradients = loss.backward().expect("a scalar");
            let values =
                |tensor: &Tensor| tensor.flatten_all().and_then(|t| t.to_vec1::<f32>()).expect("f32");
            let near = |what: &str, found: &[f32], expected: &[f32]| {
                let most = expected.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
                assert_eq!(found.len(), expected.len(), "{what}");
                for (found, expected) in found.iter().zip(expected) {
                    assert!((found - expected).abs() <= 1e-4 * most, "{what}: {found}, {expected}");
                }
            };

            let mut scores = pass.forward(&images, &parameters).expect("shapes agree");
            near(&format!("{what}: scores"), &scores, &values(&y));
            for scores in scores.chunks_mut(spec.outputs()) {
                cross_entropy(scores, 3, 1.0 / rows as f32);
            }
            let mut found: Vec<_> = parameters.iter().map(|p| vec![f32::NAN; p.len()]).collect();
            pass.backward(&scores, &parameters, &mut found).expect("shapes agree");
            for (i, (var, found)) in vars.iter().zip(&found).enumerate() {
                near(&format!("{what}: {i}"), found, &values(gradients.get(var).expect("learned")));
            }
            let hidden = pass.first_layer(&images, &parameters).expect("shapes agree");
            let layer = xs.matmul(&vars[0].t().expect("a matrix")).expect("shapes agree");
            let layer = layer.broadcast_add(&vars[1]).and_then(|z| z.relu()).expect("shapes agree");
            near(&format!("{what}: hidden"), &hidden, &values(&layer));
        }
    }
}
