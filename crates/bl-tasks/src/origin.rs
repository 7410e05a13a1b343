//! Where the data of a task came from, and what must be said of it.

use std::fmt;

use bl_core::text::grouped;
use serde::{Deserialize, Serialize};

use crate::Split;
use crate::catalogue::{ImageSet, Info};
use crate::set_files::SetFiles;

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
    /// A simulation.
    Simulated,
    /// The user's own file.
    File,
    /// A task of the caller's own making.
    Own,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Official => "official",
            Self::Sample => "sample",
            Self::Generated => "generated",
            Self::Folder => "folder",
            Self::Simulated => "simulated",
            Self::File => "file",
            Self::Own => "own",
        })
    }
}

/// What is said of the data, apart from the data.
pub(crate) struct Origin {
    pub(crate) source: Source,
    pub(crate) notice: Option<String>,
    pub(crate) licence: &'static str,
}

impl Origin {
    /// Files with the official names, which are the official set only if they are all of it.
    pub(crate) fn official(info: &Info, files: &SetFiles, splits: &(Split, Split)) -> Self {
        let official = info.images().map_or((0, 0), |set| set.official);
        if (splits.0.len(), splits.1.len()) == official {
            return Self { source: Source::Official, notice: None, licence: info.licence };
        }
        let notice = format!(
            "`{}` and the files beside it hold {} images, the official set has {}",
            files.train.images().display(),
            counts(splits),
            official_counts(info)
        );
        Self { source: Source::Sample, notice: Some(notice), licence: info.licence }
    }

    /// Files of an Afro-MNIST script in another format than the official ones.
    pub(crate) fn regenerated(splits: &(Split, Split)) -> Self {
        let notice = format!(
            "regenerated in the manner of Afro-MNIST, not the official files: {} images",
            counts(splits)
        );
        Self { source: Source::Generated, notice: Some(notice), licence: "not stated (regenerated)" }
    }

    /// With more to be said.
    pub(crate) fn with(self, notes: Vec<String>) -> Self {
        let all: Vec<String> = self.notice.into_iter().chain(notes).collect();
        Self { notice: (!all.is_empty()).then(|| all.join("; ")), ..self }
    }

    /// The sample in the program.
    pub(crate) fn sample(info: &Info, splits: &(Split, Split)) -> Self {
        let notice = format!(
            "embedded sample of MNIST, {} images of the official {}",
            counts(splits),
            official_counts(info)
        );
        Self { source: Source::Sample, notice: Some(notice), licence: info.licence }
    }

    /// The generator in the program.
    pub(crate) fn generated(splits: &(Split, Split)) -> Self {
        let notice = format!(
            "generated in the manner of Afro-MNIST from Noto glyphs, not the official files: {} images",
            counts(splits)
        );
        let licence = "generated; glyphs from Noto fonts, SIL Open Font License 1.1";
        Self { source: Source::Generated, notice: Some(notice), licence }
    }
}

/// `5,000 + 1,000`
fn counts((train, test): &(Split, Split)) -> String {
    format!("{} + {}", grouped(train.len()), grouped(test.len()))
}

fn official_counts(info: &Info) -> String {
    let (train, test) = info.images().map_or((0, 0), |set: &ImageSet| set.official);
    format!("{} + {}", grouped(train), grouped(test))
}
