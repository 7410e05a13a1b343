//! `bl-run --adapter FILE --target X,Y`: the arm is moved there.

use bl_cli::{ExitStatus, Printer};
use bl_core::recurrent::Signal;
use bl_tasks::time::{Reached, What};
use serde::Serialize;

use super::draw;
use super::model::Model;
use crate::cli::RunArgs;
use crate::drawing;
use crate::error::Error;
use bl_cli::words::printable;

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

pub(super) fn run(args: &RunArgs, model: &Model<'_>, out: Printer) -> anyhow::Result<ExitStatus> {
    let Signal::Reach(signal) = &model.header().signal else { unreachable!("the options were checked") };
    for &[x, y] in &args.time.target {
        check_place(x, y, signal.distance, out)?;
    }
    let own = model.about().open(None, None)?;
    let What::Reach(task) = &own.task.what else { unreachable!("it has the kind of its signal") };
    let reached = task.reach(&model.net()?, &args.time.target)?;
    let title = printable(&model.header().task.title);
    let picture = drawing::movements(&title, &[], &reached, ["learned", "movement"]);
    draw(args, &picture, out)?;
    if out.is_json() {
        let movements = reached.iter().map(report).collect();
        out.json(&Report {
            adapter: model.path(),
            task: &model.header().task.name,
            dt_s: signal.dt,
            movements,
        })?;
    } else {
        for reached in &reached {
            out.result(words(reached))?;
        }
    }
    Ok(ExitStatus::Success)
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
            "target {x},{y} is {:.1} mm from the centre, those that were learned from are {:.1} mm: it may be missed",
            1e3 * away,
            1e3 * learned
        ));
    }
    Ok(())
}

/// A movement in a line.
pub(super) fn words(reached: &Reached) -> String {
    let mm = |[x, y]: [f64; 2]| format!("({:.1}, {:.1}) mm", 1e3 * x, 1e3 * y);
    let movement = &reached.movement;
    let speeds = movement.speeds();
    let bell = reached.bell.map_or("nothing moved".to_owned(), |bell| {
        let peaks = match bell.peaks {
            1 => "one peak".to_owned(),
            0 => "no peak inside".to_owned(),
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
