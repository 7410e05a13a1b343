//! A task of your own: two interleaved spirals, which no straight line separates. A row is x and y as two 8-bit values.
//! Everything a task needs is its `Kind`: what goes in and out, what to train on, and what a network is worth.
//!
//! ```sh
//! cargo run --release -p bias-adapters --features train --example own_task
//! ```

use std::ops::ControlFlow;

use bias_adapters::bl_tasks::Error;
use bias_adapters::task::{
    Evaluation, Fit, Images, InputSchema, Io, Judgement, Kind, Lesson, LessonSettings, Net, Parts, Polarity,
    Split, Task, evaluate,
};
use bias_adapters::{Settings, train};

struct Spirals(Images); // the data: rows, labels, and how rows are standardised

impl Kind for Spirals {
    fn io(&self) -> Io {
        self.0.io()
    }
    fn labels(&self) -> &[String] {
        &self.0.labels
    }
    fn summary(&self) -> String {
        format!("{} points to train on and {} to test on", self.0.train.len(), self.0.test.len())
    }
    fn parts(&self) -> Parts {
        Parts { unit: "points", ..self.0.parts() }
    }
    fn lesson(&self, _: LessonSettings) -> Result<Lesson<'_>, Error> {
        Ok(Lesson::Classes(&self.0.train))
    }
    fn judge(&self, net: &dyn Net) -> Result<Judgement, Error> {
        let evaluation = evaluate(net, &self.0.test, &mut |_| ControlFlow::Continue(()))?;
        Ok(self.0.judged(evaluation.unwrap_or_else(|| Evaluation::new(2))))
    }
}

fn main() -> Result<(), bias_adapters::Error> {
    let input = InputSchema { height: 1, width: 2, channels: 1, polarity: Polarity::AsIs, fit: Fit::Whole };
    let labels = vec!["o".into(), "#".into()];
    let task =
        Task::own("spirals", "Two spirals", Spirals(Images::new(labels, input, points(0.0), points(0.5))?));
    println!("{}", task.kind().summary());

    let (width, epochs, lr) = (Some(4000), Some(400), Some(0.05));
    let settings = Settings { width, epochs, lr, batch_size: Some(100), ..Settings::default() };
    let trained = train(&task, settings)?;
    println!("{}\n", trained.judgement.lines.join("\n"));

    let model = trained.into_model()?;
    for y in (0..=255).rev().step_by(12) {
        let row = (0..=255_u8).step_by(6).map(|x| Ok(model.classify(&[x, y])?.label));
        println!("{}", row.collect::<Result<String, bias_adapters::Error>>()?);
    }
    Ok(())
}

/// 500 points of each spiral, a turn and a half; `phase` shifts them along it.
fn points(phase: f32) -> Split {
    let (mut images, mut labels) = (Vec::new(), Vec::new());
    for i in 0..500_u16 {
        let along = (f32::from(i) + phase) / 500.0;
        let (angle, radius) = (3.0 * std::f32::consts::PI * along, 15.0 + 105.0 * along);
        for (label, sign) in [(0, 1.0), (1, -1.0)] {
            images.extend([angle.cos(), angle.sin()].map(|c| (127.5 + sign * radius * c).round() as u8));
            labels.push(label);
        }
    }
    Split { images, labels, height: 1, width: 2 }
}
