//! Trials of which nobody says what is right: what a user wants answered.

use std::path::Path;

use bl_core::io::Trials as Form;

use super::half::Half;
use super::{Fault, Goals, Trials, arrays, files, ts};
use crate::Error;
use crate::series::{Mend, Wanted, read_table};

/// Trials to be answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    trials: Trials,
    /// What must be said of the file.
    pub notices: Vec<String>,
}

impl Given {
    /// What goes in, trial by trial, in its own units: `[steps, channels]` each.
    pub fn trials(&self) -> Vec<&[f64]> {
        (0..self.trials.len()).map(|trial| self.trials.inputs(trial)).collect()
    }
}

/// Reads trials as an adapter of that form takes them: an archive with the array `inputs`, a `.ts` file (its labels are left
/// aside), or a table with columns of the channels' names, which is one trial.
pub fn given(path: &Path, form: &Form, mend: Mend) -> Result<Given, Error> {
    let (expected, _) = form.widths(0);
    let (channels, lengths, inputs, notices) = if files::is_archive(path) {
        let (channels, lengths, inputs) = arrays::shown(path)?;
        (channels, lengths, inputs, Vec::new())
    } else if files::is_ts(path) {
        let Half { channels, lengths, inputs, .. } = ts::read(path)?;
        (channels, lengths, inputs, Vec::new())
    } else {
        let names: Vec<String> = form.inputs.iter().map(|channel| channel.name.clone()).collect();
        let (parts, notices) = read_table(path, &Wanted { inputs: &names, targets: &[], group: None }, mend)?;
        let columns = &parts[0].columns;
        let inputs = (0..columns[0].len()).flat_map(|at| columns.iter().map(move |column| column[at]));
        (names.len(), vec![columns[0].len()], inputs.collect(), notices)
    };
    let at = |fault| Error::TrialsFile { path: path.to_owned(), fault };
    if channels != expected {
        return Err(at(Fault::Channels { expected, found: channels }));
    }
    let unknown = Goals::Classes(vec![0; lengths.len()]);
    Ok(Given { trials: Trials::new(channels, &lengths, inputs, unknown).map_err(at)?, notices })
}
