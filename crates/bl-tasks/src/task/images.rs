//! Opens the sets of images of the catalogue.

use bl_core::io::Polarity;

use super::{Request, Task, What};
use crate::afro::{self, Script};
use crate::catalogue::{ImageSet, Info};
use crate::form::{chosen, reform};
use crate::kinds::Images;
use crate::locate::{Availability, locate};
use crate::origin::Origin;
use crate::set_files::SetFiles;
use crate::{Error, Split, sample};

/// Opens a set of the catalogue, wherever its data are.
pub(super) fn open(info: &'static Info, set: &ImageSet, request: &Request) -> Result<Task, Error> {
    let data = &request.data;
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
        Availability::Pickled { folder } => {
            let root = data.explicit.then(|| data.root.clone());
            return Err(Error::PickledCifar { folder, root });
        }
        Availability::Missing { looked_in } => {
            return Err(Error::NoData { task: info.name, folder: looked_in, explicit: data.explicit });
        }
    };
    let labels = set.labels.map(String::from).into();
    let input = request.form.over(set.input);
    if request.form.invert == Some(true) && set.input.polarity != Polarity::LightOnDark {
        return Err(Error::InvertsArrays);
    }
    let [train, test] = [splits.0, splits.1].map(|split| reform(split, &input, false));
    let prepared = (input != set.input).then(|| chosen(&input, false));
    Ok(Task {
        prepared,
        name: info.name.into(),
        title: info.title.into(),
        source: origin.source,
        notice: origin.notice,
        licence: Some(origin.licence.into()),
        what: What::Images(Images::new(labels, input, train?, test?)?),
    })
}

fn read(set: &ImageSet, files: &SetFiles) -> Result<((Split, Split), Vec<String>), Error> {
    let (train, test, notes) = files.read_noted()?;
    let expected = [set.input.height, set.input.width, set.input.channels].map(|n| n as usize);
    let found = train.shape();
    if found != expected {
        return Err(Error::ImageSize { path: files.train.images().to_owned(), expected, found });
    }
    files.check_labels(&train, &test, set.labels.len())?;
    Ok(((train, test), notes))
}
