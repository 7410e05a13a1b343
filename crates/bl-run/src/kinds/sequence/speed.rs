//! How long a recurrent network takes for its steps.

use std::time::{Duration, Instant};

use bl_cli::words::{counted, duration, grouped};
use bl_core::{Model, Net};
use serde::Serialize;

use crate::latency::{Effort, quantile};

/// Medians of single steps, and the rate of many.
#[derive(Debug, Serialize)]
pub(super) struct Speed {
    runs: usize,
    step_us: f64,
    steps_per_second: f64,
    threads: usize,
    isa: String,
}

/// Steps after which a trajectory begins again.
const STEPS: usize = 100;

/// One step at a time, as a controller takes them; and one trajectory at a time.
pub(super) fn of(net: &Model) -> anyhow::Result<Speed> {
    const EFFORT: Effort = Effort { runs: 101, time: Duration::from_millis(200), most: 10_000 };
    let steps = single_steps(&[net], EFFORT)?;
    Ok(Speed {
        runs: steps.len(),
        step_us: 1e6 * quantile(&steps, 0.5),
        steps_per_second: rate(net, 1, EFFORT)?,
        threads: rayon::current_num_threads(),
        isa: net.backbone.isa().to_string(),
    })
}

/// Seconds of each step of one trajectory, the networks taken in turn.
pub(super) fn single_steps(nets: &[&dyn Net], effort: Effort) -> Result<Vec<f64>, bl_core::Error> {
    const WARM_UP: usize = 20;
    let mut states: Vec<Vec<f32>> = nets.iter().map(|net| net.initial().to_vec()).collect();
    let (mut times, mut start) = (Vec::new(), Instant::now());
    for run in 0.. {
        if run == WARM_UP {
            (times, start) = (Vec::new(), Instant::now());
        }
        if run >= WARM_UP && !effort.go_on(times.len(), start) {
            break;
        }
        let which = run % nets.len();
        let (net, state) = (nets[which], &mut states[which]);
        let step = run / nets.len() % STEPS;
        if step == 0 {
            state.copy_from_slice(net.initial());
        }
        let x = input(net, step, 1);
        let begin = Instant::now();
        std::hint::black_box(net.run(&x, 1, state)?);
        times.push(begin.elapsed().as_secs_f64());
    }
    Ok(times)
}

/// Steps per second of `trajectories` at a time; a step of all of them counts as many.
pub(super) fn rate(net: &dyn Net, trajectories: usize, effort: Effort) -> Result<f64, bl_core::Error> {
    let x: Vec<f32> = (0..STEPS).flat_map(|step| input(net, step, trajectories)).collect();
    let once = || {
        let mut state = net.initial().repeat(trajectories);
        net.run(&x, STEPS, &mut state).map(|y| drop(std::hint::black_box(y)))
    };
    once()?;
    let (start, mut runs) = (Instant::now(), 0);
    while effort.go_on(runs, start) {
        once()?;
        runs += 1;
    }
    Ok((runs * STEPS * trajectories) as f64 / start.elapsed().as_secs_f64())
}

/// Values as of a slow wave: no computation depends on what they are.
fn input(net: &dyn Net, step: usize, trajectories: usize) -> Vec<f32> {
    vec![(step as f32 * 0.2).sin(); net.inputs() * trajectories]
}

impl Speed {
    pub(super) fn words(&self) -> String {
        format!(
            "speed           {} per step (median of {}); {} steps per second of one trajectory ({}, {})",
            duration(self.step_us / 1e6),
            grouped(self.runs),
            grouped(self.steps_per_second.round() as usize),
            counted(self.threads, "thread", "threads"),
            self.isa,
        )
    }
}
