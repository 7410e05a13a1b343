//! `bl-run --adapter FILE`: an image classifier at work on the test images of its own task.

mod report;

use std::time::Duration;

use bl_cli::Printer;
use bl_cli::words::{counted, duration, grouped, percent};
use bl_core::{Model, Net};
use bl_tasks::{Evaluation, Images, OwnTask, Split};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use serde::Serialize;

use super::evaluate::{self, Recorded};
use super::ranking::{self, Guess};
use super::speed::one_image;
use crate::cli::RunArgs;
use crate::kinds::{Shown, fields};
use crate::latency::{Effort, quantile};
use crate::models::Loaded;
use bl_cli::Pixels;
use bl_cli::Screen;
use bl_cli::gallery::{self, Exhibit};
use report::Report;

pub(super) fn show(args: &RunArgs, model: &Loaded, own: &OwnTask, out: Printer) -> anyhow::Result<Shown> {
    let images = own.task.what.images()?;
    let samples = samples(args, &model.model, images)?;
    if !out.is_json() {
        draw(&samples, model, images, out)?;
    }
    let (evaluation, seconds) = evaluate::on_images(&model.model, &images.test, out)?;
    let recorded = evaluate::recorded(&model.model.header, own, &evaluation);
    let speed = speed_of(&model.model, &images.test, "image", seconds)?;
    let mut lines = vec![accuracy_line(&evaluation, "images", recorded)];
    let fields = fields(&Report::of(model, &samples, &evaluation, recorded))?;
    let judgement = images.judged(evaluation);
    if args.held_out.verbose {
        lines.extend_from_slice(&judgement.more);
    }
    lines.extend(speed.lines());
    Ok(Shown { judgement, fields, lines, speed: serde_json::to_value(&speed)? })
}

/// One test image and what the adapter predicts for it.
struct Sample {
    index: usize,
    truth: usize,
    guess: Guess,
}

fn samples(args: &RunArgs, model: &Model, images: &Images) -> anyhow::Result<Vec<Sample>> {
    const SHOWN: usize = 8;
    let (count, seed) = (args.held_out.samples.unwrap_or(SHOWN), args.held_out.seed.unwrap_or(1));
    let indices = pick(images.test.len(), count, seed);
    let subset = images.test.subset(&indices);
    let scores = model.scores(&subset.images)?;
    let samples = indices.into_iter().zip(&subset.labels).zip(scores.chunks_exact(model.outputs()));
    let sample = |((index, &truth), scores)| Sample {
        index,
        truth: usize::from(truth),
        guess: ranking::top(scores, 1)[0],
    };
    Ok(samples.map(sample).collect())
}

/// `count` different numbers below `len`, or all of them: the beginning of a shuffle.
pub(in crate::kinds) fn pick(len: usize, count: usize, seed: u64) -> Vec<usize> {
    let mut draw = ChaCha8Rng::seed_from_u64(seed);
    let mut all: Vec<usize> = (0..len).collect();
    let count = count.min(len);
    for place in 0..count {
        let other = (u64::from(draw.next_u32()) * (len - place) as u64) >> 32;
        all.swap(place, place + other as usize);
    }
    all.truncate(count);
    all
}

fn draw(samples: &[Sample], model: &Loaded, images: &Images, out: Printer) -> anyhow::Result<()> {
    let screen = Screen::of_stdout();
    let exhibit = |sample: &Sample| {
        let label = |class: usize| model.labels[class].as_str();
        let verdict = if sample.truth == sample.guess.class {
            screen.paint(&format!("is {}", label(sample.truth)), "32")
        } else {
            screen.paint(&format!("is {}: wrong", label(sample.truth)), "1;31")
        };
        let guess = format!("says {}, {:.1} %", label(sample.guess.class), 100.0 * sample.guess.probability);
        let (values, [height, width, channels]) = (images.test.image(sample.index), images.test.shape());
        Exhibit { pixels: Pixels { values, height, width, channels }, caption: vec![guess, verdict] }
    };
    let exhibits: Vec<_> = samples.iter().map(exhibit).collect();
    if !exhibits.is_empty() {
        out.result("")?;
        out.drawing(&gallery::lines(&exhibits, screen))?;
    }
    Ok(())
}

/// Medians for one image, and the rate of the test.
#[derive(Serialize)]
pub(in crate::kinds) struct Speed {
    #[serde(skip)]
    unit: &'static str,
    runs: usize,
    frozen_us: f64,
    adapter_us: f64,
    both_us: f64,
    /// While testing: large batches.
    #[serde(rename = "pictures_per_second")]
    images_per_second: f64,
    threads: usize,
    isa: String,
}

/// One row after the other, each called `unit`, and so many seconds for all of them in large batches.
pub(in crate::kinds) fn speed_of(
    model: &Model,
    test: &Split,
    unit: &'static str,
    seconds: f64,
) -> anyhow::Result<Speed> {
    const EFFORT: Effort = Effort { runs: 11, time: Duration::from_millis(500), most: 51 };
    let times = one_image(model, &test.images, EFFORT)?;
    Ok(Speed {
        runs: times.both.len(),
        frozen_us: 1e6 * quantile(&times.frozen, 0.5),
        adapter_us: 1e6 * quantile(&times.adapter, 0.5),
        both_us: 1e6 * quantile(&times.both, 0.5),
        images_per_second: test.len() as f64 / seconds,
        unit,
        threads: rayon::current_num_threads(),
        isa: model.backbone.isa().to_string(),
    })
}

impl Speed {
    pub(in crate::kinds) fn lines(&self) -> [String; 2] {
        let us = |us: f64| duration(us / 1e6);
        [
            format!(
                "one {:<11} {}: frozen half {}, adapter half {} (medians of {} runs)",
                self.unit,
                us(self.both_us),
                us(self.frozen_us),
                us(self.adapter_us),
                self.runs,
            ),
            format!(
                "throughput      {} {}s per second in large batches ({}, {})",
                grouped(self.images_per_second.round() as usize),
                self.unit,
                counted(self.threads, "thread", "threads"),
                self.isa,
            ),
        ]
    }
}

pub(in crate::kinds) fn accuracy_line(
    evaluation: &Evaluation,
    unit: &str,
    recorded: Option<Recorded>,
) -> String {
    let compared = match recorded {
        None => "; the header records none".to_owned(),
        Some(Recorded { differing: Some(0), .. }) => ", as the header records".to_owned(),
        Some(Recorded { accuracy, differing: Some(images) }) => {
            let accuracy = percent(accuracy);
            format!("; the header records {accuracy}: {} classified differently", grouped(images))
        }
        Some(Recorded { accuracy, differing: None }) => {
            format!("; the header records {}, of others as far as is known", percent(accuracy))
        }
    };
    format!(
        "accuracy        {} of {} test {unit}{compared}",
        percent(evaluation.accuracy()),
        grouped(evaluation.total()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_distinct_and_depend_on_the_seed() {
        let mut picked = pick(10, 10, 1);
        assert_eq!(pick(10, 4, 1), picked[..4]);
        assert_ne!(pick(1000, 8, 1), pick(1000, 8, 2));
        picked.sort_unstable();
        assert_eq!(picked, (0..10).collect::<Vec<_>>());
        assert_eq!(pick(3, 8, 1).len(), 3);
        assert!(pick(3, 0, 1).is_empty());
    }
}
