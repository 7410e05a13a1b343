//! A task of your own: two interleaved spirals, which no straight line separates. A row is x and y as two 8-bit values.
//! All that a task needs is its `Kind`: what goes in and out, what to train on, and what a network is worth.
//!
//! ```sh
//! cargo run --release -p bias-adapters --features train --example own_task
//! ```

#![expect(clippy::print_stdout, reason = "examples print")]

use bias_adapters::bl_core::argmax;
use bias_adapters::bl_tasks::Error;
use bias_adapters::task::{
    Details, Fit, Headline, InputSchema, Io, Judgement, Kind, Lesson, LessonSettings, Net, Parts, Polarity,
    Preprocessing, Split, Task, metric,
};
use bias_adapters::{Settings, train};

struct Spirals {
    labels: [String; 2],
    train: Split,
    test: Split,
}

impl Kind for Spirals {
    fn io(&self) -> Io {
        let input =
            InputSchema { height: 1, width: 2, channels: 1, polarity: Polarity::AsIs, fit: Fit::Whole };
        Io::Images { input, preprocessing: Preprocessing { mean: 0.5, std: 0.25 } } // of values from 0 to 1
    }

    fn labels(&self) -> &[String] {
        &self.labels
    }

    fn summary(&self) -> String {
        format!("{} points to train on, {} between them to test on", self.train.len(), self.test.len())
    }

    fn parts(&self) -> Parts {
        let (train, test) = (&self.train, &self.test);
        let (train_sha256, test_sha256) = (train.sha256(), test.sha256());
        Parts { unit: "points", train: train.len(), test: test.len(), train_sha256, test_sha256 }
    }

    fn lesson(&self, _: LessonSettings) -> Result<Lesson<'_>, Error> {
        Ok(Lesson::Classes(&self.train))
    }

    fn judge(&self, net: &dyn Net) -> Result<Judgement, Error> {
        let scores = net.scores(&self.test.images)?;
        let right =
            scores.chunks_exact(2).zip(&self.test.labels).filter(|(s, l)| argmax(s) == usize::from(**l));
        let value = right.count() as f64 / self.test.len() as f64;
        Ok(Judgement {
            metrics: vec![metric("accuracy", "test", value)],
            headline: Some(Headline { name: "accuracy", value }),
            lines: vec![format!("{:.1} % of the points between are right", 100.0 * value)],
            more: vec![],
            summary: [("test_accuracy".into(), value.into())].into_iter().collect(),
            fields: [("accuracy".into(), value.into())].into_iter().collect(),
            details: Details::Own,
        })
    }
}

fn main() -> Result<(), bias_adapters::Error> {
    let labels = ["·".into(), "#".into()];
    let task =
        Task::own("spirals", "Two spirals", Spirals { labels, train: spirals(0.0), test: spirals(0.5) });
    println!("{}: {}", task.title, task.kind().summary());

    // Two numbers are no picture: the backbone without filters takes them as they are. Biases from ±2 bend the plane
    // everywhere, not only at its middle.
    let settings = Settings {
        backbone: Some("images-pixels".into()),
        width: Some(2000),
        epochs: Some(100),
        lr: Some(0.1),
        bias_init: Some(2.0),
        ..Settings::default()
    };
    let trained = train(&task, settings)?;
    println!("{}; what it says of the plane:\n", trained.judgement.lines.join("\n"));

    let model = trained.into_model()?;
    for y in (0..=255).rev().step_by(12) {
        let row = (0..=255).step_by(6).map(|x| Ok(model.classify(&[x, y])?.label));
        println!("  {}", row.collect::<Result<String, bias_adapters::Error>>()?);
    }
    Ok(())
}

/// 500 points of each spiral, a turn and a half around the middle; `phase` moves them along it.
fn spirals(phase: f32) -> Split {
    let (mut images, mut labels) = (Vec::new(), Vec::new());
    for i in 0..500_u16 {
        let along = (f32::from(i) + phase) / 500.0;
        let (angle, radius) = (3.0 * std::f32::consts::PI * along, 10.0 + 110.0 * along);
        for (label, sign) in [(0, 1.0), (1, -1.0)] {
            images.extend([angle.cos(), angle.sin()].map(|c| (127.5 + sign * radius * c).round() as u8));
            labels.push(label);
        }
    }
    Split { images, labels, height: 1, width: 2, channels: 1 }
}
