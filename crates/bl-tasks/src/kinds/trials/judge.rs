//! What a network is worth on trials that it did not learn from.

use bl_core::Net;
use bl_core::io::{Output, Read};
use bl_core::text::{decimal, grouped};
use serde::Serialize;

use super::baselines::Baselines;
use super::loss::read;
use super::{TrialsTask, run_trials};
use crate::Error;
use crate::forecast::{nrmse, r_squared};
use crate::judgement::{Details, Headline, Judgement, fields, metric};
use crate::kinds::classes::Named;
use crate::kinds::evaluation::Evaluation;
use crate::trials::{Goal, Source};

impl TrialsTask {
    /// Runs the test half through a network.
    pub(super) fn judged(&self, net: &dyn Net) -> Result<Judgement, Error> {
        match &self.form.output {
            Output::Classes { read } => self.classified(net, *read),
            Output::Values { .. } => self.estimated(net),
        }
    }

    fn classified(&self, net: &dyn Net, how: Read) -> Result<Judgement, Error> {
        let (test, outputs) = (self.test(), net.outputs());
        let mut evaluation = Evaluation::new(outputs);
        let mut of_steps = false;
        run_trials(net, &test, |trial, mut y| {
            match test.goal(trial) {
                Goal::Class(label) => evaluation.add(&mut read(&y, outputs, how), label)?,
                Goal::Classes { classes, weights } => {
                    of_steps = true;
                    let asked = y.chunks_exact_mut(outputs).zip(classes).zip(weights);
                    for ((scores, label), _) in asked.filter(|(_, weight)| *weight > 0.0) {
                        evaluation.add(scores, label)?;
                    }
                }
                Goal::Values { .. } => {}
            }
            Ok::<(), Error>(())
        })?;
        let unit = if of_steps { "steps" } else { "trials" };
        Ok(Named { labels: &self.labels, unit }.judged(evaluation))
    }

    /// R² of each variable over the steps that count, in their own units.
    fn estimated(&self, net: &dyn Net) -> Result<Judgement, Error> {
        let Output::Values { variables } = &self.form.output else { return Ok(Judgement::none()) };
        let test = self.test();
        let mut pairs = vec![(Vec::new(), Vec::new()); variables.len()];
        run_trials(net, &test, |trial, y| {
            let Goal::Values { values, weights } = test.trials.goal(trial) else { return Ok(()) };
            let all = y.iter().zip(values).zip(weights).enumerate();
            for (at, ((y, value), _)) in all.filter(|(_, (_, weight))| *weight > 0.0) {
                let nth = at % variables.len();
                let scale = variables[nth].scale;
                pairs[nth].0.push(value);
                pairs[nth].1.push(scale.offset + scale.unit * f64::from(*y));
            }
            Ok::<(), Error>(())
        })?;
        let baselines = Baselines::of(self);
        let of_variable = |(nth, (target, found)): (usize, &(Vec<f64>, Vec<f64>))| VariableReport {
            name: variables[nth].name.clone(),
            persistence_r2: baselines.persistence.get(nth).copied().flatten(),
            linear_r2: baselines.linear.get(nth).copied().flatten(),
            r2: r_squared(target, found).ok(),
            nrmse: nrmse(target, found).ok(),
            values: target.len(),
        };
        let variables: Vec<VariableReport> = pairs.iter().enumerate().map(of_variable).collect();
        let mean = |of: fn(&VariableReport) -> Option<f64>| {
            let known: Vec<f64> = variables.iter().filter_map(of).collect();
            known.iter().sum::<f64>() / known.len() as f64 // no number if there is none
        };
        let report = Report { r2: mean(|of| of.r2), nrmse: mean(|of| of.nrmse), variables };
        let more = report.variables.iter().map(VariableReport::line).collect();
        let headline = Headline { name: "R²", value: report.r2 };
        let judged = match self.cut {
            Some(_) => format!(
                "{} test steps",
                grouped(report.variables.iter().map(|of| of.values).max().unwrap_or(0))
            ),
            None => format!("{} test trials", grouped(self.test.len())),
        };
        let metrics = vec![metric("r2", "test", report.r2), metric("nrmse", "test", report.nrmse)];
        Ok(Judgement {
            metrics: metrics.into_iter().filter(|metric| metric.value.is_finite()).collect(),
            headline: headline.value.is_finite().then_some(headline),
            lines: [format!(
                "R²              {} of {judged}, NRMSE {}",
                decimal(report.r2),
                decimal(report.nrmse)
            )]
            .into_iter()
            .chain(report.without_network())
            .collect(),
            more: if report.variables.len() > 1 { more } else { Vec::new() },
            summary: [("test_r2".into(), report.r2.into())].into_iter().collect(),
            fields: fields(&report),
            details: Details::Own,
        })
    }
}

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    /// Means over the variables.
    r2: f64,
    nrmse: f64,
    variables: Vec<VariableReport>,
}

#[derive(Serialize)]
struct VariableReport {
    name: String,
    /// None where the true values do not vary.
    r2: Option<f64>,
    nrmse: Option<f64>,
    values: usize,
    /// Of a table: R² of the target's last known value, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    persistence_r2: Option<f64>,
    /// Of a table: R² of a linear regression on what goes in.
    #[serde(skip_serializing_if = "Option::is_none")]
    linear_r2: Option<f64>,
}

impl Report {
    /// The same by what costs nothing, in words: means over the variables that have them.
    fn without_network(&self) -> Option<String> {
        let mean = |of: fn(&VariableReport) -> Option<f64>| {
            let known: Vec<f64> = self.variables.iter().filter_map(of).collect();
            (known.len() == self.variables.len()).then(|| known.iter().sum::<f64>() / known.len() as f64)
        };
        let (last, linear) = (mean(|of| of.persistence_r2), mean(|of| of.linear_r2));
        let by = |r2: Option<f64>, what: &str| r2.map(|r2| format!("{} by {what}", decimal(r2)));
        let parts: Vec<String> =
            [by(last, "the last value"), by(linear, "a linear regression on the same step")]
                .into_iter()
                .flatten()
                .collect();
        let best = last.into_iter().chain(linear).fold(f64::NEG_INFINITY, f64::max);
        let verdict = if self.r2 > best { "the network is above" } else { "the network is NOT above" };
        let them = if parts.len() > 1 { "both" } else { "it" };
        (!parts.is_empty()).then(|| format!("beside it       R² {}: {verdict} {them}", parts.join(", ")))
    }
}

impl VariableReport {
    fn line(&self) -> String {
        let Self { name, r2, values, .. } = self;
        match r2 {
            Some(r2) => format!("  {name:<12} R² {} of {values} values", decimal(*r2)),
            None => format!("  {name:<12} does not vary"),
        }
    }
}
