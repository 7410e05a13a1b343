//! The properties of bl-train: one program, because linking candle takes longer than all tests together.

mod compat;
mod configuration;
mod methods;
mod recurrent;
mod resume;
mod support;
mod training;
