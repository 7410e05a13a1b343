//! Arguments of `push`, `pull` and `search`.

use std::path::PathBuf;

use clap::Args;

use super::DataArgs;

/// What a commit on the Hub needs.
#[derive(Debug, Args)]
pub(crate) struct CommitArgs {
    /// The repository, `org/name`; it is created if it does not exist
    #[arg(value_name = "ORG/NAME")]
    pub(crate) repo: String,

    /// Branch to commit to
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    pub(crate) revision: String,

    /// The commit's message [default: one that names the task]
    #[arg(long, short, value_name = "TEXT")]
    pub(crate) message: Option<String>,

    /// Make a new repository private
    #[arg(long)]
    pub(crate) private: bool,

    /// Open a pull request in place of committing to the branch
    #[arg(long)]
    pub(crate) create_pr: bool,

    /// Show exactly what would be sent, and send nothing; needs no connection
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// With --dry-run, write the files into a folder
    #[arg(long, value_name = "DIR", requires = "dry_run")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bl-adapt push kmnist.safetensors ada/kmnist --dry-run --out card/     see the card first
  bl-adapt push kmnist.safetensors ada/kmnist --private

The card is generated from the adapter's header. An existing card is updated: text outside the
generated part, and fields added to its front matter, are kept. The sample figure needs the task's
data and is omitted without them. A token with write access is read from HF_TOKEN, then from where
`hf auth login` puts it. See docs/hub.md.")]
pub(crate) struct PushArgs {
    /// The adapter file
    pub(crate) adapter: PathBuf,

    #[command(flatten)]
    pub(crate) commit: CommitArgs,

    /// The repository of its backbone, `org/name`, to be named in the card
    #[arg(long, value_name = "ORG/NAME")]
    pub(crate) backbone: Option<String>,

    /// Send the paths of your data as the header has them; else only the name of the folder or file is sent
    #[arg(long)]
    pub(crate) keep_path: bool,

    /// Do not upload the sample figure
    #[arg(long)]
    pub(crate) no_picture: bool,

    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bl-adapt pull ada/kmnist
  bl-adapt pull ada/kmnist@8f3c1d2e4b5a69788796a5b4c3d2e1f001122334 --out kmnist.safetensors

The cache is the one of huggingface_hub (HF_HOME, HF_HUB_CACHE). With HF_HUB_OFFLINE=1 nothing
else is used.")]
pub(crate) struct PullArgs {
    /// `org/name`, or `org/name@revision`: a branch, a tag, or a commit to pin
    #[arg(value_name = "ORG/NAME[@REVISION]")]
    pub(crate) target: String,

    /// Also copy the adapter to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// Adapters of this backbone: its fingerprint, or the first twelve digits of it
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) backbone: Option<String>,

    /// Adapters for this task
    #[arg(long, value_name = "NAME")]
    pub(crate) task: Option<String>,
}
