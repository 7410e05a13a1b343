//! A task that can be learned: two splits, the names of the classes, and what to say of them.

use std::fmt;
use std::path::{Path, is_separator};

use bl_core::schema::InputSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{OFFICIAL_TEST, OFFICIAL_TRAIN, TaskInfo, find_task};
use crate::locate::{Availability, locate};
use crate::set_files::SetFiles;
use crate::{DataDir, Error, Split, afro, folder, sample};

/// Where the data of a task came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The official files, complete.
    Official,
    /// A part of the official set.
    Sample,
    /// Made in the manner of the official set.
    Generated,
    /// The user's own folder.
    Folder,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Official => "official",
            Self::Sample => "sample",
            Self::Generated => "generated",
            Self::Folder => "folder",
        })
    }
}

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

/// What is said of the data, apart from the data.
struct Origin {
    source: Source,
    notice: Option<String>,
    licence: &'static str,
}

fn open_known(info: &'static TaskInfo, data: &DataDir) -> Result<ImageTask, Error> {
    match locate(info, data) {
        Availability::Official(files) => {
            let splits = read(info, &files)?;
            let origin = official(info, &files, &splits);
            Ok(ImageTask::new(info, splits, origin))
        }
        Availability::Regenerated(files) => {
            let splits = read(info, &files)?;
            let counts = counts(&splits);
            let notice =
                format!("regenerated in the manner of Afro-MNIST, not the official files: {counts} pictures");
            let origin = Origin {
                source: Source::Generated,
                notice: Some(notice),
                licence: "not stated (regenerated)",
            };
            Ok(ImageTask::new(info, splits, origin))
        }
        Availability::Sample => {
            let splits = sample::mnist();
            let notice = format!(
                "embedded sample of MNIST, {} pictures of the official {}",
                counts(&splits),
                official_counts()
            );
            let origin = Origin { source: Source::Sample, notice: Some(notice), licence: info.licence };
            Ok(ImageTask::new(info, splits, origin))
        }
        Availability::Generated => {
            let script = afro::Script::from_name(info.name)
                .expect("every generated task has a script, a test opens them");
            let splits = afro::generate(script);
            let counts = counts(&splits);
            let notice = format!(
                "generated in the manner of Afro-MNIST from Noto glyphs, not the official files: {counts} pictures"
            );
            let licence = "generated; glyphs from Noto fonts, SIL Open Font License 1.1";
            let origin = Origin { source: Source::Generated, notice: Some(notice), licence };
            Ok(ImageTask::new(info, splits, origin))
        }
        Availability::Incomplete { folder, missing } => Err(Error::Incomplete { folder, missing }),
        Availability::Missing { .. } if data.explicit && !data.root.is_dir() => {
            Err(Error::NoDataDir { root: data.root.clone() })
        }
        Availability::Missing { looked_in } => {
            Err(Error::NoData { task: info.name, folder: looked_in, explicit: data.explicit })
        }
    }
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

/// Files with the official names are the official set only if they are all of it.
fn official(info: &TaskInfo, files: &SetFiles, splits: &(Split, Split)) -> Origin {
    let licence = info.licence;
    if (splits.0.len(), splits.1.len()) == (OFFICIAL_TRAIN, OFFICIAL_TEST) {
        return Origin { source: Source::Official, notice: None, licence };
    }
    let notice = format!(
        "`{}` and the files beside it hold {} pictures, the official set has {}",
        files.train.images.display(),
        counts(splits),
        official_counts()
    );
    Origin { source: Source::Sample, notice: Some(notice), licence }
}

/// `5,000 + 1,000`
fn counts((train, test): &(Split, Split)) -> String {
    format!("{} + {}", grouped(train.len()), grouped(test.len()))
}

fn official_counts() -> String {
    format!("{} + {}", grouped(OFFICIAL_TRAIN), grouped(OFFICIAL_TEST))
}

/// `60,000`
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
