//! The kernels against plain references: one program, because linking candle takes longer than all tests.

mod adapter_half;
mod conv;
mod frozen_half;
mod linear;
#[cfg(feature = "products")]
mod product;
mod recurrent;
mod support;
