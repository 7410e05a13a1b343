//! Trials as a network sees them, whether they are kept or made when they are needed.

/// Trials by their numbers, in the network's units.
pub trait Source: Sync {
    /// How many there are.
    fn trials(&self) -> usize;

    /// Steps of one.
    fn steps(&self, trial: usize) -> usize;

    /// How far apart two must be to share no data; none if none share any.
    fn overlap(&self) -> Option<usize> {
        None
    }

    /// How much data the last `rows` hold, counted as the task's parts are.
    fn samples_of_last(&self, rows: usize) -> usize {
        rows
    }

    /// What goes in: `[steps, inputs]`.
    fn inputs(&self, trial: usize) -> Vec<f32>;

    /// What is to be said.
    fn goal(&self, trial: usize) -> Goal<f32>;
}

/// What is to be said of one trial.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal<T> {
    /// Its class.
    Class(u8),
    /// The class of each step, and what it counts: `[steps]` each.
    Classes {
        /// Places among the labels.
        classes: Vec<u8>,
        /// 0 where nothing is asked.
        weights: Vec<f32>,
    },
    /// Values of each step, and what each counts: `[steps, outputs]` both.
    Values {
        /// In the unit of T.
        values: Vec<T>,
        /// 0 where nothing is asked.
        weights: Vec<f32>,
    },
}
