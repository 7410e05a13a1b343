//! What can go wrong with the forms of an adapter: encoded, pruned, blended.

use super::encoding::Encoding;
use super::header::AdapterKind;

/// What [`crate::Error::Form`] holds; names of adapters are those that the caller gave.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum FormError {
    // Encodings
    #[error("`encoding` is {found}, expected \"f16\" or \"i8\", or none for f32")]
    UnknownEncoding { found: String },
    #[error("header requires the features [{}], but its content has [{}]", found.join(", "), expected.join(", "))]
    Features { expected: Vec<String>, found: Vec<String> },
    #[error("`{name}` is {value} at value {at}, but {encoding} is for values from -65504 to 65504")]
    Beyond { name: String, at: usize, value: f32, encoding: Encoding },
    #[error("`{name}` is {value} at value {at}, which {encoding} does not hold")]
    NotHeld { name: String, at: usize, value: f32, encoding: Encoding },
    #[error("`{name}` is {value} at block {block}, expected 0 or a value from 1e-30 to 1e30")]
    BadScale { name: String, block: usize, value: f32 },
    #[error(
        "`{name}` has {code} at value {at}, whose scale is {scale}: expected -127 to 127, and 0 where the scale is 0"
    )]
    BadCode { name: String, at: usize, code: i8, scale: f32 },
    #[error("adapter of kind `mask` has no values to write as {encoding}")]
    MaskEncoding { encoding: Encoding },

    // Pruned adapters
    #[error("pruning is defined for one hidden layer, the backbone has {layers}")]
    PrunedLayers { layers: usize },
    #[error("adapter of kind `mask` cannot be pruned")]
    PrunedMask,
    #[error("adapter is encoded as i8, whose units share scales: no unit can be dropped from it")]
    PrunedI8,
    #[error("no unit would be kept")]
    NothingKept,
    #[error("a choice of {found} units was given, the backbone has {expected}")]
    KeptWidth { expected: usize, found: usize },
    #[error("tensor `hidden.0.kept` has bits beyond its {units} units")]
    KeptPadding { units: usize },
    #[error("unit {unit} is pruned, but has a bias or a gain of its own")]
    PrunedUnit { unit: usize },

    // Blends
    #[error("nothing to blend")]
    NoParts,
    #[error("weights of a blend have the sum {sum}, expected a finite one other than 0")]
    WeightSum { sum: f64 },
    #[error("`{first}` and `{other}` cannot be blended: they have different {what}: {} and {}", values[0], values[1])]
    Unlike { first: String, other: String, what: &'static str, values: Box<[String; 2]> },
    #[error("`{name}` is of kind `{kind}`, which is ON or OFF: there is nothing between to blend")]
    BlendKind { name: String, kind: AdapterKind },
}

impl FormError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Beyond { .. } => {
                "a bias that keeps its unit OFF has no such form: drop the unit first (`bl-adapt prune --dead`)".into()
            }
            Self::NotHeld { .. } => "values were changed since they were rounded: encode the adapter again".into(),
            Self::MaskEncoding { .. } => {
                "a mask takes one bit per unit, less than any encoding of biases; it is kept as it is".into()
            }
            Self::PrunedLayers { .. } => "train on a backbone with one hidden layer".into(),
            Self::PrunedMask => {
                "a mask says which units are OFF in a bit each; as biases (`bl-adapt convert --to bias`) it can be pruned"
                    .into()
            }
            Self::PrunedI8 => "prune the adapter as it was trained, then convert it".into(),
            Self::NothingKept => "choose a lower threshold".into(),
            Self::WeightSum { .. } => {
                "the preprocessing is a mean by these weights: choose others, such as 0.5 and 0.5".into()
            }
            Self::Unlike { what: "backbones", .. } => {
                "biases mean something only on their own backbone: train both on the same, with `--backbone` and `--width`"
                    .into()
            }
            Self::BlendKind { .. } => "blend adapters of the kinds `bias`, `gain` or `bias_gain`".into(),
            _ => return None,
        })
    }
}
