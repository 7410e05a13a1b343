//! Where the data of a task would come from, without reading it.

use std::path::PathBuf;

use crate::catalogue::{Fallback, ImageSet};
use crate::cifar;
use crate::data_dir::DataDir;
use crate::set_files::{Found, SetFiles, find};

/// Where the data of a task would come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// The official files, as far as their names tell.
    Official(SetFiles),
    /// Files of an Afro-MNIST script in a format that the official ones do not have.
    Regenerated(SetFiles),
    /// The embedded sample.
    Sample,
    /// The built-in generator.
    Generated,
    /// Some of the four files are there.
    Incomplete {
        /// The folder that was looked in.
        folder: PathBuf,
        /// The files it lacks, each by its first name.
        missing: Vec<&'static str>,
    },
    /// The version of CIFAR-10 for Python, which is not read.
    Pickled {
        /// The folder that holds it.
        folder: PathBuf,
    },
    /// Nothing is there, and nothing may or can stand in.
    Missing {
        /// The folder that was looked in.
        looked_in: PathBuf,
    },
}

/// Where the data of a task would come from.
///
/// Half a set is never replaced by the sample in silence: it is a download that broke off.
pub fn locate(name: &str, set: &ImageSet, data: &DataDir) -> Availability {
    let folder = data.folder(name);
    match find(&folder, set.namings) {
        Found::All(files) if set.is_remade_in(files.format) => Availability::Regenerated(files),
        Found::All(files) => Availability::Official(files),
        Found::Part { missing } => Availability::Incomplete { folder, missing },
        Found::Nothing if set.is_cifar() && cifar::is_pickled(&folder) => Availability::Pickled { folder },
        Found::Nothing => match set.fallback.filter(|_| !data.explicit) {
            Some(Fallback::Sample) => Availability::Sample,
            Some(Fallback::Generator) => Availability::Generated,
            None => Availability::Missing { looked_in: folder },
        },
    }
}
