//! The properties of bl-train: one program, because linking candle takes longer than all tests together.

mod backbones;
mod compat;
mod configuration;
mod encoders;
mod explosion;
mod few;
mod instruction_sets;
mod methods;
mod optimiser;
mod products;
mod resume;
mod support;
mod survives;
mod taken;
mod training;
mod validation;
