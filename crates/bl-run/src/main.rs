//! Runs bias adapters: predictions, pictures in the terminal, latency.
fn main() {}
