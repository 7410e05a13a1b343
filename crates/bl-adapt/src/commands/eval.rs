//! `bl-adapt eval`: an adapter, or a fully trained network, on the held-out part of its task.

use std::path::Path;

use bl_cli::words::printable;
use bl_cli::{ExitStatus, Printer};
use bl_core::Adapter;
use bl_tasks::about::about;
use bl_tasks::kinds::Likeness;
use bl_tasks::{Asked, Compared, DataDir, Judgement, OwnTask, Source, Trained, compared_words};
use bl_train::NetworkFile;
use serde::Serialize;
use serde_json::{Map, Value};

use super::load::load;
use crate::cli::EvalArgs;
use crate::error::Error;

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    adapter: String,
    task: String,
    source: Source,
    test_sha256: String,
    /// Whether the test set is the one of the training record; null without a record.
    as_recorded: Option<bool>,
    /// The same, and false without a record.
    same_test_set: bool,
    /// What the network is worth: fields of the kind of task.
    #[serde(flatten)]
    judgement: Map<String, Value>,
    /// The main metric of the header, as `recorded_accuracy`, if it has it.
    #[serde(flatten)]
    recorded: Map<String, Value>,
    compared: Vec<Compared>,
    /// That it is no better than a guess, or far worse than in training, in words; null if it is not.
    doubt: Option<String>,
    /// How the data differ from those that were learned from, in words; null if it does not.
    unlike: Option<String>,
    /// What of the series cannot be compared with it, in words; null if all can.
    not_compared: Option<String>,
}

/// What can be measured.
enum Subject {
    Adapter(Box<Adapter>),
    Network(Box<NetworkFile>),
}

impl Subject {
    fn load(file: &Path, out: Printer) -> anyhow::Result<Self> {
        match load(file, out) {
            Ok(adapter) => Ok(Self::Adapter(Box::new(adapter))),
            Err(error) if error.is_another_kind() => match NetworkFile::load(file)? {
                Some(network) => Ok(Self::Network(Box::new(network))),
                None => Err(error.into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    fn trained(&self) -> Trained<'_> {
        match self {
            Self::Adapter(adapter) => (&adapter.header).into(),
            Self::Network(network) => network.trained(),
        }
    }

    fn judge(&self, own: &OwnTask) -> anyhow::Result<Judgement> {
        let kind = own.task.kind();
        Ok(match self {
            Self::Adapter(adapter) => {
                let backbone = adapter.generate_backbone()?;
                let half = backbone.prepare(adapter)?;
                kind.judge(&backbone.with(&half))?
            }
            Self::Network(network) => kind.judge(network.network.net())?,
        })
    }
}

pub(crate) fn run(file: &Path, args: &EvalArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    let subject = Subject::load(file, out)?;
    let trained = subject.trained();
    let data = DataDir::resolve(args.data.data_dir.clone());
    let asked = Asked {
        task: args.task.as_deref(),
        column: args.column.as_deref(),
        group: args.group.as_deref(),
        mend: args.mend.into(),
    };
    let own = trained.open(asked, data)?;
    args.least.check(&own.task)?;
    out.say(format!("data            {} ({})", printable(&own.task.title), own.task.source));
    if let Some(likeness) = own.likeness.as_ref().filter(|_| args.strict) {
        likeness.strict().map_err(|found| Error::Unlike { task: own.task.name.clone(), found })?;
    }
    warn_of(&own, out);
    let judgement = subject.judge(&own)?;
    let train = trained.metrics.iter().find(|metric| metric.name == "accuracy" && metric.split == "train");
    let train = train.filter(|_| own.as_recorded == Some(true)).map(|metric| metric.value);
    let doubt = judgement.doubt(own.task.kind(), train);
    if let Some(doubt) = &doubt {
        out.warn(doubt);
    }
    let compared = trained.compare(own.as_recorded, &judgement);
    let words = compared_words(own.as_recorded, &compared);
    if own.as_recorded == Some(false) || compared.iter().any(|metric| !metric.agrees) {
        out.warn(words);
    } else {
        out.say(format!("recorded        {words}"));
    }
    if out.is_json() {
        out.json(&Report {
            adapter: file.display().to_string(),
            task: own.task.name.clone(),
            source: own.task.source,
            same_test_set: own.as_recorded == Some(true),
            test_sha256: own.test_sha256,
            as_recorded: own.as_recorded,
            judgement: judgement.fields,
            recorded: recorded(&trained),
            compared,
            doubt,
            unlike: own.likeness.as_ref().and_then(Likeness::words),
            not_compared: own.likeness.as_ref().and_then(Likeness::unknown_words),
        })?;
    } else {
        judgement.lines.iter().chain(&judgement.more).try_for_each(|line| out.result(line))?;
    }
    Ok(args.least.status(judgement.headline, out))
}

fn recorded(trained: &Trained<'_>) -> Map<String, Value> {
    let main = about(trained.io, &trained.task.labels).metric;
    let of_test = trained.metrics.iter().filter(|metric| metric.name == main && metric.split == "test");
    of_test.map(|metric| (format!("recorded_{main}"), metric.value.into())).collect()
}

/// What must be said of the data that an adapter is measured on.
pub(super) fn warn_of(own: &OwnTask, out: Printer) {
    let task = &own.task;
    if let Some(notice) = &task.notice {
        out.warn(notice);
    }
    if let Some(likeness) = &own.likeness {
        out.likeness(&format!("`{}`", task.name), likeness);
    }
}
