//! The tasks that are known by name.

mod cognitive;
mod images;
mod systems;
mod texts;
mod trials;

use std::path::PathBuf;

use bl_core::io::InputSchema;

use crate::DataDir;
use crate::set_files::{Format, Naming};
use crate::texts::tables;

/// What is known of a task without its data.
#[derive(Debug)]
pub struct Info {
    /// What the command line calls it, and the name of its folder.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// What is learned, in a line.
    pub about: &'static str,
    /// Licence of the official files; empty where there are none.
    pub licence: &'static str,
    /// The official page to get them from; empty where there are none.
    pub home: &'static str,
    /// What to cite.
    pub citation: &'static str,
    /// Which of `configs/tasks` has its default settings.
    pub settings: &'static str,
    /// Where its data come from.
    pub data: Data,
}

/// Where the data of a task come from.
#[derive(Debug)]
pub enum Data {
    /// Files of images.
    Images(ImageSet),
    /// Tables of texts.
    Texts(TextSet),
    /// Files of trials.
    Trials(TrialSet),
    /// The program makes them.
    Simulated(Simulated),
}

/// A set of labelled images.
#[derive(Debug)]
pub struct ImageSet {
    /// The classes, in the order of the official labels.
    pub labels: [&'static str; 10],
    /// The images, and how others are brought to their form.
    pub input: InputSchema,
    /// Images in the official halves, for training and for testing.
    pub official: (usize, usize),
    /// What the program carries in place of the official files.
    pub fallback: Option<Fallback>,
    pub(crate) namings: &'static [&'static Naming],
}

/// A set of labelled texts: tables `train.tsv.gz` and the like (docs/text.md).
#[derive(Debug)]
pub struct TextSet {
    /// What the test half is called.
    pub test: &'static str,
    /// Texts in the official halves, for training and for testing.
    pub official: (usize, usize),
    /// Names of the classes, where the files have numbers.
    pub names: Option<&'static [&'static str]>,
    /// Whether the program carries a part of it.
    pub has_sample: bool,
}

/// A set of labelled trials: files `NAME_TRAIN.ts` and `NAME_TEST.ts`, plain or `.gz`.
#[derive(Debug)]
pub struct TrialSet {
    /// What the archive calls it.
    pub archive: &'static str,
    /// Trials in the official halves, for training and for testing.
    pub official: (usize, usize),
}

/// A system that is simulated.
#[derive(Debug)]
pub struct Simulated {
    /// The system, a line each.
    pub equation: &'static [&'static str],
    /// With their usual values.
    pub parameters: &'static str,
    /// How its samples are made.
    pub made: &'static str,
}

/// What stands in for official files that are not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// The first 5,000 + 1,000 images are embedded.
    Sample,
    /// Images of the same kind are generated.
    Generator,
}

impl Info {
    /// The set of images, if it is one.
    pub fn images(&self) -> Option<&ImageSet> {
        match &self.data {
            Data::Images(set) => Some(set),
            _ => None,
        }
    }

    /// The system, if it is simulated.
    pub fn simulated(&self) -> Option<&Simulated> {
        match &self.data {
            Data::Simulated(system) => Some(system),
            _ => None,
        }
    }

    /// The set of trials, if it is one.
    pub fn trials(&self) -> Option<&TrialSet> {
        match &self.data {
            Data::Trials(set) => Some(set),
            _ => None,
        }
    }

    /// The set of texts, if it is one.
    pub fn texts(&self) -> Option<&TextSet> {
        match &self.data {
            Data::Texts(set) => Some(set),
            _ => None,
        }
    }
}

impl TextSet {
    /// The tables of both halves, in the task's folder or in that of all texts, if they are there.
    pub fn locate(&self, name: &str, data: &DataDir) -> Option<[PathBuf; 2]> {
        [data.folder(name), data.folder("text").join(name)]
            .iter()
            .find_map(|folder| tables(folder, self.test))
    }
}

impl ImageSet {
    /// The file names that are looked for, for a message.
    pub fn file_names(&self) -> String {
        self.namings.iter().map(|naming| naming.describe()).collect::<Vec<_>>().join("; or ")
    }

    pub(crate) fn is_cifar(&self) -> bool {
        self.namings.iter().any(|naming| naming.format == Format::Cifar)
    }

    /// Whether files of this format are not the official ones, but made in their manner.
    pub(crate) fn is_remade_in(&self, format: Format) -> bool {
        self.fallback == Some(Fallback::Generator) && format != self.namings[0].format
    }
}

/// All tasks, in the order in which they are listed.
pub fn catalogue() -> impl Iterator<Item = &'static Info> {
    let sets = images::IMAGES.iter().chain(&texts::TEXTS).chain(&trials::TRIALS);
    sets.chain(&systems::SYSTEMS).chain(&cognitive::COGNITIVE)
}

/// The task of that name.
pub fn find_task(name: &str) -> Option<&'static Info> {
    catalogue().find(|info| info.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_labels_are_distinct() {
        for (i, info) in catalogue().enumerate() {
            assert!(catalogue().take(i).all(|other| other.name != info.name), "{}", info.name);
            assert_eq!(find_task(info.name).map(|found| found.title), Some(info.title));
            let Some(set) = info.images() else { continue };
            for (k, label) in set.labels.iter().enumerate() {
                assert!(!set.labels[..k].contains(label), "{} {label}", info.name);
            }
        }
    }

    #[test]
    fn digits_are_the_consecutive_characters_of_their_script() {
        for (name, first) in [
            ("kannada", '೦'),
            ("ethiopic", '፩'),
            ("vai", '꘠'),
            ("osmanya", '𐒠'),
            ("nko", '߀'),
            ("mnist", '0'),
        ] {
            let expected: Vec<_> = (first..).take(10).map(String::from).collect();
            assert_eq!(find_task(name).unwrap().images().unwrap().labels, *expected, "{name}");
        }
    }
}
