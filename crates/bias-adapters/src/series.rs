//! Forecasters and generators, in the series' own unit.

use std::path::Path;

use bl_core::io::{Forecast, Reach, SeriesScale, Signal};
use bl_tasks::kinds::{Likeness, Observed, ReachTask, Reached, free_run, generate, teacher_forced};
use bl_tasks::series::{Column, Fault, read_csv};

use crate::kinds::{FORECASTS, GENERATES, REACHES};
use crate::{Error, Model};

impl Model {
    /// Forecasts of a series, in its own unit, each made from true values (teacher-forced): the value at `t` is the forecast
    /// of sample `t + horizon`, so the last one is of the sample `horizon` after the end.
    ///
    /// The first [`washout`](Forecast::washout) values are not forecasts to rely on: the network's state settles meanwhile,
    /// and training did not score them. At least one more sample than that is needed.
    ///
    /// ```no_run
    /// # let series = [0.0; 100];
    /// let model = bias_adapters::Model::load("lorenz.safetensors")?;
    /// let forecast = model.forecast(&series)?;
    /// let ahead = model.series()?.horizon;
    /// println!("{ahead} samples after the end: {}", forecast[forecast.len() - 1]);
    /// # Ok::<(), bias_adapters::Error>(())
    /// ```
    ///
    /// # Shapes
    /// - `values`: `[samples]`, as far apart as those that the adapter was trained on
    /// - returns: `[samples]`
    pub fn forecast(&self, values: &[f64]) -> Result<Vec<f64>, Error> {
        let signal = self.series()?;
        self.past(values, signal.washout + 1)?;
        Ok(teacher_forced(self.core(), values, &signal.scale.into())?)
    }

    /// As [`forecast`](Self::forecast), of a text file with a line per sample. Of several columns it is the one that has the
    /// name of the column that was trained on.
    ///
    /// ```no_run
    /// # let model = bias_adapters::Model::load("load.safetensors")?;
    /// let forecast = model.forecast_file("load.csv")?;
    /// # Ok::<(), bias_adapters::Error>(())
    /// ```
    pub fn forecast_file(&self, path: impl AsRef<Path>) -> Result<Vec<f64>, Error> {
        let trained_on = &*self.series()?.variable;
        let series = read_csv(path.as_ref(), Column::Preferred(trained_on))?;
        self.forecast(series.values())
    }

    /// As [`forecast`](Self::forecast), of a column of a text file.
    pub fn forecast_column(&self, path: impl AsRef<Path>, column: &str) -> Result<Vec<f64>, Error> {
        self.series()?;
        self.forecast(read_csv(path.as_ref(), Column::Named(column))?.values())
    }

    /// The samples after the end of a series, each forecast fed back in place of the true value. Errors add up: a chaotic
    /// series is lost sooner or later.
    ///
    /// # Shapes
    /// - `past`: true values, at least washout + horizon of them
    /// - returns: the `samples` after them
    pub fn free_run(&self, past: &[f64], samples: usize) -> Result<Vec<f64>, Error> {
        let signal = self.series()?;
        self.past(past, signal.washout + signal.horizon)?;
        Ok(free_run(self.core(), past, &signal.scale.into(), signal.horizon, samples)?)
    }

    /// The trajectory that the adapter was trained to generate, from its beginning, in its own unit. It may be longer than
    /// what was trained on.
    ///
    /// # Shapes
    /// - returns: `[samples]`
    pub fn generate(&self, samples: usize) -> Result<Vec<f64>, Error> {
        Ok(generate(self.core(), &self.trajectory()?.into(), samples)?)
    }

    /// Moves the arm from rest at the centre to a target.
    ///
    /// # Shapes
    /// - `target`: x and y in m
    pub fn reach(&self, target: [f64; 2]) -> Result<Reached, Error> {
        let arm = self.arm()?;
        let away = target[0].hypot(target[1]);
        if away.is_nan() || away > 10.0 * arm.distance {
            return Err(Error::FarTarget { adapter: self.name().to_owned(), learned: arm.distance, target });
        }
        Ok(ReachTask::from(arm).reach(self.core(), &[target])?.remove(0))
    }

    /// How like a series is to the one that was learned from: another column, unit or spacing is forecast without a complaint,
    /// and wrongly.
    ///
    /// ```no_run
    /// # let model = bias_adapters::Model::load("load.safetensors")?;
    /// use bias_adapters::bl_tasks::series::{Column, read_csv};
    ///
    /// let series = read_csv("load.csv".as_ref(), Column::Named("kwh"))?;
    /// for difference in model.likeness((&series).into())?.differences {
    ///     println!("{difference}");
    /// }
    /// # Ok::<(), bias_adapters::Error>(())
    /// ```
    pub fn likeness(&self, series: Observed<'_>) -> Result<Likeness, Error> {
        Ok(Likeness::of(self.series()?, None, series))
    }

    /// What is forecast: the variable, horizon, washout, spacing and scale.
    pub fn series(&self) -> Result<&Forecast, Error> {
        match self.header().io.signal() {
            Ok(Signal::Forecast(signal)) => Ok(signal),
            _ => Err(self.other_kind(FORECASTS)),
        }
    }

    fn trajectory(&self) -> Result<SeriesScale, Error> {
        match self.header().io.signal() {
            Ok(Signal::Generate { scale, .. }) => Ok(*scale),
            _ => Err(self.other_kind(GENERATES)),
        }
    }

    fn arm(&self) -> Result<&Reach, Error> {
        match self.header().io.signal() {
            Ok(Signal::Reach(arm)) => Ok(arm),
            _ => Err(self.other_kind(REACHES)),
        }
    }

    /// True values, as many as are needed.
    fn past(&self, values: &[f64], expected: usize) -> Result<(), Error> {
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(Fault::NotFinite { index, found: values[index] }.into());
        }
        if values.len() >= expected {
            return Ok(());
        }
        let (adapter, washout, found) = (self.name().to_owned(), self.series()?.washout, values.len());
        Err(Error::FewSamples { adapter, washout, expected, found })
    }
}
