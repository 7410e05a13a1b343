//! Errors as Python has them: a class for each sort, with the facts as the message, and `code` and `hint` beside it.

use std::fmt::{Debug, Display};

use bias_adapters::{Error, bl_core, bl_runtime, bl_tasks, bl_train};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// A class of `bias_adapters.errors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// What was handed over cannot be used: a `ValueError`.
    Input,
    /// There is no such file: a `FileNotFoundError`.
    Missing,
    /// A file cannot be read or written: an `OSError`.
    File,
    /// A file's content is damaged, or of another version: a `ValueError`.
    Format,
    /// An adapter and a backbone do not belong together: a `ValueError`.
    Backbone,
    /// The Hub is away, refuses, or sent something else: an `OSError`.
    Hub,
    /// Training did not come to a result: a `RuntimeError`.
    Training,
    /// No adapter has this name: a `KeyError`.
    Unknown,
    /// A name stands for another version than was expected: a `RuntimeError`.
    Version,
}

impl Sort {
    fn class(self) -> &'static str {
        match self {
            Self::Input => "InputError",
            Self::Missing => "MissingFileError",
            Self::File => "FileError",
            Self::Format => "FormatError",
            Self::Backbone => "BackboneMismatchError",
            Self::Hub => "HubError",
            Self::Training => "TrainingError",
            Self::Unknown => "UnknownAdapterError",
            Self::Version => "VersionError",
        }
    }
}

/// The exception for an error of the library.
pub(crate) fn raised(error: impl Into<Error>) -> PyErr {
    let error = error.into();
    let hint = error.hint().map(|hint| in_python(&hint));
    exception(sort(&error), &in_python(&error.to_string()), &code(&error), hint.as_deref())
}

/// As [`raised`], of what a file holds: whatever is wrong with it is wrong with the file.
pub(crate) fn raised_of_file(error: impl Into<Error>) -> PyErr {
    let error = error.into();
    let hint = error.hint().map(|hint| in_python(&hint));
    let sort = match sort(&error) {
        Sort::Input => Sort::Format,
        other => other,
    };
    exception(sort, &in_python(&error.to_string()), &code(&error), hint.as_deref())
}

/// An exception of one of the classes.
pub(crate) fn exception(sort: Sort, message: &str, code: &str, hint: Option<&str>) -> PyErr {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    Python::attach(|py| {
        let module = MODULE.get_or_try_init(py, || py.import("bias_adapters.errors").map(Bound::unbind));
        let made =
            module.and_then(|module| module.bind(py).getattr(sort.class())?.call1((message, code, hint)));
        made.map_or_else(|error| error, PyErr::from_value)
    })
}

/// An exception about what was handed over.
pub(crate) fn input(code: &str, message: impl Display, hint: &str) -> PyErr {
    exception(Sort::Input, &message.to_string(), code, Some(hint).filter(|hint| !hint.is_empty()))
}

fn sort(error: &Error) -> Sort {
    match error {
        Error::Core(error) => of_core(error),
        Error::Task(error) => of_task(error),
        Error::Train(error) => match &**error {
            bl_train::Error::Core(error) => of_core(error),
            bl_train::Error::Task(error) => of_task(error),
            bl_train::Error::NonFiniteLoss { .. } | bl_train::Error::NonFiniteGradient { .. } => {
                Sort::Training
            }
            bl_train::Error::ReadConfig { source, .. } => of_io(source),
            _ => Sort::Input,
        },
        Error::Hub(_) => Sort::Hub,
        Error::Runtime(error) => match &**error {
            bl_runtime::Error::Core(error) => of_core(error),
            bl_runtime::Error::UnknownAdapter { .. } => Sort::Unknown,
            bl_runtime::Error::Exists { .. } | bl_runtime::Error::OtherVersion { .. } => Sort::Version,
            _ => Sort::Input,
        },
        _ => Sort::Input,
    }
}

fn of_core(error: &bl_core::Error) -> Sort {
    use bl_core::Error as Core;
    match error {
        Core::Read { source, .. } | Core::Write { source, .. } => of_io(source),
        Core::InUse { .. } => Sort::File,
        Core::InFile { source, .. } => match of_core(source) {
            Sort::Input => Sort::Format, // what a file holds
            other => other,
        },
        Core::BackboneMismatch { .. } => Sort::Backbone,
        Core::Truncated { .. }
        | Core::TrailingBytes { .. }
        | Core::HeaderTooLong { .. }
        | Core::Safetensors { .. }
        | Core::NotAnAdapter { .. }
        | Core::UnknownVersion { .. }
        | Core::UnknownFeature { .. }
        | Core::Json { .. }
        | Core::BackboneContent { .. } => Sort::Format,
        _ => Sort::Input,
    }
}

fn of_task(error: &bl_tasks::Error) -> Sort {
    match error {
        bl_tasks::Error::Core(error) => of_core(error),
        _ => Sort::Input,
    }
}

fn of_io(error: &std::io::Error) -> Sort {
    if error.kind() == std::io::ErrorKind::NotFound { Sort::Missing } else { Sort::File }
}

/// What scripts compare: the innermost variant, as `backbone_mismatch`. It is the first name in `Debug` that is not a
/// mere wrapper, such as `Core(…)`.
fn code(error: &impl Debug) -> String {
    let text = format!("{error:?}");
    let mut rest = &*text;
    loop {
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let inner = behind.strip_prefix('(').filter(|inner| inner.starts_with(|c: char| c.is_uppercase()));
        let in_file = behind.strip_prefix(" { path: ").filter(|_| name == "InFile");
        match (inner, in_file.and_then(|text| text.split_once(", source: "))) {
            (Some(inner), _) | (None, Some((_, inner))) => rest = inner,
            (None, None) => return snake_case(name),
        }
    }
}

fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for (i, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && i > 0 {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

/// Settings are named as the command line does, `--val-fraction`; in Python it is `val_fraction`.
fn in_python(text: &str) -> String {
    let mut parts = text.split("`--");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find('`').unwrap_or(0);
        out.push('`');
        out.push_str(&part[..end].replace('-', "_"));
        out.push_str(&part[end..]);
    }
    out
}
