//! Sets of trials of the archives UEA and UCR.

use std::path::PathBuf;

use super::{Data, Info, TrialSet};
use crate::task::{Request, Task};
use crate::{DataDir, Error, trials};

const CITATION: &str = "Dau et al. (2019). The UCR Time Series Archive. IEEE/CAA J. Autom. Sinica 6(6); \
                        Bagnall et al. (2018). The UEA multivariate time series classification archive, 2018. arXiv:1811.00075";
const LICENCE: &str = "not stated by the archive";

/// In the order in which they are listed.
pub(super) static TRIALS: [Info; 4] = [
    set(
        "japanesevowels",
        "Japanese Vowels",
        "nine speakers by 12 coefficients of a spoken vowel",
        "https://www.timeseriesclassification.com/description.php?Dataset=JapaneseVowels",
        TrialSet { archive: "JapaneseVowels", official: (270, 370) },
    ),
    set(
        "italypowerdemand",
        "Italy Power Demand",
        "winter or summer, by the power demand of a day",
        "https://www.timeseriesclassification.com/description.php?Dataset=ItalyPowerDemand",
        TrialSet { archive: "ItalyPowerDemand", official: (67, 1029) },
    ),
    set(
        "gunpoint",
        "Gun Point",
        "a gun drawn or a finger pointed, by the position of a hand",
        "https://www.timeseriesclassification.com/description.php?Dataset=GunPoint",
        TrialSet { archive: "GunPoint", official: (50, 150) },
    ),
    set(
        "osuleaf",
        "OSU Leaf",
        "six species by the outline of a leaf",
        "https://www.timeseriesclassification.com/description.php?Dataset=OSULeaf",
        TrialSet { archive: "OSULeaf", official: (200, 242) },
    ),
];

const fn set(
    name: &'static str,
    title: &'static str,
    about: &'static str,
    home: &'static str,
    set: TrialSet,
) -> Info {
    Info {
        name,
        title,
        about,
        licence: LICENCE,
        home,
        citation: CITATION,
        settings: "trials",
        data: Data::Trials(set),
    }
}

impl TrialSet {
    /// The folder that has its files: `sequences/NAME` or `NAME` in the folder of data sets, by the archive's name or the task's.
    pub fn locate(&self, name: &str, data: &DataDir) -> Option<PathBuf> {
        let folders = ["sequences/", ""]
            .into_iter()
            .flat_map(|above| [self.archive, name].map(|own| format!("{above}{own}")));
        folders
            .map(|folder| data.folder(&folder))
            .find(|folder| folder.is_dir() && trials::is_of_trials(folder))
    }

    pub(crate) fn open(&self, info: &'static Info, request: &Request) -> Result<Task, Error> {
        let data = &request.data;
        let Some(folder) = self.locate(info.name, data) else {
            if data.explicit && !data.root.is_dir() {
                return Err(Error::NoDataDir { root: data.root.clone() });
            }
            let folder = data.folder(self.archive);
            return Err(Error::NoData { task: info.name, folder, explicit: data.explicit });
        };
        let task = trials::open_named(&folder, request.read)?;
        Ok(Task {
            name: info.name.into(),
            title: info.title.into(),
            licence: Some(info.licence.into()),
            ..task
        })
    }
}
