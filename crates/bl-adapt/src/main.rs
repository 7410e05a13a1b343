//! Trains, inspects and keeps bias adapters.
fn main() {}
