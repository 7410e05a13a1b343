//! The sets: mirrors, names, sizes and digests.

/// A data set that can be fetched.
#[derive(Debug)]
pub struct OfficialSet {
    /// The task.
    pub task: &'static str,
    /// Where its files are: folders, the best first.
    pub mirrors: &'static [&'static str],
    /// Its files.
    pub files: &'static [DataFile],
    /// The gzipped tar on the mirrors that holds them all, and its size, if they do not lie there one by one.
    pub archive: Option<(&'static str, u64)>,
}

/// A file of a data set.
#[derive(Debug)]
pub struct DataFile {
    /// Its name, on the mirrors and here. One that ends in `.gz` is unpacked to be checked, and stays packed.
    pub name: &'static str,
    /// Bytes once it is unpacked.
    pub bytes: u64,
    /// SHA-256 once it is unpacked.
    pub sha256: &'static str,
}

const IMAGES: u64 = 47_040_016; // 60,000 images of 28 × 28 and a header
const TEST_IMAGES: u64 = 7_840_016;
const LABELS: u64 = 60_008;
const TEST_LABELS: u64 = 10_008;

/// The four files of a set in MNIST's format: training images and labels, then those for testing.
macro_rules! idx {
    ($names:expr, $digests:expr) => {
        &[
            DataFile { name: $names[0], bytes: IMAGES, sha256: $digests[0] },
            DataFile { name: $names[1], bytes: LABELS, sha256: $digests[1] },
            DataFile { name: $names[2], bytes: TEST_IMAGES, sha256: $digests[2] },
            DataFile { name: $names[3], bytes: TEST_LABELS, sha256: $digests[3] },
        ]
    };
}

/// The four files of a script of Afro-MNIST. Digests and sizes are those that its repository states (Git LFS).
macro_rules! afro {
    ($script:literal, $label_bytes:literal, $digests:expr) => {
        &[
            DataFile {
                name: concat!($script, "_MNIST_X_train.npy"),
                bytes: 376_320_128,
                sha256: $digests[0],
            },
            DataFile {
                name: concat!($script, "_MNIST_y_train.npy"),
                bytes: 60_000 * $label_bytes + 128,
                sha256: $digests[1],
            },
            DataFile { name: concat!($script, "_MNIST_X_test.npy"), bytes: 62_720_128, sha256: $digests[2] },
            DataFile {
                name: concat!($script, "_MNIST_y_test.npy"),
                bytes: 10_000 * $label_bytes + 128,
                sha256: $digests[3],
            },
        ]
    };
}

/// A file of CIFAR-10's binary version: 10,000 records of a label and 3 × 32 × 32 values.
const fn batch(name: &'static str, sha256: &'static str) -> DataFile {
    DataFile { name, bytes: 30_730_000, sha256 }
}

const USUAL: [&str; 4] = [
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
];

pub(super) static SETS: [OfficialSet; 9] = [
    OfficialSet {
        archive: None,
        task: "mnist",
        mirrors: &[
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ],
        files: idx!(
            USUAL,
            [
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ]
        ),
    },
    OfficialSet {
        archive: None,
        task: "kmnist",
        mirrors: &[
            "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        ],
        files: idx!(
            USUAL,
            [
                "7112ba9ec422d98de4885262d4a4dff14cc4fefb81c11ace8bf563a8255df5c3",
                "2a16eeae62da984b8bd24fa32e31d47291f01dac3fe84d5594f304f71e7d374b",
                "76fbd229ce87db80dd281af5e6670de4ad0e42fb30a7bd643972994c47c1f42e",
                "a11dc742be8e781a40a92f53d6a4957e7b7d36df2faa097659131ebfd8fd60c6",
            ]
        ),
    },
    OfficialSet {
        archive: None,
        task: "fashion",
        mirrors: &[
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        ],
        files: idx!(
            USUAL,
            [
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ]
        ),
    },
    OfficialSet {
        archive: None,
        task: "kannada",
        mirrors: &[
            "https://github.com/vinayprabhu/Kannada_MNIST/raw/master/data/output_tensors/MNIST_format/",
        ],
        files: idx!(
            [
                "X_kannada_MNIST_train-idx3-ubyte.gz",
                "y_kannada_MNIST_train-idx1-ubyte.gz",
                "X_kannada_MNIST_test-idx3-ubyte.gz",
                "y_kannada_MNIST_test-idx1-ubyte.gz",
            ],
            [
                "105351b61538741814301e54ee5cfdac7464c0e2554e2a9967c63ef7ceaf7558",
                "42d8a31792fb59dcec85b8e5b62bd03598c1a96f4edffe6f6a3e95daac9319ef",
                "be3a7f7fd24b3eb62f28ab1e3f9e5a380738e87000f99417c14f94ca89616cf4",
                "2a4fb3eec0877aa3d4ab80d8f59374733af9b2b2966e8be0e50efe715f443a4d",
            ]
        ),
    },
    OfficialSet {
        archive: None,
        task: "ethiopic",
        mirrors: &["https://media.githubusercontent.com/media/Daniel-Wu/AfroMNIST/master/Ethiopic/"],
        files: afro!(
            "Ethiopic",
            4,
            [
                "22b27e98a23c234a2912f70d71419bd1a0750cfadb4dccd9ff65e6de2cdb7a63",
                "d079a254667963aa2e0759b43cfb3486b75ecff9acbf8c4f7ebe3bbd0babd5e6",
                "d30f3bf6a76f318fe7fea1f33e697afc95484c100a7c48823f82e9a13ec99838",
                "63653332870723408208b228eb6af4a5ee806ae311a4090b121af9419ca117ca",
            ]
        ),
    },
    OfficialSet {
        archive: None,
        task: "vai",
        mirrors: &["https://media.githubusercontent.com/media/Daniel-Wu/AfroMNIST/master/Vai/"],
        files: afro!(
            "Vai",
            8,
            [
                "755bc3af8c104c0999ab13007abc1dfaee11da694cad9ce998aa731a66a97a82",
                "a16787511aa9145144438fd86fddfbc807eba735000b422fb4c76d7e8d52efea",
                "06c9d92c28434193abc6f7cf8a3b3184ead5e71b12e06924d39c2343b2eef470",
                "ae26845571a8620422f72d5f5f76c26af632869c363ca5267944907f25724f1d",
            ]
        ),
    },
    OfficialSet {
        archive: None,
        task: "osmanya",
        mirrors: &["https://media.githubusercontent.com/media/Daniel-Wu/AfroMNIST/master/Osmanya/"],
        files: afro!(
            "Osmanya",
            8,
            [
                "3f76c33eaa4b664d8107d4f03d26df96ff5cb5ce4c4c3996cceedc27fe098a14",
                "f222f75f4d84be419612e9d8fbfbae8cc76757349683c1d106cdfabbeee21488",
                "8dd89699252caba1dc7562e6c227e849aa990a6958f6564f34fbba12d7b80490",
                "93488d170cc402f2b1a293ea6f99ffde5c02bb63ba84bc6add2eccb6b9d39e9b",
            ]
        ),
    },
    OfficialSet {
        archive: None,
        task: "nko",
        mirrors: &["https://media.githubusercontent.com/media/Daniel-Wu/AfroMNIST/master/NKo/"],
        files: afro!(
            "NKo",
            8,
            [
                "b69d00704fcfc8394928bf073ac301b8601ac392aa0badec977669fc6bb94444",
                "42ca650e8dde302e1923ddf245dccf855257fddc2cb080af0d5f4d2d5a228c5d",
                "7a7e961b1d28b59220f26ca3a762ee37ee0c79f172195e46fb89dd9072658752",
                "67dbba6a82a4fed3b993d83279239c92cb8e60d81109f35364a2cf8a17e2a3d5",
            ]
        ),
    },
    OfficialSet {
        archive: Some(("cifar-10-binary.tar.gz", 170_052_171)),
        task: "cifar10",
        mirrors: &["https://www.cs.toronto.edu/~kriz/"],
        files: &[
            batch("data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
            batch("data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
            batch("data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
            batch("data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
            batch("data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
            batch("test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"),
        ],
    },
];
