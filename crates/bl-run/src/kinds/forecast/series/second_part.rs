//! What a linear autoregression makes of the same file: learned from its first part, judged on the rest, where the network and
//! the last value are judged, too.

use bl_cli::words::{decimal, grouped};
use bl_tasks::forecast::r_squared;
use bl_tasks::kinds::{Baselines, ForecastJudgement, ForecastTask};
use bl_tasks::series::{Plan, Scale};
use serde::Serialize;

/// R² of forecasts of the same samples. Field names are part of the command line's contract.
#[derive(Serialize)]
pub(super) struct SecondPart {
    /// So many samples at the beginning of the file were learned from by the autoregression.
    pub(super) learned_from: usize,
    /// Forecasts that are judged, all of samples after that.
    samples: usize,
    teacher_forced_r2: f64,
    persistence_r2: f64,
    pub(super) linear_r2: f64,
    pub(super) linear_lags: usize,
}

/// The first half of a file that is all held out is learned from.
pub(super) fn second_part(what: &ForecastTask, whole: &ForecastJudgement) -> Result<SecondPart, String> {
    let (washout, horizon) = (what.plan.washout, what.plan.horizon);
    let (samples, before) = (what.series.len(), washout + horizon);
    let learned_from = samples / 2;
    let short = || {
        format!(
            "{} samples are too few to learn it from the first half and to judge it after a washout",
            grouped(samples)
        )
    };
    let test = (samples - learned_from).checked_sub(before).filter(|test| *test > 1).ok_or_else(short)?;
    let first = &what.series.values()[..learned_from];
    let scale = Scale::standard(first).map_err(|_| "the first half of the file does not vary".to_owned())?;
    let plan = Plan { test, ..what.plan.clone() };
    let half = ForecastTask { series: what.series.clone(), plan, scale };
    let Baselines { persistence_r2, linear_r2, lags } =
        Baselines::of(&half).map_err(|fault| fault.to_string())?;
    let forced = &whole.teacher_forced;
    let from = forced.target.len() - test;
    let of_network = r_squared(&forced.target[from..], &forced.forecast[from..])
        .map_err(|_| "the second half of the file does not vary".to_owned())?;
    Ok(SecondPart {
        learned_from,
        samples: test,
        teacher_forced_r2: of_network,
        persistence_r2,
        linear_r2: linear_r2.ok_or_else(short)?,
        linear_lags: lags,
    })
}

impl SecondPart {
    pub(super) fn words(&self) -> String {
        let best = self.persistence_r2.max(self.linear_r2);
        format!(
            "second part  R² {} by a linear autoregression on {} lags, learned from the first {} samples; of the same last {} the \
             network has {} and the last value {}: the network is {} both",
            decimal(self.linear_r2),
            self.linear_lags,
            grouped(self.learned_from),
            grouped(self.samples),
            decimal(self.teacher_forced_r2),
            decimal(self.persistence_r2),
            if self.teacher_forced_r2 > best { "above" } else { "NOT above" },
        )
    }
}
