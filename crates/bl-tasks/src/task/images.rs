//! Opens the sets of images of the catalogue.

use super::{Task, What};
use crate::afro::{self, Script};
use crate::catalogue::{ImageSet, Info};
use crate::kinds::Images;
use crate::locate::{Availability, locate};
use crate::origin::Origin;
use crate::set_files::SetFiles;
use crate::{DataDir, Error, Split, sample};

/// Opens a set of the catalogue, wherever its data are.
pub(super) fn open(info: &'static Info, set: &ImageSet, data: &DataDir) -> Result<Task, Error> {
    let (splits, origin) = match locate(info.name, set, data) {
        Availability::Official(files) => {
            let (splits, notes) = read(set, &files)?;
            let origin = Origin::official(info, &files, &splits).with(notes);
            (splits, origin)
        }
        Availability::Regenerated(files) => {
            let (splits, notes) = read(set, &files)?;
            let origin = Origin::regenerated(&splits).with(notes);
            (splits, origin)
        }
        Availability::Sample => {
            let splits = sample::mnist();
            let origin = Origin::sample(info, &splits);
            (splits, origin)
        }
        Availability::Generated => {
            let script =
                Script::from_name(info.name).expect("a generated task has a script, a test opens them all");
            let splits = afro::generate(script);
            let origin = Origin::generated(&splits);
            (splits, origin)
        }
        Availability::Incomplete { folder, missing } => return Err(Error::Incomplete { folder, missing }),
        Availability::Missing { .. } if data.explicit && !data.root.is_dir() => {
            return Err(Error::NoDataDir { root: data.root.clone() });
        }
        Availability::Missing { looked_in } => {
            return Err(Error::NoData { task: info.name, folder: looked_in, explicit: data.explicit });
        }
    };
    let labels = set.labels.map(String::from).into();
    Ok(Task {
        name: info.name.into(),
        title: info.title.into(),
        source: origin.source,
        notice: origin.notice,
        licence: Some(origin.licence.into()),
        what: What::Images(Images::new(labels, set.input, splits.0, splits.1)?),
    })
}

fn read(set: &ImageSet, files: &SetFiles) -> Result<((Split, Split), Vec<String>), Error> {
    let (train, test, notes) = files.read_noted()?;
    let expected = (set.input.height as usize, set.input.width as usize);
    let found = (train.height, train.width);
    if found != expected {
        return Err(Error::ImageSize { path: files.train.images.clone(), expected, found });
    }
    files.check_labels(&train, &test, set.labels.len())?;
    Ok(((train, test), notes))
}
