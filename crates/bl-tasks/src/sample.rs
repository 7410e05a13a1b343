//! The embedded samples of MNIST and SNIPS: see `assets/README.md` for where it comes from and its licence.

use crate::texts::records::{self, Record};
use crate::{Split, idx};

const SNIPS_TRAIN: &[u8] = include_bytes!("../assets/snips/train.tsv.gz");
const SNIPS_TEST: &[u8] = include_bytes!("../assets/snips/test.tsv.gz");

const TRAIN_IMAGES: &[u8] = include_bytes!("../assets/mnist/train-images-idx3-ubyte.gz");
const TRAIN_LABELS: &[u8] = include_bytes!("../assets/mnist/train-labels-idx1-ubyte.gz");
const TEST_IMAGES: &[u8] = include_bytes!("../assets/mnist/t10k-images-idx3-ubyte.gz");
const TEST_LABELS: &[u8] = include_bytes!("../assets/mnist/t10k-labels-idx1-ubyte.gz");

/// The first 5,000 training and the first 1,000 test pictures of MNIST.
pub(crate) fn mnist() -> (Split, Split) {
    (unpack(TRAIN_IMAGES, TRAIN_LABELS), unpack(TEST_IMAGES, TEST_LABELS))
}

/// The first 200 training texts of each of SNIPS' seven intents, and all test texts.
pub(crate) fn snips() -> (Vec<Record>, Vec<Record>) {
    let records = |bytes| records::embedded(bytes).expect("embedded files are intact, a test reads them");
    (records(SNIPS_TRAIN), records(SNIPS_TEST))
}

fn unpack(images: &[u8], labels: &[u8]) -> Split {
    let array = |bytes: &[u8], dimensions| {
        idx::parse(bytes, Some(bytes.len() as u64), dimensions)
            .expect("embedded files are intact, a test reads them")
    };
    let (images, labels) = (array(images, 3), array(labels, 1));
    let (height, width) = (images.shape[1], images.shape[2]);
    Split { height, width, channels: 1, images: images.values, labels: labels.values }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_the_beginning_of_mnist() {
        let (train, test) = mnist();
        assert_eq!((train.len(), test.len()), (5000, 1000));
        assert_eq!(train.labels[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
        assert_eq!(test.labels[..10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
        // python: see assets/README.md; over struct.pack("<III", 28, 28, n) + labels + pixels
        assert_eq!(train.sha256(), "de3745c93d5a52cb6c293d251279f54783666ba000db3b234e9e17f573a39227");
        assert_eq!(test.sha256(), "c6e4db76add465092c1903420f3fc9347f9e8fbf1d58792ea8852862644029c4");
    }
}
