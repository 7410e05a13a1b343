//! What a forecaster learns from: windows of a series, with what comes a horizon later.

use super::ForecastTask;
use crate::Error;
use crate::kind::{Inputs, LessonSettings, Loss, OutputGradient};
use crate::kinds::squares::squares;
use crate::series::Windows;

/// Samples of a training window, washout included, unless the settings say otherwise.
pub const WINDOW: usize = 120;
const STRIDE: usize = 8;

pub(super) struct Windowed {
    /// `[samples]`, in the network's unit.
    values: Vec<f64>,
    length: usize,
    horizon: usize,
    washout: usize,
    stride: usize,
}

impl Windowed {
    pub(super) fn new(task: &ForecastTask, settings: LessonSettings) -> Result<Self, Error> {
        let (length, stride) = (settings.window.unwrap_or(WINDOW), settings.stride.unwrap_or(STRIDE));
        let (washout, horizon) = (task.plan.washout, task.plan.horizon);
        if length <= washout {
            return Err(Error::WindowInWashout { window: length, washout });
        }
        let values = task.scale.apply_all(task.train());
        let windowed = Self { values, length, horizon, washout, stride };
        if windowed.rows() == 0 {
            return Err(Error::NoWindow { samples: windowed.values.len(), window: length, horizon });
        }
        Ok(windowed)
    }
}

impl Loss for Windowed {
    fn rows(&self) -> usize {
        let &Self { ref values, length, horizon, stride, .. } = self;
        Windows { values, length, horizon }.count().div_ceil(stride)
    }

    fn overlap(&self) -> usize {
        (self.length + self.horizon).div_ceil(self.stride)
    }

    fn samples_of_last(&self, rows: usize) -> usize {
        if rows == 0 { 0 } else { self.values.len() - (self.rows() - rows) * self.stride }
    }

    fn inputs(&self, rows: &[u32]) -> Inputs {
        let at = |step: usize, row: u32| self.values[row as usize * self.stride + step] as f32;
        let x = (0..self.length).flat_map(|step| rows.iter().map(move |&row| at(step, row))).collect();
        Inputs { x, steps: self.length, lengths: Vec::new() }
    }

    fn gradient(&self, rows: &[u32], y: &[f32]) -> Result<OutputGradient, Error> {
        let target =
            |step: usize, row: usize| self.values[rows[row] as usize * self.stride + step + self.horizon];
        Ok(squares(y, rows.len(), self.washout, |step, row| target(step, row) as f32))
    }
}
