//! What an adapter must reach for a command to succeed.

use bl_cli::{ExitStatus, Printer};
use bl_tasks::{Headline, Task};
use clap::Args;

use crate::error::Error;

/// The least of the metric that matters most, by its name today or by one of its old names.
#[derive(Debug, Args)]
pub(crate) struct LeastArgs {
    /// Exit with code 1 if the main metric is below this (at most 1): accuracy of images, R² of sequence tasks. An adapter
    /// is written all the same
    #[arg(long, value_name = "X", allow_hyphen_values = true)]
    pub(crate) min_metric: Option<f64>,

    #[arg(long, value_name = "X", hide = true, conflicts_with = "min_metric")]
    min_accuracy: Option<f64>,

    #[arg(long, value_name = "X", hide = true, allow_hyphen_values = true, conflicts_with_all = ["min_metric", "min_accuracy"])]
    min_r2: Option<f64>,
}

impl LeastArgs {
    /// Before any work: whether the task has the metric.
    pub(crate) fn check(&self, task: &Task) -> Result<(), Error> {
        let has_classes = !task.kind().labels().is_empty();
        let range = |option, found: Option<f64>, min: f64| match found {
            Some(found) if !(min..=1.0).contains(&found) => Err(Error::MetricRange { option, found, min }),
            _ => Ok(()),
        };
        let none = |option, metric| Err(Error::NoMetric { option, task: task.name.clone(), metric });
        match (self.min_accuracy, self.min_r2) {
            (Some(_), _) if !has_classes => return none("--min-accuracy", "accuracy"),
            (_, Some(_)) if has_classes => return none("--min-r2", "R²"),
            _ => {}
        }
        range("--min-accuracy", self.min_accuracy, 0.0)?;
        range("--min-r2", self.min_r2, f64::NEG_INFINITY)?;
        range("--min-metric", self.min_metric, f64::NEG_INFINITY)
    }

    /// After the work: whether it was reached.
    pub(crate) fn status(&self, headline: Option<Headline>, out: Printer) -> anyhow::Result<ExitStatus> {
        let (Some(least), option) = (
            self.min_metric.or(self.min_accuracy).or(self.min_r2),
            if self.min_r2.is_some() { "--min-r2" } else { "--min-metric" },
        ) else {
            return Ok(ExitStatus::Success);
        };
        match headline {
            Some(headline) if headline.value < least => {
                let Headline { name, value } = headline;
                out.say(format!("below           {name} {value:.4} is below the {least} that was asked for"));
                Ok(ExitStatus::Negative)
            }
            Some(_) => Ok(ExitStatus::Success),
            None => anyhow::bail!("`{option}`: this task has neither an accuracy nor an R²"),
        }
    }
}
