//! `bl-run --adapter FILE`: an adapter at work on the test pictures of its own task.

mod report;

use std::time::{Duration, Instant};

use bl_cli::{ExitStatus, Printer};
use bl_core::Evaluation;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use serde::Serialize;

use crate::adapters::Loaded;
use crate::backbones::{self, Group};
use crate::cli::RunArgs;
use crate::gallery::{self, Exhibit};
use crate::held_out::{self, HeldOut, Recorded};
use crate::latency::{self, Effort, quantile};
use crate::pixels::Pixels;
use crate::ranking::{self, Guess};
use crate::table;
use crate::terminal::Screen;
use bl_cli::words::{counted, duration, grouped, percent};
use report::Report;

pub(crate) fn run(args: &RunArgs, adapter: &Loaded, out: Printer) -> anyhow::Result<ExitStatus> {
    let start = Instant::now();
    let groups = backbones::group(std::slice::from_ref(adapter), args.model.backbone.as_deref())?;
    let group = &groups[0];
    out.say(format!("backbone     {}", group.words()));
    let found = held_out::open(adapter, &args.held_out, out)?;

    let samples = samples(args, group, &found)?;
    if !out.is_json() {
        show(&samples, adapter, &found, out)?;
    }
    let (evaluation, seconds) =
        held_out::evaluate(&group.backbone, &group.members[0].model.prepared, &found.test, out)?;
    let figures = Figures {
        recorded: held_out::recorded(&adapter.bias.header, &found, &evaluation),
        speed: speed(group, &found, seconds)?,
        evaluation,
    };
    if out.is_json() {
        let seconds = start.elapsed().as_secs_f64();
        out.json(&Report::of(adapter, group, &found, &samples, &figures, seconds))?;
    } else {
        print(args, adapter, group, &figures, out)?;
    }
    Ok(match args.min_accuracy {
        Some(least) if figures.evaluation.accuracy() < least => ExitStatus::Negative,
        _ => ExitStatus::Success,
    })
}

/// One test picture and what the adapter says of it.
struct Sample {
    index: usize,
    truth: usize,
    guess: Guess,
}

fn samples(args: &RunArgs, group: &Group, found: &HeldOut) -> anyhow::Result<Vec<Sample>> {
    const SHOWN: usize = 8;
    let (count, seed) = (args.held_out.samples.unwrap_or(SHOWN), args.held_out.seed.unwrap_or(1));
    let indices = pick(found.test.len(), count, seed);
    let subset = found.test.subset(&indices);
    let backbone = &group.backbone;
    let p = backbone.preactivations(&subset.images)?;
    let scores = backbone.logits(&p, 0..indices.len(), &group.members[0].model.prepared)?;
    let samples = indices.into_iter().zip(&subset.labels).zip(scores.chunks_exact(backbone.outputs()));
    Ok(samples
        .map(|((index, &truth), scores)| Sample {
            index,
            truth: truth.into(),
            guess: ranking::top(scores, 1)[0],
        })
        .collect())
}

/// `count` different numbers below `len`, or all of them: the beginning of a shuffle.
fn pick(len: usize, count: usize, seed: u64) -> Vec<usize> {
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

fn show(samples: &[Sample], adapter: &Loaded, found: &HeldOut, out: Printer) -> anyhow::Result<()> {
    let screen = Screen::of_stdout();
    let exhibit = |sample: &Sample| {
        let label = |class: usize| adapter.labels[class].as_str();
        let verdict = if sample.truth == sample.guess.class {
            screen.paint(&format!("is {}", label(sample.truth)), "32")
        } else {
            screen.paint(&format!("is {}: wrong", label(sample.truth)), "1;31")
        };
        let guess = format!("says {}, {:.1} %", label(sample.guess.class), 100.0 * sample.guess.probability);
        Exhibit {
            pixels: Pixels {
                values: found.test.image(sample.index),
                height: found.test.height,
                width: found.test.width,
            },
            caption: vec![guess, verdict],
        }
    };
    let exhibits: Vec<_> = samples.iter().map(exhibit).collect();
    if !exhibits.is_empty() {
        out.result("")?;
        out.drawing(&gallery::lines(&exhibits, screen))?;
    }
    Ok(())
}

/// What was measured.
struct Figures {
    evaluation: Evaluation,
    recorded: Option<Recorded>,
    speed: Speed,
}

/// Medians for one picture, and the rate of the test.
#[derive(Serialize)]
struct Speed {
    runs: usize,
    frozen_us: f64,
    adapter_us: f64,
    both_us: f64,
    /// While testing: large batches.
    pictures_per_second: f64,
    threads: usize,
    isa: &'static str,
}

fn speed(group: &Group, found: &HeldOut, seconds: f64) -> anyhow::Result<Speed> {
    const EFFORT: Effort = Effort { runs: 11, time: Duration::from_millis(500), most: 51 };
    let (backbone, adapter) = (&group.backbone, &group.members[0].model.prepared);
    let times = latency::one_picture(backbone, adapter, &found.test.images, EFFORT)?;
    Ok(Speed {
        runs: times.both.len(),
        frozen_us: 1e6 * quantile(&times.frozen, 0.5),
        adapter_us: 1e6 * quantile(&times.adapter, 0.5),
        both_us: 1e6 * quantile(&times.both, 0.5),
        pictures_per_second: found.test.len() as f64 / seconds,
        threads: rayon::current_num_threads(),
        isa: backbone.isa().name(),
    })
}

fn print(
    args: &RunArgs,
    adapter: &Loaded,
    group: &Group,
    figures: &Figures,
    out: Printer,
) -> anyhow::Result<()> {
    let Figures { evaluation, recorded, speed } = figures;
    let compared = match recorded {
        None => "; the header records none".to_owned(),
        Some(Recorded { differing: Some(0), .. }) => ", as the header records".to_owned(),
        Some(Recorded { accuracy, differing: Some(pictures) }) => {
            format!("; the header records {}: {} judged otherwise", percent(*accuracy), grouped(*pictures))
        }
        Some(Recorded { accuracy, differing: None }) => {
            format!("; the header records {}, of other pictures as far as is known", percent(*accuracy))
        }
    };
    out.result(format!(
        "accuracy     {} of {} test pictures{compared}",
        percent(evaluation.accuracy()),
        grouped(evaluation.total()),
    ))?;
    if args.held_out.verbose {
        for line in per_class(adapter, evaluation) {
            out.result(format!("  {line}"))?;
        }
    }
    out.result(format!(
        "one picture  {}: frozen half {}, adapter half {} (medians of {} runs)",
        duration(speed.both_us / 1e6),
        duration(speed.frozen_us / 1e6),
        duration(speed.adapter_us / 1e6),
        speed.runs,
    ))?;
    out.result(format!(
        "throughput   {} pictures a second in large batches ({}, {})",
        grouped(speed.pictures_per_second.round() as usize),
        counted(speed.threads, "thread", "threads"),
        group.backbone.isa(),
    ))
}

/// A line for each class: how often it is right, and what it is most often taken for.
fn per_class(adapter: &Loaded, evaluation: &Evaluation) -> Vec<String> {
    let mut rows = vec![["class", "pictures", "accuracy", "most often taken for"].map(String::from).to_vec()];
    for (class, counts) in evaluation.confusion.chunks_exact(evaluation.classes).enumerate() {
        let total: usize = counts.iter().sum();
        let others = counts.iter().enumerate().filter(|&(other, &count)| other != class && count > 0);
        let worst = others.rev().max_by_key(|(_, count)| **count);
        rows.push(vec![
            adapter.labels[class].clone(),
            grouped(total),
            if total == 0 { "–".into() } else { percent(counts[class] as f64 / total as f64) },
            worst.map_or(String::new(), |(other, count)| format!("{} ({count})", adapter.labels[other])),
        ]);
    }
    table::lines("<>><", &rows)
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
