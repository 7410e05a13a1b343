//! What a request takes in memory beside its body, known before it is taken.

use bl_core::{Model, Net};
use bl_tasks::kinds::KEPT_BYTES;

use crate::names::{IMAGE, ON};
use crate::protocol::{InferRequest, OutputRequest};

/// Of a class: its score and probability, as numbers and as text.
const CLASS: usize = 100;
/// Of a text of an answer, beside its letters.
const TEXT: usize = 100;
/// Of a byte of such a text: JSON may need six for it, and is written while it grows.
const LETTER: usize = 20;
/// Of a byte that is written as a number.
const NUMBER: usize = 14;
/// Of a value of a trajectory: what goes in, what comes out, as a number and as text.
const VALUE: usize = 120;

/// Of what is repeated of a request whatever it asks.
pub(crate) fn repeated(request: &InferRequest) -> usize {
    LETTER.saturating_mul(request.id.as_ref().map_or(0, String::len))
}

/// The most that an image of a request takes, from its pixels and pre-activations to what is asked of it.
pub(crate) fn row(model: &Model, outputs: &[OutputRequest]) -> usize {
    let (spec, labels) = (model.backbone.spec(), &model.header.task.labels);
    let lengths = labels.iter().map(String::len);
    let (longest, all) = lengths.fold((0, 0), |(longest, all), length| (length.max(longest), all + length));
    let texts = |count: usize| {
        let count = count.min(labels.len());
        TEXT * count + LETTER * all.min(count * longest)
    };
    let of_output = |output: &OutputRequest| match (&*output.name, output.classes) {
        (_, Some(best)) => texts(best),
        (IMAGE, None) => NUMBER * model.inputs(),
        (ON, None) => NUMBER * spec.hidden_units().div_ceil(8),
        _ => 0,
    };
    let always = [spec.cost().row as usize, CLASS * model.outputs(), texts(1), 2 * model.inputs()];
    always.into_iter().chain(outputs.iter().map(of_output)).fold(0, usize::saturating_add)
}

/// The most that a trajectory of so many values takes.
pub(crate) fn trajectory(model: &Model, values: usize) -> usize {
    let states = 2 * KEPT_BYTES + model.backbone.spec().cost().row as usize;
    VALUE.saturating_mul(values).saturating_add(states)
}
