//! What an adapter must reach for a command to succeed.

use bl_cli::words::decimal;
use bl_cli::{ExitStatus, Printer};
use bl_tasks::{Headline, Task};
use clap::Args;

use crate::error::Error;

/// The least of the metric that matters most, by its name today or by one of its old names.
#[derive(Debug, Args)]
#[expect(clippy::struct_field_names, reason = "they are the names of the flags")]
pub(crate) struct LeastArgs {
    /// Exit with code 1 if the main metric is below this (at most 1): accuracy of images, R² of sequence tasks. Files are
    /// written first
    #[arg(long, value_name = "X", allow_hyphen_values = true, value_parser = bl_cli::at_most_one)]
    pub(crate) min_metric: Option<f64>,

    #[arg(long, value_name = "X", hide = true, allow_hyphen_values = true, conflicts_with = "min_metric", value_parser = bl_cli::share)]
    min_accuracy: Option<f64>,

    #[arg(long, value_name = "X", hide = true, allow_hyphen_values = true, value_parser = bl_cli::at_most_one,
          conflicts_with_all = ["min_metric", "min_accuracy"])]
    min_r2: Option<f64>,
}

impl LeastArgs {
    /// Before any work: whether the task has the metric.
    pub(crate) fn check(&self, task: &Task) -> Result<(), Error> {
        let headline = task.kind().headline();
        let of_one = [
            ("--min-accuracy", self.min_accuracy, Some("accuracy")),
            ("--min-r2", self.min_r2, Some("R²")),
            ("--min-metric", self.min_metric, headline),
        ];
        for (option, stated, metric) in of_one {
            if stated.is_none() {
                continue;
            }
            if metric != headline || headline.is_none() {
                let metric = metric.unwrap_or("accuracy and no R²");
                return Err(Error::NoMetric { option, task: task.name.clone(), metric, main: headline });
            }
        }
        Ok(())
    }

    /// After the work: whether it was reached.
    pub(crate) fn status(&self, headline: Option<Headline>, out: Printer) -> ExitStatus {
        let Some(least) = self.min_metric.or(self.min_accuracy).or(self.min_r2) else {
            return ExitStatus::Success;
        };
        match headline {
            Some(headline) if headline.value < least => {
                let Headline { name, value } = headline;
                out.say(format!("below           {name} {} is below the required {least}", decimal(value)));
                ExitStatus::Negative
            }
            Some(_) => ExitStatus::Success,
            None => {
                out.say(format!("below           nothing was measured, at least {least} is required"));
                ExitStatus::Negative
            }
        }
    }
}
