//! Errors of the kernels.

/// A length, a value or a size that a kernel cannot work with.
#[derive(Debug, thiserror::Error, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// A slice does not have the length that the shapes require.
    #[error("`{what}` has {found} values, expected {expected}")]
    Length {
        /// Which slice.
        what: &'static str,
        /// The length that the shapes require.
        expected: usize,
        /// The length given.
        found: usize,
    },
    /// A row index or a label is past the end.
    #[error("{what} {index} is out of range, there are {len}")]
    OutOfRange {
        /// What the index counts.
        what: &'static str,
        /// The index.
        index: usize,
        /// How many there are.
        len: usize,
    },
    /// More inputs than a 32-bit integer sum can hold.
    #[error("a layer of {inputs} inputs is too wide, at most {max} are supported")]
    TooManyInputs {
        /// Inputs requested.
        inputs: usize,
        /// The largest number of inputs whose sum cannot overflow.
        max: usize,
    },
    /// A unit whose pre-activation would leave the range of f16.
    #[error("unit {unit} could reach a pre-activation of {bound:e}, f16 ends at 65504")]
    HalfOverflow {
        /// The unit.
        unit: usize,
        /// The largest pre-activation that some input gives it.
        bound: f64,
    },
    /// A name that is none of an instruction set.
    #[error("there is no instruction set `{name}`: this CPU can compute with {has} (`BL_ISA`)")]
    UnknownIsa {
        /// The name.
        name: String,
        /// Those of this CPU.
        has: String,
    },
    /// An instruction set that this CPU lacks.
    #[error("this CPU lacks `{name}`, it can compute with {has} (`BL_ISA`)")]
    MissingIsa {
        /// The name.
        name: String,
        /// Those of this CPU.
        has: String,
    },
    /// Memory could not be allocated.
    #[error("{bytes} bytes of memory could not be allocated for pre-activations")]
    OutOfMemory {
        /// Bytes requested.
        bytes: usize,
    },
}

/// `Ok` when the lengths agree.
pub(crate) fn check_len(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Length { what, expected, found }) }
}
