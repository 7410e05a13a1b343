//! What is said of a run: the data, the backbone, and what came of it.

use std::path::Path;

use bl_cli::words::{counted, grouped, printable};
use bl_cli::{Printer, format_bytes};
use bl_core::Backbone;
use bl_core::text::pasted_path;
use bl_tasks::{Judgement, Source, Task, What};
use bl_train::{Augmentation, DatasetReport, Report, TrainConfig};

pub(super) fn announce_task(task: &Task, out: Printer) {
    if let Some(notice) = &task.notice {
        out.warn(notice);
    }
    let title = printable(&task.title);
    out.say(format!("data       {title} ({}): {}", task.source, task.kind().summary()));
    if let Some(prepared) = &task.prepared {
        let otherwise = match &task.what {
            What::Texts(texts) if texts.rows_of_test().is_none() => "`--longest`",
            What::Texts(_) => "`--values`, `--words` and `--characters`",
            _ => "`--fit`, `--invert`, `--size` and `--channels`",
        };
        out.say(format!("prepared   {prepared} (otherwise: {otherwise})"));
    }
}

pub(super) fn announce_backbone(config: &TrainConfig, backbone: &Backbone, out: Printer) {
    config.warnings().into_iter().for_each(|warning| out.warn(warning));
    let spec = backbone.spec();
    let (all, learned) = (spec.hidden_units() + spec.frozen_weights(), config.learned_parameters(spec));
    let at_most = if config.stop_at_loss.is_some() { "at most " } else { "" };
    if let Some(asked) =
        config.match_parameters.filter(|asked| learned.abs_diff(*asked as usize) as f64 > 0.1 * *asked as f64)
    {
        out.warn(format!(
            "asked for {} parameters, the nearest network of this architecture has {}",
            grouped(asked as usize),
            grouped(learned)
        ));
    }
    if let Some(augmentation) = Augmentation::of(config) {
        out.say(format!("varied     training images, otherwise in every epoch: {augmentation}"));
    }
    let epochs = counted(config.epochs as usize, "epoch", "epochs");
    let epochs = format!("{at_most}{epochs}, seed {}", config.seed);
    if config.method.is_full() {
        out.say(format!(
            "network    {} hidden units, nothing frozen, architecture of `{}`",
            grouped(spec.hidden_units()),
            config.backbone
        ));
        out.say(format!("trainable  all {} weights and biases; {epochs}", grouped(learned)));
        return;
    }
    out.say(format!(
        "backbone   {}: {}, {} ({} kernels)",
        config.backbone,
        spec.summary(),
        backbone.fingerprint().short(),
        backbone.isa(),
    ));
    let state = if config.learn_state == Some(true) { ", including the initial state" } else { "" };
    out.say(format!(
        "trainable  {} {}{state}, {:.3} % of {} parameters; {epochs}",
        grouped(learned),
        config.method.learns(),
        100.0 * learned as f64 / all as f64,
        grouped(all),
    ));
}

/// The arguments with which other commands find the data of a run again: a header records no paths.
pub(super) fn data_arguments(task: &Task, named: &str, data_dir: Option<&Path>) -> String {
    match task.source {
        Source::File | Source::Folder => format!(" --task {}", pasted_path(named)),
        Source::Simulated | Source::Own => String::new(),
        Source::Official | Source::Sample | Source::Generated => {
            data_dir.map_or(String::new(), |folder| format!(" --data-dir {}", pasted_path(folder)))
        }
    }
}

/// Words for people, then the one result that a script needs: the file.
pub(super) fn print(report: &Report, judgement: &Judgement, data: &str, out: Printer) -> anyhow::Result<()> {
    if out.is_json() {
        return out.json(report);
    }
    judgement.lines.iter().for_each(|line| out.say(line));
    if let Some(accuracy) = report.train_accuracy {
        out.say(format!(
            "train accuracy  {:.2} %, over the last epoch as the parameters moved",
            100.0 * accuracy
        ));
    }
    if report.dataset.validation > 0 {
        let DatasetReport { validation, unit, .. } = &report.dataset;
        let accuracy = report.validation_accuracy;
        let accuracy =
            accuracy.map_or(String::new(), |accuracy| format!(", accuracy {:.2} % there", 100.0 * accuracy));
        out.say(format!(
            "validation      {} {unit} held out; epoch {} of {} kept{accuracy}",
            grouped(*validation),
            report.kept_epoch,
            report.epochs
        ));
    }
    if let Some(on) = report.on_units {
        out.say(format!("mask            {} of {} units are ON", grouped(on), grouped(report.width)));
    }
    let peak =
        report.peak_memory_bytes.map_or(String::new(), |bytes| format!(", peak {}", format_bytes(bytes)));
    let seconds = report.seconds;
    out.say(format!(
        "time            {:.1} s: load {:.1}, backbone {:.2}, cache {:.1}, train {:.1} ({}, {:.3} each), test \
         {:.1}{peak}",
        seconds.total,
        seconds.load,
        seconds.backbone,
        seconds.cache,
        seconds.train,
        counted(report.epochs, "epoch", "epochs"),
        report.epoch_seconds,
        seconds.evaluate,
    ));
    let next = if report.method.is_full() { "bl-adapt eval" } else { "bl-run" };
    out.say(format!("next            {next} --adapter {}{data}", pasted_path(&report.adapter)));
    out.result(&report.adapter)
}
