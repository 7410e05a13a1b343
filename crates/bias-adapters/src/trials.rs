//! Trials: sequences with several values at each step, to classify or to answer.

use std::path::Path;

use bl_core::io::Trials as Form;
use bl_tasks::kinds::{Answered, answer_trials, unlike_training};
use bl_tasks::series::Mend;
use bl_tasks::trials::{Fault, given};

use crate::kinds::TRIALS;
use crate::{Error, Model};

impl Model {
    /// What the adapter says of trials, each of its own length: scores of classes, or values at every step in their own units.
    ///
    /// # Shapes
    /// - each of `trials`: `[steps, channels]`, in the units of the channels
    pub fn answer(&self, trials: &[&[f64]]) -> Result<Vec<Answered>, Error> {
        let form = self.trials()?;
        let (channels, _) = form.widths(0);
        for (trial, values) in trials.iter().enumerate() {
            if values.is_empty() || values.len() % channels != 0 {
                let adapter = self.name().to_owned();
                return Err(Error::TrialLength { adapter, trial, channels, found: values.len() });
            }
            if let Some(at) = values.iter().position(|x| !x.is_finite()) {
                let (step, channel, found) = (at / channels, at % channels, values[at]);
                return Err(bl_tasks::Error::from(Fault::Input { trial, step, channel, found }).into());
            }
        }
        Ok(answer_trials(self.core(), form, trials)?)
    }

    /// As [`answer`](Self::answer), of a file: an archive with the array `inputs`, a `.ts` file, or a table with columns of the
    /// channels' names.
    pub fn answer_file(&self, path: impl AsRef<Path>) -> Result<Vec<Answered>, Error> {
        self.answer(&given(path.as_ref(), self.trials()?, Mend::default())?.trials())
    }

    /// What of these values is far outside what was trained on, in words; another unit is answered without a complaint, and wrongly.
    ///
    /// # Shapes
    /// - each of `trials`: `[steps, channels]`
    pub fn unlike_training(&self, trials: &[&[f64]]) -> Result<Option<String>, Error> {
        Ok(unlike_training(self.trials()?, trials))
    }

    /// What goes in and out at each step: names, units, and ranges of training.
    pub fn trials(&self) -> Result<&Form, Error> {
        self.header().io.trials().map_err(|_| self.other_kind(TRIALS))
    }
}
