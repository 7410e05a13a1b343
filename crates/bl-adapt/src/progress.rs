//! How a training run looks while it is under way: a bar on a terminal, a line now and then elsewhere.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use bl_cli::words::decimal;
use bl_cli::{Bar, Heeded, Printer};
use bl_train::{EpochReport, Progress};

/// Between two lines where nobody watches: a log of 20,000 epochs tells nothing.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

pub(crate) struct TrainProgress {
    out: Printer,
    interrupt: Option<Heeded>,
    bar: Option<(Stage, Bar)>,
    /// The last epoch's line, if it was not printed yet: a run may end before its last epoch.
    last: Option<String>,
    printed: Option<Instant>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Cache,
    Epochs,
}

impl TrainProgress {
    pub(crate) fn new(out: Printer, interrupt: Heeded) -> Self {
        Self { out, interrupt: Some(interrupt), bar: None, last: None, printed: None }
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
        self.check()
    }

    fn check(&self) -> ControlFlow<()> {
        self.interrupt.as_ref().map_or(ControlFlow::Continue(()), Heeded::check)
    }

    fn clear(&mut self) {
        if let Some((_, bar)) = self.bar.take() {
            bar.clear();
        }
    }

    /// The run is over: the bar goes, the last line stays, and Ctrl-C ends the program at once.
    pub(crate) fn end(&mut self) {
        self.clear();
        if let Some(line) = self.last.take() {
            self.out.say(line);
        }
        self.interrupt = None;
    }
}

impl Progress for TrainProgress {
    fn step(&mut self, epoch: u32, epochs: u32, share: f64) -> ControlFlow<()> {
        let done = (f64::from(epoch - 1) + share) / f64::from(epochs);
        self.bar(Stage::Epochs).set(done);
        self.check()
    }

    fn epoch(&mut self, report: &EpochReport) {
        let share = |name: &str, accuracy: Option<f64>| {
            accuracy.map_or(String::new(), |accuracy| format!("  {name} accuracy {:.2} %", 100.0 * accuracy))
        };
        let training = share("train", report.train_accuracy);
        let validation = share("validation", report.validation_accuracy);
        let validation_loss = report
            .validation_loss
            .map_or(String::new(), |loss| format!("  validation loss {}", decimal(loss)));
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
        } else if self.printed.is_none_or(|printed| printed.elapsed() >= BETWEEN_LINES) {
            self.out.say(line);
            (self.last, self.printed) = (None, Some(Instant::now()));
            return;
        }
        self.last = Some(line);
    }

    fn warn(&mut self, words: &str) {
        match &self.bar {
            Some((_, bar)) if bar.is_visible() => bar.print(&format!("warning: {words}")),
            _ => self.out.warn(words),
        }
    }
}

impl Drop for TrainProgress {
    fn drop(&mut self) {
        self.end();
    }
}
