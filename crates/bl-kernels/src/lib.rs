//! The two halves of a network whose weights are frozen, as fused SIMD loops:
//!
//! ```text
//! front end      f(x)                    optional: random filters, integer sums, to 8 bits
//! frozen half    p = B x                 integer products on an 8-bit lattice, the same bits everywhere
//! adapter half   y = A (m ∘ φ(p + b))    one pass over p, and its gradient with respect to b and m
//! ```
//!
//! This is the only crate of the project with `unsafe`, behind functions that check every length.
//! The instruction set is chosen at run time ([`Isa`]): AVX-512, AVX2 with FMA, or portable code that
//! the compiler vectorises (aarch64 runs this). Each kernel is one generic function over a vector type.
//!
//! # What is bit-exact
//! Everything but `product`, on every platform and whatever the number of threads. [`Preactivations`] are integer sums, one rounding to f32,
//! one multiplication and one rounding to f16; the products of [`Recurrence`] with W and Wᵀ are integer sums of the 16-bit numbers
//! that a state is rounded to; all sums after them are taken in one order, and products are rounded before they are added
//! (`docs/arithmetic.md` states the operations).
//!
//! # Features
//! - `threads` (default): runs on the threads of rayon. Without it everything runs on the calling thread and gives the
//!   same bits.
//! - `products`: `Matrix` and `product`, ordinary matrix products in f32.

mod adapter_half;
mod conv;
mod dense;
mod error;
mod fixed_point;
mod frozen_half;
#[cfg(target_arch = "x86_64")]
mod frozen_x86;
mod gradient;
mod isa;
mod linear;
mod one_hot;
mod padded;
mod pages;
mod panels;
mod parallel;
mod preactivations;
#[cfg(feature = "products")]
mod product;
mod readout;
mod recurrent;
mod recurrent_step;
mod simd;
mod softmax;
mod tile;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use adapter_half::{AdapterHalf, BatchLoss, Targets, logits, loss_and_gradient};
pub use conv::{Conv, ConvShape};
pub use error::Error;
pub use frozen_half::PackedWeights;
pub use gradient::{Gradient, Wrt};
pub use isa::Isa;
pub use linear::Linear;
pub use padded::Padded;
pub use pages::keep_freed_memory;
pub use preactivations::Preactivations;
#[cfg(feature = "products")]
pub use product::{Matrix, product};
pub use readout::Readout;
pub use recurrent::{Batch, Drive, Recurrence, RecurrentGradient, Unrolled};
pub use softmax::{argmax, cross_entropy, softmax, squared_error};

/// Units are padded to a multiple of this in every buffer, so that no kernel has a ragged end.
/// A padded unit has pre-activation 0, bias 0 and readout 0, so it contributes nothing.
pub const UNIT_BLOCK: usize = 64;

/// Inputs that are multiplied together by one 8-bit dot-product instruction.
const QUAD: usize = 4;

/// `units` rounded up to whole blocks, plus one block where rows would lie a multiple of 4 KiB apart:
/// such rows share cache sets, and a kernel that walks several rows at once would evict its own data.
pub fn padded_units(units: usize) -> usize {
    let padded = units.next_multiple_of(UNIT_BLOCK);
    if (padded * size_of::<u16>()).is_multiple_of(4096) { padded + UNIT_BLOCK } else { padded }
}
