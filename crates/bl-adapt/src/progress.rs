//! How a training run looks while it is under way: a bar on a terminal, one line per epoch elsewhere.

use std::ops::ControlFlow;

use bl_cli::words::decimal;
use bl_cli::{Bar, Interrupt, Printer};
use bl_train::{EpochReport, Progress};

pub(crate) struct TrainProgress {
    out: Printer,
    interrupt: Interrupt,
    bar: Option<(Stage, Bar)>,
    /// The last epoch's line, which stays when the bar goes: a run may end before its last epoch.
    last: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Cache,
    Epochs,
}

impl TrainProgress {
    pub(crate) fn new(out: Printer, interrupt: Interrupt) -> Self {
        Self { out, interrupt, bar: None, last: None }
    }

    fn bar(&mut self, stage: Stage) -> &Bar {
        if self.bar.as_ref().is_none_or(|(current, _)| *current != stage) {
            self.clear();
            let label = match stage {
                Stage::Cache => "frozen half",
                Stage::Epochs => "training",
            };
            self.bar = Some((stage, Bar::new(self.out, label)));
        }
        &self.bar.as_ref().expect("just set").1
    }

    /// The share of the cache that is filled.
    pub(crate) fn cache(&mut self, share: f64) -> ControlFlow<()> {
        self.bar(Stage::Cache).set(share);
        self.interrupt.check()
    }

    fn clear(&mut self) {
        if let Some((_, bar)) = self.bar.take() {
            bar.clear();
        }
    }
}

impl Progress for TrainProgress {
    fn step(&mut self, epoch: u32, epochs: u32, share: f64) -> ControlFlow<()> {
        let done = (f64::from(epoch - 1) + share) / f64::from(epochs);
        self.bar(Stage::Epochs).set(done);
        self.interrupt.check()
    }

    fn epoch(&mut self, report: &EpochReport) {
        let training = report
            .train_accuracy
            .map_or(String::new(), |accuracy| format!("  training {:.2} %", 100.0 * accuracy));
        let validation = report
            .validation_accuracy
            .map_or(String::new(), |accuracy| format!("  validation {:.2} %", 100.0 * accuracy));
        let validation_loss =
            report.validation_loss.map_or(String::new(), |loss| format!("  validation {}", decimal(loss)));
        let line = format!(
            "epoch {:>3}/{}  loss {}{training}{validation}{validation_loss}  {:.2} s",
            report.epoch,
            report.epochs,
            decimal(report.train_loss),
            report.seconds,
        );
        let bar = self.bar(Stage::Epochs);
        if bar.is_visible() {
            bar.message(&line);
        } else {
            self.out.say(&line);
        }
        self.last = Some(line);
    }
}

impl Drop for TrainProgress {
    fn drop(&mut self) {
        self.clear();
        if let Some(line) = self.last.take().filter(|_| self.out.is_terminal()) {
            self.out.say(line);
        }
    }
}
