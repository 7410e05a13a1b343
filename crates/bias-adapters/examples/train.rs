//! Trains a classifier of handwritten digits on the embedded sample of MNIST, saves it, and asks it.
//!
//! ```sh
//! cargo run --release -p bias-adapters --features train --example train
//! ```

#![expect(clippy::print_stdout, reason = "examples print")]

use bias_adapters::task::{Request, Task};
use bias_adapters::{Error, Settings, train};

fn main() -> Result<(), Error> {
    let task = Task::open("mnist", &Request::default())?;
    println!("{}: {}", task.title, task.kind().summary());

    let trained = train(&task, Settings { width: Some(4000), epochs: Some(10), ..Settings::default() })?;
    println!("{}", trained.judgement.lines.join("\n"));

    let path = std::env::temp_dir().join("digits.safetensors");
    trained.save(&path)?;
    println!("{} trained parameters in {}", trained.adapter.parameter_count(), path.display());

    let image = task.images().expect("mnist has images").test.image(0);
    println!("the first test image: {}", trained.into_model()?.classify(image)?.label);
    Ok(())
}
