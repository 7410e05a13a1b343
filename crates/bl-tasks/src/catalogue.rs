//! The image tasks that are known by name.

use bl_core::schema::{Fit, InputSchema, Polarity};

use crate::set_files::{Format, Naming, USUAL};

/// What is known of a task without its data.
#[derive(Debug)]
pub struct TaskInfo {
    /// What the command line calls it, and the name of its folder.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// The classes, in the order of the official labels.
    pub labels: [&'static str; 10],
    /// Licence of the official files.
    pub licence: &'static str,
    /// The official page to get them from.
    pub home: &'static str,
    /// What to cite.
    pub citation: &'static str,
    /// The pictures, and how others are brought to their form.
    pub input: InputSchema,
    /// What the program carries in place of the official files.
    pub fallback: Option<Fallback>,
    pub(crate) namings: &'static [&'static Naming],
}

/// What stands in for official files that are not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// The first 5,000 + 1,000 pictures are embedded.
    Sample,
    /// Pictures of the same kind are generated.
    Generator,
}

/// Pictures in the official training half of every set of the catalogue.
pub const OFFICIAL_TRAIN: usize = 60_000;
/// Pictures in the official test half of every set of the catalogue.
pub const OFFICIAL_TEST: usize = 10_000;

impl TaskInfo {
    /// The file names that are looked for, for a message.
    pub fn file_names(&self) -> String {
        self.namings.iter().map(|naming| naming.describe()).collect::<Vec<_>>().join("; or ")
    }

    /// The format of the official files.
    pub(crate) fn official_format(&self) -> Format {
        self.namings[0].format
    }
}

/// All tasks, in the order in which they are listed.
pub fn catalogue() -> &'static [TaskInfo] {
    &CATALOGUE
}

/// The task of that name.
pub fn find_task(name: &str) -> Option<&'static TaskInfo> {
    CATALOGUE.iter().find(|info| info.name == name)
}

/// 28 x 28, bright on dark, the ink `side` pixels long.
///
/// Measured: the longer side of the ink (above 32 of 255) is 20.0 on average in MNIST and
/// Kannada-MNIST, 27.9 in KMNIST and Fashion-MNIST, and 21.9, 21.3, 21.5, 21.3 in the regenerated
/// Ethiopic, Vai, Osmanya and N'Ko; where two sides were near, the one taken brought enlarged test
/// pictures back closer to the original.
const fn ink(side: u32) -> InputSchema {
    InputSchema {
        height: 28,
        width: 28,
        channels: 1,
        polarity: Polarity::LightOnDark,
        fit: Fit::InkBox { side },
    }
}

const AFRO_LICENCE: &str = "MIT, (c) 2020 Daniel Wu";
const AFRO_HOME: &str = "https://github.com/Daniel-Wu/AfroMNIST";
const AFRO_CITATION: &str = "Daniel J. Wu, Andrew C. Yang, Vinay U. Prabhu: Afro-MNIST: Synthetic generation of \
                             MNIST-style datasets for low-resource languages. arXiv:2009.13509, 2020";

static CATALOGUE: [TaskInfo; 8] = [
    TaskInfo {
        name: "mnist",
        title: "MNIST handwritten digits",
        labels: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        licence: "CC BY-SA 3.0",
        home: "http://yann.lecun.com/exdb/mnist/",
        citation: "Yann LeCun, Léon Bottou, Yoshua Bengio, Patrick Haffner: Gradient-based learning applied to \
                   document recognition. Proceedings of the IEEE 86(11), 1998",
        input: ink(20),
        fallback: Some(Fallback::Sample),
        namings: &[&USUAL],
    },
    TaskInfo {
        name: "kmnist",
        title: "Kuzushiji-MNIST, ten hiragana in cursive script",
        labels: ["お", "き", "す", "つ", "な", "は", "ま", "や", "れ", "を"],
        licence: "CC BY-SA 4.0; \"KMNIST Dataset\" (created by CODH), adapted from \"Kuzushiji Dataset\" (created \
                  by NIJL and others), doi:10.20676/00000341",
        home: "http://codh.rois.ac.jp/kmnist/",
        citation: "Tarin Clanuwat, Mikel Bober-Irizar, Asanobu Kitamoto, Alex Lamb, Kazuaki Yamamoto, David Ha: \
                   Deep learning for classical Japanese literature. arXiv:1812.01718, 2018",
        input: ink(28),
        fallback: None,
        namings: &[&USUAL],
    },
    TaskInfo {
        name: "fashion",
        title: "Fashion-MNIST, ten kinds of clothing",
        labels: [
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ],
        licence: "MIT, (c) 2017 Zalando SE",
        home: "https://github.com/zalandoresearch/fashion-mnist",
        citation: "Han Xiao, Kashif Rasul, Roland Vollgraf: Fashion-MNIST: a novel image dataset for benchmarking \
                   machine learning algorithms. arXiv:1708.07747, 2017",
        input: ink(28),
        fallback: None,
        namings: &[&USUAL],
    },
    TaskInfo {
        name: "kannada",
        title: "Kannada-MNIST handwritten digits",
        labels: ["೦", "೧", "೨", "೩", "೪", "೫", "೬", "೭", "೮", "೯"],
        licence: "not stated in its repository",
        home: "https://github.com/vinayprabhu/Kannada_MNIST",
        citation: "Vinay Uday Prabhu: Kannada-MNIST: A new handwritten digits dataset for the Kannada language. \
                   arXiv:1908.01242, 2019",
        input: ink(20),
        fallback: None,
        namings: &[&KANNADA, &USUAL],
    },
    TaskInfo {
        name: "ethiopic",
        title: "Ge'ez (Ethiopic) numerals 1 to 10 of Afro-MNIST",
        labels: ["፩", "፪", "፫", "፬", "፭", "፮", "፯", "፰", "፱", "፲"], // Ge'ez has no zero
        licence: AFRO_LICENCE,
        home: AFRO_HOME,
        citation: AFRO_CITATION,
        input: ink(22),
        fallback: Some(Fallback::Generator),
        namings: &[&ETHIOPIC, &USUAL],
    },
    TaskInfo {
        name: "vai",
        title: "Vai digits of Afro-MNIST",
        labels: ["꘠", "꘡", "꘢", "꘣", "꘤", "꘥", "꘦", "꘧", "꘨", "꘩"],
        licence: AFRO_LICENCE,
        home: AFRO_HOME,
        citation: AFRO_CITATION,
        input: ink(21),
        fallback: Some(Fallback::Generator),
        namings: &[&VAI, &USUAL],
    },
    TaskInfo {
        name: "osmanya",
        title: "Osmanya digits of Afro-MNIST",
        labels: ["𐒠", "𐒡", "𐒢", "𐒣", "𐒤", "𐒥", "𐒦", "𐒧", "𐒨", "𐒩"],
        licence: AFRO_LICENCE,
        home: AFRO_HOME,
        citation: AFRO_CITATION,
        input: ink(21),
        fallback: Some(Fallback::Generator),
        namings: &[&OSMANYA, &USUAL],
    },
    TaskInfo {
        name: "nko",
        title: "N'Ko digits of Afro-MNIST",
        labels: ["߀", "߁", "߂", "߃", "߄", "߅", "߆", "߇", "߈", "߉"],
        licence: AFRO_LICENCE,
        home: AFRO_HOME,
        citation: AFRO_CITATION,
        input: ink(21),
        fallback: Some(Fallback::Generator),
        namings: &[&NKO, &USUAL],
    },
];

const KANNADA: Naming = Naming {
    format: Format::Idx,
    files: [
        &["X_kannada_MNIST_train-idx3-ubyte"],
        &["y_kannada_MNIST_train-idx1-ubyte"],
        &["X_kannada_MNIST_test-idx3-ubyte"],
        &["y_kannada_MNIST_test-idx1-ubyte"],
    ],
};

/// The names of Afro-MNIST's files.
macro_rules! afro {
    ($script:literal) => {
        Naming {
            format: Format::Npy,
            files: [
                &[concat!($script, "_MNIST_X_train.npy")],
                &[concat!($script, "_MNIST_y_train.npy")],
                &[concat!($script, "_MNIST_X_test.npy")],
                &[concat!($script, "_MNIST_y_test.npy")],
            ],
        }
    };
}

const ETHIOPIC: Naming = afro!("Ethiopic");
const VAI: Naming = afro!("Vai");
const OSMANYA: Naming = afro!("Osmanya");
const NKO: Naming = afro!("NKo");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_labels_are_distinct() {
        for (i, info) in catalogue().iter().enumerate() {
            assert!(catalogue()[..i].iter().all(|other| other.name != info.name), "{}", info.name);
            assert_eq!(find_task(info.name).map(|found| found.title), Some(info.title));
            for (k, label) in info.labels.iter().enumerate() {
                assert!(!info.labels[..k].contains(label), "{} {label}", info.name);
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
            assert_eq!(find_task(name).unwrap().labels, *expected, "{name}");
        }
    }
}
