//! Adapters that move an arm: to the targets of their own task, or to a user's.

use bl_cli::{ExitStatus, Printer};
use bl_core::io::Reach;
use bl_tasks::OwnTask;
use bl_tasks::kinds::{ReachTask, Reached};
use serde::Serialize;

use super::sequence;
use super::{Kind, Shown};
use crate::cli::{Given, RunArgs};
use crate::drawing;
use crate::error::Error;
use crate::models::Loaded;

/// Adapters that move a point mass to targets.
pub(super) struct Reaches<'a>(pub(super) &'a Reach);

impl Kind for Reaches<'_> {
    fn name(&self) -> &'static str {
        "reaching"
    }

    fn misfits(&self, _: &Given) -> Vec<(&'static str, &'static str)> {
        const TARGET: &str = "`--target X,Y` names a target, in metres";
        const NO_R2: &str = "a movement has an end error and no R²; `--json` has it";
        let mut own = vec![
            ("--input", TARGET),
            ("--free-run", TARGET),
            ("--samples", "every movement is drawn"),
            ("--min-metric", NO_R2),
            ("--min-r2", NO_R2),
        ];
        own.extend(sequence::OF_FILES.map(|option| (option, TARGET)));
        sequence::misfits(own)
    }

    fn show(&self, args: &RunArgs, model: &Loaded, own: &OwnTask, out: Printer) -> anyhow::Result<Shown> {
        let judged = own.task.what.reach()?.evaluate(&model.model).map_err(bl_tasks::Error::from)?;
        let names = ["training", "in between"];
        let drawing = drawing::movements(&sequence::title(model), &judged.train, &judged.test, names);
        drawing.draw(args.sequence.plot.as_deref(), out)?;
        let line = |name: &'static str| move |reached: &Reached| format!("{name} {}", words(reached));
        let all = judged.train.iter().map(line("training")).chain(judged.test.iter().map(line("between ")));
        let parts = all.filter(|_| args.held_out.verbose).collect();
        sequence::shown(model, ReachTask::judged(judged), parts)
    }

    fn predict(&self, args: &RunArgs, models: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
        let (model, targets) = (&models[0], &args.sequence.target); // what it can be asked for
        for &[x, y] in targets {
            check_place(x, y, self.0.distance, out)?;
        }
        let reached = ReachTask::from(self.0).reach(&model.model, targets)?;
        let drawing = drawing::movements(&sequence::title(model), &[], &reached, ["training", "movement"]);
        drawing.draw(args.sequence.plot.as_deref(), out)?;
        if out.is_json() {
            let movements = reached.iter().map(report).collect();
            let task = &model.model.header.task.name;
            out.json(&Report { adapter: model.file(), task, dt_s: self.0.dt, movements })?;
        } else {
            reached.iter().try_for_each(|reached| out.result(words(reached)))?;
        }
        Ok(ExitStatus::Success)
    }
}

/// Field names are part of the command line's contract; SI units, as the names say.
#[derive(Serialize)]
struct Report<'a> {
    adapter: String,
    task: &'a str,
    dt_s: f64,
    movements: Vec<MovementReport>,
}

#[derive(Serialize)]
struct MovementReport {
    target_m: [f64; 2],
    end_m: [f64; 2],
    end_error_m: f64,
    end_speed_m_per_s: f64,
    peak_speed_m_per_s: Option<f64>,
    /// As a share of the duration.
    peak_at: Option<f64>,
    peaks: Option<usize>,
    loss: f64,
    /// A state for each step, from rest.
    positions_m: Vec<[f64; 2]>,
    speeds_m_per_s: Vec<f64>,
}

fn check_place(x: f64, y: f64, learned: f64, out: Printer) -> Result<(), Error> {
    const FAR: f64 = 10.0;
    const UNUSUAL: f64 = 1.5;
    let away = x.hypot(y);
    if away > FAR * learned {
        return Err(Error::TooFar { x, y, away, learned });
    }
    if away > UNUSUAL * learned || away < learned / UNUSUAL {
        out.warn(format!(
            "target {x},{y} is {:.1} mm from the centre, training targets are {:.1} mm away: it may be missed",
            1e3 * away,
            1e3 * learned
        ));
    }
    Ok(())
}

/// A movement in a line.
fn words(reached: &Reached) -> String {
    let mm = |[x, y]: [f64; 2]| format!("({:.1}, {:.1}) mm", 1e3 * x, 1e3 * y);
    let movement = &reached.movement;
    let speeds = movement.speeds();
    let bell = reached.bell.map_or("it does not move".to_owned(), |bell| {
        let peaks = match bell.peaks {
            1 => "one peak".to_owned(),
            0 => "no interior peak".to_owned(),
            n => format!("{n} peaks"),
        };
        let at = bell.peak_at * (speeds.len() - 1) as f64 * movement.dt;
        format!("fastest {:.3} m/s after {at:.2} s, {peaks}", bell.peak_speed)
    });
    format!(
        "target {}: ends {:.2} mm away, at {}, still moving at {:.3} m/s; {bell}",
        mm(reached.target),
        1e3 * reached.end_error,
        mm(movement.end().position),
        speeds.last().unwrap_or(&0.0),
    )
}

fn report(reached: &Reached) -> MovementReport {
    let speeds = reached.movement.speeds();
    MovementReport {
        target_m: reached.target,
        end_m: reached.movement.end().position,
        end_error_m: reached.end_error,
        end_speed_m_per_s: *speeds.last().unwrap_or(&0.0),
        peak_speed_m_per_s: reached.bell.map(|bell| bell.peak_speed),
        peak_at: reached.bell.map(|bell| bell.peak_at),
        peaks: reached.bell.map(|bell| bell.peaks),
        loss: reached.loss,
        positions_m: reached.movement.states.iter().map(|state| state.position).collect(),
        speeds_m_per_s: speeds,
    }
}
