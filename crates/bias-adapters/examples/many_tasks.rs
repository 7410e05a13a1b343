//! Many tasks from one frozen half: eight adapters share one backbone, so `B x` of an image is computed once.
//!
//! ```sh
//! cargo run --release -p bias-adapters --example many_tasks
//! ```

#![expect(clippy::print_stdout, reason = "examples print")]

use std::time::Instant;

use bias_adapters::task::{Request, Task};
use bias_adapters::{Error, Model, classify_all};

const NAMES: [&str; 8] = ["mnist", "kmnist", "fashion", "kannada", "ethiopic", "vai", "osmanya", "nko"];

fn main() -> Result<(), Error> {
    let models = Model::load_all(NAMES.map(|name| format!("adapters/{name}.safetensors")))?;
    let units = models[0].backbone().spec().hidden_units();
    println!("{} adapters on one backbone of {units} units\n", models.len());

    let digits = Task::open("mnist", &Request::default())?;
    let image = digits.images().expect("mnist has images").test.image(2); // a 1
    let (together, answers) = timed(|| classify_all(&models, image))?;
    for (model, top) in models.iter().zip(&answers) {
        println!("{:10} {:12} {:5.1} %", model.name(), top.label, 100.0 * top.probability);
    }

    let (one_by_one, same) =
        timed(|| models.iter().map(|model| model.classify(image)).collect::<Result<Vec<_>, _>>())?;
    assert_eq!(answers, same);
    println!("\ntogether {together:.2} ms, one by one {one_by_one:.2} ms: the same answers");
    Ok(())
}

/// The fastest of ten runs, in milliseconds, and what it gave.
fn timed<T>(run: impl Fn() -> Result<T, Error>) -> Result<(f64, T), Error> {
    let mut best = f64::INFINITY;
    for _ in 0..10 {
        let begin = Instant::now();
        run()?;
        best = best.min(1e3 * begin.elapsed().as_secs_f64());
    }
    Ok((best, run()?))
}
