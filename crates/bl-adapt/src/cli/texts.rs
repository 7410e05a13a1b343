//! Arguments of tasks of texts.

use bl_tasks::texts::{Span, TextForm, Wanted};
use clap::Args;

/// Which columns are texts and labels, and which n-grams are counted.
#[derive(Clone, Debug, Args)]
#[command(
    next_help_heading = "Text options: a table of texts (.csv, .tsv, .jsonl), and what of them is counted or read"
)]
pub(crate) struct TextArgs {
    /// Column of the texts, or FIRST,SECOND for pairs of texts [default: by the usual names, such as `text`]
    #[arg(long, env = "BL_TEXT", value_name = "COLUMN[,COLUMN]")]
    pub(crate) text: Option<String>,

    /// Column of the labels [default: by the usual names, such as `label`]
    #[arg(long, env = "BL_LABEL", value_name = "COLUMN")]
    pub(crate) label: Option<String>,

    /// Hashed places at which n-grams are counted: the inputs of the network [default: 4096]
    #[arg(long, env = "BL_VALUES", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(crate) values: Option<u32>,

    /// Longest run of words that is counted; 0 for none [default: 2]
    #[arg(long, env = "BL_WORDS", value_name = "N", value_parser = clap::value_parser!(u32).range(0..=8))]
    pub(crate) words: Option<u32>,

    /// Lengths of the runs of characters of a word that are counted; 0 for none [default: 3-5]
    #[arg(long, env = "BL_CHARACTERS", value_name = "N[-M]")]
    pub(crate) characters: Option<Span>,

    /// With a pretrained encoder as `--backbone`, how many tokens of a text are read [default: 128]
    #[arg(long, env = "BL_LONGEST", value_name = "N", value_parser = clap::value_parser!(u32).range(4..=65_536))]
    pub(crate) longest: Option<u32>,
}

impl From<TextArgs> for TextForm {
    fn from(TextArgs { text, label, values, words, characters, longest }: TextArgs) -> Self {
        let columns = Wanted::new(text.as_deref(), label);
        Self { values, words, characters, longest, columns, ..Self::default() }
    }
}
