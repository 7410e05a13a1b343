//! Which options fit which adapters.

use bl_cli::time::kind;
use bl_core::recurrent::Signal;

use crate::adapters::{InTime, Loaded};
use crate::cli::RunArgs;
use crate::error::Error;

const PICTURES: &str = "tells pictures apart";

/// The options that only tasks in time have.
pub(crate) fn check_of_pictures(args: &RunArgs, adapter: &Loaded) -> Result<(), Error> {
    let time = &args.time;
    let given = [
        ("--column", time.column.is_some(), "columns are of series, for adapters that forecast"),
        ("--free-run", time.free_run.is_some(), "it is for adapters that forecast or generate a series"),
        ("--target", !time.target.is_empty(), "it is for adapters that move an arm, such as `reach`"),
        ("--plot", time.plot.is_some(), "it is for adapters of tasks in time; `--show` shows pictures here"),
        ("--min-r2", time.min_r2.is_some(), "the figure of pictures is `--min-accuracy`"),
    ];
    first_given(&given, &adapter.name, PICTURES)
}

/// The options that do not fit what an adapter of a task in time does.
pub(crate) fn check(args: &RunArgs, adapter: &InTime) -> Result<(), Error> {
    let signal = &adapter.adapter.header.signal;
    let (time, held_out, predict) = (&args.time, &args.held_out, &args.predict);
    let of_pictures = [
        ("--min-accuracy", args.min_accuracy.is_some(), "the figure of tasks in time is `--min-r2`"),
        ("--top", predict.top.is_some(), "it is for adapters that tell pictures apart"),
        (
            "--show",
            predict.show.is_some(),
            "a series is drawn without `--input`, and with it by `--plot FILE`",
        ),
        ("--seed", held_out.seed.is_some(), "the held-out part is drawn from its beginning"),
    ];
    first_given(&of_pictures, &adapter.name, kind(signal))?;
    let input = !predict.input.is_empty();
    let (column, free_run, target) =
        (time.column.is_some(), time.free_run.is_some(), !time.target.is_empty());
    let to_target = "`--target X,Y` names a target, in metres";
    let misfits = match signal {
        Signal::Forecast(_) => vec![
            ("--target", target, "it is for adapters that move an arm, such as `reach`"),
            (
                "--column",
                column && !input && held_out.task.is_none(),
                "it is for `--input FILE` or `--task FILE`: simulated series have no columns",
            ),
            ("--verbose", held_out.verbose && free_run, "drop `--free-run` to see every free run"),
            (
                "--min-r2",
                time.min_r2.is_some() && free_run && !input,
                "drop `--free-run` to measure the forecasts of the held-out part",
            ),
        ],
        Signal::Generate { .. } => vec![
            ("--input", input, "nothing goes in: `--free-run N` generates N steps"),
            ("--target", target, "it is for adapters that move an arm, such as `reach`"),
            ("--column", column, "nothing goes in: `--free-run N` generates N steps"),
            ("--verbose", held_out.verbose, "there is nothing more to say"),
            ("--min-r2", time.min_r2.is_some() && free_run, "drop `--free-run` to measure what was learned"),
        ],
        Signal::Reach(_) => vec![
            ("--input", input, to_target),
            ("--column", column, to_target),
            ("--free-run", free_run, to_target),
            ("--samples", held_out.samples.is_some(), "every movement is drawn"),
            ("--min-r2", time.min_r2.is_some(), "a movement has an end error and no R²; `--json` has it"),
        ],
    };
    first_given(&misfits, &adapter.name, kind(signal))
}

fn first_given(
    options: &[(&'static str, bool, &'static str)],
    adapter: &str,
    does: &'static str,
) -> Result<(), Error> {
    match options.iter().find(|(_, given, _)| *given) {
        Some(&(option, _, hint)) => Err(Error::Misfit { option, adapter: adapter.to_owned(), does, hint }),
        None => Ok(()),
    }
}

/// What is said of one thing only.
pub(crate) fn check_single(args: &RunArgs, adapters: usize) -> Result<(), Error> {
    let given = [
        ("--input", !args.predict.input.is_empty()),
        ("--free-run", args.time.free_run.is_some()),
        ("--target", !args.time.target.is_empty()),
        ("--plot", args.time.plot.is_some()),
        ("--task", args.held_out.task.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some(&(option, _)) if adapters > 1 => Err(Error::OneAtATime { option, found: adapters }),
        _ => Ok(()),
    }
}
