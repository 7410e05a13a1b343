//! Trials as arrays that were filled up to one length.

use bias_adapters::Error;
use bias_adapters::task::{Goals, Read, Trials};
use numpy::{PyReadonlyArray1, PyReadonlyArray3, PyUntypedArrayMethods};
use pyo3::prelude::*;

/// Inputs `[trials, time, channels]`, lengths, and classes `[trials]`, or values and weights `[trials, time, outputs]`.
pub(crate) type Arrays<'py> = (
    PyReadonlyArray3<'py, f64>,
    PyReadonlyArray1<'py, i64>,
    Option<PyReadonlyArray1<'py, u8>>,
    Option<(PyReadonlyArray3<'py, f64>, PyReadonlyArray3<'py, f32>)>,
);

/// The same without Python.
pub(crate) struct Owned {
    shape: [usize; 3],
    inputs: Vec<f64>,
    lengths: Vec<usize>,
    classes: Option<Vec<u8>>,
    values: Option<(usize, Vec<f64>, Vec<f32>)>,
}

pub(crate) fn owned((inputs, lengths, classes, values): &Arrays<'_>) -> PyResult<Owned> {
    let &[trials, time, channels] = inputs.shape() else { unreachable!("it has three axes") };
    Ok(Owned {
        shape: [trials, time, channels],
        inputs: inputs.as_slice()?.to_vec(),
        lengths: lengths.as_slice()?.iter().map(|&steps| usize::try_from(steps).unwrap_or(0)).collect(),
        classes: classes.as_ref().map(|classes| classes.as_slice().map(<[u8]>::to_vec)).transpose()?,
        values: match values {
            Some((values, weights)) => {
                Some((values.shape()[2], values.as_slice()?.to_vec(), weights.as_slice()?.to_vec()))
            }
            None => None,
        },
    })
}

/// Each trial up to its own end.
pub(crate) fn cut<T: Copy>(values: &[T], time: usize, width: usize, lengths: &[usize]) -> Vec<T> {
    let trials = values.chunks_exact((time * width).max(1)).zip(lengths);
    trials.flat_map(|(trial, steps)| &trial[..(steps * width).min(trial.len())]).copied().collect()
}

pub(crate) fn of_arrays(of: Owned) -> Result<Trials, Error> {
    let Owned { shape: [_, time, channels], inputs, lengths, classes, values } = of;
    let goals = match (classes, values) {
        (Some(classes), _) => Goals::Classes(classes),
        (None, Some((variables, values, weights))) => Goals::Values {
            variables,
            values: cut(&values, time, variables, &lengths),
            weights: cut(&weights, time, variables, &lengths),
        },
        (None, None) => Goals::Classes(Vec::new()), // its length is wrong
    };
    let inputs = cut(&inputs, time, channels, &lengths);
    Ok(Trials::new(channels, &lengths, inputs, goals).map_err(bias_adapters::bl_tasks::Error::from)?)
}

pub(crate) fn read_of(word: &str) -> Read {
    match word {
        "end" => Read::End,
        "each" => Read::Each,
        _ => Read::Mean,
    }
}
