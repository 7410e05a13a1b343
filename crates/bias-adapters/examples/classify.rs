//! Classifies images: pixels in memory, then an image file.
//!
//! ```sh
//! cargo run --release -p bias-adapters --example classify                # test images of the embedded sample of MNIST
//! cargo run --release -p bias-adapters --example classify -- digit.png   # an image of your own
//! ```

#![expect(clippy::print_stdout, reason = "examples print")]

use bias_adapters::task::{Request, Task};
use bias_adapters::{Error, Model};

fn main() -> Result<(), Error> {
    let model = Model::load("adapters/mnist.safetensors")?;
    println!("{} {}: {}\n", model.name(), model.does(), model.labels().join(" "));

    let files: Vec<String> = std::env::args().skip(1).collect();
    for file in &files {
        let top = model.classify_file(file)?;
        println!("{file}: {} ({:.1} %)", top.label, 100.0 * top.probability);
    }
    if !files.is_empty() {
        return Ok(());
    }

    let digits = Task::open("mnist", &Request::default())?;
    let test = &digits.images().expect("mnist has images").test;
    draw(test.image(0), test.width);
    for i in 0..8 {
        let top = model.classify(test.image(i))?;
        let truth = &model.labels()[usize::from(test.labels[i])];
        println!("image {i}: {} with {:5.1} %, truth {truth}", top.label, 100.0 * top.probability);
    }
    Ok(())
}

/// Two rows of pixels per line of text.
fn draw(image: &[u8], width: usize) {
    let ink = |pixel: u8| [' ', '░', '▒', '▓', '█'][usize::from(pixel) * 5 / 256];
    for row in image.chunks_exact(width).step_by(2).filter(|row| row.iter().any(|&pixel| pixel > 0)) {
        println!("  {}", row.iter().map(|&pixel| ink(pixel)).collect::<String>());
    }
}
