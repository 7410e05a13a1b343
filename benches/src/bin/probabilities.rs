//! Seconds that `Model::probabilities` of the library takes, for `benches/python.py`: `probabilities ADAPTER IMAGES`, images as raw
//! bytes; a line for each time that a line comes in, so that two programs can take turns.

#![expect(clippy::print_stdout, reason = "the numbers are what it is for")]

use std::io::BufRead;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [adapter, images] = &*arguments else { return Err("expected ADAPTER IMAGES".into()) };
    let model = bias_adapters::Model::load(adapter)?;
    let images = std::fs::read(images)?;
    for line in std::io::stdin().lock().lines() {
        line?;
        let begin = Instant::now();
        let probabilities = model.probabilities(&images)?;
        println!("{} {}", begin.elapsed().as_secs_f64(), probabilities.len());
    }
    Ok(())
}
