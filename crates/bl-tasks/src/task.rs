//! A task that can be learned: two splits, the names of the classes, and what to say of them.

use std::path::{Path, is_separator};

use bl_core::schema::InputSchema;

use crate::afro::{self, Script};
use crate::catalogue::{TaskInfo, find_task};
use crate::locate::{Availability, locate};
use crate::origin::{Origin, Source};
use crate::set_files::SetFiles;
use crate::{DataDir, Error, Split, folder, sample};

/// Pictures to learn to tell apart.
#[derive(Clone, Debug)]
pub struct ImageTask {
    /// Name in the catalogue, or of the user's folder.
    pub name: String,
    /// For people.
    pub title: String,
    /// The classes, in the order of the labels.
    pub labels: Vec<String>,
    /// The pictures, and how others are brought to their form.
    pub input: InputSchema,
    /// Where the data came from.
    pub source: Source,
    /// What must be said loudly, on the screen and in the adapter: why this is not the full
    /// official set.
    pub notice: Option<String>,
    /// Licence of the data.
    pub licence: String,
    /// To learn from.
    pub train: Split,
    /// To be judged by.
    pub test: Split,
}

impl ImageTask {
    /// Opens a task: a name of the catalogue, or else a folder of the user's (what contains a
    /// separator, starts with a dot, or is there).
    pub fn open(task: &str, data: &DataDir) -> Result<Self, Error> {
        if let Some(info) = find_task(task) {
            return open_known(info, data);
        }
        let path = Path::new(task);
        if task.contains(is_separator) || task.starts_with('.') || path.is_dir() {
            return folder::open(path);
        }
        Err(Error::UnknownTask { name: task.into() })
    }

    fn new(info: &TaskInfo, (train, test): (Split, Split), origin: Origin) -> Self {
        Self {
            name: info.name.into(),
            title: info.title.into(),
            labels: info.labels.map(String::from).into(),
            input: info.input,
            source: origin.source,
            notice: origin.notice,
            licence: origin.licence.into(),
            train,
            test,
        }
    }
}

fn open_known(info: &'static TaskInfo, data: &DataDir) -> Result<ImageTask, Error> {
    let (splits, origin) = match locate(info, data) {
        Availability::Official(files) => {
            let splits = read(info, &files)?;
            let origin = Origin::official(info, &files, &splits);
            (splits, origin)
        }
        Availability::Regenerated(files) => {
            let splits = read(info, &files)?;
            let origin = Origin::regenerated(&splits);
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
    Ok(ImageTask::new(info, splits, origin))
}

fn read(info: &TaskInfo, files: &SetFiles) -> Result<(Split, Split), Error> {
    let (train, test) = files.read()?;
    let expected = (info.input.height as usize, info.input.width as usize);
    let found = (train.height, train.width);
    if found != expected {
        return Err(Error::PictureSize { path: files.train.images.clone(), expected, found });
    }
    files.check_labels(&train, &test, info.labels.len())?;
    Ok((train, test))
}
