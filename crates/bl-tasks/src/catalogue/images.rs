//! The sets of images that are known by name.

use bl_core::io::{Fit, InputSchema, Polarity};

use super::{Data, Fallback, ImageSet, Info};
use crate::cifar;
use crate::set_files::{COLOUR, Format, Naming, USUAL};

/// 28 x 28, bright on dark, the ink `side` pixels long.
///
/// Measured: the longer side of the ink (above 32 of 255) is 20.0 on average in MNIST and
/// Kannada-MNIST, 27.9 in KMNIST and Fashion-MNIST, and 21.9, 21.3, 21.5, 21.3 in the regenerated
/// Ethiopic, Vai, Osmanya and N'Ko; where two sides were near, the one taken brought enlarged test
/// images back closer to the original.
const fn ink(side: u32) -> InputSchema {
    InputSchema {
        height: 28,
        width: 28,
        channels: 1,
        polarity: Polarity::LightOnDark,
        fit: Fit::InkBox { side },
    }
}

/// As MNIST has them.
const OFFICIAL: (usize, usize) = (60_000, 10_000);

const AFRO_LICENCE: &str = "MIT, (c) 2020 Daniel Wu";
const AFRO_HOME: &str = "https://github.com/Daniel-Wu/AfroMNIST";
const AFRO_CITATION: &str = "Daniel J. Wu, Andrew C. Yang, Vinay U. Prabhu: Afro-MNIST: Synthetic generation of \
                             MNIST-style datasets for low-resource languages. arXiv:2009.13509, 2020";

pub(super) static IMAGES: [Info; 9] = [
    Info {
        name: "mnist",
        title: "MNIST handwritten digits",
        about: "images of 28 × 28, ten classes",
        licence: "CC BY-SA 3.0",
        home: "http://yann.lecun.com/exdb/mnist/",
        citation: "Yann LeCun, Léon Bottou, Yoshua Bengio, Patrick Haffner: Gradient-based learning applied to \
                   document recognition. Proceedings of the IEEE 86(11), 1998",
        settings: "images",
        data: Data::Images(ImageSet {
            labels: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
            official: OFFICIAL,
            input: ink(20),
            fallback: Some(Fallback::Sample),
            namings: &[&USUAL],
        }),
    },
    Info {
        name: "kmnist",
        title: "Kuzushiji-MNIST, ten hiragana in cursive script",
        about: "images of 28 × 28, ten classes",
        licence: "CC BY-SA 4.0; \"KMNIST Dataset\" (created by CODH), adapted from \"Kuzushiji Dataset\" (created \
                  by NIJL and others), doi:10.20676/00000341",
        home: "http://codh.rois.ac.jp/kmnist/",
        citation: "Tarin Clanuwat, Mikel Bober-Irizar, Asanobu Kitamoto, Alex Lamb, Kazuaki Yamamoto, David Ha: \
                   Deep learning for classical Japanese literature. arXiv:1812.01718, 2018",
        settings: "images",
        data: Data::Images(ImageSet {
            labels: ["お", "き", "す", "つ", "な", "は", "ま", "や", "れ", "を"],
            official: OFFICIAL,
            input: ink(28),
            fallback: None,
            namings: &[&USUAL],
        }),
    },
    Info {
        name: "fashion",
        title: "Fashion-MNIST, ten kinds of clothing",
        about: "images of 28 × 28, ten classes",
        licence: "MIT, (c) 2017 Zalando SE",
        home: "https://github.com/zalandoresearch/fashion-mnist",
        citation: "Han Xiao, Kashif Rasul, Roland Vollgraf: Fashion-MNIST: a novel image dataset for benchmarking \
                   machine learning algorithms. arXiv:1708.07747, 2017",
        settings: "images",
        data: Data::Images(ImageSet {
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
            official: OFFICIAL,
            input: ink(28),
            fallback: None,
            namings: &[&USUAL],
        }),
    },
    Info {
        name: "kannada",
        title: "Kannada-MNIST handwritten digits",
        about: "images of 28 × 28, ten classes",
        licence: "not stated in its repository",
        home: "https://github.com/vinayprabhu/Kannada_MNIST",
        citation: "Vinay Uday Prabhu: Kannada-MNIST: A new handwritten digits dataset for the Kannada language. \
                   arXiv:1908.01242, 2019",
        settings: "images",
        data: Data::Images(ImageSet {
            labels: ["೦", "೧", "೨", "೩", "೪", "೫", "೬", "೭", "೮", "೯"],
            official: OFFICIAL,
            input: ink(20),
            fallback: None,
            namings: &[&KANNADA, &USUAL],
        }),
    },
    Info {
        name: "ethiopic",
        title: "Ge'ez (Ethiopic) numerals 1 to 10 of Afro-MNIST",
        about: "images of 28 × 28, ten classes",
        licence: AFRO_LICENCE,
        home: AFRO_HOME,
        citation: AFRO_CITATION,
        settings: "images",
        data: Data::Images(ImageSet {
            labels: ["፩", "፪", "፫", "፬", "፭", "፮", "፯", "፰", "፱", "፲"],
            official: OFFICIAL,
            input: ink(22),
            fallback: Some(Fallback::Generator),
            namings: &[&ETHIOPIC, &USUAL],
        }),
    },
    Info {
        name: "vai",
        title: "Vai digits of Afro-MNIST",
        about: "images of 28 × 28, ten classes",
        licence: AFRO_LICENCE,
        home: AFRO_HOME,
        citation: AFRO_CITATION,
        settings: "images",
        data: Data::Images(ImageSet {
            labels: ["꘠", "꘡", "꘢", "꘣", "꘤", "꘥", "꘦", "꘧", "꘨", "꘩"],
            official: OFFICIAL,
            input: ink(21),
            fallback: Some(Fallback::Generator),
            namings: &[&VAI, &USUAL],
        }),
    },
    Info {
        name: "osmanya",
        title: "Osmanya digits of Afro-MNIST",
        about: "images of 28 × 28, ten classes",
        licence: AFRO_LICENCE,
        home: AFRO_HOME,
        citation: AFRO_CITATION,
        settings: "images",
        data: Data::Images(ImageSet {
            labels: ["𐒠", "𐒡", "𐒢", "𐒣", "𐒤", "𐒥", "𐒦", "𐒧", "𐒨", "𐒩"],
            official: OFFICIAL,
            input: ink(21),
            fallback: Some(Fallback::Generator),
            namings: &[&OSMANYA, &USUAL],
        }),
    },
    Info {
        name: "nko",
        title: "N'Ko digits of Afro-MNIST",
        about: "images of 28 × 28, ten classes",
        licence: AFRO_LICENCE,
        home: AFRO_HOME,
        citation: AFRO_CITATION,
        settings: "images",
        data: Data::Images(ImageSet {
            labels: ["߀", "߁", "߂", "߃", "߄", "߅", "߆", "߇", "߈", "߉"],
            official: OFFICIAL,
            input: ink(21),
            fallback: Some(Fallback::Generator),
            namings: &[&NKO, &USUAL],
        }),
    },
    Info {
        name: "cifar10",
        title: "CIFAR-10, ten kinds of things in colour",
        about: "images of 32 × 32 in colour, ten classes",
        licence: "not stated by its authors",
        home: "https://www.cs.toronto.edu/~kriz/cifar.html",
        citation: "Alex Krizhevsky: Learning multiple layers of features from tiny images. Technical report, \
                   University of Toronto, 2009",
        settings: "cifar10",
        data: Data::Images(ImageSet {
            labels: [
                "airplane",
                "automobile",
                "bird",
                "cat",
                "deer",
                "dog",
                "frog",
                "horse",
                "ship",
                "truck",
            ],
            official: (50_000, 10_000),
            input: InputSchema {
                height: 32,
                width: 32,
                channels: 3,
                polarity: Polarity::AsIs,
                fit: Fit::Whole,
            },
            fallback: None,
            namings: &[&cifar::NAMING, &COLOUR],
        }),
    },
];

const KANNADA: Naming = Naming {
    format: Format::Idx,
    files: &[
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
            files: &[
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
