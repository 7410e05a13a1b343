//! `bl-adapt eval` of adapters and networks of tasks in time.

use bl_cli::time::{About, Compared, Figures, compared_words, figure_lines, kind};
use bl_cli::words::printable;
use bl_cli::{ExitStatus, Printer};
use bl_core::recurrent::{RecurrentAdapter, RecurrentNet};
use bl_tasks::time::judge;
use bl_train::RecurrentNetworkFile;
use serde::Serialize;

use crate::cli::EvalArgs;
use crate::error::Error;

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    adapter: String,
    task: String,
    source: &'static str,
    test_sha256: String,
    /// Whether the held-out part is the one that the recorded figures are of; null without a record.
    as_recorded: Option<bool>,
    #[serde(flatten)]
    figures: Figures,
    compared: Vec<Compared>,
}

pub(super) fn adapter(
    args: &EvalArgs,
    adapter: &RecurrentAdapter,
    out: Printer,
) -> anyhow::Result<ExitStatus> {
    check_options(args, adapter.header.signal.widths(), kind(&adapter.header.signal))?;
    let backbone = adapter.generate_backbone()?;
    measure(args, (&adapter.header).into(), &adapter.on(&backbone)?, out)
}

pub(super) fn network(
    args: &EvalArgs,
    file: &RecurrentNetworkFile,
    out: Printer,
) -> anyhow::Result<ExitStatus> {
    let header = &file.header;
    check_options(args, header.signal.widths(), kind(&header.signal))?;
    let about = About {
        task: &header.task,
        signal: &header.signal,
        training: Some(&header.training),
        metrics: &header.metrics,
    };
    measure(args, about, &file.network, out)
}

fn check_options(args: &EvalArgs, widths: (usize, usize), does: &'static str) -> Result<(), Error> {
    const REACH: (usize, usize) = (2, 2);
    if args.min_accuracy.is_some() {
        return Err(Error::OptionOfPictures { does });
    }
    if args.min_r2.is_some() && widths == REACH {
        return Err(Error::NoR2 { task: "reach".into() });
    }
    Ok(())
}

fn measure(
    args: &EvalArgs,
    about: About<'_>,
    net: &dyn RecurrentNet,
    out: Printer,
) -> anyhow::Result<ExitStatus> {
    let own = about.open(args.task.as_deref(), args.column.as_deref())?;
    out.say(format!("data            {} ({})", printable(&own.task.title), own.task.source));
    let judgement = judge(&own.task, net)?;
    let compared = about.compare(own.as_recorded, &judgement);
    let words = compared_words(own.as_recorded, &compared);
    if own.as_recorded == Some(false) || compared.iter().any(|figure| !figure.agrees) {
        out.warn(words);
    } else {
        out.say(format!("recorded        {words}"));
    }
    if out.is_json() {
        out.json(&Report {
            adapter: args.adapter.display().to_string(),
            task: own.task.name.clone(),
            source: own.task.source,
            test_sha256: own.test_sha256,
            as_recorded: own.as_recorded,
            figures: Figures::of(&own.task, &judgement),
            compared,
        })?;
    } else {
        figure_lines(&own.task, &judgement).into_iter().try_for_each(|line| out.result(line))?;
    }
    Ok(match (args.min_r2, judgement.r2()) {
        (Some(least), Some(r2)) if r2 < least => ExitStatus::Negative,
        _ => ExitStatus::Success,
    })
}
