//! What can be asked of an adapter of a task in time in vain: facts; [`Error::hint`] says what to do.

use bl_tasks::time::Fault;

/// Everything that is wrong, one variant each.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum Error {
    #[error("the adapter learned from a file with a series, `{task}`: its header does not say where that is")]
    UsersOwn { task: String },
    #[error("expected a task in time or a file with a series (.csv, .tsv, .txt), found `{name}`")]
    NoTimeTask { name: String },
    #[error("the adapter {expected}, task `{task}` {found}")]
    OtherKind { expected: &'static str, task: String, found: &'static str },
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::UsersOwn { task } => format!(
                "`--task ./{task}.csv` names the file; its column, horizon and washout are in the adapter"
            ),
            Self::NoTimeTask { .. } => "`bl-adapt data list` lists the tasks".into(),
            Self::OtherKind { .. } => "drop `--task` to measure the adapter on its own task".into(),
        }
    }
}

/// What to do about a network that failed at its task.
pub fn hint_of_fault(fault: &Fault) -> Option<String> {
    match fault {
        Fault::Exploded { .. } => Some(
            "values far from those it learned from can drive a network there; if its own task does, learn it again with a \
             smaller `--gain` or `--lr`"
                .into(),
        ),
        Fault::Network(error) => error.hint(),
        _ => None,
    }
}
