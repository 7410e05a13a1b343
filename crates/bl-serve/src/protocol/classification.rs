//! The protocol's classification extension: of scores, the best few as text.
//!
//! ```text
//! FP32 [rows, classes]  →  BYTES [rows, n] of `score:index:label`, the highest first
//! ```

use super::tensor::{Data, Tensor};
use crate::failure::Failure;

/// The `best` classes of each row; `labels` are the classes' names.
pub(super) fn classified(tensor: &Tensor, best: usize, labels: &[String]) -> Result<Tensor, Failure> {
    let name = &tensor.name;
    let (Data::F32(scores), &[rows, classes]) = (&tensor.data, &*tensor.shape) else {
        return Err(Failure::bad_input(format!(
            "output `{name}`: parameter `classification` is for outputs of one value a class, such as `probabilities`"
        )));
    };
    if labels.len() != classes {
        return Err(Failure::bad_input(format!(
            "output `{name}`: parameter `classification` is for one adapter at a time"
        )));
    }
    let best = best.min(classes);
    let mut texts = Vec::with_capacity(rows * best);
    for scores in scores.chunks_exact(classes) {
        let mut order: Vec<usize> = (0..classes).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a])); // stable: the first among equals
        let text = |&class: &usize| format!("{:.6}:{class}:{}", scores[class], labels[class]).into_bytes();
        texts.extend(order[..best].iter().map(text));
    }
    Ok(Tensor { name: name.clone(), shape: vec![rows, best], data: Data::Bytes(texts) })
}
