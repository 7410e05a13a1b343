//! The task of a file, with what goes in and out of it: one type for programs, two shapes of fields in JSON.

use serde::{Deserialize, Deserializer, Serialize};

use crate::io::{InputSchema, Io, Preprocessing, Signal, TextSchema, ValueSchema};

/// The task and its classes.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskInfo {
    /// Short name, as in `--task`.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Name of each class, in the order of the outputs; none where there are none.
    pub labels: Vec<String>,
}

/// The fields of a file: `task` with labels, `input`, `text` or `values`, and `preprocessing`; or `task`, `signal` and `learned_state`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskFields {
    task: TaskNames,
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "Option::is_none")]
    input: Option<InputSchema>,
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "Option::is_none")]
    text: Option<TextSchema>,
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "Option::is_none")]
    values: Option<ValueSchema>,
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "Option::is_none")]
    preprocessing: Option<Preprocessing>,
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "Option::is_none")]
    signal: Option<Signal>,
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "Option::is_none")]
    learned_state: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct TaskNames {
    name: String,
    title: String,
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<String>>,
}

/// A field that is left out or has a value: `null` is neither.
fn stated<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl TaskFields {
    /// As a file has them.
    pub fn new(task: TaskInfo, io: Io) -> Self {
        let TaskInfo { name, title, labels } = task;
        let none = Self {
            task: TaskNames { name, title, labels: None },
            input: None,
            text: None,
            values: None,
            preprocessing: None,
            signal: None,
            learned_state: None,
        };
        match io {
            Io::Images { input, preprocessing } => Self {
                task: TaskNames { labels: Some(labels), ..none.task },
                input: Some(input),
                preprocessing: Some(preprocessing),
                ..none
            },
            Io::Text { input, preprocessing } => Self {
                task: TaskNames { labels: Some(labels), ..none.task },
                text: Some(input),
                preprocessing: matches!(input, TextSchema::Ngrams(_)).then_some(preprocessing),
                ..none
            },
            Io::Values { input, preprocessing } => Self {
                task: TaskNames { labels: Some(labels), ..none.task },
                values: Some(input),
                preprocessing: Some(preprocessing),
                ..none
            },
            Io::Signal { signal, learned_state } => Self {
                task: TaskNames { labels: signal.has_classes().then_some(labels), ..none.task },
                signal: Some(signal),
                learned_state: Some(learned_state),
                ..none
            },
        }
    }

    /// The same without the field `learned_state`, which a file of a fully trained network has not.
    #[must_use]
    pub fn without_learned_state(self) -> Self {
        Self { learned_state: None, ..self }
    }

    /// What the fields say; a missing one is named.
    pub fn parse(self) -> Result<(TaskInfo, Io), String> {
        let missing = |field: &str| format!("missing field `{field}`");
        let TaskNames { name, title, labels } = self.task;
        let given = [
            ("input", self.input.is_some()),
            ("text", self.text.is_some()),
            ("values", self.values.is_some()),
            ("signal", self.signal.is_some()),
        ];
        let given: Vec<&str> =
            given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect();
        if let [one, other, ..] = *given {
            return Err(format!("fields `{one}` and `{other}` contradict each other"));
        }
        if let Some(signal) = self.signal {
            let labels =
                if signal.has_classes() { labels.ok_or_else(|| missing("task.labels"))? } else { Vec::new() };
            let io = Io::Signal { signal, learned_state: self.learned_state.unwrap_or(false) };
            return Ok((TaskInfo { name, title, labels }, io));
        }
        if given.is_empty() {
            return Err(missing("input`, `text`, `values` or `signal"));
        }
        let of_tokens = matches!(self.text, Some(TextSchema::Tokens(_))).then_some(Preprocessing::NONE);
        if of_tokens.and(self.preprocessing).is_some() {
            return Err("tokens have no field `preprocessing`".into());
        }
        let preprocessing = of_tokens.or(self.preprocessing).ok_or_else(|| missing("preprocessing"))?;
        let io = match (self.input, self.text, self.values) {
            (Some(input), ..) => Io::Images { input, preprocessing },
            (None, Some(input), _) => Io::Text { input, preprocessing },
            (None, None, Some(input)) => Io::Values { input, preprocessing },
            (None, None, None) => return Err(missing("input")),
        };
        let labels = labels.ok_or_else(|| missing("task.labels"))?;
        Ok((TaskInfo { name, title, labels }, io))
    }
}
