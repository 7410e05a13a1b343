//! What the user states of a run: flags and the environment (clap has put those together) over a file.

use bl_cli::Printer;
use bl_core::io::Read;
use bl_tasks::Form;
use bl_tasks::series::Fill;
use bl_train::{Method, Schedule, Settings};

use super::super::hub;
use crate::cli::{ScheduleArg, SequenceArgs, SettingArgs, TextArgs, TrainArgs};

/// A backbone on the Hub is pinned to the commit that it is at.
pub(super) fn stated(args: &TrainArgs, out: Printer) -> anyhow::Result<Settings> {
    let of_file = args.config.as_deref().map(Settings::from_file).transpose()?.unwrap_or_default();
    let mut stated = settings(&args.settings).over(of_file);
    stated.backbone = stated.backbone.map(|name| hub::pinned_backbone(name, out)).transpose()?;
    Ok(stated)
}

fn settings(args: &SettingArgs) -> Settings {
    let SequenceArgs {
        column,
        table,
        read,
        sort,
        fill,
        horizon,
        washout,
        window,
        stride,
        gain,
        learn_state,
        truncate,
    } = args.sequence.clone();
    let TextArgs { text, label, values, words, characters, longest } = args.texts.clone();
    let Form { fit, invert, size, channels, learned: _ } = args.form.clone().into();
    Settings {
        backbone: args.backbone.clone(),
        method: args.method.map(Method::from),
        width: args.width,
        match_parameters: args.match_parameters,
        gain,
        epochs: args.epochs,
        batch_size: args.batch_size,
        lr: args.lr,
        schedule: args.schedule.map(|schedule| match schedule {
            ScheduleArg::Constant => Schedule::Constant,
            ScheduleArg::Cosine => Schedule::Cosine,
        }),
        weight_decay: args.weight_decay,
        bias_init: args.bias_init,
        bias_mean: args.bias_mean,
        learn_state,
        final_temperature: args.final_temperature,
        seed: args.seed,
        val_fraction: args.val_fraction,
        column,
        inputs: table.inputs,
        targets: table.targets,
        group: table.group,
        read: read.map(Read::from),
        sort,
        fill: fill.map(Fill::from),
        horizon,
        washout,
        window,
        stride,
        truncate,
        clip: args.clip,
        stop_at_loss: args.stop_at_loss,
        fit,
        invert,
        size,
        channels,
        shift: args.shift,
        rotate: args.rotate,
        flip: args.flip,
        patience: args.patience,
        text,
        label,
        values,
        words,
        characters,
        longest,
    }
}
